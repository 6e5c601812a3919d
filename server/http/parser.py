"""The reading half of HTTP/1.1: bytes of a connection become requests, as long as they keep to the limits.

RFC 9112 (https://www.rfc-editor.org/rfc/rfc9112), parsed by llhttp in its strict mode; what a server must not guess at
is refused.
"""

import re
from collections import deque
from enum import Enum, auto

import httptools

from server.config import Limits
from server.exchange import Request
from server.problems import Problem

__all__ = ["Phase", "RequestParser"]

_HEAD_BYTES = 128 * 1024
_MOST_HEADERS = 200
_VERSIONS = ("1.0", "1.1")
_METHOD = re.compile(rb"[A-Za-z!#$%&'*+.^_`|~0-9-]+ [/*h]")  # RFC 9110, section 9.1, and what can follow


class Phase(Enum):
    """How far a request has come."""

    NOTHING = auto()
    HEAD = auto()
    BODY = auto()


class RequestParser:
    """Reads the requests of one connection.

    :param limits: size of a body
    :param peer: address of the client
    """

    def __init__(self, limits: Limits, peer: str) -> None:
        self.requests: deque[Request] = deque()
        self.phase = Phase.NOTHING
        self.problem: Problem | None = None
        self.must_continue = False
        self._most = limits.body_bytes
        self._pending = 0  # bytes that llhttp has taken and not told of yet
        self._peer = peer
        self._parser = httptools.HttpRequestParser(self)
        self.on_message_begin()
        self.phase = Phase.NOTHING

    def feed(self, data: bytes) -> None:
        """Read what has come; whole requests are then in ``requests``, and what is wrong with the next in ``problem``.

        After a problem nothing can be read any more. ``must_continue`` is set where the client waits for the answer
        that it may send the body (RFC 9110, section 10.1.1).
        """
        self._pending += len(data)
        try:
            self._parser.feed_data(data)
            self._check_pending()
        except _Refused:
            return
        except (httptools.HttpParserUpgrade, httptools.HttpParserCallbackError):
            return  # no other protocol is spoken here, the request is answered as it is; or it was refused already
        except httptools.HttpParserError as error:
            if isinstance(error, httptools.HttpParserInvalidMethodError) and _METHOD.match(data):
                self.problem = Problem("not-implemented", "The request method is unknown", "Use GET or POST")
                return
            detail = f"This is no HTTP request: {error}"
            self.problem = Problem("bad-request", detail, "Send requests of HTTP/1.1")

    def unfinished(self) -> Request:
        """Return the request that is being read, as far as it has come."""
        method = (self._parser.get_method() or b"GET").decode("latin-1")
        path, query = _split(self._target)
        version = self._parser.get_http_version()
        return Request(method, path, query, self._named, b"".join(self._body), self._peer, version)

    # --- called by llhttp

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.phase = Phase.HEAD
        self._pending = 0
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._named: dict[str, str] = {}
        self._body: list[bytes] = []
        self._size = 0

    def on_url(self, part: bytes) -> None:
        """Take a part of the target."""
        self._target += part
        self._count(len(part), _HEAD_BYTES)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        if self.phase is Phase.HEAD:
            self._headers.append((name, value))
            self._count(len(name) + len(value), _HEAD_BYTES)
        else:  # a trailer, of which nothing here has need
            self._count(len(name) + len(value), self._most)

    def on_headers_complete(self) -> None:
        """Check what the headers say together."""
        self.phase = Phase.BODY
        self._size = 0
        for name, value in self._headers:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")
            self._named[key] = f"{self._named[key]}, {text}" if key in self._named else text
        self._check_version()
        self._check_host()
        self._check_body()
        self.must_continue = self._named.get("expect", "").lower() == "100-continue"

    def on_body(self, part: bytes) -> None:
        """Take a part of the body."""
        self._body.append(part)
        self._count(len(part), self._most)

    def on_message_complete(self) -> None:
        """Put the request with those that are whole."""
        request = self.unfinished()
        request.last = not self._parser.should_keep_alive() or self._parser.should_upgrade()
        self.requests.append(request)
        self.phase = Phase.NOTHING
        self.must_continue = False

    # --- limits

    def _count(self, size: int, most: int) -> None:
        self._pending = 0
        self._size += size
        if self._size > most and self.phase is Phase.BODY:
            self._refuse("body-too-long", f"The request body is longer than {most // 1024} KiB", "Send a shorter query")
        if self._size > most or len(self._headers) > _MOST_HEADERS:
            self._refuse_head()

    def _check_pending(self) -> None:
        """Refuse a header, or an extension of a chunk, that never ends: llhttp tells of it when it is whole."""
        if self._pending > _HEAD_BYTES:
            self._refuse_head()

    def _refuse_head(self) -> None:
        detail = f"The request has more than {_HEAD_BYTES // 1024} KiB or {_MOST_HEADERS} headers before its body"
        self._refuse("request-header-fields-too-large", detail, "Send long queries by POST")

    def _check_version(self) -> None:
        """Refuse other versions, and in 1.0 what only 1.1 has (RFC 9112, sections 2.3 and 6.1)."""
        version = self._parser.get_http_version()
        if version not in _VERSIONS:
            self._refuse("http-version-not-supported", "The version of HTTP is unknown", "Send requests of HTTP/1.1")
        if version == "1.0" and "transfer-encoding" in self._named:
            self._refuse("bad-request", "HTTP/1.0 has no Transfer-Encoding", "Send requests of HTTP/1.1")

    def _check_host(self) -> None:
        """Refuse a request that names no host, or two (RFC 9112, section 3.2)."""
        hosts = sum(name.lower() == b"host" for name, _ in self._headers)
        if hosts > 1 or (hosts == 0 and self._parser.get_http_version() != "1.0"):
            self._refuse("bad-request", "The request names no host, or more than one", "Send one Host header")

    def _check_body(self) -> None:
        """Refuse a body that is announced to be too long, or that is coded in a way unknown here."""
        if int(self._named.get("content-length", "0")) > self._most:
            self._count(self._most + 1, self._most)
        if self._named.get("transfer-encoding", "chunked").lower() != "chunked":
            self._refuse("not-implemented", "The Transfer-Encoding is unknown", "Send the body as it is, or chunked")

    def _refuse(self, code: str, detail: str, remedy: str) -> None:
        """Take note of the first problem, and have llhttp stop."""
        if self.problem is None:
            self.problem = Problem(code, detail, remedy)
        raise _Refused


class _Refused(Exception):
    """Leaves llhttp."""


def _split(target: bytes) -> tuple[str, bytes]:
    """Return path and query string of a request target in origin form or absolute form (RFC 9112, section 3.2)."""
    if not target.startswith(b"/"):
        target = b"/" + target.partition(b"://")[2].partition(b"/")[2] if b"://" in target else b"/"
    path, _, query = target.partition(b"#")[0].partition(b"?")
    return path.decode("latin-1"), query
