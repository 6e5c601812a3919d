"""The ASGI application: it reads a request, lets `server.dispatch` reply, counts, logs and sends."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import cast

from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from server.addresses import Addresses
from server.clients import client_of
from server.config import ServerConfig
from server.dispatch import Dispatcher
from server.errors import settled
from server.http.request import begin, read_body, require_sound
from server.logs import AccessLog, Entry
from server.metrics import Metrics
from server.problems import Problem
from server.reply import FilePart, Reply
from server.request import Request

__all__ = ["App"]

_CHUNK_BYTES = 256 * 1024
_LARGE_BYTES = 1024 * 1024
_LINGER_SECONDS = 2.0
_OF_CROWDS = ("busy", "too-many-requests")
_REFUSAL_SECONDS = 0.2  # before a client that takes no heed can ask again


class App:
    """Answers requests."""

    def __init__(self, dispatcher: Dispatcher, config: ServerConfig, metrics: Metrics, log: AccessLog) -> None:
        self._dispatcher = dispatcher
        self._limits = config.limits
        self._proxies = config.trusted_proxies
        self._metrics = metrics
        self._log = log
        self._sub_path = Addresses(config.public_base.rstrip("/")).sub_path
        self._sending = 0  # bytes of long replies on their way

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer a request, see https://asgi.readthedocs.io/en/latest/specs/www.html."""
        http = cast("HTTPScope", scope)
        request = begin(http)
        forwarded = request.headers.get("x-forwarded-for", "") if self._proxies else ""
        client = client_of(request.peer, forwarded, self._proxies)
        reply = await settled(self._answer(request, client, http, receive))
        if isinstance(reply, Problem):
            self._metrics.count_refusal(reply.code)
            if reply.code in _OF_CROWDS:
                await asyncio.sleep(_REFUSAL_SECONDS)
            reply = self._dispatcher.problem(request, reply)
        self._note(request, client, reply)
        await self._send(request, reply, receive, send)

    async def _answer(self, request: Request, client: str, scope: HTTPScope, receive: ASGIReceiveCallable) -> Reply:
        """Return the reply to a request.

        :raises Problem: where there is none
        """
        await read_body(request, scope, receive, self._limits)
        require_sound(request)
        reply = await self._dispatcher.reply(request, client)
        if isinstance(reply.body, bytes) and self._is_crowded(len(reply.body)):
            raise _crowded()
        return reply

    def _note(self, request: Request, client: str, reply: Reply) -> None:
        """Count and log a request."""
        seconds = time.perf_counter() - request.began
        self._metrics.count(request.path.removeprefix(self._sub_path), request.method, reply.status, seconds)
        size = 0 if request.method == "HEAD" else reply.size
        self._log.add(Entry(time.time(), client, request.method, request.path, reply.status, size, seconds))

    def _is_crowded(self, size: int) -> bool:
        return size > _LARGE_BYTES and self._sending + size > self._limits.unsent_bytes

    async def _send(self, request: Request, reply: Reply, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        body = reply.body if reply.has_body and request.method != "HEAD" else b""
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.encoded_headers})
        if not isinstance(body, bytes) or len(body) > _CHUNK_BYTES:
            await self._send_long(send, body)
            body = b""
        if not request.is_whole:
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await _read_over(receive)
            body = b""
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _send_long(self, send: ASGISendCallable, body: bytes | FilePart) -> None:
        size = len(body) if isinstance(body, bytes) else 0
        self._sending += size
        try:
            async with aclosing(_chunks(body)) as chunks:
                async for chunk in chunks:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            self._sending -= size


async def _read_over(receive: ASGIReceiveCallable) -> None:
    """Read what a client still sends: it would lose the reply if the connection ended now (RFC 9112, section 9.6)."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while (message := await receive())["type"] == "http.request" and message["more_body"]:
                pass


async def _chunks(body: bytes | FilePart) -> AsyncGenerator[bytes, None]:
    """Yield a body in parts; a file is read by a thread, since a disk may be slow."""
    if isinstance(body, bytes):
        for start in range(0, len(body), _CHUNK_BYTES):
            yield body[start : start + _CHUNK_BYTES]
        return
    loop = asyncio.get_running_loop()
    try:
        while chunk := await loop.run_in_executor(None, next, body, b""):
            yield chunk
    finally:
        body.close()


def _crowded() -> Problem:
    detail = "Too many large results are on their way to slow clients"
    return Problem("busy", detail, "Send the query again later, or ask for less", headers={"Retry-After": "30"})
