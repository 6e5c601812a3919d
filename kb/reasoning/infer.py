"""Inferring: what follows from a graph by OWL 2 RL, and what in it contradicts itself, by either reasoner."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Quad
from rdflib import Graph

from kb.rdf.convert import Triple, to_graph, to_statements
from kb.rdf.terms import Rdf11Statement
from kb.reasoning import Materialization
from kb.reasoning.annotations import find_annotations, without_trivial
from kb.reasoning.dictionary import Dictionary
from kb.reasoning.inconsistencies import Inconsistency, find_inconsistencies
from kb.reasoning.wellformed import require_well_formed

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

    :param inferred: the statements that follow and are not asserted, without the trivial ones
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
    closure = owlrl_closure(logical_part(graph))
    return Inference(conclusions(closure, graph), find_inconsistencies(closure))


#: Name -> reasoner; the first is the everyday one.
REASONERS: Mapping[str, Reasoner] = {"kb": infer_on_columns, "owlrl": infer_by_owlrl}


def logical_part(graph: Graph) -> Graph:
    """Return the statements of a graph from which something can follow, all but annotations, as a new graph.

    :raises DataError: when an RDF list or a cardinality in them is malformed
    """
    dictionary = Dictionary()
    statements = dictionary.read_graph(graph)
    annotating, _ = find_annotations(statements, dictionary)
    require_well_formed(statements[:, ~annotating], statements, dictionary)
    return dictionary.graph(statements[:, ~annotating])


def conclusions(closure: Iterable[Triple], asserted: Graph) -> Graph:
    """Return the statements of a closure that are neither asserted nor trivial, as a new graph.

    What is trivial, `kb.reasoning.annotations.without_trivial` says.
    """
    known, dictionary = set(asserted), Dictionary()
    given = dictionary.read_graph(known)
    new = dictionary.read_graph(triple for triple in closure if triple not in known)
    _, silent = find_annotations(given, dictionary)
    return dictionary.graph(without_trivial(new, given, silent, dictionary))
