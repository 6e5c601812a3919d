"""The bridge from a request to the Flask application, and from its response to a reply.

WSGI, PEP 3333 (https://peps.python.org/pep-3333/).
"""

import io
import re
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask

from server.evaluation.messages import Answer
from server.exchange import FilePart, Reply, Request
from server.site import CLIENT, QUERIES

__all__ = ["call"]

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/")  # RFC 9110, section 14.4
_OF_THE_CONNECTION = ("content-length", "connection", "date", "x-sendfile")
_NOT_HANDED_ON = ("content-length", "transfer-encoding", "proxy", "upgrade")


def call(app: Flask, request: Request, server: tuple[str, int], client: str, queries: list[Future[Answer]]) -> Reply:
    """Return the application's reply to a request.

    The application gets GET for HEAD: what differs, the missing body, is the connection's business, so that all else
    is the same. A file that is to be sent is not read here.

    :param server: host and port on which this server listens
    :param client: who asks, see `server.clients`
    :param queries: takes those that the reply has to wait for, to be cancelled where nobody wants it any more
    """
    reply = Reply(0)

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[..., None]:
        reply.status = int(status[:3])
        for name, value in headers:
            key = name.lower()
            reply.headers[key] = f"{reply.headers[key]}, {value}" if key in reply.headers else value
        return lambda _: None

    output = app({**_environ(request, server, client), QUERIES: queries}, start_response)
    try:
        reply.body = b"".join(output)
    finally:
        if hasattr(output, "close"):
            output.close()
    if (file := reply.headers.get("x-sendfile")) is not None:
        reply.body = _part(Path(file), reply.headers.get("content-range", ""))
    for name in _OF_THE_CONNECTION:
        reply.headers.pop(name, None)
    return reply


def _part(file: Path, content_range: str) -> FilePart:
    """Return the part of a file that a reply says it has: a range of it, or all."""
    part = _CONTENT_RANGE.match(content_range)
    return FilePart(file, int(part[1]), int(part[2]) + 1) if part else FilePart(file, 0, file.stat().st_size)


def _environ(request: Request, server: tuple[str, int], client: str) -> dict[str, Any]:
    return {
        **dict(_header_variables(request)),
        "REQUEST_METHOD": "GET" if request.method == "HEAD" else request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": request.query.decode("latin-1"),
        "REMOTE_ADDR": client,
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        CLIENT: client,
    }


def _header_variables(request: Request) -> Iterable[tuple[str, str]]:
    """Yield the headers as WSGI names them; one with an underscore could pass for another one and is left out.

    So is a range, unless the method is GET, the only one that has any (RFC 9110, section 14.2).
    """
    for name, value in request.headers.items():
        if "_" not in name and name not in _NOT_HANDED_ON and (name != "range" or request.method == "GET"):
            key = name.upper().replace("-", "_")
            yield (key if key == "CONTENT_TYPE" else f"HTTP_{key}"), value
