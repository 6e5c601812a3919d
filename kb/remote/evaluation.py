"""Queries on a remote store: refused or rewritten before they leave, their results read whole."""

from collections.abc import Sequence

from pyoxigraph import QueryResultsFormat, QueryTriples, RdfFormat, Store, parse, parse_query_results

from kb.errors import RemoteWrongAnswer
from kb.namespaces import PREFIXES
from kb.remote.client import Client
from kb.sparql.query import Result
from kb.sparql.scan import Scanned

__all__ = ["evaluate"]

_ROWS = "application/sparql-results+json"
_TRIPLES = "application/n-triples"
_GIVING_TRIPLES = ("construct", "describe")


def evaluate(  # noqa: PLR0913  as `kb.sparql.query.evaluate`, and the limits
    client: Client,
    query: str | Scanned,
    *,
    base: str | None = None,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
    seconds: float | None = None,
    most_bytes: int | None = None,
) -> Result:
    """Return the result of a query, in which the prefixes of `kb.namespaces` need no declaration.

    :param base: IRI that relative IRIs resolve against
    :param default_graphs: IRIs of the graphs whose union is the default graph, or None
    :param named_graphs: IRIs of the graphs that GRAPH sees, or None
    :raises QueryError: when it has a SERVICE clause or is an update
    :raises RemoteError: when there is no whole result
    """
    scanned = Scanned(query) if isinstance(query, str) else query
    scanned.refuse_service()
    gives_triples = scanned.operation in _GIVING_TRIPLES
    reply = client.query(
        _with_prologue(scanned, base),
        _TRIPLES if gives_triples else _ROWS,
        default_graphs=default_graphs,
        named_graphs=named_graphs,
        seconds=seconds,
        most_bytes=most_bytes,
    )
    if reply.media_type not in (_ROWS, "application/json", _TRIPLES):
        raise RemoteWrongAnswer(client.addresses.query, f"a result of the type {reply.media_type!r}")
    try:
        if gives_triples:
            return _triples(reply.body)
        return parse_query_results(reply.body, QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as error:
        raise RemoteWrongAnswer(client.addresses.query, f"a result that cannot be read ({error})") from error


def _with_prologue(query: Scanned, base: str | None) -> str:
    """Return a text with the base and the prefixes that it uses and need not declare."""
    declared = [f"BASE <{base}>"] if base else []
    declared += [f"PREFIX {prefix}: <{iri}>" for prefix, iri in PREFIXES.items() if f"{prefix}:" in query.text]
    return "\n".join([*declared, query.text])


def _triples(body: bytes) -> QueryTriples:
    store = Store()
    store.extend(parse(body, RdfFormat.N_TRIPLES))
    result = store.query("CONSTRUCT WHERE { ?s ?p ?o }")
    assert isinstance(result, QueryTriples)  # noqa: S101  for the type checker
    return result
