"""A whole request, read from the ASGI server and checked."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from uvicorn._types import ASGIReceiveCallable, HTTPScope

from server.problems import Problem

__all__ = ["Request", "read", "require_sound"]

_VERSIONS = ("1.0", "1.1")


@dataclass(slots=True)
class Request:
    """A whole request.

    :param path: path of the target, percent-encoded
    :param query: query string of the target, percent-encoded
    :param headers: name in lower case -> value; the values of a repeated header are joined by commas
    :param peer: address of the other end of the connection
    :param version: HTTP version, for example ``1.1``
    :param began: when it was whole, by `time.perf_counter`
    """

    method: str
    path: str
    query: bytes
    headers: dict[str, str]
    body: bytes
    peer: str
    version: str
    began: float


async def read(scope: HTTPScope, receive: ASGIReceiveCallable) -> Request | None:
    """Return a request when it is whole, or None if the client leaves first."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body, more = body + message.get("body", b""), message.get("more_body", False)
    client, path = scope["client"], (scope["raw_path"] or b"/").decode("latin-1")
    return Request(
        scope["method"],
        path,
        scope["query_string"],
        _named(scope["headers"]),
        body,
        client[0] if client else "",
        scope["http_version"],
        time.perf_counter(),
    )


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


def _named(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for key, value in pairs:
        name, text = key.decode("latin-1"), value.decode("latin-1").strip(" \t")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers
