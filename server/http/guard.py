"""A connection of uvicorn's with what that lacks on the public web: deadlines, sizes, and a share for each client.

uvicorn does not call its protocol class public, so its version is pinned. Besides the methods overridden here the guard
leans on `cycle` (`keep_alive`, `more_body`, `response_started`), `pipeline`, `flow`, and on `send_400_response` being
called for whatever llhttp or a callback refuses.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import cast

import httptools
import uvicorn
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from server.clients import client_of
from server.http.connections import Connections
from server.problems import Problem

__all__ = ["Pairs", "Refusal", "protocol_factory"]

#: Headers as ASGI has them.
Pairs = list[tuple[bytes, bytes]]
#: Returns status, headers and body that tell a problem to a client whose request is not whole; gets its address, the
#: method and the target.
Refusal = Callable[[str, str, str, Problem], tuple[int, Pairs, bytes]]

_HEAD_BYTES = 128 * 1024
_MOST_HEADERS = 200
_SILENT_SECONDS = 10.0
_IDLE_SECONDS = 60
_STALL_SECONDS = 20.0
_GONE_SECONDS = 1.0
_LINGER_SECONDS = 2.0
_LATE_SECONDS = 30.0

_log = logging.getLogger("server.http.guard")


class _Turn(Enum):
    """Whose turn it is: the client sends a request, the server replies when it is whole, until one of them ends it."""

    CLIENT = auto()
    SERVER = auto()
    OVER = auto()


class _Part(Enum):
    """The part of a request that is being read."""

    NONE = auto()
    HEAD = auto()
    BODY = auto()


def protocol_factory(
    app: ASGI3Application, refusal: Refusal, connections: Connections
) -> Callable[[], asyncio.Protocol]:
    """Return what makes the protocol of a new connection, for `asyncio.loop.create_server`."""
    config = uvicorn.Config(
        app, interface="asgi3", ws="none", lifespan="off", proxy_headers=False, log_config=None, log_level="error"
    )
    return lambda: _Guard(config, connections, refusal)


class _Output:
    """The sending side of a connection: adds the headers of every reply, and sends a head with the start of its body.

    uvicorn would check each of those headers each time, and uvloop make two system calls.
    """

    def __init__(self, transport: asyncio.Transport, connections: Connections) -> None:
        self._transport = transport
        self._connections = connections
        self._head = b""
        self._in_body = False
        self.is_closing, self.abort, self.write_eof = transport.is_closing, transport.abort, transport.write_eof

    def write(self, data: bytes) -> None:
        if self._in_body or data.startswith(b"HTTP/1.1 100"):
            self._transport.write(self._head + data)
            self._head = b""
        else:
            self._head = data[:-2] + self._connections.common_headers + b"\r\n"
            self._in_body = True

    def end(self) -> None:
        """End a reply; only its head is left if it has no body."""
        if self._head:
            self.write(b"")
        self._in_body = False

    def close(self) -> None:
        self.end()
        self._transport.close()


class _Guard(HttpToolsProtocol):
    server_state: Connections
    peer: str
    owner: str
    since: float

    def __init__(self, config: uvicorn.Config, connections: Connections, refusal: Refusal) -> None:
        super().__init__(config, connections, {})
        self._refusal = refusal
        self._limits = connections.limits
        self._deadline = 0.0
        self._turn = _Turn.CLIENT
        self._part = _Part.NONE
        self._body_size = 0
        self._untold = 0  # bytes since llhttp last told of a part
        self._problem: Problem | None = None
        self._task: asyncio.Task[None] | None = None

    # --- called by the event loop

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._output = _Output(transport, self.server_state)
        self.transport = cast("asyncio.Transport", self._output)
        self.connections.discard(self)  # until it is admitted
        self.peer = self.client[0] if self.client else ""
        self.owner = client_of(self.peer, "", ())
        self._wait(_SILENT_SECONDS)
        if not self.server_state.admit(self):
            detail, remedy = "Too many connections are open", "Use fewer connections, or connect later"
            self._refuse(Problem("busy", detail, remedy, headers={"Retry-After": "5"}))

    def connection_lost(self, exc: Exception | None) -> None:
        self.server_state.forget(self)
        self._turn = _Turn.OVER
        super().connection_lost(exc)
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        if self._turn is _Turn.OVER or self._problem is not None:
            return
        part = self._part
        self._untold += len(data)
        super().data_received(data)
        if self._untold > _HEAD_BYTES:  # a head, a trailer, or an extension of a chunk, that never ends
            self._problem = self._problem or _too_long_head()
        if self._turn is _Turn.CLIENT:
            if self._part is not part:
                self._wait(self._limits.request_seconds)
            self._refuse_in_turn()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's never keeps a connection open
        """Keep the connection for a reply: the client may still read, or be gone, which looks the same from here."""
        if self._turn is _Turn.SERVER:
            self.cycle.keep_alive = False
            if not self.cycle.response_started:
                self._deadline = min(self._deadline, time.monotonic() + _GONE_SECONDS)
        return self._turn is _Turn.SERVER

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait(_STALL_SECONDS)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._wait(self._limits.query_seconds + _LATE_SECONDS if self._turn is _Turn.SERVER else _IDLE_SECONDS)

    # --- called by the connections

    @property
    def is_silent(self) -> bool:
        return self._turn is _Turn.CLIENT and not self.flow.write_paused

    def check(self, now: float) -> None:
        if now < self._deadline:
            return
        if self._turn is _Turn.CLIENT and self._part is not _Part.NONE:
            detail = f"The {self._part.name.lower()} of the request did not arrive in time"
            self._refuse(Problem("body-too-slow", detail, "Send the request again"))
        else:
            self.transport.abort()

    # --- called by llhttp

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part, self._untold = _Part.HEAD, 0

    def on_headers_complete(self) -> None:
        self._part, self._untold, self._body_size = _Part.BODY, 0, 0
        size = len(self.url)
        for name, value in self.headers:
            size += len(name) + len(value)
            if name == b"content-length" and int(value) > self._limits.body_bytes:
                self._stop(self._too_long_body())
        if size > _HEAD_BYTES or len(self.headers) > _MOST_HEADERS:
            self._stop(_too_long_head())
        if not self.url.startswith(b"/"):  # absolute form, or that of OPTIONS and CONNECT (RFC 9112, section 3.2)
            self.url = b"/" + self.url.partition(b"://")[2].partition(b"/")[2]
        super().on_headers_complete()
        self.headers = []  # of trailers: nothing here needs them, and they must not pass for headers

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._untold = 0
        self._body_size += len(body)
        if self._body_size > self._limits.body_bytes:
            self._stop(self._too_long_body())

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.cycle.waiting_for_100_continue = False  # the body is here
        self._part = _Part.NONE
        if self._turn is _Turn.CLIENT:
            self._serve()

    def _stop(self, problem: Problem) -> None:
        """Keep the first problem, and make llhttp stop."""
        self._problem = self._problem or problem
        raise problem

    # --- replies

    def send_400_response(self, msg: str) -> None:
        """Keep the problem of a request that llhttp or a callback refused; uvicorn calls this where it catches that."""
        error = sys.exception()
        if isinstance(error, httptools.HttpParserInvalidMethodError):
            self._problem = Problem("not-implemented", "The request method is unknown", "Use GET or POST")
        elif self._problem is None:
            self._problem = Problem("bad-request", f"{msg.rstrip('.')}: {error}", "Send requests of HTTP/1.1")

    def _unsupported_upgrade_warning(self) -> None:
        self.cycle.keep_alive = False  # no other protocol is spoken here

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._task = self.loop.create_task(app(cycle.scope, cycle.receive, cycle.send))  # type: ignore[arg-type]
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a reply was not sent to its end", exc_info=error)
            self.transport.abort()

    def _serve(self) -> None:
        self._turn = _Turn.SERVER
        self._wait(self._limits.query_seconds + _LATE_SECONDS)

    def on_response_complete(self) -> None:
        self._output.end()
        if self.transport.is_closing():
            self._turn = _Turn.OVER
            self._wait(_STALL_SECONDS)
            return
        self.flow.resume_reading()
        following = None
        if self.pipeline:
            following, app = self.pipeline.pop()
            self._start_asgi_task(following, app)
        if following is not None and not following.more_body:
            self._serve()
        else:
            self._turn = _Turn.CLIENT
            self._wait(_IDLE_SECONDS if self._part is _Part.NONE else self._limits.request_seconds)
            self._refuse_in_turn()

    def _refuse_in_turn(self) -> None:
        """Refuse the request that has a problem when those before it are answered."""
        if self._problem is not None and self._turn is _Turn.CLIENT:
            self._refuse(self._problem)

    def _refuse(self, problem: Problem) -> None:
        """Tell a problem, and end.

        A client that still sends would lose the answer if the connection were closed at once: it is read on for a
        while (RFC 9112, section 9.6).
        """
        self._turn = _Turn.OVER
        self._deadline = time.monotonic() + _LINGER_SECONDS
        if self._task is not None:
            self._task.cancel()  # it waits for the rest of the body
        method, target = "GET", ""
        if self._part is not _Part.NONE:
            method, target = (self.parser.get_method() or b"GET").decode("latin-1"), self.url.decode("latin-1")
        status, headers, body = self._refusal(self.peer, method, target, problem)
        lines = [b"%b: %b\r\n" % header for header in headers]
        self.transport.write(b"".join((STATUS_LINE[status], *lines, b"connection: close\r\n\r\n")))
        self.transport.write(body)
        with suppress(OSError, RuntimeError):  # the other end is gone
            self.transport.write_eof()

    def _wait(self, seconds: float) -> None:
        self.since = time.monotonic()
        self._deadline = self.since + seconds

    def _too_long_body(self) -> Problem:
        detail = f"The request body is longer than {self._limits.body_bytes // 1024} KiB"
        return Problem("body-too-long", detail, "Send a shorter query")


def _too_long_head() -> Problem:
    detail = f"The request has more than {_HEAD_BYTES // 1024} KiB or {_MOST_HEADERS} headers before its body"
    return Problem("request-header-fields-too-large", detail, "Send long queries by POST")
