"""A store that fails in the ways that stores and networks do: in front of a real one, or of nothing.

    with Faulty(engine.url) as faulty:       # or Faulty(): every query then has the answer `ANSWER`
        faulty.behave("hanging")             # from now on, until told otherwise
        faulty.behave("short", "500")        # the next request, the one after it, and then well again
        faulty.behave("503", standing=True, methods=("PUT",))

`BEHAVIOURS` has the names. What hangs, drips or goes on for ever ends when the behaviour changes.
"""

import gzip
import json
import socket
import struct
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

__all__ = ["ANSWER", "BEHAVIOURS", "Faulty", "Received"]

RESULTS = "application/sparql-results+json"
#: What a query is answered with where nothing is behind.
ANSWER = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"good"}}]}}'

_OTHER_ROWS = b'{"head":{"vars":["other"]},"results":{"bindings":[{"other":{"type":"uri","value":"urn:x:wrong"}}]}}'
_ELSEWHERE = "/elsewhere"
_PAGE = b"<!DOCTYPE html><title>It works!</title><p>It works!"
_ROW = b'{"x":{"type":"literal","value":"again"}},'
_BOMB_MEBIBYTES = 256
#: Closing resets the connection.
_RESET = struct.pack("ii", 1, 0)
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


@dataclass(frozen=True)
class Received:
    """A request that came.

    :param headers: names in lower case
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class Faulty:
    """The server; well until told otherwise.

    :param behind: address of the store that answers, without a path, or "" for none
    :param pause: seconds between two bytes that drip
    :param delay: seconds before the first byte of what is late
    """

    def __init__(self, behind: str = "", *, pause: float = 0.02, delay: float = 3.0) -> None:
        self.received: list[Received] = []
        self.pause, self.delay = pause, delay
        self._behind = behind
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._next: deque[str] = deque()
        self._standing, self._methods = "good", frozenset[str]()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.behave()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        """The address, without a path; behind it lie the paths of what is behind."""
        return f"http://127.0.0.1:{self.port}"

    def behave(self, *names: str, standing: bool | None = None, methods: Sequence[str] = ()) -> None:
        """Change the behaviour, and end what hangs, drips or goes on.

        One name stands until the next change; several are for one request each, after which all is well; none: well.

        :param standing: False: one name, too, is for one request alone
        :param methods: only requests with one of these methods are concerned, all where there are none
        """
        for name in names:
            assert name in BEHAVIOURS, f"{name} is none of {', '.join(BEHAVIOURS)}"
        stands = len(names) == 1 if standing is None else standing
        assert len(names) == 1 or not stands, "one behaviour can stand"
        with self._lock:
            self._standing = names[0] if stands else "good"
            self._next = deque(() if stands else names)
            self._methods = frozenset(methods)
            self._changed.set()
            self._changed = threading.Event()

    def take(self, request: Received) -> "tuple[str, threading.Event]":
        """Return how a request is answered, and what is set when that changes."""
        with self._lock:
            self.received.append(request)
            if self._methods and request.method not in self._methods:
                return "good", self._changed
            return self._next.popleft() if self._next else self._standing, self._changed

    def answer(self, request: Received) -> _Answer:
        """Return the right answer: that of the store behind, or `ANSWER`."""
        if not self._behind:
            return _Answer(200, [("Content-Type", RESULTS)], ANSWER)
        address = self._behind.removeprefix("http://")
        connection = HTTPConnection(address, timeout=120)
        headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
        try:
            connection.request(request.method, request.path, request.body or None, headers)
            reply = connection.getresponse()
            kept = [(name, value) for name, value in reply.getheaders() if name.lower() not in _HOP_BY_HOP]
            return _Answer(reply.status, kept, reply.read())
        except (OSError, HTTPException) as error:
            return _Answer(502, [("Content-Type", "text/plain")], str(error).encode())
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, faulty: Faulty) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faulty = faulty

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that leave."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Write no log."""

    def handle_any(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Received(self.command, self.path, headers, self._body())
        name, changed = self.server.faulty.take(request)
        BEHAVIOURS[name](self, request, changed)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815  names that http.server looks for

    @property
    def faulty(self) -> Faulty:
        return self.server.faulty

    def send(self, answer: _Answer) -> None:
        """Send an answer whole."""
        self.send_head(answer.status, [*answer.headers, ("Content-Length", str(len(answer.body)))])
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def send_head(self, status: int, headers: Sequence[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def drop(self, *, reset: bool = False) -> None:
        """Close the connection."""
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        else:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        return b"".join(self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()


def _good(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del changed
    handler.send(handler.faulty.answer(request))


def _late(handler: _Handler, request: Received, changed: threading.Event) -> None:
    answer = handler.faulty.answer(request)
    changed.wait(handler.faulty.delay)
    handler.send(answer)


def _dripping(handler: _Handler, request: Received, changed: threading.Event) -> None:
    answer = handler.faulty.answer(request)
    handler.send_head(answer.status, [*answer.headers, ("Content-Length", str(len(answer.body)))])
    for place in range(len(answer.body)):
        handler.wfile.write(answer.body[place : place + 1])
        changed.wait(handler.faulty.pause)


def _hanging(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del request
    changed.wait()
    handler.drop()


def _hanging_in_the_body(handler: _Handler, request: Received, changed: threading.Event) -> None:
    answer = handler.faulty.answer(request)
    handler.send_head(answer.status, [*answer.headers, ("Content-Length", str(len(answer.body)))])
    handler.wfile.write(answer.body[: len(answer.body) // 2])
    changed.wait()
    handler.drop()


def _closing(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del request, changed
    handler.drop()


def _resetting(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del request, changed
    handler.drop(reset=True)


def _short(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del changed
    answer = handler.faulty.answer(request)
    handler.send_head(answer.status, [*answer.headers, ("Content-Length", str(len(answer.body) + 1000))])
    handler.wfile.write(answer.body)
    handler.drop()


def _unended(handler: _Handler, request: Received, changed: threading.Event) -> None:
    """Send all of the body and never say that it is all."""
    del changed
    answer = handler.faulty.answer(request)
    handler.send_head(answer.status, [*answer.headers, ("Transfer-Encoding", "chunked")])
    handler.wfile.write(b"%x\r\n%b\r\n" % (len(answer.body), answer.body))
    handler.drop()


def _endless(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del request
    handler.send_head(200, [("Content-Type", RESULTS), ("Transfer-Encoding", "chunked")])
    part = b'{"head":{"vars":["x"]},"results":{"bindings":['
    with suppress(OSError):
        while not changed.is_set():
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            part = _ROW * 1000
    handler.drop()


def _endless_header(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del request
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    with suppress(OSError):
        while not changed.is_set():
            handler.wfile.write(b"X-More: and more\r\n" * 1000)
    handler.drop()


def _no_http(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del request, changed
    handler.wfile.write(b"220 mail.example.org ESMTP\r\n")
    handler.drop()


def _other_type(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del changed
    answer = handler.faulty.answer(request)
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-type"]
    handler.send(_Answer(answer.status, [*headers, ("Content-Type", "application/octet-stream")], answer.body))


def _untyped(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del changed
    answer = handler.faulty.answer(request)
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-type"]
    handler.send(_Answer(answer.status, headers, answer.body))


def _cut_text(handler: _Handler, request: Received, changed: threading.Event) -> None:
    """Send half of the body as if it were the whole."""
    del changed
    answer = handler.faulty.answer(request)
    handler.send(_Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2]))


def _cut_gzip(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del changed
    answer = handler.faulty.answer(request)
    packed = gzip.compress(answer.body)
    handler.send(_Answer(answer.status, [*answer.headers, ("Content-Encoding", "gzip")], packed[: len(packed) // 2]))


def _bomb(handler: _Handler, request: Received, changed: threading.Event) -> None:
    """Send much white space in few bytes."""
    del request, changed
    handler.send(_Answer(200, [("Content-Type", RESULTS), ("Content-Encoding", "gzip")], _packed_bomb()))


@cache
def _packed_bomb() -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(b" " * 2**20) for _ in range(_BOMB_MEBIBYTES)) + packer.flush()


def _redirecting(handler: _Handler, request: Received, changed: threading.Event) -> None:
    """Point to another path, which answers as if all were well: a client that follows shows in `Faulty.received`."""
    if request.path.startswith(_ELSEWHERE):
        _good(handler, request, changed)
    else:
        handler.send(_Answer(302, [("Location", handler.faulty.url + _ELSEWHERE)], b""))


def _redirecting_to_itself(handler: _Handler, request: Received, changed: threading.Event) -> None:
    del changed
    handler.send(_Answer(302, [("Location", handler.faulty.url + request.path)], b""))


Behaviour = Callable[[_Handler, Received, threading.Event], None]


def _with(status: int, body: bytes, media_type: str = RESULTS, *headers: tuple[str, str]) -> Behaviour:
    """Make the behaviour that always gives the same answer."""

    def behave(handler: _Handler, request: Received, changed: threading.Event) -> None:
        del request, changed
        handler.send(_Answer(status, [("Content-Type", media_type), *headers], body))

    return behave


BEHAVIOURS: dict[str, Behaviour] = {
    "good": _good,
    "late": _late,
    "dripping": _dripping,
    "hanging": _hanging,
    "hanging-in-the-body": _hanging_in_the_body,
    "closing": _closing,
    "resetting": _resetting,
    "short": _short,
    "unended": _unended,
    "endless": _endless,
    "endless-header": _endless_header,
    "no-http": _no_http,
    "html": _with(200, _PAGE, "text/html; charset=utf-8"),
    "html-as-results": _with(200, _PAGE),
    "other-type": _other_type,
    "untyped": _untyped,
    "other-rows": _with(200, _OTHER_ROWS),
    "empty": _with(200, b""),
    "not-results": _with(200, json.dumps({"hello": "world"}).encode()),
    "cut-text": _cut_text,
    "broken-gzip": _with(200, b"this was never packed", RESULTS, ("Content-Encoding", "gzip")),
    "cut-gzip": _cut_gzip,
    "bomb": _bomb,
    "redirecting": _redirecting,
    "redirecting-to-itself": _redirecting_to_itself,
    "400": _with(400, b"the query is too complex", "text/plain"),
    "401": _with(401, b"who are you?", "text/plain", ("WWW-Authenticate", 'Basic realm="store"')),
    "404": _with(404, b"no such endpoint", "text/plain"),
    "429": _with(429, b"slow down", "text/plain", ("Retry-After", "1")),
    "500": _with(500, b"java.lang.OutOfMemoryError", "text/plain"),
    "503": _with(503, b"loading", "text/plain", ("Retry-After", "1")),
}
