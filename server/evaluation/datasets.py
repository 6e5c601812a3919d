"""The dataset that a query is evaluated on: named by the request or the query, checked against the store, merged.

SPARQL 1.1 Query, section 13.2 (https://www.w3.org/TR/sparql11-query/#specifyingDataset). The engine differs from it in
two ways. It takes an unknown graph for an empty one, while a client that writes ``FROM <http://…>`` expects the graph
to be fetched and would take the empty result for the truth: such a graph is refused here. And it returns a triple once
for each default graph that has it, while the default graph is the merge of these graphs, a set: they are merged here.
"""

from pyoxigraph import NamedNode, Quad, Store

from kb.sparql.scan import DatasetClause, Scanned
from server.addresses import is_iri
from server.evaluation.messages import QueryTask
from server.problems import Problem

__all__ = ["select_dataset"]

_MERGED = "urn:x-merged:default"


def select_dataset(store: Store, task: QueryTask, query: Scanned) -> tuple[Store, DatasetClause | None]:
    """Return the store to query and those of its graphs that the task, or else its query, names; None stands for all.

    :raises Problem: 400 if the store lacks one of the graphs
    :raises QuerySyntaxError: see `Scanned.dataset`
    """
    if task.default_graphs is not None or task.named_graphs is not None:
        dataset: DatasetClause | None = DatasetClause(task.default_graphs or (), task.named_graphs or ())
        named_in = "graph parameter"
    else:
        dataset, named_in = query.dataset(task.base), "FROM"
    if dataset is None:
        return store, None
    for iri in (*dataset.default, *dataset.named):
        if not (is_iri(iri) and store.contains_named_graph(NamedNode(iri))):
            raise Problem(
                "unknown-graph",
                f"{named_in} <{iri}>: this dataset has no such graph, and none is fetched from elsewhere",
                _remedy(store),
            )
    if len(default := tuple(dict.fromkeys(dataset.default))) < 2:  # noqa: PLR2004  there is nothing to merge
        return store, DatasetClause(default, dataset.named)
    return _merge(store, dataset), DatasetClause((_MERGED,), dataset.named)


def _remedy(store: Store) -> str:
    if any(store.named_graphs()):
        return "Name one of the graphs in the service description"
    return "Name no graph: this dataset has only the default graph"


def _merge(store: Store, dataset: DatasetClause) -> Store:
    """Return a store in memory with the merge of the default graphs, and copies of the named ones."""
    copy, target = Store(), NamedNode(_MERGED)
    for iri in dataset.named:
        copy.extend(store.quads_for_pattern(None, None, None, NamedNode(iri)))
    for iri in dataset.default:
        quads = store.quads_for_pattern(None, None, None, NamedNode(iri))
        copy.extend(Quad(quad.subject, quad.predicate, quad.object, target) for quad in quads)
    return copy
