"""What uvicorn lacks on the public web: deadlines, sizes, and shares of the connections.

uvicorn does not call its protocol class public, so its version is pinned. The guard leans on these parts of it: the
callbacks of llhttp, `_start_asgi_task` and `on_response_complete`, which begin and end an answer, `pipeline` and
`flow`; of a cycle `scope`, `receive`, `send`, `body`, `more_body`, `message_event`, `keep_alive`, `disconnected`,
`response_started` and `waiting_for_100_continue`; of the state `connections` and `default_headers`.
"""

import asyncio
import logging
import re
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
from server.config import Limits
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
_AHEAD_BYTES = 256 * 1024
_SILENT_SECONDS = 10.0
_IDLE_SECONDS = 60.0
_STALL_SECONDS = 20.0
_GONE_SECONDS = 1.0
_LINGER_SECONDS = 2.0
_LATE_SECONDS = 30.0
_METHOD = re.compile(rb"[A-Za-z!#$%&'*+.^_`|~0-9-]+ [/*h]")  # RFC 9110, section 9.1, and what can follow

_log = logging.getLogger("server.http.guard")


class _Turn(Enum):
    """Whose turn it is on a connection."""

    CLIENT = auto()
    SERVER = auto()
    OVER = auto()


class _Part(Enum):
    """How far the request that is being read has come."""

    NOTHING = auto()
    HEAD = auto()
    BODY = auto()


def protocol_factory(
    app: ASGI3Application, refusal: Refusal, connections: Connections
) -> Callable[[], asyncio.Protocol]:
    """Return what makes the protocol of a new connection, for `asyncio.loop.create_server`."""
    config = uvicorn.Config(
        app, http=_Guard, interface="asgi3", ws="none", lifespan="off", proxy_headers=False, log_config=None
    )
    config.load()
    return lambda: _Guard(config, connections, refusal)


class _Output:
    """The sending side of a connection, which joins a head to the first part of its body: one system call for both."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self.holds = False  # the next part is a head
        self.is_closing, self.abort, self.write_eof = transport.is_closing, transport.abort, transport.write_eof

    def write(self, data: bytes) -> None:
        if self.holds:
            self._head, self.holds = data, False
        else:
            head, self._head = self._head, b""
            self._transport.write(head + data if head else data)

    def flush(self) -> None:
        if self._head:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self._transport.close()


class _Guard(HttpToolsProtocol):
    """One connection: the client sends a request, the server replies when it is whole, and so on until it is over."""

    server_state: Connections

    def __init__(self, config: uvicorn.Config, connections: Connections, refusal: Refusal) -> None:
        super().__init__(config, connections, {})
        self._refusal = refusal
        self.since = self._deadline = 0.0
        self._turn = _Turn.CLIENT
        self._part = _Part.NOTHING
        self._size = 0  # bytes of the part that is being read
        self._pending = 0  # bytes that llhttp has taken and not told of yet
        self._ahead = 0  # bytes that came while the server had its turn
        self._problem: Problem | None = None
        self._half_closed = False  # the client sends nothing more
        self._current: RequestResponseCycle | None = None
        self._task: asyncio.Task[None] | None = None
        self.limits = connections.limits

    # --- called by the event loop

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._output = _Output(transport)
        self.transport = cast("asyncio.Transport", self._output)
        self.peer = self.client[0] if self.client else ""
        self.owner = client_of(self.peer, "", ())
        self._wait(_SILENT_SECONDS)
        if not self.server_state.admit(self):
            detail = "Too many connections are open"
            headers = {"Retry-After": "5"}
            self._refuse(Problem("busy", detail, "Use fewer connections, or connect later", headers=headers))

    def connection_lost(self, exc: Exception | None) -> None:
        self.server_state.forget(self)
        self._turn = _Turn.OVER
        super().connection_lost(exc)
        if self._current is not None:
            self._current.disconnected = True
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        if self._turn is _Turn.OVER or self._problem is not None:
            return
        self._pending += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.cycle.keep_alive = False  # no other protocol is spoken here
        except httptools.HttpParserError as error:
            self._problem = self._problem or _malformed(error, data)
        if self._pending > _HEAD_BYTES:  # a header, or an extension of a chunk, that never ends
            self._problem = self._problem or _too_long_head()
        if self._turn is _Turn.CLIENT:
            self._go_on()
            return
        self._ahead += len(data)
        if self._ahead < _AHEAD_BYTES:  # uvicorn would read on after the reply, and not see that the client leaves
            self.flow.resume_reading()
        else:
            self.flow.pause_reading()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's never keeps a connection open
        """Return whether there is something to send yet.

        The client may have closed its half and still read, or be gone, which looks the same from here: it gets what can
        be sent soon.
        """
        self._half_closed = True
        if self._turn is _Turn.SERVER and self._current is not None and not self._current.response_started:
            self._deadline = min(self._deadline, time.monotonic() + _GONE_SECONDS)
        return self._turn is _Turn.SERVER

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait(_STALL_SECONDS)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._turn is _Turn.SERVER:
            self._wait(self.limits.query_seconds + _LATE_SECONDS)
        elif self._turn is _Turn.CLIENT:
            self._wait(_IDLE_SECONDS)

    # --- called by the connections

    @property
    def is_silent(self) -> bool:
        """Whether it is the client's turn."""
        return self._turn is _Turn.CLIENT and not self.flow.write_paused

    def check(self, now: float) -> None:
        """End this connection if its deadline has passed; a client that has begun to send is told so."""
        if now < self._deadline:
            return
        if self._turn is _Turn.CLIENT and self._part is not _Part.NOTHING:
            part = self._part.name.lower()
            detail = f"The {part} of the request did not arrive in time"
            self._refuse(Problem("body-too-slow", detail, "Send the request again"))
        else:
            self.transport.abort()

    def shutdown(self) -> None:
        """Close this connection, now or after the reply that is under way."""
        if self._turn is not _Turn.SERVER:
            self.transport.close()
        elif self._current is not None:
            self._current.keep_alive = False

    # --- called by llhttp

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part = _Part.HEAD
        self._size = self._pending = 0
        if self._turn is _Turn.CLIENT:
            self._wait(self.limits.request_seconds)

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count(len(url), _HEAD_BYTES)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._part is _Part.BODY:  # a trailer, which nothing here needs
            self._count(len(name) + len(value), self.limits.body_bytes)
            return
        super().on_header(name, value)
        self._count(len(name) + len(value), _HEAD_BYTES)
        if len(self.headers) > _MOST_HEADERS:
            self._stop(_too_long_head())
        if self.headers[-1][0] == b"content-length" and int(value) > self.limits.body_bytes:
            self._stop(_too_long_body(self.limits))

    def on_headers_complete(self) -> None:
        self._part = _Part.BODY
        self._size = 0
        if not self.url.startswith(b"/"):  # absolute form, or that of OPTIONS and CONNECT (RFC 9112, section 3.2)
            self.url = b"/" + self.url.partition(b"://")[2].partition(b"/")[2]
        super().on_headers_complete()
        if self._turn is _Turn.CLIENT:
            self._wait(self.limits.request_seconds)

    def on_body(self, body: bytes) -> None:
        self._count(len(body), self.limits.body_bytes)
        self.cycle.body += body

    def on_message_complete(self) -> None:
        self._part = _Part.NOTHING
        self.cycle.more_body = self.cycle.waiting_for_100_continue = False
        self.cycle.message_event.set()
        if self._current is self.cycle:
            self._start_asgi_task(self.cycle, self.app)

    def _count(self, size: int, most: int) -> None:
        self._pending = 0
        self._size += size
        if self._size > most:
            self._stop(_too_long_head() if self._part is _Part.HEAD else _too_long_body(self.limits))

    def _stop(self, problem: Problem) -> None:
        """Keep the first problem, and make llhttp stop."""
        self._problem = self._problem or problem
        raise problem

    # --- replies

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Answer a request when it is whole."""
        self._current = cycle
        if cycle.more_body:
            return
        self._turn = _Turn.SERVER
        self._output.holds = True
        self._wait(_GONE_SECONDS if self._half_closed else self.limits.query_seconds + _LATE_SECONDS)
        self._task = self.loop.create_task(app(cycle.scope, cycle.receive, cycle.send))  # type: ignore[arg-type]
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a reply was not sent to its end", exc_info=error)
            self.transport.abort()

    def on_response_complete(self) -> None:
        self._current = self._task = None
        self._output.flush()
        if self.transport.is_closing():
            self._turn = _Turn.OVER
            self._wait(_STALL_SECONDS)
            return
        self._turn = _Turn.CLIENT
        self._ahead = 0
        self._wait(_IDLE_SECONDS if self._part is _Part.NOTHING else self.limits.request_seconds)
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        if self._turn is _Turn.CLIENT:
            self._go_on()

    def _go_on(self) -> None:
        if self._problem is not None:
            self._refuse(self._problem)
        elif self._half_closed:
            self._turn = _Turn.OVER
            self.transport.close()
        elif self._part is _Part.BODY and self.cycle.waiting_for_100_continue:
            self.cycle.waiting_for_100_continue = False
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _refuse(self, problem: Problem) -> None:
        """Tell a problem, and end.

        A client that still sends would lose the answer if the connection were closed at once: it is read on for a
        while (RFC 9112, section 9.6).
        """
        self._turn = _Turn.OVER
        target = self.url if self._part is not _Part.NOTHING else b""
        method = (self.parser.get_method() or b"GET").decode("latin-1")
        status, headers, body = self._refusal(self.peer, method, target.decode("latin-1"), problem)
        lines = [b"%b: %b\r\n" % header for header in (*self.server_state.default_headers, *headers)]
        self.transport.write(b"".join((STATUS_LINE[status], *lines, b"connection: close\r\n\r\n", body)))
        with suppress(OSError, RuntimeError):  # the other end is gone
            self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def _wait(self, seconds: float) -> None:
        self.since = time.monotonic()
        self._deadline = self.since + seconds


def _malformed(error: httptools.HttpParserError, data: bytes) -> Problem:
    if isinstance(error, httptools.HttpParserInvalidMethodError) and _METHOD.match(data):
        return Problem("not-implemented", "The request method is unknown", "Use GET or POST")
    return Problem("bad-request", f"This is no HTTP request: {error}", "Send requests of HTTP/1.1")


def _too_long_head() -> Problem:
    detail = f"The request has more than {_HEAD_BYTES // 1024} KiB or {_MOST_HEADERS} headers before its body"
    return Problem("request-header-fields-too-large", detail, "Send long queries by POST")


def _too_long_body(limits: Limits) -> Problem:
    detail = f"The request body is longer than {limits.body_bytes // 1024} KiB"
    return Problem("body-too-long", detail, "Send a shorter query")
