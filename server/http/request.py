"""A request, read from the ASGI server and checked."""

import asyncio
import time
from collections.abc import Mapping
from functools import lru_cache

from uvicorn._types import ASGIReceiveCallable, HTTPScope

from server.config import Limits
from server.problems import Problem
from server.request import Request, too_long

__all__ = ["begin", "read_body", "require_sound"]

_VERSIONS = ("1.0", "1.1")


def begin(scope: HTTPScope) -> Request:
    """Return the request whose head is in a scope."""
    client, path = scope["client"], (scope["raw_path"] or b"/").decode("latin-1")
    return Request(
        scope["method"],
        path,
        scope["query_string"],
        _named(tuple(scope["headers"])),
        client[0] if client else "",
        scope["http_version"],
        time.perf_counter(),
    )


async def read_body(request: Request, scope: HTTPScope, receive: ASGIReceiveCallable, limits: Limits) -> None:
    """Read the body of a request.

    :raises Problem: 408 or 413, or the one for which `server.http.guard` refused the request
    """
    _require_accepted(scope)
    if "content-length" in request.headers or "transfer-encoding" in request.headers:
        if int(request.headers.get("content-length", 0)) > limits.body_bytes:
            raise too_long(limits)
        try:
            async with asyncio.timeout(limits.request_seconds):
                await _read(request, scope, receive, limits)
        except TimeoutError:
            detail = "The body of the request did not arrive in time"
            raise Problem("body-too-slow", detail, "Send the request again") from None
        request.began = time.perf_counter()
    request.is_whole = True


async def _read(request: Request, scope: HTTPScope, receive: ASGIReceiveCallable, limits: Limits) -> None:
    more = True
    while more:
        message = await receive()
        _require_accepted(scope)
        if message["type"] != "http.request":
            raise asyncio.CancelledError  # the client is gone
        request.body += message["body"]
        more = message["more_body"]
        if len(request.body) > limits.body_bytes:
            raise too_long(limits)


def _require_accepted(scope: HTTPScope) -> None:
    problem = scope["state"].get("problem")
    if problem is not None:
        raise problem


def require_sound(request: Request) -> None:
    """Refuse what a server must not guess at (RFC 9112, sections 2.3, 3.2 and 6.1); the connection then ends.

    :raises Problem: 400, 501 or 505
    """
    coding, host = request.headers.get("transfer-encoding"), request.headers.get("host")
    if request.version not in _VERSIONS:
        raise _unsound("http-version-not-supported", "The version of HTTP is unknown", "Send requests of HTTP/1.1")
    if request.version == "1.0" and coding is not None:
        raise _unsound("bad-request", "HTTP/1.0 has no Transfer-Encoding", "Send requests of HTTP/1.1")
    if ", " in host if host is not None else request.version != "1.0":
        raise _unsound("bad-request", "The request names no host, or more than one", "Send one Host header")
    if coding is not None and coding.lower() != "chunked":
        raise _unsound("not-implemented", "The Transfer-Encoding is unknown", "Send the body plainly, or chunked")


def _unsound(code: str, detail: str, remedy: str) -> Problem:
    return Problem(code, detail, remedy, headers={"Connection": "close"})


@lru_cache(maxsize=64)  # a client sends the same ones again and again
def _named(pairs: tuple[tuple[bytes, bytes], ...]) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    for key, value in pairs:
        name, text = key.decode("latin-1"), value.decode("latin-1").strip(" \t")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers
