"""What is worth keeping of a closure, found on rdflib graphs: independent of the reasoner that it tests."""

from collections.abc import Iterable

from rdflib import BNode, Graph, Literal
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

from kb.rdf.convert import Triple
from kb.reasoning.vocabulary import BUILT_IN_ANNOTATIONS

__all__ = ["plain_conclusions"]

#: A blank node that is the subject of one of these writes an expression or an axiom, and is no individual
#: (https://www.w3.org/TR/owl2-mapping-to-rdf/#Mapping_from_the_Structural_Specification_to_RDF_Graphs).
EXPRESSION = (
    RDF.first,
    RDF.rest,
    OWL.annotatedSource,
    OWL.complementOf,
    OWL.datatypeComplementOf,
    OWL.distinctMembers,
    OWL.intersectionOf,
    OWL.inverseOf,
    OWL.members,
    OWL.onDatatype,
    OWL.onProperty,
    OWL.oneOf,
    OWL.sourceIndividual,
    OWL.unionOf,
)
#: Properties that say nothing where subject and object are the same.
REFLEXIVE = (OWL.sameAs, RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty)
VOCABULARIES = tuple(str(namespace) for namespace in (OWL, RDF, RDFS, XSD))


def plain_conclusions(closure: Iterable[Triple], asserted: Graph) -> Graph:
    """Return the statements of a closure that are neither asserted nor trivial, see `without_trivial`."""
    known = set(asserted)
    structural = {node for p in EXPRESSION for node in asserted.subjects(p) if isinstance(node, BNode)}
    nodes = {*asserted.subjects(RDF.type, OWL.Axiom), *asserted.subjects(RDF.type, OWL.Annotation)}
    silent = _annotation_properties(asserted, nodes)
    result = Graph()
    for triple in closure:
        s, p, o = triple
        if not (triple in known or p in silent or s in structural or o in structural or _is_trivial(s, p, o)):
            result.add(triple)
    return result


def _annotation_properties(graph: Graph, axiom_nodes: set[Node]) -> set[Node]:
    """Return the annotation properties that no axiom is about."""
    declared = {*BUILT_IN_ANNOTATIONS} | set(graph.subjects(RDF.type, OWL.AnnotationProperty))
    mentioned: set[Node] = set()
    for s, p, o in graph:
        if p not in declared and s not in axiom_nodes and not (p == RDF.type and o == OWL.AnnotationProperty):
            mentioned |= {s, o}
    return set(declared - mentioned)


def _is_trivial(s: Node, p: Node, o: Node) -> bool:
    return (
        isinstance(s, Literal)
        or isinstance(p, Literal | BNode)
        or (s == o and p in REFLEXIVE)
        or (o == OWL.Thing and p in {RDF.type, RDFS.subClassOf, RDFS.domain, RDFS.range})
        or (s == OWL.Nothing and p == RDFS.subClassOf)
        or (str(s).startswith(VOCABULARIES) and str(o).startswith(VOCABULARIES))
    )
