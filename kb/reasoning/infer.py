"""Inferring: what follows from a graph by OWL 2 RL, and what in it contradicts itself, by either reasoner."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Quad
from rdflib import BNode, Graph, Literal
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import Node

from kb.rdf.convert import Triple, to_graph, to_statements
from kb.rdf.terms import Rdf11Statement
from kb.reasoning import Materialization
from kb.reasoning.annotations import EXPRESSION, REFLEXIVE
from kb.reasoning.dictionary import VOCABULARIES
from kb.reasoning.inconsistencies import Inconsistency, find_inconsistencies
from kb.reasoning.vocabulary import BUILT_IN_ANNOTATIONS
from kb.reasoning.wellformed import require_lists

__all__ = [
    "REASONERS",
    "Inference",
    "Reasoner",
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
    :param inconsistencies: ordered by rule and message; where there are any, `inferred` is what the rules conclude all
        the same
    :param materialization: of kb's engine, where that inferred it; it proves what is inferred
    """

    inferred: Graph
    inconsistencies: tuple[Inconsistency, ...]
    materialization: Materialization | None = None

    def statements(self) -> Iterator[Rdf11Statement]:
        """Yield what is inferred as statements of pyoxigraph."""
        if self.materialization is None:
            yield from to_statements(self.inferred)
        else:
            yield from self.materialization.statements(self.materialization.conclusions())


#: What is asserted: an rdflib graph, or statements of pyoxigraph, whose named graphs are merged.
Asserted = Graph | Sequence[Quad]
#: Returns what follows from what is asserted; raises `DataError` as `infer` does.
Reasoner = Callable[[Asserted], Inference]


def infer(asserted: Asserted, reasoner: str = "kb") -> Inference:
    """Return what follows from statements, and what contradicts itself in them. They are not changed.

    Semantics: https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules. Imports are not
    followed: merge the import closure first.

    :param reasoner: its name in `REASONERS`
    :raises DataError: when an RDF list or a cardinality is malformed, so that the ontology says nothing definite
    """
    return REASONERS[reasoner](asserted)


def infer_on_columns(asserted: Asserted) -> Inference:
    """Infer by the engine of `kb.reasoning`."""
    if isinstance(asserted, Graph):
        materialization = Materialization.of_graph(asserted)
    else:
        materialization = Materialization.of_statements(asserted)
    return Inference(materialization.inferred(), materialization.inconsistencies(), materialization)


def infer_by_owlrl(asserted: Asserted) -> Inference:
    """Infer by owlrl, the reference, which is a thousand times slower; it has no dt-eq."""
    from kb.reasoning.owlrl import owlrl_closure  # noqa: PLC0415  owlrl takes as long to import as a reasoning takes

    graph = asserted if isinstance(asserted, Graph) else to_graph(quad.triple for quad in asserted)
    premises = logical_part(graph)
    require_lists(premises)
    closure = owlrl_closure(premises)
    return Inference(conclusions(closure, graph), find_inconsistencies(closure))


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

    Trivial, that is true of any graph or useless outside the reasoner, are these:

    - what RDF cannot state: a literal as subject, a literal or blank node as predicate;
    - what mentions a blank node that only writes an axiom or an expression: a class expression, a data range, a
      property's inverse, an RDF list, an axiom; other blank nodes are individuals, and what is said of them stays;
    - reflexive `owl:sameAs`, `rdfs:subClassOf`, `owl:equivalentClass`, `rdfs:subPropertyOf`, `owl:equivalentProperty`;
    - that something is an `owl:Thing`: as type, superclass, domain or range; that `owl:Nothing` is a subclass;
    - what relates two terms of OWL, RDF, RDFS and XML Schema, such as that `xsd:date` is a datatype;
    - copies of annotations to another name of the same individual.
    """
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
