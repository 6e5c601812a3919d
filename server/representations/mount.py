"""Mounting under a sub-path: where the public address has a path, requests may come with it or without it.

A proxy hands on ``https://example.org/ammtc/sparql`` as ``/sparql`` or, the sub-path kept, as ``/ammtc/sparql``; both
get the same answer, and every link in it has the sub-path.
"""

from collections.abc import Iterable
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask

__all__ = ["mount"]


def mount(app: Flask, sub_path: str) -> None:
    """Make an application take its sub-path off the requests that have it.

    A path that has it only by chance is left alone: under ``/graph`` the address ``/graph/entities`` is a graph, as
    there is no page ``/entities``. PEP 3333, ``SCRIPT_NAME`` (https://peps.python.org/pep-3333/#environ-variables).

    :param sub_path: path of the public base address, without a final slash; ``""`` for none
    """
    if not sub_path:
        return
    prefix = unquote_to_bytes(sub_path).decode("latin-1")
    inner, routes = app.wsgi_app, app.url_map.bind("localhost")

    def without_prefix(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        rest = path.removeprefix(prefix) or "/"
        if path.startswith(prefix) and rest.startswith("/") and routes.allowed_methods(rest):
            environ["SCRIPT_NAME"] += prefix
            environ["PATH_INFO"] = rest
        return inner(environ, start_response)

    app.wsgi_app = without_prefix  # type: ignore[method-assign]  # the documented way to wrap an application
