"""The description of all addresses of this server for programs: OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0.html).

It is made of the application's own URL map, so that each address is in it, and of what the views say of themselves. It
names what is really there: the formats, the questions, the dumps, the graphs, and things as examples.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from http import HTTPStatus
from importlib.resources import files

from flask import Blueprint, Response, current_app, request
from werkzeug.routing import Rule

import kb
from server.addresses import is_web_address
from server.openapi.documented import PAGE, TEXT, Description, Json, description_of, documented, in_path
from server.problems import PROBLEM_TYPE
from server.routes import addresses
from server.site import Site, current_site

__all__ = ["blueprint"]

blueprint = Blueprint("openapi", __name__)

_DESCRIPTION = """\
A read-only SPARQL endpoint, linked data and pages over one generation of a graph.

Every address that answers GET answers HEAD and OPTIONS too, and any site may read the answers (CORS). An answer is
whole or an error; an error is a problem (RFC 9457) that says what to do, or a page for a client that names text/html.
What depends on the data alone carries an ETag: If-None-Match gets 304, and If-Match 412 where it is another one.
"""
_STATIC_FILES = ("style.css", "icon.svg", "suggest.js", "copy.js")
_STATIC = Description(
    name="static",
    parameters=(in_path("filename", "Name of the file.", lambda _site, _word: _STATIC_FILES),),
    content={media_type: {"schema": TEXT} for media_type in ("text/css", "image/svg+xml", "text/javascript")},
)
_LOCATION = {"description": "Where it is.", "required": True, "schema": {"type": "string", "format": "uri-reference"}}
_PROBLEMS = {
    HTTPStatus.BAD_REQUEST: "The request cannot be understood",
    HTTPStatus.FORBIDDEN: "The request would change something",
    HTTPStatus.NOT_FOUND: "There is nothing of that name",
    HTTPStatus.NOT_ACCEPTABLE: "No format that the client accepts can hold the answer",
    HTTPStatus.PRECONDITION_FAILED: "If-Match or If-Unmodified-Since does not hold",
    HTTPStatus.REQUEST_TIMEOUT: "The body took too long to arrive",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The query or the body is too long",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is of another type",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "The file has no such part",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The query is nested too deeply, or its result is larger than a limit",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests of this client wait",
    HTTPStatus.BAD_GATEWAY: "The remote store that answers queries gave an error, or no whole result",
    HTTPStatus.SERVICE_UNAVAILABLE: "The query reached its limit of time or memory, too many others wait, or no remote "
    "store that answers queries can be asked",
}
_RETRY_AFTER = {"headers": {"Retry-After": {"description": "In seconds.", "schema": {"type": "integer"}}}}


@blueprint.get("/openapi.json")
@documented(content={"application/json": {}})
def openapi() -> Response:
    """Describe all addresses."""
    site = current_site()
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": site.about.name.value,
            "version": kb.__version__,
            "description": _DESCRIPTION,
            **_licence(site),
        },
        "servers": [{"url": site.addresses.public(request.host_url)}],
        "paths": _paths(site),
        "components": {
            "schemas": _schemas(),
            "responses": {status.name: _problem(status) for status in _PROBLEMS},
        },
    }
    text = json.dumps(described, ensure_ascii=False, indent=1) + "\n"
    return Response(text.encode(), content_type="application/json")


def _licence(site: Site) -> Json:
    """Return the licence of the data, if all have one (https://spec.openapis.org/oas/v3.1.0.html#license-object)."""
    if site.about.licence is None:
        return {}
    node = site.nodes.of(site.about.licence)
    url = {"url": node.iri} if node.iri and is_web_address(node.iri) else {}
    return {"license": {"name": f"Data: {node.text}", **url}}


@cache
def _schemas() -> Json:
    found: Json = json.loads(files("server.openapi").joinpath("schemas.json").read_bytes())
    return found


def _paths(site: Site) -> Mapping[str, Json]:
    """Return the paths of the current application: address -> method -> operation."""
    paths: dict[str, Json] = defaultdict(dict)
    for address, fixed, rule in addresses(current_app.url_map):
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        for method in methods:
            operation = _operation(site, address, "".join(fixed.values()), rule, method)
            if method != methods[0]:
                operation["operationId"] += f"By{method.capitalize()}"
            paths[address][method.lower()] = operation
    return paths


def _operation(site: Site, address: str, word: str, rule: Rule, method: str) -> Json:
    """Return the operation of a method at an address.

    :param word: what stands in the address where the rule has a choice of words, or ``""``
    """
    view = current_app.view_functions[rule.endpoint]
    described = _STATIC if rule.endpoint == "static" else description_of(view)
    name = described.name or view.__name__
    if word:
        name = f"{word}{name.capitalize()}" if "{" in address else word
    variables = re.findall(r"{(\w+)}", address)
    parameters = [found for found in described.parameters if found.place == "query" or found.name in variables]
    named = [found.name for found in parameters]
    parameters += [in_path(variable, "") for variable in variables if variable not in named]
    operation: Json = {
        "operationId": name,
        "summary": (view.__doc__ or "Return a file that the pages need.")
        .partition("\n")[0]
        .rstrip(".")
        .replace("``", "`"),
        "parameters": [found.describe(site, word) for found in parameters if method == "GET" or not found.in_body],
        "responses": _responses(described, method, missing=bool(variables)),
    }
    if method == "POST" and described.body is not None:
        operation["requestBody"] = {"required": True, "content": described.body(site)}
    return operation


def _responses(described: Description, method: str, *, missing: bool) -> Json:
    statuses: Iterable[int] = (*described.problems, *((404,) if missing else ()))
    if method == "POST":
        statuses = (*statuses, 408, 413, 415)
    responses: Json = {}
    if described.redirect is not None:
        responses[str(described.redirect)] = {"description": "It is there", "headers": {"Location": _LOCATION}}
    else:
        responses["200"] = {"description": "The answer", "content": described.content}
    if described.cacheable and described.redirect is None and method == "GET":
        responses["206"] = {"description": "A part of it", "content": described.content}
        responses["304"] = {"description": "The client has it already"}
        statuses = (*statuses, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    names = {str(int(status)): HTTPStatus(status).name for status in statuses}
    return responses | {status: {"$ref": f"#/components/responses/{name}"} for status, name in names.items()}


def _problem(status: HTTPStatus) -> Json:
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    retry = _RETRY_AFTER if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS) else {}
    return {"description": _PROBLEMS[status], "content": {PROBLEM_TYPE: problem, **PAGE}, **retry}
