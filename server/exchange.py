"""What passes between a connection and the gateway: a whole request one way, a whole reply the other."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

__all__ = ["FilePart", "Reply", "Request", "encode_head"]

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


@dataclass(slots=True)
class Request:
    """A request, as it came.

    :param method: in upper case
    :param path: path of the target, its escapes left in
    :param query: query string of the target, its escapes left in
    :param headers: name in lower case -> value; values of a repeated header with commas between them
    :param body: the whole body
    :param peer: address of the other end of the connection
    :param version: of HTTP, ``1.1`` or ``1.0``
    :param last: the client sends no further request on this connection
    """

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    body: bytes = b""
    peer: str = ""
    version: str = "1.1"
    last: bool = False


@dataclass(frozen=True, slots=True)
class FilePart:
    """A body that is read from a file while it is sent: its bytes from ``start`` up to, not including, ``end``."""

    path: Path
    start: int
    end: int


@dataclass(slots=True)
class Reply:
    """A reply.

    :param headers: name in lower case -> value; without those of the connection and of the body's length
    :param body: bytes, or a part of a file
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | FilePart = b""

    @property
    def size(self) -> int:
        """Length of the body in bytes."""
        return self.body.end - self.body.start if isinstance(self.body, FilePart) else len(self.body)


def encode_head(reply: Reply, *, version: str, close: bool) -> bytes:
    """Return the status line and the headers of a reply (RFC 9112, sections 4 and 5).

    :param version: of the request
    :param close: the connection ends after this reply
    :raises ValueError: for a line break in a header, or a character that no header can have
    """
    lines = [_status_line(reply.status), *[f"{name}: {value}" for name, value in reply.headers.items()]]
    lines += _connection_lines(reply, version, close=close)
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
        raise ValueError("a header has a line break")
    return f"{head}\r\n\r\n".encode("latin-1")


def _connection_lines(reply: Reply, version: str, *, close: bool) -> Iterator[str]:
    yield _date(int(time.time()))
    if reply.status not in _BODILESS:
        yield f"content-length: {reply.size}"
    if close:
        yield "connection: close"
    elif version == "1.0":
        yield "connection: keep-alive"


@lru_cache(maxsize=64)
def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status:d} {_REASONS.get(status, '')}"


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return f"date: {formatdate(second, usegmt=True)}"
