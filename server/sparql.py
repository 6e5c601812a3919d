"""The SPARQL endpoint: queries answered, its description, and a plain page to write a query without any script."""

from flask import Blueprint, Response, render_template, request

from server.choices import graph_choice, query_choices
from server.documents import document, result
from server.errors import Problem, wants_page
from server.formats import FORMAT_NAMES, PAGE, PAGE_OFFER, content_type
from server.messages import Answer, Task
from server.negotiation import Choice
from server.protocol import Operation, read_operation
from server.service_description import describe_service
from server.site import current_site
from server.tables import Table, table_of

__all__ = ["blueprint"]

blueprint = Blueprint("sparql", __name__)

_PAGE_BYTES = 4 * 1024 * 1024


@blueprint.route("/sparql", methods=["GET", "POST"])
def endpoint() -> Response:
    """Answer a query operation of the SPARQL 1.1 Protocol; describe the service to a request without any parameter."""
    site = current_site()
    try:
        operation = read_operation(request, site.config.limits.query_bytes)
        response = _describe(operation) if operation.query is None else _answer(operation, operation.query)
    except Problem as problem:
        if not wants_page():
            raise
        response = _form(_query_of_page(), problem=problem)
    response.vary.add("Accept")
    response.headers["SPARQL-Row-Limit"] = str(site.config.limits.rows)
    return response


def _answer(operation: Operation, query: str) -> Response:
    rows, graph = query_choices(operation.formats)
    page = PAGE_OFFER in (rows and rows.offer, graph and graph.offer)
    if page and not query.strip():
        return _form("")
    task = _task(operation, query, rows, graph)
    if page:
        return _evaluated(task, rows, graph)
    media_types = [choice.media_type for choice in (rows, graph) if choice is not None]
    return result(task, media_types, lambda: _evaluated(task, rows, graph))


def _evaluated(task: Task, rows: Choice | None, graph: Choice | None) -> Response:
    answer = current_site().pool.run(task)
    if answer.format == PAGE:
        return _form(task.query, table=table_of(answer, current_site().nodes))
    return _serialized(answer, graph if answer.kind == "graph" else rows)


def _task(operation: Operation, query: str, rows: Choice | None, graph: Choice | None) -> Task:
    site = current_site()
    limits = site.config.limits
    page = PAGE_OFFER in (rows and rows.offer, graph and graph.offer)
    kinds = {"rows": rows, "boolean": rows, "graph": graph}
    return Task(
        query=query,
        base=site.addresses.endpoint(request.host_url),
        formats={kind: choice.offer.name for kind, choice in kinds.items() if choice is not None},
        row_limit=limits.page_rows if page else limits.rows,
        byte_limit=_PAGE_BYTES if page else limits.result_bytes,
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
    )


def _serialized(answer: Answer, choice: Choice | None) -> Response:
    response = Response(answer.body)
    if choice is not None:
        response.content_type = content_type(choice.media_type)
        if choice.offer.name in ("csv", "tsv"):
            response.headers["Content-Disposition"] = f'attachment; filename="results.{choice.offer.name}"'
    return response


def _describe(operation: Operation) -> Response:
    choice = graph_choice(page=True, formats=operation.formats)
    if choice.offer is PAGE_OFFER:
        return _form("")
    return document(choice.media_type, choice.offer.name, lambda: _description(choice.offer.name))


def _description(format_name: str) -> bytes:
    site = current_site()
    return describe_service(site.addresses.public(request.host_url), site.generation.manifest, site.labels, format_name)


def _form(query: str, table: Table | None = None, problem: Problem | None = None) -> Response:
    site = current_site()
    address = site.addresses.endpoint(request.host_url)
    page = render_template(
        "sparql.html",
        query=query,
        table=table,
        problem=problem,
        limits=site.config.limits,
        endpoint=address,
        formats=FORMAT_NAMES,
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    if problem is not None:
        response.status_code = problem.status
        response.headers.update(problem.headers)
    return response


def _query_of_page() -> str:
    """Return the query that a browser sent, to show it again beside what is wrong with it."""
    return request.values.get("query", "")
