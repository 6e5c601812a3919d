"""The graphs that a request names, refused before the engine sees them where they are not in the dataset.

The engine takes a graph that it has not for an empty one; a client that writes ``FROM <http://…>`` expects the graph to
be fetched, and would take the empty answer for the truth. SPARQL 1.1 Query, section 13.2
(https://www.w3.org/TR/sparql11-query/#specifyingDataset).
"""

from dataclasses import dataclass

from pyoxigraph import NamedNode, Store

from kb.sparql.scan import Scanned
from server.evaluation.messages import Task
from server.problems import Problem

__all__ = ["Dataset", "read_dataset", "refuse_unknown_graphs"]


@dataclass(frozen=True)
class Dataset:
    """The graphs that a request names for its dataset.

    :param default: IRIs of those whose merge is the default graph
    :param named: IRIs of the named ones
    :param clause: where they are named, for messages
    """

    default: tuple[str, ...]
    named: tuple[str, ...]
    clause: str


def read_dataset(task: Task, query: Scanned) -> Dataset | None:
    """Return the dataset that a task names, else that its query names; None for the store's own."""
    if task.default_graphs is not None or task.named_graphs is not None:
        return Dataset(task.default_graphs or (), task.named_graphs or (), "graph parameter")
    clause = query.dataset(task.base)
    return clause and Dataset(clause.default, clause.named, "FROM")


def refuse_unknown_graphs(store: Store, dataset: Dataset) -> None:
    """Check that the store has every graph of a dataset.

    :raises Problem: 400, with the graph named
    """
    for iri in (*dataset.default, *dataset.named):
        if not _has_graph(store, iri):
            raise Problem(
                "unknown-graph",
                f"{dataset.clause} <{iri}>: this dataset has no such graph, and none is fetched from elsewhere",
                "Name one of the graphs in the service description",
            )


def _has_graph(store: Store, iri: str) -> bool:
    try:
        return store.contains_named_graph(NamedNode(iri))
    except ValueError:
        return False
