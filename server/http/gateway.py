"""The way of a request: programs' queries go to the query workers directly, everything else through Flask in a thread.

A query takes no thread and nothing of Flask, which would cost more than most queries do. What such a request asks, and
how it is answered, is decided in `server.sparql.request`, for Flask's pages too. There are callbacks here and no
coroutines on the way of a query, as each of these would cost a tenth of it.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from server.addresses import Addresses
from server.clients import client_of
from server.config import ServerConfig
from server.evaluation.messages import Answer
from server.evaluation.service import Results
from server.exchange import FilePart, Reply, Request
from server.http.threads import Threads
from server.logs import AccessLog, Entry
from server.metrics import Metrics
from server.problems import PROBLEM_TYPE, Problem, internal
from server.representations.compression import compress
from server.representations.headers import HEADERS
from server.representations.validators import coding_of, finish
from server.sparql.request import Asked, ask, reply_of

__all__ = ["Gateway"]

_LONG_BYTES = 32 * 1024
_LARGE_BYTES = 1024 * 1024
_LONGEST_HOST = 256
_MEMORABLE_BYTES = 4096
_NO_HEADERS: Mapping[str, str] = {}

_log = logging.getLogger("server.http.gateway")


@dataclass(slots=True)
class _Exchange:
    """A request on its way.

    :param send: takes the reply
    :param began: when the request was there, as `time.perf_counter` counts
    """

    request: Request
    client: str
    send: Callable[[Reply], None]
    began: float


class Gateway:
    """Answers requests.

    :param threads: answer what is no query of a program
    :param results: of queries
    :ivar sending: tells how many bytes of replies wait for slow clients
    """

    def __init__(
        self, threads: Threads, results: Results, config: ServerConfig, metrics: Metrics, log: AccessLog
    ) -> None:
        self.sending: Callable[[], int] = lambda: 0
        self._threads = threads
        self._results = results
        self._limits = config.limits
        self._proxies = config.trusted_proxies
        self._metrics = metrics
        self._log = log
        self._addresses = Addresses(config.public_base.rstrip("/"))
        prefixes = ("", self._addresses.sub_path)
        self._endpoints = {f"{prefix}/sparql{slash}" for prefix in prefixes for slash in ("", "/")}
        self._headers = {name.lower(): value for name, value in HEADERS.items()}
        self._endpoint_headers = {**self._headers, "sparql-row-limit": str(config.limits.rows)}
        self._remembered = lru_cache(maxsize=512)(self._read)

    def __call__(self, request: Request, send: Callable[[Reply], None]) -> "asyncio.Future[Any] | None":
        """Answer a request, at once or later; see `server.http.connections.Handler`."""
        forwarded = request.headers.get("x-forwarded-for", "") if self._proxies else ""
        client = client_of(request.peer, forwarded, self._proxies)
        exchange = _Exchange(request, client, send, time.perf_counter())
        try:
            asked = self._ask(request) if request.path in self._endpoints else None
            if asked is None:
                task = asyncio.get_running_loop().create_task(self._answer_in_thread(exchange))
                task.add_done_callback(partial(self._told_of_fault, exchange))
                return task
            answer = self._results.ask(asked.task, client)
        except Problem as problem:
            self._tell(exchange, problem, self._endpoint_headers)
            return None
        if isinstance(answer, Answer):
            self._answer(exchange, asked, answer)
            return None
        answer.add_done_callback(partial(self._answered, exchange, asked))
        return answer

    def refuse(self, request: Request, problem: Problem) -> Reply:
        """Return the reply to what is no whole request."""
        exchange = _Exchange(request, request.peer, lambda _: None, time.perf_counter())
        return self._told(exchange, problem, self._headers)

    # --- queries

    def _ask(self, request: Request) -> Asked | None:
        host, accept = request.headers.get("host", "")[:_LONGEST_HOST], request.headers.get("accept")
        if request.method == "POST" or len(request.query) + len(accept or "") > _MEMORABLE_BYTES:
            return self._read(request.method, request.query, host, accept, headers=request.headers, body=request.body)
        return self._remembered(request.method, request.query, host, accept)

    def _read(  # noqa: PLR0913  what decides about it
        self,
        method: str,
        query: bytes,
        host: str,
        accept: str | None,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        body: bytes = b"",
    ) -> Asked | None:
        endpoint = self._addresses.endpoint(f"http://{host.removesuffix(':80')}/")
        return ask(method, query, headers, body, accept, endpoint=endpoint, limits=self._limits)

    def _answered(self, exchange: _Exchange, asked: Asked, future: "asyncio.Future[Answer]") -> None:
        if future.cancelled():
            return
        if isinstance(problem := future.exception(), Problem):
            self._tell(exchange, problem, self._endpoint_headers)
        elif not self._told_of_fault(exchange, future):
            self._answer(exchange, asked, future.result())

    def _answer(self, exchange: _Exchange, asked: Asked, answer: Answer) -> None:
        self._finish(exchange, reply_of(answer, asked, self._endpoint_headers), answer.encoded)

    # --- everything else

    async def _answer_in_thread(self, exchange: _Exchange) -> None:
        try:
            reply = await self._threads.answer(exchange.request, exchange.client)
        except Problem as problem:
            self._tell(exchange, problem, self._headers)
        else:
            self._finish(exchange, reply, {})

    # --- replies

    def _tell(self, exchange: _Exchange, problem: Problem, headers: Mapping[str, str]) -> None:
        exchange.send(self._told(exchange, problem, headers))

    def _told_of_fault(self, exchange: _Exchange, work: "asyncio.Future[Any]") -> bool:
        """Tell a fault of this server that ended some work, if one did; tell the caller whether it did."""
        if work.cancelled() or (error := work.exception()) is None:
            return False
        _log.error("unexpected error", exc_info=error)
        self._tell(exchange, internal(), self._headers)
        return True

    def _told(self, exchange: _Exchange, problem: Problem, headers: Mapping[str, str]) -> Reply:
        """Return the reply that tells a problem to a program."""
        self._metrics.count_refusal(problem.code)
        own = {name.lower(): value for name, value in problem.headers.items()}
        body = json.dumps(problem.as_json(), ensure_ascii=False).encode() + b"\n"
        reply = Reply(problem.status, {"content-type": PROBLEM_TYPE, "vary": "Accept", **own, **headers}, body)
        return self._done(exchange, reply, None, {})

    def _finish(self, exchange: _Exchange, reply: Reply, encoded: MutableMapping[str, bytes]) -> None:
        """Send a reply as the client wants it; a long one is compressed in a thread."""
        if isinstance(reply.body, FilePart):
            exchange.send(self._done(exchange, reply, None, encoded))
            return
        if len(reply.body) > _LARGE_BYTES and self.sending() + len(reply.body) > self._limits.unsent_bytes:
            self._tell(exchange, _crowded(), self._headers)
            return
        coding = coding_of(exchange.request, reply)
        if coding is None or coding in encoded or len(reply.body) <= _LONG_BYTES:
            exchange.send(self._done(exchange, reply, coding, encoded))
            return
        work = asyncio.get_running_loop().run_in_executor(None, compress, reply.body, coding)
        work.add_done_callback(partial(self._compressed, exchange, reply, coding, encoded))

    def _compressed(
        self,
        exchange: _Exchange,
        reply: Reply,
        coding: str,
        encoded: MutableMapping[str, bytes],
        work: "asyncio.Future[bytes]",
    ) -> None:
        if not self._told_of_fault(exchange, work):
            encoded.setdefault(coding, work.result())
            exchange.send(self._done(exchange, reply, coding, encoded))

    def _done(
        self, exchange: _Exchange, reply: Reply, coding: str | None, encoded: MutableMapping[str, bytes]
    ) -> Reply:
        """Return a reply in its last form, and take note of it."""
        request = exchange.request
        reply = finish(request, reply, coding, encoded)
        seconds = time.perf_counter() - exchange.began
        self._metrics.count(request.path.removeprefix(self._addresses.sub_path), request.method, reply.status, seconds)
        size = 0 if request.method == "HEAD" else reply.size
        self._log.add(Entry(time.time(), exchange.client, request.method, request.path, reply.status, size, seconds))
        return reply


def _crowded() -> Problem:
    detail = "Too many large results are on their way to slow clients"
    return Problem("busy", detail, "Send the query again later, or ask for less", headers={"Retry-After": "30"})
