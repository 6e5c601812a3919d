"""The server under another WSGI server (PEP 3333, https://peps.python.org/pep-3333/), instead of `kb serve`."""

import asyncio
import time
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment

from kb.files.texts import read_texts
from server.app import create_application
from server.backend import BACKEND, Backend
from server.clients import client_of
from server.config import ServerConfig
from server.dispatch import Dispatcher
from server.errors import settled
from server.problems import Problem
from server.reply import Reply
from server.representations.headers import HEADERS
from server.request import Request, too_long

__all__ = ["WsgiApp", "create_app"]

_SAFE = "/:@!$&'()*+,;=~-._%"


def create_app(config: ServerConfig) -> "WsgiApp":
    """Return the WSGI application, whose workers and event loop live as long as this process.

    :raises KbError: when there is nothing whole to serve, or no text in the folder of texts
    """
    if config.texts is not None:
        read_texts(config.texts)
    backend = Backend(config)
    backend.run_in_thread()
    return WsgiApp(backend)


class WsgiApp:
    """Answers requests in the threads of a WSGI server."""

    def __init__(self, backend: Backend) -> None:
        app = create_application(lambda: backend.site)
        app.extensions[BACKEND] = backend
        self._backend = backend
        self._dispatcher = Dispatcher(app, backend, "localhost")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        request = _request(environ, self._backend.config.limits.body_bytes)
        forwarded = request.headers.get("x-forwarded-for", "")
        client = client_of(request.peer, forwarded, self._backend.config.trusted_proxies)
        work = asyncio.run_coroutine_threadsafe(self._reply(request, client), self._backend.loop)
        reply = work.result()
        sent = {**HEADERS, **reply.headers}
        sent.pop("connection", None)  # the WSGI server's own
        if reply.has_body:
            sent.setdefault("content-length", str(reply.size))
        start_response(f"{reply.status:d} {HTTPStatus(reply.status).phrase}", list(sent.items()))
        if request.method == "HEAD" or not reply.has_body:
            return ()
        return (reply.body,) if isinstance(reply.body, bytes) else reply.body

    async def _reply(self, request: Request, client: str) -> Reply:
        reply = await settled(self._answer(request, client))
        return self._dispatcher.problem(request, reply) if isinstance(reply, Problem) else reply

    async def _answer(self, request: Request, client: str) -> Reply:
        if not request.is_whole:
            raise too_long(self._backend.config.limits)
        return await self._dispatcher.reply(request, client)


def _request(environ: WSGIEnvironment, most: int) -> Request:
    """Return the request in a WSGI environment, with at most one byte more than a body may have."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    }
    size = int(environ.get("CONTENT_LENGTH") or 0)
    return Request(
        environ["REQUEST_METHOD"],
        quote(path.encode("latin-1"), safe=_SAFE) or "/",
        environ.get("QUERY_STRING", "").encode("latin-1"),
        headers,
        environ.get("REMOTE_ADDR", ""),
        "1.1",
        time.perf_counter(),
        environ["wsgi.input"].read(min(size, most + 1)),
        is_whole=size <= most,
    )
