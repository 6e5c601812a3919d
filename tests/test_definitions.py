"""The words of the ontology: what each definition is made of, and the examples from the sources."""

import re
from pathlib import Path

from rdflib import Graph, Namespace
from rdflib.namespace import OWL, RDF, RDFS, SKOS
from rdflib.term import Node

from kb.rdf.turtle import parse

ROOT = Path(__file__).resolve().parent.parent
AMMTC = Namespace("https://w3id.org/ammtc/ontology#")
CONCEPT = Namespace("https://w3id.org/ammtc/concept/")
#: A name that is itself the whole of the difference.
NAMED_AFTER_ITSELF = {AMMTC.sha256}
TERM_KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
#: What `kb build` states.
COMPUTED = {AMMTC[name] for name in ("earliest", "latest", "Justification", "Proof", "passage", "premise")}
#: Concepts of what the editors and the reasoner say of statements, not of what texts tell.
OF_THE_EDITORS = {CONCEPT.deprecated, CONCEPT.inferred}
#: The longest example: a name, a title or a short phrase, never a sentence of a source.
LONGEST_EXAMPLE = 100


def label_of(term: Node, words: Graph) -> str:
    return next(str(label) for label in words.objects(term, RDFS.label))


def test_a_definition_is_one_sentence_that_does_not_repeat_its_own_noun(words: Graph) -> None:
    defined = [(term, str(text)) for term, text in words.subject_objects(SKOS.definition)]
    assert len(defined) > 300
    for term, text in defined:
        assert re.fullmatch(r"[A-Z].*[^.]\.", text), term
        assert not re.search(r"\.\s", text), term
        if term not in NAMED_AFTER_ITSELF:
            assert not re.search(rf"\b{re.escape(label_of(term, words))}\b", text, re.IGNORECASE), (term, text)


def test_terms_that_are_told_apart_have_definitions_of_their_own(words: Graph) -> None:
    """A class that is defined by a kind has the kind's definition; no other two terms have the same."""
    by_text: dict[str, list[Node]] = {}
    for term, text in words.subject_objects(SKOS.definition):
        by_text.setdefault(str(text), []).append(term)
    for terms in by_text.values():
        if len(terms) > 1:
            concept, cls = sorted(terms)
            assert str(concept).startswith(CONCEPT)
            assert label_of(concept, words) == label_of(cls, words)
            assert (cls, RDF.type, OWL.Class) in words


def test_each_class_and_each_kind_of_act_has_one_example_from_the_sources(words: Graph) -> None:
    classes = {term for term in words.subjects(RDF.type, OWL.Class) if str(term).startswith(AMMTC)}
    kinds = set(words.subjects(SKOS.inScheme, CONCEPT["act-kinds"]))
    assert len(classes) > 50
    assert len(kinds) > 25
    for term in classes | kinds:
        examples = [str(example) for example in words.objects(term, SKOS.example)]
        assert len(examples) == 1, term
        assert len(examples[0]) <= LONGEST_EXAMPLE, term
        assert not examples[0].endswith("."), term
    from_sources = [str(text) for text in words.objects(None, SKOS.example)]
    named = [text for text in from_sources if re.match(r"(NST|VNA|Cong Tuan|Malaysiakini|Daily8): ", text)]
    of_other_years = [text for text in from_sources if re.match(r"(\d+th|Emergency) AMMTC \(\d{4}\): ", text)]
    assert len(named) + len(of_other_years) > 0.9 * len(from_sources)
    assert len(of_other_years) < 0.1 * len(from_sources)


def test_a_term_that_nothing_uses_is_in_a_shape_and_a_case_and_says_what_it_is_for() -> None:
    schema = parse(ROOT / "ontology" / "schema.ttl")
    terms = {term for kind in TERM_KINDS for term in schema.subjects(RDF.type, kind) if str(term).startswith(AMMTC)}
    assert len(terms) > 150
    used = mentioned(*(ROOT / "graph").glob("*.ttl"))
    used |= {node for _, p, o in schema if p not in {RDFS.domain, RDFS.range} for node in (p, o)}
    used |= {s for p in (OWL.equivalentClass, OWL.propertyChainAxiom) for s in schema.subjects(p)} | COMPUTED
    shapes = mentioned(ROOT / "ontology" / "shapes.ttl")
    cases = mentioned(*(ROOT / "tests" / "kb" / "shapes").glob("*/*.ttl"))
    for term in sorted(terms - used, key=str):
        assert term in shapes, term
        assert term in cases, term
        notes = [str(note) for note in schema.objects(term, SKOS.scopeNote)]
        assert any("other years" in note or note.startswith("Computed") for note in notes), term


def test_each_borrowed_term_is_used() -> None:
    """In the graph, beside the terms of our own, or by the program, which names it as `skos:note` or `SKOS.note`."""
    others = [path for path in (ROOT / "ontology").glob("*.ttl") if path.name != "external.ttl"]
    used = mentioned(*others, *(ROOT / "graph").glob("*.ttl"))
    borrowed = parse(ROOT / "ontology" / "external.ttl")
    terms = {term for kind in (*TERM_KINDS, RDFS.Datatype) for term in borrowed.subjects(RDF.type, kind)}
    assert len(terms) > 40
    files = [path for name in ("kb", "server") for path in (ROOT / name).rglob("*.*") if path.suffix in {".py", ".rq"}]
    program = "\n".join(path.read_text(encoding="utf-8") for path in files).lower()
    for term in sorted(terms - used, key=str):
        prefix, _, name = borrowed.namespace_manager.curie(term).lower().partition(":")
        assert f"{prefix}:{name}" in program or f"{prefix}.{name}" in program, term


def test_a_kind_that_the_graph_does_not_use_is_in_the_guide_and_in_a_valid_and_an_invalid_case() -> None:
    """Kinds, roles, formats, modes, units and the like for other years; groups of kinds are for the order alone."""
    kinds = parse(ROOT / "ontology" / "kinds.ttl")
    groups = set(kinds.objects(None, SKOS.broader))
    unused = set(kinds.subjects(SKOS.inScheme)) - groups
    unused -= mentioned(*(ROOT / "graph").glob("*.ttl"), ROOT / "ontology" / "schema.ttl")
    assert len(unused) > 40
    cases = ROOT / "tests" / "kb" / "shapes"
    valid, invalid = (mentioned(*cases.glob(f"*/{name}-*.ttl")) for name in ("valid", "invalid"))
    guide = (ROOT / "docs" / "modelling.md").read_text(encoding="utf-8").lower()
    for kind in sorted(unused - OF_THE_EDITORS, key=str):
        assert kind in valid, kind
        assert kind in invalid, kind
        label = str(kinds.value(kind, SKOS.prefLabel)).lower()
        assert any(word in guide for word in (label, str(kind).removeprefix(CONCEPT))), kind


def mentioned(*paths: Path) -> set[Node]:
    """Return the terms that files mention."""
    return {node for path in paths for triple in parse(path) for node in triple}


def test_label_and_name_of_a_term_agree(words: Graph) -> None:
    """Each word of the name is in the label, but for spelling; the label may have small words besides."""
    spelling = {
        "organization": "organisation",
        "organizer": "organiser",
        "leaders": "leaders'",
        "officials": "officials'",
    }
    for term, label in words.subject_objects(RDFS.label):
        if str(term).startswith(AMMTC):
            name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(term).removeprefix(AMMTC)).lower()
            said = re.sub(r"[-\s]+", "", str(label).lower().replace("'s", ""))
            for word in name.split():
                assert spelling.get(word, word) in said, (term, label)
