"""The parts that the descriptions of several addresses share: OpenAPI's ``components``."""

from http import HTTPStatus
from typing import Any

from server.problems import PROBLEM_TYPE

__all__ = ["COMPONENTS", "problems"]

_Json = dict[str, Any]

_PROBLEM: _Json = {
    "description": "What is wrong and what to do (RFC 9457); some kinds have more members.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "remedy", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "remedy": {"type": "string"},
        "code": {"type": "string", "description": "Name of the kind of problem; it stays the same."},
        "line": {"type": "integer", "minimum": 1, "description": "Of a syntax error in the query."},
        "column": {"type": "integer", "minimum": 1, "description": "Of a syntax error in the query."},
        "available": {"type": "array", "items": {"type": "string"}, "description": "Media types that are offered."},
    },
}

_TERM: _Json = {
    "type": "object",
    "required": ["type", "value"],
    "properties": {
        "type": {"enum": ["uri", "literal", "bnode", "triple"]},
        "datatype": {"type": "string"},
        "xml:lang": {"type": "string"},
    },
}

#: https://www.w3.org/TR/sparql11-results-json/
_RESULTS: _Json = {
    "type": "object",
    "required": ["head"],
    "properties": {
        "head": {"type": "object", "properties": {"vars": {"type": "array", "items": {"type": "string"}}}},
        "boolean": {"type": "boolean"},
        "results": {
            "type": "object",
            "required": ["bindings"],
            "properties": {
                "bindings": {
                    "type": "array",
                    "items": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Term"}},
                }
            },
        },
    },
    "oneOf": [{"required": ["boolean"]}, {"required": ["results"]}],
}

_HEALTH: _Json = {
    "type": "object",
    "required": ["status", "generation", "created", "refused"],
    "properties": {
        "status": {"const": "ok"},
        "generation": {"type": "string", "description": "Content hash of the served generation."},
        "created": {"type": "string", "format": "date-time"},
        "refused": {
            "description": "The newer generation that is damaged and therefore not served, or null.",
            "type": ["object", "null"],
            "required": ["generation", "reason"],
            "properties": {"generation": {"type": "string"}, "reason": {"type": "string"}},
        },
    },
}

_WHEN = {
    HTTPStatus.BAD_REQUEST: "The request cannot be understood",
    HTTPStatus.FORBIDDEN: "The request would change something",
    HTTPStatus.NOT_FOUND: "There is nothing of that name",
    HTTPStatus.NOT_ACCEPTABLE: "The answer has no format that the client accepts",
    HTTPStatus.REQUEST_TIMEOUT: "The body took too long to arrive",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The query or the body is too long",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is of another type",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "The file has no such part",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The query is nested too deeply, or its result is larger than a limit",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests of this client wait",
    HTTPStatus.SERVICE_UNAVAILABLE: "The query reached its limit of time or memory, or too many others wait",
}


def problems(*statuses: int) -> _Json:
    """Return the answers that tell problems: status -> reference."""
    return {str(int(status)): {"$ref": f"#/components/responses/{HTTPStatus(status).name}"} for status in statuses}


def _response(status: HTTPStatus) -> _Json:
    response: _Json = {
        "description": _WHEN[status],
        "content": {
            PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
            "text/html": {"schema": {"type": "string"}},
        },
    }
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        response["headers"] = {"Retry-After": {"description": "In seconds.", "schema": {"type": "integer"}}}
    return response


COMPONENTS: _Json = {
    "schemas": {"Problem": _PROBLEM, "Term": _TERM, "Results": _RESULTS, "Health": _HEALTH},
    "responses": {status.name: _response(status) for status in _WHEN},
}
