"""HTTP errors: the status of every error, and the reply that tells it (https://www.rfc-editor.org/rfc/rfc9457).

A problem is told as ``application/problem+json``, or as a page to a client that names ``text/html``. It says what is
wrong and what to do; it never holds a traceback or a path of this machine.
"""

import logging
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, Response, render_template
from werkzeug.exceptions import HTTPException

from kb.errors import KbError
from kb.rdf.formats import Format
from server.problems import PROBLEM_TYPE, Problem, internal, problem_of
from server.representations.formats import PAGE_FORMAT
from server.representations.negotiation import best
from server.representations.validators import accept_header

__all__ = ["page_of", "prefers_page", "register", "respond", "settled", "wants_page"]

_JSON = Format(name="json", media_types=(PROBLEM_TYPE, "application/json"), iri="", extension="json")
_REMEDIES = {
    HTTPStatus.NOT_FOUND: "Check the address, or search from the home page",
    HTTPStatus.METHOD_NOT_ALLOWED: "Use one of the methods in the Allow header",
}

_log = logging.getLogger("server.errors")

T = TypeVar("T")


async def settled(work: Coroutine[Any, Any, T]) -> T | Problem:
    """Return what some work gives, or the problem with which it ended; a fault of this server is one too."""
    try:
        return await work
    except Problem as problem:
        return problem
    except Exception as error:  # noqa: BLE001  (the edge of the server)
        return _unexpected(error)


def wants_page() -> bool:
    """Return whether the client of the current request prefers a page to data."""
    return prefers_page(accept_header())


def prefers_page(accept: str | None) -> bool:
    """Return whether an Accept header prefers a page to data."""
    choice = best(accept, (_JSON, PAGE_FORMAT))
    return choice is not None and choice.format is PAGE_FORMAT


def respond(problem: Problem) -> Response:
    """Return the reply to the current request that tells a problem."""
    if wants_page():
        return Response(page_of(problem), problem.status, problem.headers)
    reply = problem.as_reply()
    return Response(reply.body, reply.status, reply.headers)


def page_of(problem: Problem) -> str:
    """Return the page that tells a problem."""
    return render_template("problem.html", problem=problem)


def register(app: Flask) -> None:
    """Make an application tell its errors this way."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(KbError, lambda error: respond(problem_of(error)))
    app.register_error_handler(HTTPException, _respond_http)
    app.register_error_handler(Exception, lambda error: respond(_unexpected(error)))


def _respond_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    remedy = _REMEDIES.get(status, "Correct the request")
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Location", "Retry-After")}
    code = status.phrase.lower().replace(" ", "-")
    return respond(Problem(code, (error.description or status.phrase).rstrip("."), remedy, headers=headers))


def _unexpected(error: Exception) -> Problem:
    _log.error("unexpected error", exc_info=error)
    return internal()
