"""A connection of uvicorn's with what that lacks on the public web: deadlines, sizes, and a share for each client.

A request that the guard refuses goes to the application like any other, with its problem in the state of its scope, and
is answered after those before it. uvicorn does not call its protocol class public, so its version is pinned.
"""

import asyncio
import logging
import math
import sys
import time
from collections.abc import Callable
from typing import cast

import httptools
import uvicorn
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server.clients import client_of
from server.http.connections import Connections
from server.http.output import Output
from server.problems import Problem

__all__ = ["protocol_factory"]

_HEAD_BYTES = 128 * 1024
_MOST_HEADERS = 200
_SILENT_SECONDS = 10.0
_IDLE_SECONDS = 60
_STALL_SECONDS = 20.0
_GONE_SECONDS = 1.0
_LATE_SECONDS = 30.0

_log = logging.getLogger("server.http.guard")


def protocol_factory(app: ASGI3Application, connections: Connections) -> Callable[[], asyncio.Protocol]:
    """Return what makes the protocol of a new connection, for `asyncio.loop.create_server`."""
    config = uvicorn.Config(
        app,
        interface="asgi3",
        ws="none",
        lifespan="off",
        proxy_headers=False,
        log_config=None,
        log_level="error",
        timeout_keep_alive=_IDLE_SECONDS,
    )
    return lambda: _Guard(config, connections)


class _Guard(HttpToolsProtocol):
    server_state: Connections
    peer: str
    owner: str
    since: float

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config, connections, {})
        self._limits = connections.limits
        self._in_head = False
        self._pending = 0  # bytes since llhttp last reported a part of a request
        self._chunk = self._first_chunk = 0  # bytes that came last, and with the start of the present head
        self._refused = False
        self._half_closed = False
        self._task: asyncio.Task[None] | None = None

    # --- called by the event loop

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._output = Output(transport, self.server_state)
        self.transport = cast("asyncio.Transport", self._output)
        self.connections.discard(self)  # until it is admitted
        self.peer = self.client[0] if self.client else ""
        self.owner = client_of(self.peer, "", ())
        self.since = time.monotonic()
        if not self.server_state.admit(self):
            detail, remedy = "Too many connections are open", "Use fewer connections, or connect later"
            self._refuse(Problem("busy", detail, remedy, headers={"Retry-After": "5"}))

    def connection_lost(self, exc: Exception | None) -> None:
        self.server_state.forget(self)
        super().connection_lost(exc)
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        if self._refused:  # what a client still sends is read, lest it lose the reply (RFC 9112, section 9.6)
            return
        self._pending += len(data)
        self._chunk = len(data)
        super().data_received(data)
        if self._pending > _HEAD_BYTES:  # a head, a trailer, or an extension of a chunk, that never ends
            self._refuse(_too_long_head())

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's never keeps a connection open
        """Keep the connection for a reply: the client may still read, or be gone, which looks the same from here."""
        if not self._answers or (self.cycle.more_body and not self._refused):
            return False
        self.cycle.keep_alive = self.cycle.more_body = False
        self.cycle.message_event.set()
        self._half_closed, self.since = True, time.monotonic()
        return True

    def resume_writing(self) -> None:
        super().resume_writing()
        self.since = time.monotonic()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.since = time.monotonic()

    # --- called by the connections

    @property
    def is_silent(self) -> bool:
        sends = not self._answers or (self.cycle.more_body and not self.pipeline)
        return sends and not self.flow.write_paused

    def check(self, now: float) -> None:
        if now - self.since < self._patience():
            return
        if self._in_head and not self._answers:
            self._refuse(Problem("body-too-slow", "The head of the request did not arrive in time", "Send it again"))
        else:
            self.transport.abort()

    @property
    def _answers(self) -> bool:
        """Whether the application has a request, whose body may not be whole yet."""
        return self.cycle is not None and not self.cycle.response_complete

    def _patience(self) -> float:
        """Return the seconds that the present state may last."""
        if self.flow.write_paused:
            return _STALL_SECONDS
        if self._answers:
            gone = self._half_closed and not self.cycle.response_started
            return _GONE_SECONDS if gone else self._limits.request_seconds + self._limits.query_seconds + _LATE_SECONDS
        if self._in_head:
            return self._limits.request_seconds
        return _SILENT_SECONDS if self.cycle is None else math.inf  # uvicorn ends an idle connection

    # --- called by llhttp, and by uvicorn

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._pending, self.since = True, 0, time.monotonic()
        self._first_chunk = self._chunk

    def on_headers_complete(self) -> None:
        if not self.url.startswith(b"/"):  # absolute form, or that of OPTIONS and CONNECT (RFC 9112, section 3.2)
            self.url = b"/" + self.url.partition(b"://")[2].partition(b"/")[2]
        may_be_long = self._first_chunk + self._pending > _HEAD_BYTES
        if len(self.headers) > _MOST_HEADERS or (may_be_long and self._head_size() > _HEAD_BYTES):
            raise _too_long_head()
        super().on_headers_complete()
        self.headers = []  # of trailers, which must not pass for headers
        self._in_head, self._pending, self.since = False, 0, time.monotonic()

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._pending = 0

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.cycle.waiting_for_100_continue = False  # the body is here

    def on_response_complete(self) -> None:
        self._output.end()
        self.since = time.monotonic()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what llhttp, or a method above, refused."""
        error = sys.exception()
        if error is not None and isinstance(error.__context__, Problem):
            self._refuse(error.__context__)
        elif isinstance(error, httptools.HttpParserInvalidMethodError):
            self._refuse(Problem("not-implemented", "The request method is unknown", "Use GET, or POST for queries"))
        else:
            self._refuse(Problem("bad-request", f"{msg.rstrip('.')}: {error}", "Send requests of HTTP/1.1"))

    def _unsupported_upgrade_warning(self) -> None:
        self.cycle.keep_alive = False  # no other protocol is spoken here

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._task = self.loop.create_task(app(cycle.scope, cycle.receive, cycle.send))  # type: ignore[arg-type]
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a reply was not sent to its end", exc_info=error)
            self.transport.abort()

    def _refuse(self, problem: Problem) -> None:
        """Let the application answer with a problem, in place of the request that is being read; it is the last one."""
        self._refused = True
        if not self._answers or not self.cycle.more_body:
            method = self.parser.get_method() if self._in_head else b"GET"
            if not self._in_head:
                super().on_message_begin()
            target, self.url = self.url, b"/"  # which may be no target at all
            super().on_headers_complete()
            self.scope["method"] = method.decode("latin-1")
            self.scope["raw_path"], _, self.scope["query_string"] = target.partition(b"?")
        self.cycle.scope["state"]["problem"] = problem
        self.cycle.message_event.set()


def _too_long_head() -> Problem:
    detail = f"The request has more than {_HEAD_BYTES // 1024} KiB or {_MOST_HEADERS} headers before its body"
    return Problem("request-header-fields-too-large", detail, "Send long queries by POST")
