"""How much a dataset holds: the numbers that prove a store whole, that `kb build` prints and the README states."""

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Store

from kb.sparql.query import evaluate_stored

__all__ = ["Sizes", "count_domain_statements", "count_things", "count_triples"]


@dataclass(frozen=True)
class Sizes:
    """Numbers of triples.

    :param default_graph: in the default graph
    :param named_graphs: IRI of a named graph -> number of triples in it
    :param unnamed_graphs: in the graphs whose name is a blank node
    """

    default_graph: int
    named_graphs: dict[str, int]
    unnamed_graphs: int = 0

    @property
    def total(self) -> int:
        """In all graphs."""
        return self.default_graph + sum(self.named_graphs.values()) + self.unnamed_graphs


def count_triples(store: Store) -> Sizes:
    """Count the triples of each graph in a store."""
    default_graph = sum(_number(row["triples"]) for row in evaluate_stored(store, "default-graph-size"))
    graphs = [(row["graph"], _number(row["triples"])) for row in evaluate_stored(store, "named-graph-sizes")]
    named = {graph.value: triples for graph, triples in graphs if isinstance(graph, NamedNode)}
    return Sizes(default_graph, named, sum(triples for _, triples in graphs) - sum(named.values()))


def count_domain_statements(store: Store) -> dict[str, int]:
    """Count the statements about the world in each named graph, by its IRI; a graph without any is left out."""
    return _by_graph(store, "domain-statements")


def count_things(store: Store) -> dict[str, int]:
    """Count the things of each kind, by the names that things.rq gives them.

    Passages are those that are cited; derived are the statements and reports that rest on a derivation.
    """
    return {name: _number(term) for row in evaluate_stored(store, "things") for name, term in row.items()}


def _by_graph(store: Store, query: str) -> dict[str, int]:
    rows = (row.values() for row in evaluate_stored(store, query))
    return {graph.value: _number(number) for graph, number in rows if isinstance(graph, NamedNode)}


def _number(term: object) -> int:
    return int(term.value) if isinstance(term, Literal) else 0
