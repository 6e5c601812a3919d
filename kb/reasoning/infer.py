"""Reasoning: what follows from a graph by OWL 2 RL, and what in it contradicts itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rdflib import BNode, Graph, Literal
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import Node

from kb.reasoning import Materialization
from kb.reasoning.annotations import EXPRESSION, REFLEXIVE
from kb.reasoning.dictionary import VOCABULARIES
from kb.reasoning.inconsistencies import Clash, Triple, find_clashes
from kb.reasoning.owlrl import owlrl_closure
from kb.reasoning.vocabulary import BUILT_IN_ANNOTATIONS
from kb.reasoning.wellformed import require_lists

__all__ = [
    "REASONERS",
    "Clash",
    "Inference",
    "Reasoner",
    "Triple",
    "conclusions",
    "infer",
    "infer_by_owlrl",
    "infer_on_columns",
    "logical_part",
]


@dataclass(frozen=True)
class Inference:
    """What a reasoner found.

    :param inferred: the statements that follow and are not asserted, without the trivial ones (see `conclusions`)
    :param clashes: the contradictions, ordered by rule and message; where there are any, `inferred` is what the
        rules conclude all the same
    """

    inferred: Graph
    clashes: tuple[Clash, ...]


#: Returns what follows from a graph, which it does not change; raises `DataError` as `infer` does.
Reasoner = Callable[[Graph], Inference]


def infer(asserted: Graph, reasoner: str = "kb") -> Inference:
    """Return what follows from a graph, and what contradicts itself in it. The graph is not changed.

    Semantics: https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules. Imports are not
    followed: merge the import closure first.

    :param reasoner: its name in `REASONERS`
    :raises DataError: when an RDF list or a cardinality is malformed, so that the ontology says nothing definite
    """
    return REASONERS[reasoner](asserted)


def infer_on_columns(asserted: Graph) -> Inference:
    """Infer by the engine of `kb.reasoning`."""
    materialization = Materialization.of_graph(asserted)
    return Inference(materialization.inferred(), materialization.clashes())


def infer_by_owlrl(asserted: Graph) -> Inference:
    """Infer by owlrl, the reference, which is a thousand times slower; it has no dt-eq."""
    premises = logical_part(asserted)
    require_lists(premises)
    closure = owlrl_closure(premises)
    return Inference(conclusions(closure, asserted), find_clashes(closure))


#: Name -> reasoner; the first is the everyday one.
REASONERS: Mapping[str, Reasoner] = {"kb": infer_on_columns, "owlrl": infer_by_owlrl}


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


def _annotation_properties(graph: Graph, axiom_nodes: set[Node]) -> set[Node]:
    """Return the annotation properties that no axiom is about."""
    declared = {*BUILT_IN_ANNOTATIONS} | set(graph.subjects(RDF.type, OWL.AnnotationProperty))
    mentioned: set[Node] = set()
    for s, p, o in graph:
        if p not in declared and s not in axiom_nodes and not (p == RDF.type and o == OWL.AnnotationProperty):
            mentioned |= {s, o}
    return set(declared - mentioned)


def _structural_nodes(graph: Graph) -> set[Node]:
    return {node for p in EXPRESSION for node in graph.subjects(p) if isinstance(node, BNode)}


def _is_trivial(s: Node, p: Node, o: Node) -> bool:
    return (
        isinstance(s, Literal)
        or isinstance(p, Literal | BNode)
        or (s == o and p in REFLEXIVE)
        or (o == OWL.Thing and p in {RDF.type, RDFS.subClassOf, RDFS.domain, RDFS.range})
        or (s == OWL.Nothing and p == RDFS.subClassOf)
        or (str(s).startswith(VOCABULARIES) and str(o).startswith(VOCABULARIES))
    )
