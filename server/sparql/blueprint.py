"""The SPARQL endpoint: queries answered, its description, and the workbench, a plain page without any script."""

import json

from flask import Blueprint, Response, render_template, request

from kb.sparql.objects import objects
from kb.sparql.scan import Scanned
from server.citables import citable_result
from server.dataset.service_description import describe_service
from server.errors import wants_page
from server.evaluation.messages import Answer
from server.openapi.documented import (
    FORMAT,
    QUERY_PROBLEMS,
    TEXT,
    Json,
    documented,
    graph_names,
    in_query,
    representations,
)
from server.presentation.tables import table_of
from server.problems import Problem
from server.representations.choose import graph_choice
from server.representations.formats import FORMAT_NAMES, GRAPH_FORMATS, PAGE, PAGE_FORMAT, ROW_FORMATS, content_type
from server.representations.validators import accept_header
from server.routes import in_navigation
from server.site import Site, current_site
from server.sparql import workbench as editor
from server.sparql.request import FETCHED, PROBLEM, QueryRequest, build_reply, endpoint_headers, parse_request

__all__ = ["blueprint"]

blueprint = Blueprint("sparql", __name__)
blueprint.register_blueprint(editor.blueprint)

#: What stands in the editor at first.
_STARTER = "SELECT ?meeting ?place WHERE {\n  ?meeting a ammtc:Meeting ;\n    ammtc:place ?place .\n}"
_GENERAL_STARTER = "SELECT ?subject ?predicate ?object WHERE {\n  ?subject ?predicate ?object\n}\nLIMIT 100"
_EXAMPLE = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 10"


def _graphs(site: Site) -> Json:
    return {"type": "array", "items": graph_names(site)}


def _body(site: Site) -> Json:
    form: Json = {
        "type": "object",
        "required": ["query"],
        "properties": {
            "query": {**TEXT, "examples": [_EXAMPLE]},
            "default-graph-uri": _graphs(site),
            "named-graph-uri": _graphs(site),
            "format": {"enum": list(FORMAT_NAMES)},
        },
    }
    return {
        "application/x-www-form-urlencoded": {"schema": form},
        "application/sparql-query": {"schema": TEXT, "example": _EXAMPLE},
    }


@blueprint.route("/sparql", methods=["GET", "POST"])
@in_navigation("SPARQL")
@documented(
    in_query("query", TEXT, "SPARQL 1.1 Query; without it, the service is described.", in_body=True, example=_EXAMPLE),
    in_query("default-graph-uri", _graphs, "Graphs that make up the default graph, instead of FROM."),
    in_query("named-graph-uri", _graphs, "Named graphs, instead of FROM NAMED."),
    FORMAT,
    name="query",
    content=representations((*ROW_FORMATS, *GRAPH_FORMATS, PAGE_FORMAT)),
    problems=(400, 403, 406, 413, *QUERY_PROBLEMS),
    body=_body,
)
def endpoint() -> Response:
    """Answer a query operation of the SPARQL 1.1 Protocol; describe the service to a request without any parameter."""
    site = current_site()
    accept_header()
    address = site.addresses.endpoint(request.host_url)
    if told := request.headers.get(PROBLEM):
        return _form(request.values.get("query", ""), problem=Problem(**json.loads(told)))
    try:
        asked = parse_request(
            request.method,
            request.query_string,
            request.headers,
            request.get_data(),
            endpoint=address,
            limits=site.config.limits,
        )
        return _describe() if asked is None else _answer(asked)
    except Problem as problem:
        if not wants_page():
            raise
        return _form(request.values.get("query", ""), problem=problem)


@blueprint.after_request
def add_headers(response: Response) -> Response:
    """Add what every reply of the endpoint has, errors included."""
    if request.endpoint == "sparql.endpoint":
        response.headers.update(endpoint_headers(current_site().config.limits))
    return response


def _answer(asked: QueryRequest) -> Response:
    site, task = current_site(), asked.task
    if asked.wants_page and not task.query.strip():
        return _form("")
    fetched = request.headers.get(FETCHED)
    answer = site.run(task._replace(query=json.loads(fetched)) if fetched else task)
    if answer.format == PAGE:
        page = _form(task.query, answer)
        if fetched:
            page.headers["Cache-Control"] = "no-store"
        return page
    reply = build_reply(answer, asked, site.config.limits)
    return Response(reply.body, reply.status, reply.headers)


def _describe() -> Response:
    choice = graph_choice(page=True)
    if choice.format is PAGE_FORMAT:
        return _form("")
    site = current_site()
    base = site.addresses.public(request.host_url)
    body = describe_service(
        base, site.generation.manifest, site.labels, choice.format.name, federated=bool(site.config.services)
    )
    return Response(body, content_type=content_type(choice.media_type))


def _form(query: str, answer: Answer | None = None, problem: Problem | None = None) -> Response:
    site = current_site()
    endpoint = site.addresses.endpoint(request.host_url)
    page = render_template(
        "sparql.html",
        query=query,
        table=table_of(answer, site.nodes, objects(Scanned(query), endpoint), site.addresses) if answer else None,
        citable=citable_result(site, query, endpoint) if answer else None,
        problem=problem,
        taken=_taken(answer, problem),
        limits=site.config.limits,
        endpoint=endpoint,
        formats=FORMAT_NAMES,
        starter=_STARTER if site.questions else _GENERAL_STARTER,
    )
    response = Response(page)
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
