"""The threads in which Flask answers requests: clients take turns, and none of them gets all threads."""

import asyncio
import io
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from flask import Flask
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from werkzeug.test import run_wsgi_app
from werkzeug.wsgi import FileWrapper

from server.config import Limits
from server.evaluation.fairness import FairQueue
from server.evaluation.messages import Answer
from server.http.request import Request
from server.reply import Reply
from server.representations.headers import HEADERS
from server.site import QUERIES

__all__ = ["Threads"]

_SPARE = 8
_CHUNK_BYTES = 256 * 1024
_WITH_FILE = (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT)
_NOT_HANDED_ON = ("content-length", "transfer-encoding", "proxy", "upgrade")


class Threads(Collector):
    """Threads for one application: one for each query that can run or wait, since a page waits for its queries in one.

    :param server: host and port on which requests come
    """

    def __init__(self, app: Flask, limits: Limits, server: tuple[str, int]) -> None:
        self._app = app
        self._server = server
        self._most = limits.workers + limits.queue + _SPARE
        self._threads = ThreadPoolExecutor(self._most, "page")
        self._used: Counter[str] = Counter()  # by client
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue(self._most, "threads for pages")

    async def answer(self, request: Request, client: str) -> Reply:
        """Return the application's reply to a request.

        :raises Problem: 429 or 503 if too many requests wait
        """
        loop = asyncio.get_running_loop()
        queries: list[Future[Answer]] = []
        await self._thread(client)
        made = self._threads.submit(self._call, request, queries)
        made.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave, client))
        try:
            return await asyncio.wrap_future(made)
        except asyncio.CancelledError:  # the client is gone
            for query in queries:
                query.cancel()
            raise

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the threads."""
        yield GaugeMetricFamily("kb_pages_waiting", "Requests that wait for a thread.", len(self._waiting))
        yield GaugeMetricFamily("kb_pages_running", "Requests that have a thread.", self._used.total())

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _thread(self, client: str) -> None:
        """Wait for a thread; a client that leaves meanwhile also leaves the queue."""
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

    def _call(self, request: Request, queries: list[Future[Answer]]) -> Reply:
        """Return the application's reply (PEP 3333, https://peps.python.org/pep-3333/); a file is left unread."""
        files: list[FileWrapper] = []

        def wrap(file: IO[bytes], _size: int) -> FileWrapper:
            files.append(FileWrapper(file, _CHUNK_BYTES))
            return files[0]

        environ = {**self._environ(request), "wsgi.file_wrapper": wrap, QUERIES: queries}
        output, status, headers = run_wsgi_app(self._app, environ, buffered=False)
        reply = Reply(
            int(status[:3]), {key: value for name, value in headers.items() if (key := name.lower()) not in HEADERS}
        )
        if files and request.method == "GET" and reply.status in _WITH_FILE:
            reply.body = output
            return reply
        try:
            reply.body = b"".join(output)
        finally:
            if hasattr(output, "close"):
                output.close()
        return reply

    def _environ(self, request: Request) -> dict[str, Any]:
        return {
            **dict(_header_variables(request)),
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(request.path.encode("latin-1")).decode("latin-1"),
            "QUERY_STRING": request.query.decode("latin-1"),
            "REMOTE_ADDR": request.peer,
            "SERVER_NAME": self._server[0],
            "SERVER_PORT": str(self._server[1]),
            "SERVER_PROTOCOL": f"HTTP/{request.version}",
            "CONTENT_LENGTH": str(len(request.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }


def _header_variables(request: Request) -> Iterator[tuple[str, str]]:
    """Yield the headers as WSGI names them, but for names with an underscore, which could pass for other headers."""
    for name, value in request.headers.items():
        if "_" not in name and name not in _NOT_HANDED_ON:
            key = name.upper().replace("-", "_")
            yield (key if key == "CONTENT_TYPE" else f"HTTP_{key}"), value
