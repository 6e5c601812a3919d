"""The SPARQL endpoint: queries answered, its description, and the workbench, a plain page without any script."""

import json

from flask import Blueprint, Response, render_template, request

from server.dataset.service_description import describe_service
from server.errors import wants_page
from server.evaluation.messages import Answer
from server.presentation.tables import ResultTable, table_of
from server.problems import Problem
from server.representations.cacheable import document
from server.representations.choose import graph_choice, query_choices
from server.representations.formats import FORMAT_NAMES, PAGE, PAGE_OFFER
from server.site import current_site
from server.sparql import workbench as editor
from server.sparql.protocol import Operation, read_operation
from server.sparql.request import read_task, result_headers

__all__ = ["blueprint"]

blueprint = Blueprint("sparql", __name__)
blueprint.register_blueprint(editor.blueprint)

#: What stands in the editor at first.
_STARTER = "SELECT ?meeting ?place WHERE {\n  ?meeting a ammtc:Meeting ;\n    ammtc:place ?place .\n}"
_GENERAL_STARTER = "SELECT ?subject ?predicate ?object WHERE {\n  ?subject ?predicate ?object\n}\nLIMIT 100"


@blueprint.route("/sparql", methods=["GET", "POST"])
def endpoint() -> Response:
    """Answer a query operation of the SPARQL 1.1 Protocol; describe the service to a request without any parameter."""
    site = current_site()
    try:
        sent, limits = request.get_data(), site.config.limits
        operation = read_operation(request.method, request.query_string, request.headers, sent, limits.query_bytes)
        response = _describe(operation) if operation.query is None else _answer(operation, operation.query)
    except Problem as problem:
        if not wants_page():
            raise
        response = _form(_query_of_page(), problem=problem)
    response.vary.add("Accept")
    response.headers["SPARQL-Row-Limit"] = str(site.config.limits.rows)
    return response


def _answer(operation: Operation, query: str) -> Response:
    site = current_site()
    rows, graph = query_choices(operation.formats, request.headers.get("Accept"))
    page = PAGE_OFFER in (rows and rows.offer, graph and graph.offer)
    if page and not query.strip():
        return _form("")
    endpoint = site.addresses.endpoint(request.host_url)
    answer = site.run(read_task(operation, query, rows, graph, endpoint=endpoint, limits=site.config.limits))
    if answer.format == PAGE:
        return _form(query, table=table_of(answer, site.nodes), answer=answer)
    choice = graph if answer.kind == "graph" else rows
    return Response(answer.body, headers=None if choice is None else result_headers(choice))


def _describe(operation: Operation) -> Response:
    choice = graph_choice(page=True, formats=operation.formats)
    if choice.offer is PAGE_OFFER:
        return _form("")
    return document(choice.media_type, _description(choice.offer.name))


def _description(format_name: str) -> bytes:
    site = current_site()
    return describe_service(site.addresses.public(request.host_url), site.generation.manifest, site.labels, format_name)


def _form(
    query: str, table: ResultTable | None = None, problem: Problem | None = None, answer: Answer | None = None
) -> Response:
    site = current_site()
    address = site.addresses.endpoint(request.host_url)
    page = render_template(
        "sparql.html",
        query=query,
        table=table,
        problem=problem,
        taken=_taken(answer, problem),
        limits=site.config.limits,
        endpoint=address,
        formats=FORMAT_NAMES,
        starter=_STARTER if site.questions else _GENERAL_STARTER,
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    if problem is not None:
        response.status_code = problem.status
        response.headers.update(problem.headers)
    return response


def _taken(answer: Answer | None, problem: Problem | None) -> str:
    """Return what the workbench's script takes over, so that the query is not evaluated again, or ``""``."""
    if problem is not None:
        return json.dumps({"problem": {**problem.as_json(), "retry": problem.headers.get("Retry-After")}})
    if answer is None:
        return ""
    return json.dumps({"kind": answer.kind, "complete": answer.complete, **json.loads(answer.body)})


def _query_of_page() -> str:
    """Return the query that a browser sent, to show it again beside what is wrong with it."""
    return request.values.get("query", "")
