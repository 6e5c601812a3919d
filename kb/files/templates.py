"""Templates: a thing of a kind with what it needs, in Turtle, made of the examples of the shapes."""

from pathlib import Path

from pyoxigraph import BlankNode, NamedNode
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import Node

from kb.files.documents import Document
from kb.files.evidence import unevidenced
from kb.files.term_sheet import Kind, Property, TermSheet
from kb.namespaces import GRAPH, ID
from kb.rdf.canonical import write_statements
from kb.rdf.convert import empty_graph, to_statements, to_term
from kb.rdf.namespaces import AMMTC
from kb.rdf.terms import Rdf11Statement

__all__ = ["template"]

_ANNOTATED = tuple(NamedNode(str(p)) for p in (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget))
_AXIOM, _TYPE, _EVIDENCE = (NamedNode(str(term)) for term in (OWL.Axiom, RDF.type, AMMTC.evidence))


def template(sheet: TermSheet, kind: Kind) -> str:
    """Return a new thing of a kind, with what every thing of the kind needs and each statement's evidence.

    The values are those of the examples. What exists only together, such as a finding and its comparison, comes
    together. It conforms to the shapes; who fills it in replaces the names with ``new-`` and the values.
    """
    graph = empty_graph()
    _describe(sheet, kind, _name(kind), graph, {})
    return write_statements(set(to_statements(graph)) | _annotations(sheet, graph))


def _name(kind: Kind) -> URIRef:
    """Return the name of the new thing; that of a passage follows from its document and number."""
    example = str(kind.example or "")
    if "#" in example:
        return URIRef(example)
    namespace = example.rpartition("/")[0] + "/" if kind.example else ID
    return URIRef(f"{namespace}new-{kind.label.replace(' ', '-').replace(chr(39), '')}")


def _describe(sheet: TermSheet, kind: Kind, name: URIRef, graph: Graph, given: dict[tuple[URIRef, bool], Node]) -> None:
    """Add a thing of a kind to a graph.

    :param given: what other things of the template say already, by property and direction
    """
    graph.add((name, RDF.type, OWL.NamedIndividual))
    graph.add((name, RDF.type, kind.iri))
    properties = sheet.properties(kind)
    for part in properties:
        key = (part.path, part.inverse)
        if key in given:
            if not part.inverse:
                graph.add((name, part.path, given[key]))
        elif part.inverse and part.least:
            _describe_user(sheet, part, name, graph)
        elif not part.inverse and (part.least or _is_first(sheet, kind, part, properties)):
            for value in _values(sheet, kind, part, name, graph):
                graph.add((name, part.path, value))


def _describe_user(sheet: TermSheet, part: Property, name: URIRef, graph: Graph) -> None:
    """Add a thing that names this one, as it must be named by one."""
    for kind in sheet.kinds:
        if any(p.path == part.path and not p.inverse and p.least for p in sheet.properties(kind)):
            _describe(sheet, kind, _name(kind), graph, {(part.path, False): name})
            return


def _is_first(sheet: TermSheet, kind: Kind, part: Property, properties: tuple[Property, ...]) -> bool:
    """Return whether a property comes first among those of which one is needed, none of which is needed by itself."""
    needed = {p.path for p in properties if p.least}
    return any(part.path == choice[0] and needed.isdisjoint(choice) for choice in sheet.choices(kind))


def _values(sheet: TermSheet, kind: Kind, part: Property, name: URIRef, graph: Graph) -> tuple[Node, ...]:
    """Return the examples of a property, or a new thing where only this one may have it."""
    if part.path == RDFS.label:
        return (Literal(sheet.name_of(name) or f"new {kind.label}", lang="en"),)
    for other in filter(None, map(sheet.kind_of, part.classes)):
        if any(p.path == part.path and p.inverse and p.most == 1 for p in sheet.properties(other)):
            _describe(sheet, other, _name(other), graph, {(part.path, True): name})
            return (_name(other),)
    return part.examples[: max(part.least, 1)]


def _annotations(sheet: TermSheet, graph: Graph) -> set[Rdf11Statement]:
    """Return annotations with evidence for the statements that need one."""
    report = next(p for kind in sheet.kinds for p in sheet.properties(kind) if p.path == AMMTC.evidence)
    evidence = to_term(next(node for node in report.examples if not isinstance(node, Literal)))
    document = Document(Path(), GRAPH["template"], (), frozenset(to_statements(graph)), "")
    found: set[Rdf11Statement] = set()
    for triple in unevidenced(document):
        axiom = BlankNode()
        found |= {(axiom, _TYPE, _AXIOM), (axiom, _EVIDENCE, evidence)}
        found |= {(axiom, p, to_term(node)) for p, node in zip(_ANNOTATED, triple, strict=True)}
    return found
