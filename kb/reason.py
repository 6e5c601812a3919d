"""Reasoning: what follows from a graph by OWL 2 RL, and what in it contradicts itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

from kb.clashes import Clash, Triple, find_clashes
from kb.errors import DataError
from kb.lists import broken_lists
from kb.namespaces import shorten
from kb.rl import owlrl_closure

__all__ = ["Clash", "Inference", "Reasoner", "Triple", "conclusions", "infer", "logical_part"]


@dataclass(frozen=True)
class Inference:
    """What a reasoner found.

    :param inferred: the statements that follow and are not asserted, without the trivial ones (see `conclusions`)
    :param clashes: the contradictions, ordered by rule and message; where there are any, `inferred` is what the
        rules conclude all the same
    """

    inferred: Graph
    clashes: tuple[Clash, ...]


class Reasoner(Protocol):
    """An engine for OWL 2 RL."""

    def __call__(self, premises: Graph, /) -> Graph:
        """Return the premises with all that follows from them by rules that do not conclude "false".

        :param premises: the logical part of a graph; not to be changed
        """


def infer(asserted: Graph, reasoner: Reasoner = owlrl_closure) -> Inference:
    """Return what follows from a graph, and what contradicts itself in it. The graph is not changed.

    Semantics: https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules. Imports are not
    followed: merge the import closure first.

    :raises DataError: when an RDF list or a cardinality is malformed, so that the ontology says nothing definite
    """
    premises = logical_part(asserted)
    _require_well_formed(premises)
    closure = reasoner(premises)
    return Inference(conclusions(closure, asserted), find_clashes(closure))


def logical_part(graph: Graph) -> Graph:
    """Return the statements of a graph from which something can follow, as a new graph.

    Left out are annotations, which mean nothing to a reasoner (https://www.w3.org/TR/owl2-syntax/#Annotations):

    - the nodes of annotated axioms (`owl:Axiom`, `owl:Annotation`) with all their statements;
    - the statements of annotation properties, those of OWL 2 itself such as `rdfs:label` and those declared in the
      graph. An annotation property stays, with its statements, where an axiom is about it, such as a super-property,
      a domain or a range: the rules of OWL 2 RL apply there, and what they conclude is wanted.
    """
    nodes = {*graph.subjects(RDF.type, OWL.Axiom), *graph.subjects(RDF.type, OWL.Annotation)}
    silent = _annotation_properties(graph, nodes)
    part = Graph()
    for s, p, o in graph:
        if p not in silent and s not in nodes:
            part.add((s, p, o))
    return part


def conclusions(closure: Iterable[Triple], asserted: Graph) -> Graph:
    """Return the statements of a closure that are neither asserted nor trivial, as a new graph.

    Trivial, that is true of any graph or of no use outside the reasoner, are these:

    - what RDF cannot state: a literal as subject, a literal or blank node as predicate;
    - what mentions a blank node that only writes an axiom or an expression: a class expression, a data range, a
      property's inverse, an RDF list, an axiom; other blank nodes are individuals, and what is said of them stays;
    - reflexive `owl:sameAs`, `rdfs:subClassOf`, `owl:equivalentClass`, `rdfs:subPropertyOf`, `owl:equivalentProperty`;
    - that something is an `owl:Thing`: as type, superclass, domain or range; that `owl:Nothing` is a subclass;
    - what relates two terms of OWL, RDF, RDFS and XML Schema, such as that `xsd:date` is a datatype;
    - copies of annotations to another name of the same individual.
    """
    known = set(asserted)
    structural = _structural_nodes(asserted)
    nodes = {*asserted.subjects(RDF.type, OWL.Axiom), *asserted.subjects(RDF.type, OWL.Annotation)}
    silent = _annotation_properties(asserted, nodes)
    result = Graph()
    for triple in closure:
        s, p, o = triple
        if not (triple in known or p in silent or s in structural or o in structural or _is_trivial(s, p, o)):
            result.add(triple)
    return result


#: https://www.w3.org/TR/owl2-syntax/#Annotation_Properties
_BUILT_IN_ANNOTATIONS = {
    RDFS.label,
    RDFS.comment,
    RDFS.seeAlso,
    RDFS.isDefinedBy,
    OWL.deprecated,
    OWL.versionInfo,
    OWL.priorVersion,
    OWL.backwardCompatibleWith,
    OWL.incompatibleWith,
}
#: A blank node that is the subject of one of these writes an expression or an axiom, and is no individual
#: (https://www.w3.org/TR/owl2-mapping-to-rdf/#Mapping_from_the_Structural_Specification_to_RDF_Graphs).
_EXPRESSION = (
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
_REFLEXIVE = {OWL.sameAs, RDFS.subClassOf, OWL.equivalentClass, RDFS.subPropertyOf, OWL.equivalentProperty}
_VOCABULARIES = tuple(str(namespace) for namespace in (OWL, RDF, RDFS, XSD))


def _annotation_properties(graph: Graph, axiom_nodes: set[Node]) -> set[Node]:
    """Return the annotation properties that no axiom is about."""
    declared = _BUILT_IN_ANNOTATIONS | set(graph.subjects(RDF.type, OWL.AnnotationProperty))
    mentioned: set[Node] = set()
    for s, p, o in graph:
        if p not in declared and s not in axiom_nodes and not (p == RDF.type and o == OWL.AnnotationProperty):
            mentioned |= {s, o}
    return declared - mentioned


def _structural_nodes(graph: Graph) -> set[Node]:
    return {node for p in _EXPRESSION for node in graph.subjects(p) if isinstance(node, BNode)}


def _is_trivial(s: Node, p: Node, o: Node) -> bool:
    return (
        isinstance(s, Literal)
        or isinstance(p, Literal | BNode)
        or (s == o and p in _REFLEXIVE)
        or (o == OWL.Thing and p in {RDF.type, RDFS.subClassOf, RDFS.domain, RDFS.range})
        or (s == OWL.Nothing and p == RDFS.subClassOf)
        or (str(s).startswith(_VOCABULARIES) and str(o).startswith(_VOCABULARIES))
    )


def _require_well_formed(premises: Graph) -> None:
    if broken := broken_lists(premises):
        users = {shorten(str(s)) for cell in broken for s in premises.subjects(None, cell) if isinstance(s, URIRef)}
        place = f", of {', '.join(sorted(users))}" if users else ""
        raise DataError(f"An RDF list is broken or has lost its members{place}", "Write the list anew")
    for cardinality in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
        for number in premises.objects(None, cardinality):
            if not (isinstance(number, Literal) and isinstance(number.value, int)):
                raise DataError(f"{number} is no cardinality", "Write a whole number, xsd:nonNegativeInteger")
