"""What SERVICE clauses ask of other endpoints, those that the operator allows, fetched before a query is evaluated.

The process that fetches has no part of the graph, and the one that evaluates connects to nothing. Of a query only what
stands in a SERVICE clause leaves.
"""

import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from kb.errors import QueryError, RemoteError, RemoteWrongAnswer
from kb.remote.client import Client
from kb.remote.profiles import OTHER, Addresses, find_profile
from kb.sparql.scan import Scanned
from kb.sparql.services import NOTHING, ServiceClause, inline_data, service_clauses, with_inline_data
from server.config import Limits, ServerConfig
from server.evaluation.messages import Answer, QueryTask
from server.problems import Problem

__all__ = ["fetch", "open_services"]

_RESULTS = "application/sparql-results+json"
_MOST_CLAUSES = 8


def open_services(config: ServerConfig) -> Mapping[str, Client]:
    """Return a client for each endpoint that the operator allows, by its URL; none connects before it is used."""
    seconds, most_bytes = config.limits.query_seconds, config.limits.service_bytes
    profile = find_profile(OTHER)
    return {url: Client(Addresses(url, ""), profile, seconds=seconds, most_bytes=most_bytes) for url in config.services}


def fetch(task: QueryTask, services: Mapping[str, Client], limits: Limits) -> Answer:
    """Return the text of a query with the results of its SERVICE clauses in their places.

    :raises QueryError: when it asks an endpoint that is not allowed; see `service_clauses` and `inline_data`
    :raises Problem: 502 when an endpoint fails, 422 when its result is too large; a clause with SILENT has no failure
    """
    query = Scanned(task.query)
    clauses = service_clauses(query, task.base)
    if len(clauses) > _MOST_CLAUSES:
        problem = f"The query has {len(clauses)} SERVICE clauses, and may have {_MOST_CLAUSES}"
        raise QueryError(problem, "Split it into several queries")
    for clause in clauses:
        if clause.endpoint not in services:
            allowed = ", ".join(services)
            raise QueryError(f"SERVICE <{clause.endpoint}> is not allowed here", f"These endpoints are: {allowed}")
    data = [_data(clause, services[clause.endpoint], limits) for clause in clauses]
    body = with_inline_data(query, clauses, data).encode()
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return Answer("query", "", body, digest=digest, headers=(("cache-control", "no-store"),))


def _data(clause: ServiceClause, client: Client, limits: Limits) -> str:
    try:
        data = inline_data(_solutions(clause, client), limits.service_rows)
    except (RemoteError, SyntaxError, ValueError) as error:
        if clause.silent:
            return NOTHING
        host = urlsplit(clause.endpoint).netloc
        reason = error.problem if isinstance(error, RemoteError) else f"its result cannot be read ({error})"
        detail = f"SERVICE <{clause.endpoint}> failed: {reason.removeprefix(f'{clause.endpoint}: ')}"
        remedy = f"See what {host} says of the clause by itself, or write SERVICE SILENT to go on without it"
        raise Problem("service-failed", detail, remedy) from None
    if data is None:
        detail = f"SERVICE <{clause.endpoint}> has more than {limits.service_rows:,} rows, the limit here"
        raise Problem("result-too-large", detail, "Ask it for less: write VALUES, FILTER or LIMIT into the clause")
    return data


def _solutions(clause: ServiceClause, client: Client) -> QuerySolutions:
    reply = client.query(clause.query, _RESULTS)
    if reply.media_type not in (_RESULTS, "application/json"):
        raise RemoteWrongAnswer(clause.endpoint, f"a result of the type {reply.media_type!r}")
    result = parse_query_results(reply.body, QueryResultsFormat.JSON)
    if not isinstance(result, QuerySolutions):
        raise RemoteWrongAnswer(clause.endpoint, "no table")
    if not {variable.value for variable in result.variables} <= clause.variables:
        raise RemoteWrongAnswer(clause.endpoint, "the result of another query")
    return result
