"""The threads in which Flask answers: clients come by turns, and none of them gets all."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore

from flask import Flask

from server.config import Limits
from server.evaluation.fairness import FairQueue
from server.evaluation.messages import Answer
from server.exchange import Reply, Request
from server.http import wsgi
from server.metrics import Family

__all__ = ["Threads"]

_SPARE = 8


class Threads:
    """Threads for one application; as many as queries can be evaluated and wait, since those of pages wait here.

    :param turns: how many work at a time; the others wait for query workers
    :param server: host and port on which requests come
    """

    def __init__(self, app: Flask, turns: BoundedSemaphore, limits: Limits, server: tuple[str, int]) -> None:
        self._app = app
        self._app.config["USE_X_SENDFILE"] = True
        self._turns = turns
        self._server = server
        self._most = limits.workers + limits.queue + _SPARE
        self._threads = ThreadPoolExecutor(self._most, "page")
        self._used: Counter[str] = Counter()  # by client
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue(self._most, "threads for pages")

    async def answer(self, request: Request, client: str) -> Reply:
        """Return the application's reply to a request.

        :raises Problem: 429 or 503 when too many requests wait
        """
        loop = asyncio.get_running_loop()
        queries: list[Future[Answer]] = []
        await self._thread(client)
        made = self._threads.submit(self._call, request, client, queries)
        made.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave, client))
        try:
            return await asyncio.wrap_future(made)
        except asyncio.CancelledError:  # the client is gone
            for query in queries:
                query.cancel()
            raise

    def families(self) -> Iterable[Family]:
        """Return what is to be measured here."""
        yield Family("kb_pages_waiting", "gauge", "Requests that wait for a thread.", [("", (), len(self._waiting))])
        yield Family("kb_pages_running", "gauge", "Requests that have a thread.", [("", (), self._used.total())])

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _thread(self, client: str) -> None:
        """Wait for a thread; a client that goes away meanwhile leaves the queue."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put(client, place)
        self._give()
        try:
            await place
        except asyncio.CancelledError:
            if place.cancelled():
                self._waiting.remove(client, place)
            else:
                self._leave(client)
            raise

    def _give(self) -> None:
        while self._used.total() < self._most and (found := self._waiting.take(self._allowed)) is not None:
            client, place = found
            self._used[client] += 1
            place.set_result(None)

    def _allowed(self, client: str) -> bool:
        """Return whether a client may have one more thread."""
        return self._used[client] < self._most // 2

    def _leave(self, client: str) -> None:
        self._used[client] -= 1
        if not self._used[client]:
            del self._used[client]
        self._give()

    def _call(self, request: Request, client: str, queries: list[Future[Answer]]) -> Reply:
        with self._turns:
            return wsgi.call(self._app, request, self._server, client, queries)
