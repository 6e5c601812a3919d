"""The ASGI application: programs' queries go straight to the query workers, everything else to Flask in a thread.

A query takes no thread and nothing of Flask, which would cost more than most queries do. `server.sparql.request` reads
and answers it, for Flask too.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, MutableMapping
from contextlib import aclosing, suppress
from functools import lru_cache
from typing import cast

from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from server.addresses import Addresses
from server.clients import client_of
from server.config import ServerConfig
from server.errors import settled
from server.evaluation.messages import MOST_REPLIES, Answer
from server.evaluation.service import QueryService
from server.http.request import Request, begin, read_body, require_sound
from server.http.threads import Threads
from server.logs import AccessLog, Entry
from server.metrics import Metrics
from server.problems import Problem
from server.reply import Reply
from server.representations.compression import compress
from server.representations.validators import coding_of, finish
from server.sparql.request import QueryRequest, build_reply, endpoint_headers, parse_request

__all__ = ["App"]

_CHUNK_BYTES = 256 * 1024
_LONG_BYTES = 32 * 1024
_LARGE_BYTES = 1024 * 1024
_LONGEST_HOST = 256
_LINGER_SECONDS = 2.0
_MEMORABLE_BYTES = 4096
_DIRECT_METHODS = ("GET", "HEAD", "POST")
_LONGEST_WISH = 256
_DECISIVE = ("accept", "content-type", "content-encoding")  # headers that decide what is asked


class App:
    """Answers requests.

    :param threads: answer what is no query of a program
    """

    def __init__(
        self, threads: Threads, service: QueryService, config: ServerConfig, metrics: Metrics, log: AccessLog
    ) -> None:
        self._threads = threads
        self._service = service
        self._limits = config.limits
        self._proxies = config.trusted_proxies
        self._metrics = metrics
        self._log = log
        self._addresses = Addresses(config.public_base.rstrip("/"))
        self._sub_path = self._addresses.sub_path
        self._endpoints = {f"{prefix}/sparql{slash}" for prefix in ("", self._sub_path) for slash in ("", "/")}
        self._endpoint_headers = endpoint_headers(config.limits)
        self._remembered = lru_cache(maxsize=512)(self._parse)
        self._sending = 0  # bytes of long replies on their way

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer a request, see https://asgi.readthedocs.io/en/latest/specs/www.html."""
        http = cast("HTTPScope", scope)
        request = begin(http)
        forwarded = request.headers.get("x-forwarded-for", "") if self._proxies else ""
        client = client_of(request.peer, forwarded, self._proxies)
        reply = await settled(self._answer(request, client, http, receive))
        if isinstance(reply, Problem):
            reply = self._problem_reply(request, reply)
        self._note(request, client, reply)
        await self._send(request, reply, receive, send)

    async def _answer(self, request: Request, client: str, scope: HTTPScope, receive: ASGIReceiveCallable) -> Reply:
        """Return the reply to a request.

        :raises Problem: where there is none
        """
        await read_body(request, scope, receive, self._limits)
        require_sound(request)
        asked = self._asked(request) if request.path in self._endpoints else None
        if asked is None:
            reply = await self._threads.answer(request, client)
        else:
            answer = self._service.submit(asked.task, client)
            if not isinstance(answer, Answer):
                answer = await answer
            reply = await self._reply(request, asked, answer)
        if isinstance(reply.body, bytes) and self._is_crowded(len(reply.body)):
            raise _crowded()
        return reply

    async def _reply(self, request: Request, asked: QueryRequest, answer: Answer) -> Reply:
        """Return the reply with an answer, ready to be sent; the first ones are kept with it."""
        sent = request.headers
        wish = (request.method, asked.choice(answer).media_type, sent.get("accept-encoding"), sent.get("if-none-match"))
        reply = answer.replies.get(wish)
        if reply is None:
            reply = build_reply(answer, asked, self._limits)
            if reply.size > _LONG_BYTES:
                await _encode(request, reply, answer.encoded)
            reply = finish(request.method, sent, reply, answer.encoded)
            if len(answer.replies) < MOST_REPLIES and sum(map(len, filter(None, wish))) < _LONGEST_WISH:
                answer.replies[wish] = reply
        return reply

    def _asked(self, request: Request) -> QueryRequest | None:
        """Return the query that a program asks, or None where Flask answers: a page, the description, other methods."""
        if request.method not in _DIRECT_METHODS:
            return None
        host = request.headers.get("host", "")[:_LONGEST_HOST]
        values = tuple(map(request.headers.get, _DECISIVE))
        size = len(request.query) + len(request.body) + sum(map(len, filter(None, values)))
        parse = self._parse if size > _MEMORABLE_BYTES else self._remembered
        return parse(request.method, request.query, request.body, host, values)

    def _parse(
        self, method: str, query: bytes, body: bytes, host: str, values: tuple[str | None, ...]
    ) -> QueryRequest | None:
        sent = {name: value for name, value in zip(_DECISIVE, values, strict=True) if value is not None}
        if "text/html" in sent.get("accept", "").lower():
            return None
        endpoint = self._addresses.endpoint(f"http://{host.removesuffix(':80')}/")
        asked = parse_request(method, query, sent, body, endpoint=endpoint, limits=self._limits)
        return None if asked is None or asked.wants_page else asked

    def _problem_reply(self, request: Request, problem: Problem) -> Reply:
        self._metrics.count_refusal(problem.code)
        reply = problem.as_reply()
        if request.path in self._endpoints:
            reply.headers |= self._endpoint_headers
        if not request.is_whole:
            reply.headers["connection"] = "close"
        return finish(request.method, request.headers, reply, {})

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

    async def _send_long(self, send: ASGISendCallable, body: bytes | Iterable[bytes]) -> None:
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


async def _encode(request: Request, reply: Reply, encoded: MutableMapping[str, bytes]) -> None:
    """Compress a long body in a thread, if the client wants that."""
    coding = coding_of(request.headers, reply)
    if coding is not None and coding not in encoded:
        body = cast("bytes", reply.body)
        encoded[coding] = await asyncio.get_running_loop().run_in_executor(None, compress, body, coding)


async def _chunks(body: bytes | Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield a body in parts; a file is read by a thread, since a disk may be slow."""
    if isinstance(body, bytes):
        for start in range(0, len(body), _CHUNK_BYTES):
            yield body[start : start + _CHUNK_BYTES]
        return
    loop, parts = asyncio.get_running_loop(), iter(body)
    try:
        while chunk := await loop.run_in_executor(None, next, parts, b""):
            yield chunk
    finally:
        if hasattr(parts, "close"):
            parts.close()


def _crowded() -> Problem:
    detail = "Too many large results are on their way to slow clients"
    return Problem("busy", detail, "Send the query again later, or ask for less", headers={"Retry-After": "30"})
