"""The project's own files in the OWL API and in HermiT: closed, in OWL 2 DL and RL, consistent, unharmed by a save."""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS

from kb.config import Project
from kb.namespaces import shorten
from kb.rdf.namespaces import AMMTC, SOURCE
from kb.rdf.turtle import parse
from protege.model import Classification, Statement
from protege.owlapi import OwlApi
from protege.saving import added_lines, saved

pytestmark = pytest.mark.xdist_group("owlapi")

PROJECT = Project(Path(__file__).resolve().parents[2])
ALL = PROJECT.graph / "all.ttl"
GRAPH_FILES = [path for path in sorted(PROJECT.graph.glob("*.ttl")) if path != ALL]
ONTOLOGY_FILES = [path for path in sorted(PROJECT.ontology.glob("*.ttl")) if path != PROJECT.shapes]
#: What Protégé opens; the shapes are not among it, since a save empties their lists.
FILES = [ALL, *GRAPH_FILES, *ONTOLOGY_FILES]

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")


@pytest.fixture(scope="module")
def stated() -> Graph:
    """The statements of all files."""
    graph = Graph()
    for path in FILES:
        graph += content(path)
    return graph


@cache
def content(path: Path) -> Graph:
    """The statements of a file, which no test changes."""
    return parse(path)


def test_all_imports_every_file(owl_api: OwlApi) -> None:
    loaded = owl_api.load_closure(ALL)
    assert {ontology.path for ontology in loaded} == set(FILES)
    assert [ontology.path for ontology in loaded if not ontology.axioms] == [ALL], "files that say nothing"


@each_file
def test_every_import_resolves_offline(owl_api: OwlApi, path: Path) -> None:
    loaded = owl_api.load_closure(path)
    assert path in {ontology.path for ontology in loaded}
    assert {imported for ontology in loaded for imported in ontology.imports} <= {ontology.iri for ontology in loaded}


@each_file
def test_the_closure_is_in_owl_2_dl_and_in_owl_2_rl(owl_api: OwlApi, path: Path) -> None:
    """Each file with its own imports, so that it is whole when it is opened by itself."""
    assert owl_api.profile_violations(path, "DL") == ()
    assert owl_api.profile_violations(path, "RL") == ()


def test_hermit_finds_the_closure_consistent(classification: Classification) -> None:
    assert classification.consistent


def test_no_class_is_empty(classification: Classification) -> None:
    assert classification.unsatisfiable == ()


def test_hermit_classifies(classification: Classification, stated: Graph) -> None:
    """The inferred hierarchy holds every class and individual, and every stated superclass and type."""
    above = classification.superclasses
    classes = {str(c) for c in stated.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)}
    assert above.keys() >= classes != set()
    assert classification.types.keys() >= {str(i) for i in stated.subjects(RDF.type, OWL.NamedIndividual)} != set()
    for c, d in stated.subject_objects(RDFS.subClassOf):
        assert str(d) in reachable(above, {str(c)}) or not classes >= {str(c), str(d)}
    for i, c in stated.subject_objects(RDF.type):
        assert str(c) not in classes or str(c) in reachable(above, classification.types[str(i)])


def reachable(above: Mapping[str, frozenset[str]], start: set[str] | frozenset[str]) -> set[str]:
    """Return the classes of ``start`` and all that lie above them."""
    found: set[str] = set()
    new = set(start)
    while new:
        found |= new
        new = {d for c in new for d in above.get(c, ())} - found
    return found


@each_file
def test_a_save_without_an_edit_changes_no_line(owl_api: OwlApi, path: Path) -> None:
    text = saved(owl_api, path)
    assert added_lines(path, text) == Counter()
    assert text == path.read_text(encoding="utf-8"), "only the prefixes differ"


@each_file
def test_inverses_stand_at_the_property_that_sorts_first(path: Path) -> None:
    """Versions 4 of the OWL API, which Protégé 5 has, move them there; the version tested with leaves them alone."""
    assert [(s, o) for s, o in content(path).subject_objects(OWL.inverseOf) if isinstance(s, URIRef) and s > o] == []


@each_file
def test_an_added_note_adds_one_line(owl_api: OwlApi, path: Path) -> None:
    subject = [*declared(path), header(path)][0]
    text = saved(owl_api, path, Statement(subject, RDFS.comment, Literal("Added", lang="en")))
    assert added_lines(path, text) == Counter(['    rdfs:comment "Added"@en ;'])


@pytest.mark.parametrize("path", GRAPH_FILES, ids=lambda path: path.name)
def test_an_added_fact_with_evidence_adds_its_line_and_its_axiom(owl_api: OwlApi, path: Path) -> None:
    s, o = declared(path, OWL.NamedIndividual)[:2]
    evidence = ((AMMTC.evidence, SOURCE["nst-2025-09-12#p7"]),)
    text = saved(owl_api, path, Statement(s, AMMTC.place, o, evidence))
    assert added_lines(path, text) == Counter(
        [
            f"    ammtc:place {shorten(o)} ;",
            "[]",
            "    a owl:Axiom ;",
            "    owl:annotatedProperty ammtc:place ;",
            f"    owl:annotatedSource {shorten(s)} ;",
            f"    owl:annotatedTarget {shorten(o)} ;",
            "    ammtc:evidence nst-2025-09-12:p7 ;",
            "    .",
            "",
        ]
    )


def test_every_file_was_found() -> None:
    """A lost file must not pass for a tested one."""
    assert {"editorial.ttl", "entities.ttl"} < {path.name for path in GRAPH_FILES}
    assert {"alignments.ttl", "concepts.ttl", "external.ttl", "schema.ttl"} <= {path.name for path in ONTOLOGY_FILES}


def declared(path: Path, kind: URIRef | None = None) -> list[URIRef]:
    """Return what a file gives a type, the ontology itself aside, sorted."""
    return sorted({s for s in content(path).subjects(RDF.type, kind) if isinstance(s, URIRef)} - {header(path)})


def header(path: Path) -> URIRef:
    """Return the ontology that a file is."""
    ontology = content(path).value(predicate=RDF.type, object=OWL.Ontology)
    assert isinstance(ontology, URIRef)
    return ontology
