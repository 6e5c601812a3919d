"""The endpoint: what a request to it asks, and the reply that an answer becomes.

The ASGI application and Flask both call this; the pages and the service description are Flask's, see
`server.sparql.blueprint`.
"""

from dataclasses import dataclass
from http import HTTPStatus

from server.config import Limits
from server.evaluation.messages import Answer, Task
from server.reply import Reply
from server.representations.choose import query_choices
from server.representations.formats import PAGE, PAGE_FORMAT, content_type
from server.representations.negotiation import Choice
from server.representations.validators import Headers, entity_tag
from server.sparql.protocol import read_operation

__all__ = ["QueryRequest", "build_reply", "endpoint_headers", "parse_request"]


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query that a request to the endpoint asks.

    :param task: the query and its conditions
    :param rows: format for rows and booleans
    :param graph: format for graphs
    """

    task: Task
    rows: Choice | None
    graph: Choice | None

    @property
    def wants_page(self) -> bool:
        """Whether to show the answer on a page."""
        return any(choice is not None and choice.format is PAGE_FORMAT for choice in (self.rows, self.graph))


def parse_request(  # noqa: PLR0913  what decides about it
    method: str, query_string: bytes, headers: Headers, body: bytes, *, endpoint: str, limits: Limits
) -> QueryRequest | None:
    """Return the query that a request to the endpoint asks, or None if it asks for the service description.

    :param headers: those about the body and Accept are read
    :param endpoint: address of the endpoint, against which relative IRIs resolve
    :raises Problem: if it is no query operation, or nothing that is offered is accepted
    """
    operation = read_operation(method, query_string, headers, body, limits.query_bytes)
    if operation.query is None:
        return None
    rows, graph = query_choices(operation.formats, headers.get("accept"))
    row_format, graph_format = (None if choice is None else choice.format.name for choice in (rows, graph))
    page = PAGE in (row_format, graph_format)
    task = Task(
        query=operation.query,
        base=endpoint,
        row_format=row_format,
        graph_format=graph_format,
        row_limit=limits.page_rows if page else limits.rows,
        byte_limit=limits.page_bytes if page else limits.result_bytes,
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
    )
    return QueryRequest(task, rows, graph)


def build_reply(answer: Answer, request: QueryRequest, limits: Limits) -> Reply:
    """Return the reply with an answer; tables for spreadsheets are attachments."""
    choice = request.graph if answer.kind == "graph" else request.rows
    if choice is None:
        raise ValueError(answer.kind)  # a worker makes no answer for which there is no format
    headers = {"content-type": content_type(choice.media_type), **endpoint_headers(limits)}
    if choice.format.attachment:
        headers["content-disposition"] = f'attachment; filename="results.{choice.format.name}"'
    if request.task.is_repeatable:
        headers["etag"] = entity_tag(answer.digest, headers["content-type"])
    else:
        headers["cache-control"] = "no-store"
    return Reply(HTTPStatus.OK, headers, answer.body, varies=True)


def endpoint_headers(limits: Limits) -> dict[str, str]:
    """Return the headers of every reply of the endpoint."""
    return {"sparql-row-limit": str(limits.rows)}
