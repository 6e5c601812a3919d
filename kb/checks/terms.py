"""Rules about names: every term and thing that is used is declared, labelled and defined."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rapidfuzz import fuzz, process
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SH, SKOS, XSD
from rdflib.term import Node

from kb.checks.context import Context, Finding, Rule
from kb.checks.findings import owner
from kb.errors import ClosureError
from kb.files.documents import Document, import_closure
from kb.namespaces import expand, shorten
from kb.rdf.namespaces import AMMTC, CONCEPT, ID, SOURCE
from kb.sparql.questions import read_query

__all__ = ["RULES"]

_PROPERTY_KINDS = {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.OntologyProperty}
_CLASS_KINDS = {OWL.Class, RDFS.Datatype}
_DECLARATIONS = _PROPERTY_KINDS | _CLASS_KINDS | {OWL.NamedIndividual}
#: Predicates whose subjects and objects are properties, or classes: where a term is used otherwise than as a predicate
#: or a type.
_AMONG_PROPERTIES = {
    *(RDFS.subPropertyOf, OWL.equivalentProperty, OWL.inverseOf, OWL.propertyDisjointWith, OWL.propertyChainAxiom),
    *(OWL.onProperty, OWL.annotatedProperty, OWL.assertionProperty, RDFS.domain, RDFS.range, OWL.hasKey),
    *(SH.path, SH.inversePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath, SH.equals, SH.disjoint),
    *(SH.lessThan, SH.lessThanOrEquals, SH.targetSubjectsOf, SH.targetObjectsOf, SH.ignoredProperties),
}
_AMONG_CLASSES = {
    *(RDFS.subClassOf, OWL.equivalentClass, OWL.disjointWith, OWL.complementOf, OWL.someValuesFrom, OWL.allValuesFrom),
    *(OWL.onClass, RDFS.domain, RDFS.range, SH["class"], SH.targetClass, SH.datatype),
}
_OF_TERMS = {RDF.type, *_AMONG_PROPERTIES, *_AMONG_CLASSES}
#: Predicates whose subjects are terms as well.
_BETWEEN_TERMS = {RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range}
_BUILT_IN = {str(OWL): OWL, str(RDF): RDF, str(RDFS): RDFS, str(XSD): XSD, str(SH): SH}
_THINGS = (str(ID), str(CONCEPT), str(SOURCE))
#: From this likeness on (percent of equal letters, in order) a known name is taken for the one that was meant.
_LIKENESS = 70


def declared_terms(context: Context) -> Iterator[Finding]:
    """Each class and property that is used is declared in the ontology, in a file that the using one imports.

    Protégé declares an undeclared term itself when it saves, often as the wrong kind.
    """
    everything = _declared(context.schema)
    for document in context.documents:
        visible = _declared(imported for imported in _closure(context, document) if imported.is_schema)
        yield from _undeclared(document.path, document.graph, everything, visible)
    yield from _undeclared(context.project.shapes, context.shapes, everything, everything)


def declared_individuals(context: Context) -> Iterator[Finding]:
    """Each entity, concept, source and passage has a class, and a file that mentions it declares or imports it.

    A save in Protégé adds the declaration of an individual that lacks it, unless it is the value of an annotation.
    """
    typed = {s for s, o in context.asserted.subject_objects(RDF.type) if o != OWL.NamedIndividual}
    for document in context.documents:
        declared = {
            s
            for imported in _closure(context, document)
            for s in imported.graph.subjects(RDF.type, OWL.NamedIndividual)
        }
        graph = document.graph
        known = typed & (declared | set(graph.objects(None, AMMTC.evidence)))
        mentioned = {node for s, _, o in graph for node in (s, o)} - known
        for thing in sorted(n for n in mentioned if isinstance(n, URIRef) and str(n).startswith(_THINGS)):
            is_subject = (thing, None, None) in graph
            user = thing if is_subject else _named_user(graph, graph.subjects(None, thing)) or thing
            if thing not in typed:
                message = f"{shorten(str(thing))} is mentioned, but nothing says what it is"
                remedy = f"{_suggestion(thing, typed)} describe it, in entities.ttl if several files mention it"
                yield Finding(document.path, user, message, remedy)
            else:
                message = f"{shorten(str(thing))} is declared neither in this file nor in one that it imports"
                yield Finding(document.path, user, message, "Import the file that declares it as owl:NamedIndividual")


def labels_and_definitions(context: Context) -> Iterator[Finding]:
    """Each term has a label, a definition and the place of its definition; each thing has a label.

    Labels and definitions are in English, labels in other languages besides: one in each.
    Concepts have one preferred label (https://www.w3.org/TR/skos-reference/#L1567) and a scheme, and none is broader
    than itself, which SKOS permits (https://www.w3.org/TR/skos-reference/#L2484), but no scheme here means.
    """
    for document in context.documents:
        graph = document.graph
        kinds = _CLASS_KINDS | _PROPERTY_KINDS if document.is_schema else {OWL.NamedIndividual}
        wanted = (RDFS.label, SKOS.definition, RDFS.isDefinedBy) if document.is_schema else (RDFS.label,)
        named = {s for kind in kinds for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef)}
        for term in sorted(term for term in named if not _is_built_in(term)):
            yield from _lacking(context, document.path, term, wanted)
    yield from _concept_problems(context)


def deprecated_terms(context: Context) -> Iterator[Finding]:
    """No file, shape or competency question uses a term or a concept that is deprecated.

    https://www.w3.org/TR/owl2-syntax/#Annotation_Properties. The finding names what stands in its place, by
    ``dcterms:isReplacedBy``. The file that deprecates a term may tell of it.
    """
    deprecated = {
        term: document.path
        for document in context.schema
        for term, value in document.graph.subject_objects(OWL.deprecated)
        if isinstance(value, Literal) and value.toPython() is True
    }
    graphs = ((document.path, document.graph) for document in context.documents)
    for path, graph in (*graphs, (context.project.shapes, context.shapes)):
        elsewhere = {term for term, home in deprecated.items() if home != path}
        mentioned = {node for triple in graph for node in triple}
        for term in sorted(node for node in mentioned & elsewhere if isinstance(node, URIRef)):
            users = [triple[0] for triple in graph if term in triple]
            yield _of_deprecated(context, path, _named_user(graph, users), term)
    for path in sorted(context.project.competency.glob("*.rq")):
        for number, line in enumerate(read_query(path).splitlines(), 1):
            for name in sorted(set(_NAME.findall(line.partition("# ")[0]))):
                if (term := URIRef(expand(name))) in deprecated:
                    yield _of_deprecated(context, path, None, term, number)


RULES = (
    Rule("declared-terms", "Every class and property that is used is declared", declared_terms),
    Rule("deprecated-terms", "Nothing uses a term that is deprecated", deprecated_terms),
    Rule("declared-individuals", "Every thing that is mentioned is declared and has a class", declared_individuals),
    Rule(
        "labels-and-definitions", "Every term is labelled and defined, every thing is labelled", labels_and_definitions
    ),
)


#: A term or a concept in a query.
_NAME = re.compile(r"(?<![\w-])(?:ammtc|concept):[A-Za-z][\w-]*")


def _of_deprecated(context: Context, path: Path, user: Node | None, term: URIRef, line: int | None = None) -> Finding:
    """Return the finding that a file uses a deprecated term, which names the terms in its place."""
    new = sorted(shorten(str(value)) for value in context.asserted.objects(term, DCTERMS.isReplacedBy))
    note = next((f" ({value})" for value in context.asserted.objects(term, SKOS.scopeNote)), "")
    remedy = f"Write {' or '.join(new)} instead{note.replace(' .)', ')')}" if new else "Say it without this term"
    return Finding(path, user, f"{shorten(str(term))} is deprecated", remedy, line)


def _closure(context: Context, document: Document) -> tuple[Document, ...]:
    """Return a document with all that it imports; everything where its imports are not closed (a rule of its own)."""
    try:
        return import_closure(context.documents, document.iri)
    except ClosureError:
        return context.documents


def _declared(documents: Iterable[Document]) -> dict[Node, Path]:
    """Return the terms that documents declare, each with the first file that does."""
    found: dict[Node, Path] = {}
    for document in documents:
        for term, kind in document.graph.subject_objects(RDF.type):
            if kind in _DECLARATIONS and isinstance(term, URIRef):
                found.setdefault(term, document.path)
    return found


def _undeclared(
    path: Path, graph: Graph, everything: Mapping[Node, Path], visible: Mapping[Node, Path]
) -> Iterator[Finding]:
    for term, users in sorted(_uses(graph).items()):
        if term in visible:
            continue
        name = shorten(term)
        if place := everything.get(term):
            message = f"{name} is declared in {place.parent.name}/{place.name}, which the file does not import"
            yield Finding(path, _named_user(graph, users), message, "Add the import to the ontology header")
        elif not _is_built_in(term):
            times = "once" if len(users) == 1 else f"{len(users)} times"
            remedy = f"{_suggestion(term, everything)} declare it in schema.ttl or, if borrowed, external.ttl"
            yield Finding(path, _named_user(graph, users), f"{name} is used {times} and declared nowhere", remedy)


def _uses(graph: Graph) -> dict[URIRef, list[Node]]:
    """Return the terms that a graph uses, each with the subjects of the statements that use it."""
    found: defaultdict[URIRef, list[Node]] = defaultdict(list)
    for s, p, o in graph:
        used = {p}
        if p in _OF_TERMS:
            used.add(o)
        if p in _BETWEEN_TERMS:
            used.add(s)
        used.update(node for node in (s, o) if isinstance(node, URIRef) and node.startswith(AMMTC))
        for term in used:
            if isinstance(term, URIRef) and not term.startswith(_SHAPES):
                found[term].append(s)
    return found


#: The shapes' own names; they are declared by being shapes.
_SHAPES = f"{str(AMMTC).removesuffix('#')}/shapes#"


def _is_built_in(term: URIRef) -> bool:
    """Return whether a term is one of OWL, RDF, RDFS, XML Schema or SHACL; a misspelt one is not."""
    namespace = next((namespace for base, namespace in _BUILT_IN.items() if str(term).startswith(base)), None)
    return namespace is not None and term in namespace


def _named_user(graph: Graph, users: Iterable[Node]) -> Node | None:
    """Return the first, by IRI, of the named things to which the subjects of some statements belong."""
    return min((named for named in {owner(graph, user) for user in users} if named is not None), default=None)


def _suggestion(unknown: URIRef, known: Iterable[Node]) -> str:
    """Return the beginning of a remedy, with the known name most like an unknown one.

    Names of the same namespace are compared. One that differs in digits only is another thing, not a misspelling.
    """
    namespace, name = _split(str(unknown))
    names = [local for other, local in map(_split, map(str, known)) if other == namespace]
    likely = [local for local in sorted(names) if _letters(local) != _letters(name)]
    found = process.extractOne(name, likely, scorer=fuzz.ratio, score_cutoff=_LIKENESS)
    return f"Write {shorten(namespace + found[0])}, if that is meant; else" if found else "Correct the name, or"


def _split(iri: str) -> tuple[str, str]:
    end = max(iri.rfind("/"), iri.rfind("#")) + 1
    return iri[:end], iri[end:]


def _letters(name: str) -> str:
    return "".join(character for character in name if not character.isdigit())


def _lacking(context: Context, path: Path | None, term: Node, wanted: Iterable[URIRef]) -> Iterator[Finding]:
    for property_ in wanted:
        values = list(context.asserted.objects(term, property_))
        text = property_ != RDFS.isDefinedBy
        name = shorten(str(property_))
        if not any(isinstance(v, Literal) and v.language == "en" if text else isinstance(v, URIRef) for v in values):
            message = f"{shorten(str(term))} has no {'English ' if text else ''}{name}"
            yield Finding(path, term, message, f"Add {name}")
        yield from _repeated(context, term, property_)


def _repeated(context: Context, term: Node, property_: URIRef) -> Iterator[Finding]:
    """Find the languages in which a term has several texts of one property, where the last of them is stated."""
    texts = sorted(value for value in context.asserted.objects(term, property_) if isinstance(value, Literal))
    for language, count in sorted(Counter(text.language or "" for text in texts).items()):
        if count > 1:
            last = max(text for text in texts if (text.language or "") == language)
            stated = " and ".join(f'"{text}"' for text in texts if (text.language or "") == language)
            message = (
                f"{shorten(str(term))} has {count} {shorten(str(property_))} in {language or 'no language'}: {stated}"
            )
            yield Finding(context.file_of((term, property_, last)), term, message, "Keep one of them")


def _concept_problems(context: Context) -> Iterator[Finding]:
    graph = context.asserted
    for concept in sorted(graph.subjects(RDF.type, SKOS.Concept), key=str):
        path = context.file_of((concept, RDF.type, SKOS.Concept))
        name = shorten(str(concept))
        yield from _lacking(context, path, concept, (SKOS.prefLabel, RDFS.label))
        if (concept, SKOS.inScheme, None) not in graph:
            yield Finding(path, concept, f"{name} is in no concept scheme", "Add skos:inScheme")
        broader = graph.objects(concept, SKOS.broader)
        if any(concept in graph.transitive_objects(above, SKOS.broader) for above in broader):
            yield Finding(path, concept, f"{name} is broader than itself", "Break the circle of skos:broader")
