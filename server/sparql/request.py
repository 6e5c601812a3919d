"""The endpoint: what a request to it asks, and the reply that an answer becomes.

The ASGI application and Flask both call this; the pages and the service description are Flask's, see
`server.sparql.blueprint`.
"""

from dataclasses import dataclass
from http import HTTPStatus

from server.config import Limits
from server.evaluation.messages import Answer, QueryTask
from server.problems import Problem
from server.reply import Reply
from server.representations.choose import query_choices
from server.representations.formats import PAGE, content_type
from server.representations.negotiation import Choice
from server.representations.preconditions import Headers
from server.representations.validators import entity_tag
from server.sparql.protocol import operation_parameters, single

__all__ = ["FETCHED", "PROBLEM", "QueryRequest", "build_reply", "endpoint_headers", "parse_request"]

#: A header that the web process adds, and takes from no client: the problem with which the query of a page ended.
PROBLEM = "kb-problem"
#: Another one: in JSON, the text of the query of a page with the results of its SERVICE clauses in their places.
FETCHED = "kb-fetched"


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query that a request to the endpoint asks.

    :param task: the query and its conditions
    :param rows: format for rows and booleans
    :param graph: format for graphs
    :param fetched: a part of the answer comes from other endpoints
    """

    task: QueryTask
    rows: Choice | None
    graph: Choice | None
    fetched: bool = False

    @property
    def wants_page(self) -> bool:
        """Whether to show the answer on a page."""
        return PAGE in (self.task.row_format, self.task.graph_format)

    def choice(self, answer: Answer) -> Choice:
        """Return the format of an answer, and the media type by which the client called it."""
        choice = self.graph if answer.kind == "graph" else self.rows
        if choice is None:
            raise ValueError(answer.kind)  # a worker makes no answer for which there is no format
        return choice


def parse_request(  # noqa: PLR0913  what decides about it
    method: str, query_string: bytes, headers: Headers, body: bytes, *, endpoint: str, limits: Limits
) -> QueryRequest | None:
    """Return the query that a request to the endpoint asks, or None if it asks for the service description.

    :param headers: those about the body and Accept are read
    :param endpoint: address of the endpoint, against which relative IRIs resolve
    :raises Problem: see `operation_parameters` and `query_choices`; 400 for parameters without a query, 413 for a query
        that is too long
    """
    parameters = operation_parameters(method, query_string, headers, body)
    query = single(parameters, "query")
    if query is None:
        if method == "POST" or any(name != "format" for name, _ in parameters):
            raise Problem("bad-request", "The request has no query", "Send it as the parameter `query`")
        return None
    if len(query.encode()) > limits.query_bytes:
        detail = f"The query is longer than {limits.query_bytes // 1024} KiB"
        raise Problem("query-too-long", detail, "Split it into several queries")
    # The protocol has no parameter `format`: clients give it several times, with the names of several systems.
    default, named, formats = (
        tuple([value for found, value in parameters if found == name])
        for name in ("default-graph-uri", "named-graph-uri", "format")
    )
    rows, graph = query_choices(formats, headers.get("accept"))
    row_format, graph_format = (None if choice is None else choice.format.name for choice in (rows, graph))
    page = PAGE in (row_format, graph_format)
    task = QueryTask(
        query=query,
        base=endpoint,
        row_format=row_format,
        graph_format=graph_format,
        row_limit=limits.page_rows if page else limits.rows,
        byte_limit=limits.page_bytes if page else limits.result_bytes,
        default_graphs=default if default or named else None,
        named_graphs=named if default or named else None,
        row_version=rows.version if rows else "",
        graph_version=graph.version if graph else "",
    )
    return QueryRequest(task, rows, graph)


def build_reply(answer: Answer, request: QueryRequest, limits: Limits) -> Reply:
    """Return the reply with an answer; tables for spreadsheets are attachments."""
    choice = request.choice(answer)
    headers = {"content-type": content_type(choice.media_type, answer.features), **endpoint_headers(limits)}
    if choice.format.attachment:
        headers["content-disposition"] = f'attachment; filename="results.{choice.format.name}"'
    if request.task.is_repeatable and not request.fetched:
        headers["etag"] = entity_tag(answer.digest, headers["content-type"])
    else:
        headers["cache-control"] = "no-store"
    return Reply(HTTPStatus.OK, headers, answer.body, varies=True)


def endpoint_headers(limits: Limits) -> dict[str, str]:
    """Return the headers of every reply of the endpoint."""
    return {"sparql-row-limit": str(limits.rows)}
