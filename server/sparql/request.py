"""The query operation as programs use it: a request becomes a task, an answer becomes a reply. Flask has no part in it.

What a browser is shown, and the service description, are added in `server.sparql.blueprint`, which shares what is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from server.config import Limits
from server.evaluation.messages import Answer, Task
from server.exchange import Reply
from server.representations.choose import query_choices
from server.representations.formats import PAGE, PAGE_OFFER, content_type
from server.representations.negotiation import Choice
from server.representations.validators import entity_tag
from server.sparql.protocol import Headers, Operation, read_operation

__all__ = ["Asked", "ask", "read_task", "reply_of", "result_headers"]

_PAGE_BYTES = 4 * 1024 * 1024
_METHODS = ("GET", "HEAD", "POST")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that a program asks.

    :param rows: format for rows and booleans
    :param graph: format for graphs
    """

    task: Task
    rows: Choice | None
    graph: Choice | None


def ask(  # noqa: PLR0913  what decides about it
    method: str,
    query_string: bytes,
    headers: Headers,
    body: bytes,
    accept: str | None,
    *,
    endpoint: str,
    limits: Limits,
) -> Asked | None:
    """Return what a request to the endpoint asks, or None where Flask answers it: a page, or no query.

    :param headers: see `read_operation`
    :param accept: the Accept header, if there is one
    :param endpoint: address of the endpoint, against which relative IRIs resolve
    :raises Problem: where it asks nothing that can be answered; the client wants no page then
    """
    if method not in _METHODS or (accept and "text/html" in accept.lower()):
        return None
    operation = read_operation(method, query_string, headers, body, limits.query_bytes)
    if operation.query is None:
        return None
    rows, graph = query_choices(operation.formats, accept)
    if any(choice is not None and choice.offer is PAGE_OFFER for choice in (rows, graph)):
        return None
    return Asked(read_task(operation, operation.query, rows, graph, endpoint=endpoint, limits=limits), rows, graph)


def read_task(  # noqa: PLR0913  what a task is made of
    operation: Operation, query: str, rows: Choice | None, graph: Choice | None, *, endpoint: str, limits: Limits
) -> Task:
    """Return the task that an operation is, its result in the chosen formats.

    :param endpoint: address of the endpoint, against which relative IRIs resolve
    """
    kinds = {"rows": rows, "boolean": rows, "graph": graph}
    formats = {kind: choice.offer.name for kind, choice in kinds.items() if choice is not None}
    page = PAGE in formats.values()
    return Task(
        query=query,
        base=endpoint,
        formats=formats,
        row_limit=limits.page_rows if page else limits.rows,
        byte_limit=_PAGE_BYTES if page else limits.result_bytes,
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
    )


def reply_of(answer: Answer, asked: Asked, further: Mapping[str, str]) -> Reply:
    """Return the reply that tells an answer.

    :param further: headers of every reply
    """
    choice = asked.graph if answer.kind == "graph" else asked.rows
    if choice is None:
        raise ValueError(answer.kind)  # a worker makes no result for which there is no format
    headers = {**result_headers(choice), "vary": "Accept, Accept-Encoding", **further}
    if asked.task.is_repeatable:
        headers["etag"] = entity_tag(answer.digest, headers["content-type"])
    else:
        headers["cache-control"] = "no-store"
    return Reply(HTTPStatus.OK, headers, answer.body)


def result_headers(choice: Choice) -> dict[str, str]:
    """Return the headers of a result in a format; tables for spreadsheets are attachments."""
    headers = {"content-type": content_type(choice.media_type)}
    if choice.offer.attachment:
        headers["content-disposition"] = f'attachment; filename="results.{choice.offer.name}"'
    return headers
