"""Who answers a request: a query worker a program's query, a page worker pages and documents, the web process the rest.

What the web process answers itself takes no time and waits for nothing: files, and the addresses for machines that
watch the server. Everything else is a task of a pool, with its deadline, its share for each client, and its limits.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from functools import lru_cache
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.exceptions import HTTPException

from server import errors
from server.addresses import Addresses
from server.backend import Backend
from server.calls import call, environ_of
from server.evaluation.messages import MOST_REPLIES, Answer, PageTask, QueryTask
from server.openapi.documented import description_of
from server.problems import OF_STORES, Problem
from server.reply import Reply
from server.representations.compression import compress
from server.representations.validators import coding_of, finish
from server.request import Request
from server.sparql.request import FETCHED, PROBLEM, QueryRequest, build_reply, endpoint_headers, parse_request

__all__ = ["Dispatcher"]

_LONG_BYTES = 32 * 1024
_LONGEST_HOST = 256
_LONGEST_WISH = 256
_MOST_PROBLEM_PAGES = 64
_MEMORABLE_BYTES = 4096
_QUERY_METHODS = ("GET", "HEAD", "POST")
_DECISIVE = ("accept", "content-type", "content-encoding")  # headers that decide what is asked
_OF_A_PAGE = (*_DECISIVE, "host")
_OF_A_FILE = (*_OF_A_PAGE, "accept-encoding")
# Problems of a query that its page shows beside it; those of its SERVICE clauses come before a page is asked for.
_OF_SERVICES = ("service-failed", "result-too-large", "query-refused", "query-syntax")
_OF_QUERIES = ("memory-limit", "time-limit", "too-complex", *OF_STORES, *_OF_SERVICES)
_CONDITIONS = ("if-none-match", "if-match", "range", "if-range")

_log = logging.getLogger("server.dispatch")


class Dispatcher:
    """Replies to requests.

    :param app: answers what needs no worker
    :param authority: host and port of a request that names none
    """

    def __init__(self, app: Flask, backend: Backend, authority: str) -> None:
        self._app = app
        self._routes = app.url_map.bind("localhost")
        self._queries, self._pages, self._fetches = backend.queries, backend.pages, backend.fetches
        self._limits = backend.config.limits
        self._authority = authority
        self._addresses = Addresses(backend.config.public_base.rstrip("/"))
        self._sub_path = self._addresses.sub_path
        self._endpoints = {f"{prefix}/sparql{slash}" for prefix in ("", self._sub_path) for slash in ("", "/")}
        self._endpoint_headers = endpoint_headers(self._limits)
        self._problem_pages: dict[tuple[int, str, str], bytes] = {}
        self._remembered = lru_cache(maxsize=512)(self._parse)

    async def reply(self, request: Request, client: str) -> Reply:
        """Return the reply to a request whose body has been read, ready to be sent.

        :raises Problem: where there is none
        """
        asked = self._asked(request) if request.path in self._endpoints else None
        if asked is not None:
            if (text := await self._fetch(asked.task, client)) is not None:
                asked = replace(asked, task=asked.task._replace(query=text), fetched=True)
            answer = self._queries.submit(asked.task, client)
            if not isinstance(answer, Answer):
                answer = await answer
            return await self._ready(request, answer, asked)
        if self._is_direct(request.path):
            reply = call(self._app, self._page_task(request, _OF_A_FILE))
            reply = finish(request.method, request.headers, reply, {})
            return reply.without_file() if request.method == "HEAD" else reply
        task = self._page_task(request)
        try:
            if request.path in self._endpoints and self._fetches is not None:
                task = await self._with_fetched(request, task, client)
            answer = await self._page(task, client)
        except Problem as problem:
            if request.path not in self._endpoints or problem.code not in _OF_QUERIES:
                raise
            answer = await self._page(task._replace(headers=(*task.headers, (PROBLEM, problem.to_json()))), client)
        return await self._ready(request, answer)

    async def _fetch(self, task: QueryTask, client: str) -> str | None:
        """Return the text of a query with the results of its SERVICE clauses, or None where it can have none."""
        if self._fetches is None or "service" not in task.query.lower():
            return None
        answer = await self._fetches.submit(task, client).join(self._fetches.loop)
        text = answer.body.decode()
        return None if text == task.query else text

    async def _with_fetched(self, request: Request, task: PageTask, client: str) -> PageTask:
        """Return the request for a page of the endpoint with what its query asks of other endpoints."""
        endpoint = self._addresses.endpoint(f"http://{request.headers.get('host', '')[:_LONGEST_HOST]}/")
        asked = parse_request(
            request.method, request.query, request.headers, request.body, endpoint=endpoint, limits=self._limits
        )
        text = await self._fetch(asked.task, client) if asked else None
        return task if text is None else task._replace(headers=(*task.headers, (FETCHED, json.dumps(text))))

    async def _page(self, task: PageTask, client: str) -> Answer:
        answer = self._pages.submit(task, client)
        if not isinstance(answer, Answer):
            answer = await answer
        if answer.fault:
            _log.error("a page worker had a fault: %s", answer.fault)
        return answer

    def problem(self, request: Request, problem: Problem) -> Reply:
        """Return the reply that tells a problem, ready to be sent."""
        if request.is_whole and errors.prefers_page(request.headers.get("accept")):
            page = self._problem_page(problem)
            headers = {name.lower(): value for name, value in problem.headers.items()}
            reply = Reply(problem.status, {"content-type": "text/html; charset=utf-8", **headers}, page, varies=True)
        else:
            reply = problem.as_reply()
        if request.path in self._endpoints:
            reply.headers |= self._endpoint_headers
        if not request.is_whole:
            reply.headers["connection"] = "close"
        return finish(request.method, request.headers, reply, {})

    def _problem_page(self, problem: Problem) -> bytes:
        """Return a problem as a page; who sends too many requests gets the same one again and again."""
        words = problem.status, problem.detail, problem.remedy
        page = self._problem_pages.get(words)
        if page is None:
            page = self._render(problem)
            if len(self._problem_pages) < _MOST_PROBLEM_PAGES and len(str(problem)) < _LONGEST_WISH:
                self._problem_pages[words] = page
        return page

    def _render(self, problem: Problem) -> bytes:
        with self._app.request_context(environ_of(PageTask("GET", "/", b"", (("host", self._authority),)))):
            return errors.page_of(problem).encode()

    async def _ready(self, request: Request, answer: Answer, asked: QueryRequest | None = None) -> Reply:
        """Return the reply with an answer, ready to be sent; the first ones are kept with it."""
        sent = request.headers
        media_type = asked.choice(answer).media_type if asked else None
        conditions = map(sent.get, _CONDITIONS)
        wish = (request.method, media_type, sent.get("accept-encoding"), *conditions)
        reply = answer.replies.get(wish)
        if reply is None:
            reply = build_reply(answer, asked, self._limits) if asked else _page_reply(answer)
            if reply.size > _LONG_BYTES:
                await _encode(sent, reply, answer.encoded)
            reply = finish(request.method, sent, reply, answer.encoded)
            kept = reply.status != HTTPStatus.PARTIAL_CONTENT and len(answer.replies) < MOST_REPLIES  # parts are copies
            if kept and sum(map(len, filter(None, wish))) < _LONGEST_WISH:
                answer.replies[wish] = reply
        return reply

    def _asked(self, request: Request) -> QueryRequest | None:
        """Return the query that a program asks, or None for a page, the description, or another method."""
        if request.method not in _QUERY_METHODS:
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

    def _is_direct(self, path: str) -> bool:
        """Return whether the web process answers at an address itself."""
        path = unquote_to_bytes(path).decode("utf-8", "replace")
        for inner in (path, path.removeprefix(self._sub_path) or "/"):
            try:
                endpoint, _ = self._routes.match(inner, "GET")
            except HTTPException:
                continue
            return endpoint == "static" or description_of(self._app.view_functions[endpoint]).direct
        return False

    def _page_task(self, request: Request, names: Sequence[str] = _OF_A_PAGE) -> PageTask:
        """Return a request with some of its headers as the application gets it; of HEAD it makes the body too."""
        sent = {"host": self._authority, **request.headers}
        headers = tuple((name, sent[name]) for name in names if name in sent)
        method = "GET" if request.method == "HEAD" else request.method
        return PageTask(method, request.path, request.query, headers, request.body)


def _page_reply(answer: Answer) -> Reply:
    headers = dict(answer.headers)
    varies = headers.pop("vary", None) is not None
    return Reply(answer.status, headers, answer.body, varies)


async def _encode(sent: Mapping[str, str], reply: Reply, encoded: MutableMapping[str, bytes]) -> None:
    """Compress a long body in a thread, if the client wants that."""
    coding = coding_of(sent, reply)
    if coding is not None and coding not in encoded:
        body = cast("bytes", reply.body)
        encoded[coding] = await asyncio.get_running_loop().run_in_executor(None, compress, body, coding)
