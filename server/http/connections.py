"""HTTP/1.1 connections: whole requests in, whole replies out, each in its time.

RFC 9112 (https://www.rfc-editor.org/rfc/rfc9112). `server.http.parser` reads; here are deadlines, keep-alive and
pipelining, who may connect, clients that send or read slowly, and those that go away. A request costs a third of the
processor time that it costs in granian, measured; and no server for WSGI or RSGI knows a client's share of the
connections, or lets a long reply wait for a slow reader.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from typing import Any, cast

from server.clients import client_of
from server.config import Limits
from server.exchange import FilePart, Reply, Request, encode_head
from server.http.parser import Phase, RequestParser
from server.metrics import Family
from server.problems import Problem, internal

__all__ = ["Handler", "HttpServer", "Refusal"]

#: Answers a request: hands the reply to the second argument, at once or later. Then it returns what is to be cancelled
#: when the client goes away.
Handler = Callable[[Request, Callable[[Reply], None]], "asyncio.Future[Any] | None"]
#: Answers what is no whole request.
Refusal = Callable[[Request, Problem], Reply]

_CHUNK_BYTES = 256 * 1024
_SWEEP_SECONDS = 0.5
_IDLE_SECONDS = 60.0
_SILENT_SECONDS = 10.0
_GONE_SECONDS = 1.0
_STALL_SECONDS = 20.0
_LINGER_SECONDS = 2.0
_LATE_SECONDS = 30.0

_log = logging.getLogger("server.http.connections")


class HttpServer:
    """The connections of one server.

    :param handler: answers requests
    :param refusal: answers what is no whole request
    :param limits: connections, size of a request body, time of a request
    :param is_proxy: tells whether an address is that of a proxy, whose connections are those of many clients
    """

    def __init__(
        self, handler: Handler, refusal: Refusal, limits: Limits, is_proxy: Callable[[str], bool] = lambda _: False
    ) -> None:
        self.handler = handler
        self.refusal = refusal
        self.limits = limits
        self._is_proxy = is_proxy
        self.closing = False
        self.sending = 0  # bytes of long replies on their way
        self._empty = asyncio.Event()
        self._connections: set[_Connection] = set()
        self._of_client: Counter[str] = Counter()

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol of a new connection, for `asyncio.loop.create_server`."""
        return _Connection(self)

    def families(self) -> Iterable[Family]:
        """Return what is to be measured about connections."""
        yield Family("kb_connections", "gauge", "Open connections.", [("", (), len(self._connections))])

    async def sweep(self) -> None:
        """End what has had its time, again and again, until this is cancelled."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = time.monotonic()
            for connection in list(self._connections):
                connection.check(now)

    async def drain(self, seconds: float) -> None:
        """Take no further requests; wait so long for the replies that are under way."""
        self.closing = True
        for connection in list(self._connections):
            connection.close_when_idle()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), seconds if self._connections else 0)

    def close(self) -> None:
        """End all connections at once."""
        for connection in list(self._connections):
            connection.abort()

    def admit(self, connection: "_Connection") -> bool:
        """Take a new connection in; where there are too many, one that waits for its client goes, if there is one."""
        client, limits = connection.client, self.limits
        share = limits.connections if self._is_proxy(connection.peer) else limits.connections_of_client
        if self._of_client[client] >= share and not self._make_room(client):
            return False
        if len(self._connections) >= limits.connections and not self._make_room(None):
            return False
        self._connections.add(connection)
        self._of_client[client] += 1
        return True

    def forget(self, connection: "_Connection") -> None:
        """Take note that a connection has ended."""
        if connection in self._connections:
            self._connections.discard(connection)
            if self.closing and not self._connections:
                self._empty.set()
            self._of_client[connection.client] -= 1
            if not self._of_client[connection.client]:
                del self._of_client[connection.client]

    def _make_room(self, client: str | None) -> bool:
        """End the connection, of one client or of any, whose client has been silent longest."""
        waiting = [found for found in self._connections if found.waits and client in (None, found.client)]
        if not waiting:
            return False
        longest = min(waiting, key=lambda found: found.since)
        self.forget(longest)
        longest.abort()
        return True


class _Connection(asyncio.Protocol):
    """One connection.

    It waits for a request; or one is being answered; or a reply is sent, as fast as the client reads it; or it ends,
    and nothing is read any more. Each of these may last until the deadline.
    """

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._unread = bytearray()
        self._request: Request | None = None  # the one that is being answered
        self._work: asyncio.Future[Any] | None = None  # who does that, or who sends the reply
        self._resumed: asyncio.Future[None] | None = None
        self._paused = False  # the client has too much to read
        self._going_on = False
        self._last = False
        self._half_closed = False  # the client sends nothing more
        self._begun = False  # a part of the reply is sent
        self._ending = False
        self._phase = Phase.NOTHING
        self._deadline = 0.0
        self._wait(_SILENT_SECONDS)

    # --- called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        address = transport.get_extra_info("peername")
        self.peer: str = address[0] if address else ""
        self.client = client_of(self.peer, "", ())
        self._parser = RequestParser(self._server.limits, self.peer)
        if not self._server.admit(self):
            self._refuse(_too_many())

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._server.forget(self)
        self._ending = True
        if self._work is not None:
            self._work.cancel()

    def data_received(self, data: bytes) -> None:
        if self._ending:
            return
        if self.waits:
            self._read(data)
            return
        self._unread += data
        if len(self._unread) > _CHUNK_BYTES:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Tell whether there is something to send yet.

        The client may have closed its half and still read, or be gone, which is the same from here: it gets what can be
        sent soon.
        """
        self._half_closed = True
        if self._request is not None and not self._begun:
            self._deadline = min(self._deadline, time.monotonic() + _GONE_SECONDS)
        return not (self.waits or self._ending)

    def pause_writing(self) -> None:
        self._paused = True
        self._wait(_STALL_SECONDS)

    def resume_writing(self) -> None:
        self._paused = False
        if self._resumed is not None and not self._resumed.done():
            self._resumed.set_result(None)
        elif self.waits:
            self._wait(_IDLE_SECONDS)
            self._go_on()

    # --- called by the server

    @property
    def waits(self) -> bool:
        """Tell whether it is the client's turn."""
        return self._request is None and not self._paused and not self._ending

    def check(self, now: float) -> None:
        """End this connection if its state has lasted too long; a client that has begun to send is told so."""
        if now < self._deadline:
            return
        if self.waits and self._parser.phase is not Phase.NOTHING:
            self._refuse(_too_slow(self._parser.phase))
        else:
            self.abort()

    def close_when_idle(self) -> None:
        """Close this connection, now or after the reply that is under way."""
        if self.waits:
            self._end()

    def abort(self) -> None:
        """End this connection at once."""
        self._ending = True
        self._transport.abort()

    # --- requests

    def _wait(self, seconds: float) -> None:
        self.since = time.monotonic()
        self._deadline = self.since + seconds

    def _read(self, data: bytes) -> None:
        self._parser.feed(data)
        if self._parser.phase is not self._phase:
            self._phase = self._parser.phase
            self._wait(self._server.limits.request_seconds)
        if self._parser.must_continue and self._parser.problem is None:
            self._parser.must_continue = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._go_on()

    def _go_on(self) -> None:
        """Answer what is there, one request after the other."""
        self._going_on = True
        while self.waits and self._parser.requests:
            self._request = self._parser.requests.popleft()
            self._wait(self._server.limits.query_seconds + _LATE_SECONDS)
            work = self._server.handler(self._request, self._reply)
            self._work = self._work or work
        self._going_on = False
        if self.waits and self._parser.problem is not None:
            self._refuse(self._parser.problem)
        elif self.waits and self._unread:
            data = bytes(self._unread)
            self._unread.clear()
            self._transport.resume_reading()
            self._read(data)
        elif self.waits and self._half_closed:
            self._end()

    # --- replies

    def _reply(self, reply: Reply) -> None:
        """Send the reply to the request that is being answered."""
        request = self._request
        if request is None or self._ending:
            return  # the client is gone
        self._last = request.last or self._server.closing
        head = encode_head(reply, version=request.version, close=self._last)
        if request.method == "HEAD" or reply.size == 0:
            self._transport.write(head)
        elif isinstance(reply.body, bytes) and len(reply.body) <= _CHUNK_BYTES:
            self._transport.write(head + reply.body)
        else:
            self._work = asyncio.get_running_loop().create_task(self._stream(head, reply))
            self._work.add_done_callback(self._streamed)
            return
        self._replied()

    async def _stream(self, head: bytes, reply: Reply) -> None:
        """Send a long reply as fast as the client reads it; its head goes when the body can be read."""
        self._server.sending += reply.size
        try:
            async for chunk in _chunks(reply.body):
                self._wait(_STALL_SECONDS)
                if not self._begun:
                    self._begun = True
                    self._transport.write(head)
                self._transport.write(chunk)
                if self._paused:
                    self._resumed = asyncio.get_running_loop().create_future()
                    await self._resumed
        finally:
            self._server.sending -= reply.size

    def _streamed(self, task: "asyncio.Future[None]") -> None:
        if task.cancelled():
            return  # the client is gone
        if (error := task.exception()) is not None:
            _log.error("a reply was not sent to its end", exc_info=error)
            if self._begun or self._ending:
                self.abort()
            else:
                self._refuse(internal())
            return
        self._replied()

    def _replied(self) -> None:
        self._request = self._work = None
        self._begun = False
        if not self._paused:
            self._wait(_IDLE_SECONDS)
        if self._last:
            self._end()
        elif not self._going_on:
            self._go_on()

    def _end(self) -> None:
        """Read nothing more; close as soon as everything is sent."""
        self._ending = True
        self._transport.close()

    def _refuse(self, problem: Problem) -> None:
        """Say what is wrong and end.

        A client that is still sending would lose the answer if the connection were closed at once: it is read on for a
        while (RFC 9112, section 9.6).
        """
        self._ending = True
        request = self._parser.unfinished()
        reply = self._server.refusal(request, problem)
        self._transport.write(encode_head(reply, version="1.1", close=True) + cast("bytes", reply.body))
        with suppress(OSError, RuntimeError):  # the other end is gone
            self._transport.write_eof()
        asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._transport.abort)


async def _chunks(body: bytes | FilePart) -> AsyncIterator[bytes | memoryview]:
    """Yield a body in pieces; a file is read by a thread, since a disk may be slow."""
    if isinstance(body, bytes):
        view = memoryview(body)
        for start in range(0, len(view), _CHUNK_BYTES):
            yield view[start : start + _CHUNK_BYTES]
        return
    loop = asyncio.get_running_loop()
    with await loop.run_in_executor(None, body.path.open, "rb") as file:
        position = file.seek(body.start)
        while position < body.end:
            chunk = await loop.run_in_executor(None, file.read, min(_CHUNK_BYTES, body.end - position))
            if not chunk:
                raise EOFError(body.path)
            position += len(chunk)
            yield chunk


def _too_many() -> Problem:
    detail = "Too many connections are open"
    return Problem("busy", detail, "Use fewer connections, or connect later", headers={"Retry-After": "5"})


def _too_slow(phase: Phase) -> Problem:
    part = "body" if phase is Phase.BODY else "head"
    return Problem("body-too-slow", f"The {part} of the request did not arrive in time", "Send the request again")
