"""The bridge from granian to Flask: a request takes a thread when its body is there, whole and within the limits.

granian's own WSGI bridge gives a request its thread as soon as the headers are there; measured, eight stalled bodies
then stop a server of eight threads. Here a stalled body costs a coroutine. Flask's way to cut a chunked body at the
limit and go on (Werkzeug reads up to ``MAX_CONTENT_LENGTH`` of a body without a length) cannot happen either.

The application side is RSGI (https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md), the Flask side
WSGI (PEP 3333, https://peps.python.org/pep-3333/).
"""

import asyncio
import io
import json
import logging
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Flask

from server.config import Limits
from server.errors import PROBLEM_TYPE, Problem

__all__ = ["Gateway"]

_SPARE_THREADS = 8
_WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/")  # RFC 9110, section 14.4

_log = logging.getLogger("server.access")


class _Headers(Protocol):
    def keys(self) -> Iterable[str]: ...
    def get_all(self, key: str) -> list[str]: ...


class _Scope(Protocol):
    http_version: str
    client: str
    server: str
    scheme: str
    method: str
    path: str
    query_string: str
    headers: _Headers


class _Channel(Protocol):
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...
    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None: ...
    def response_file_range(
        self, status: int, headers: list[tuple[str, str]], file: str, start: int, end: int
    ) -> None: ...


@dataclass
class _Response:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Gateway:
    """An RSGI application that runs a Flask application in threads.

    :param app: the application
    :param close: ends what the application started
    :param limits: body size and time; as many threads as queries can run and wait, and some more for pages
    """

    def __init__(self, app: Flask, close: Callable[[Flask], None], limits: Limits) -> None:
        self._app = app
        self._app.config["USE_X_SENDFILE"] = True
        self._close = close
        self._limits = limits
        self._threads = ThreadPoolExecutor(limits.workers + limits.queue + _SPARE_THREADS, "request")

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take note of the loop that serves; called by granian."""
        self._loop = loop

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """End workers and threads; called by granian."""
        self._close(self._app)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def __rsgi__(self, scope: _Scope, channel: _Channel) -> None:
        """Answer one request; called by granian."""
        started = time.monotonic()
        try:
            body = await asyncio.wait_for(self._body(scope, channel), self._limits.body_seconds)
            response = await self._loop.run_in_executor(self._threads, self._call, scope, body)
        except Problem as problem:
            response = _told(problem)
        except TimeoutError:
            response = _told(_too_slow(self._limits))
        except (OSError, RuntimeError):  # the connection broke in the middle of the body: nobody is there to be told
            response = _told(_broken())
        _send(channel, response)
        _record(scope, response, time.monotonic() - started)

    async def _body(self, scope: _Scope, channel: _Channel) -> bytes:
        if scope.method not in _WITH_BODY:
            return b""
        parts, size = [], 0
        async for part in channel:
            size += len(part)
            if size > self._limits.body_bytes:
                raise _too_long(self._limits)
            parts.append(part)
        return b"".join(parts)

    def _call(self, scope: _Scope, body: bytes) -> _Response:
        response = _Response(0, [], b"")

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[..., None]:
            response.status = int(status[:3])
            response.headers = [(name.lower(), value) for name, value in headers]
            return lambda _: None

        output = self._app(_environ(scope, body), start_response)
        try:
            response.body = b"".join(output)
        finally:
            if hasattr(output, "close"):
                output.close()
        return response


def _environ(scope: _Scope, body: bytes) -> dict[str, Any]:
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _wsgi_text(scope.path),
        "QUERY_STRING": _wsgi_text(scope.query_string),
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    environ.update(_header_variables(scope.headers))
    return environ


def _header_variables(headers: _Headers) -> Iterable[tuple[str, str]]:
    """Yield the headers as WSGI names them; one with an underscore could pass for another one and is left out."""
    for name in headers.keys():  # noqa: SIM118  (granian's headers are no mapping)
        key = name.upper().replace("-", "_")
        if "_" not in name and key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            yield (key if key == "CONTENT_TYPE" else f"HTTP_{key}"), ",".join(headers.get_all(name))


def _wsgi_text(text: str) -> str:
    """Return a text as PEP 3333 wants it: its UTF-8 bytes as characters."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _send(channel: _Channel, response: _Response) -> None:
    headers = [(name, value) for name, value in response.headers if name != "x-sendfile"]
    file = dict(response.headers).get("x-sendfile")
    part = _CONTENT_RANGE.match(dict(headers).get("content-range", ""))
    if file is None:
        channel.response_bytes(response.status, headers, response.body)
    elif part is None:
        channel.response_file(response.status, headers, file)
    else:
        channel.response_file_range(response.status, headers, file, int(part[1]), int(part[2]) + 1)


def _record(scope: _Scope, response: _Response, seconds: float) -> None:
    """Log the request without its query string: queries are their authors' business."""
    headers = dict(response.headers)
    entry = {
        "client": scope.client.rpartition(":")[0],
        "method": scope.method,
        "path": scope.path,
        "status": response.status,
        "bytes": int(headers.get("content-length", len(response.body))),
        "seconds": round(seconds, 4),
    }
    _log.info("request", entry)


def _told(problem: Problem) -> _Response:
    """Return a problem for a request that never reached Flask."""
    body = json.dumps(problem.as_json()).encode()
    headers = [("content-type", PROBLEM_TYPE), ("connection", "close"), ("access-control-allow-origin", "*")]
    return _Response(problem.status, headers, body)


def _too_long(limits: Limits) -> Problem:
    detail = f"The request body is longer than {limits.body_bytes // 1024} KiB"
    return Problem("body-too-long", detail, "Send a shorter query")


def _too_slow(limits: Limits) -> Problem:
    detail = f"The request body did not arrive within {limits.body_seconds:g} seconds"
    return Problem("body-too-slow", detail, "Send the request again")


def _broken() -> Problem:
    return Problem("bad-request", "The request body ended too early", "Send it whole")
