"""The messages between the web process and a worker: a task one way, an answer or a problem the other way.

A message is a frame: two sizes and a digest, a head in JSON, and a body of raw bytes. It is never a pickle, because a
worker that a query has taken over could send anything.
"""

import json
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple, TypeAlias

from kb.rdf.versions import Features
from server.problems import Problem
from server.reply import Reply

__all__ = [
    "CONTROL_BYTES",
    "MOST_REPLIES",
    "READY",
    "UNKNOWN_STATUS",
    "Answer",
    "Frame",
    "Frames",
    "PageTask",
    "QueryTask",
    "Task",
    "mark_of",
    "marked",
    "read_answer",
    "read_page_task",
    "read_query_task",
    "send",
    "write_answer",
    "write_problem",
]

_START = struct.Struct("!II16s")
_MARK_BYTES = 16
_SHORT_BYTES = 64 * 1024
_LONGEST_CACHED_HEAD = 2000


class Frame(NamedTuple):
    """A message.

    :param digest: 16 bytes that distinguish one body from another, or zeros
    """

    head: bytes
    body: bytes = b""
    digest: bytes = bytes(16)


#: The first message of a worker: it can be given tasks.
READY = Frame(b"ready")

#: Most replies that an answer keeps.
MOST_REPLIES = 2
#: Most bytes of a message to or from the fork server, see `server.evaluation.forkserver`.
CONTROL_BYTES = 65536
#: The exit status of a worker that died with its fork server; no worker ends with this one by itself.
UNKNOWN_STATUS = 0


class QueryTask(NamedTuple):
    """A query to answer, and the conditions for the answer.

    :param query: the text, SPARQL 1.1
    :param base: IRI against which its relative IRIs resolve
    :param row_format: name of the format to write rows or a boolean in, or None if the client accepts neither
    :param graph_format: name of the format to write a graph in, or None if the client accepts none
    :param row_limit: most rows or triples
    :param byte_limit: most bytes of the serialised result
    :param default_graphs: IRIs of the graphs that make up the default graph, or None for what the query says
    :param named_graphs: IRIs of the named graphs, or None for what the query says; both are None or neither
    :param into: IRI of the graph that the triples are in where the format keeps graphs, or None for the default graph
    :param row_version: label of the version of RDF that the client takes in rows, or "" for any
    :param graph_version: label of the version of RDF that the client takes in a graph, or "" for any
    """

    query: str
    base: str
    row_format: str | None
    graph_format: str | None
    row_limit: int
    byte_limit: int
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    into: str | None = None
    row_version: str = ""
    graph_version: str = ""

    @property
    def is_repeatable(self) -> bool:
        """Whether the answer stays the same as long as the generation does.

        NOW, RAND, UUID and STRUUID (SPARQL 1.1 Query, sections 17.4.2 to 17.4.5) change with each call. A query that
        merely contains such a name counts as one that calls it.
        """
        text = self.query.lower()
        return not ("now" in text or "rand" in text or "uuid" in text)

    @property
    def length(self) -> int:
        """Characters of its long part."""
        return len(self.query)

    def message(self) -> bytes:
        """Return the task as the bytes of a message: the query is its body."""
        short = self.default_graphs is None and self.named_graphs is None and len(self.base) < _LONGEST_CACHED_HEAD
        return _packed((_cached_head if short else _head)(self[1:]), self.query.encode())


class PageTask(NamedTuple):
    """A request for a page or a document.

    :param method: in upper case; a page worker makes the body of HEAD too
    :param path: of the target, percent-encoded
    :param query: query string of the target, percent-encoded
    :param headers: names in lower case and values, of those that decide what is asked
    """

    method: str
    path: str
    query: bytes
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    @property
    def is_repeatable(self) -> bool:
        """Whether the answer may stay the same as long as the generation does; it says so itself."""
        return self.method == "GET"

    @property
    def length(self) -> int:
        """Characters of its long parts."""
        return len(self.path) + len(self.query) + sum(len(value) for _, value in self.headers)

    def message(self) -> bytes:
        """Return the task as the bytes of a message."""
        return _packed(_head((self.method, self.path, self.query.decode("latin-1"), self.headers)), self.body)


#: What a worker is asked.
Task: TypeAlias = QueryTask | PageTask


@dataclass(frozen=True)
class Answer:
    """A serialised result, or a page or document.

    :param kind: ``rows``, ``boolean``, ``graph`` or ``page``
    :param format: name of the format of the body; of a page, none
    :param body: the whole result
    :param complete: False if a page shows only the first rows
    :param digest: of the body, in hexadecimal
    :param generation: content hash of the generation that was asked
    :param status: HTTP status of a page
    :param headers: of a page: names in lower case and values
    :param fault: traceback of a fault of this server, for its log
    :param features: what of RDF 1.2 is in the result
    :param encoded: content coding -> encoded body, filled on demand
    :param replies: what decides about a reply with this answer -> the reply, at most `MOST_REPLIES`, filled on demand
    """

    kind: str
    format: str
    body: bytes
    complete: bool = True
    digest: str = ""
    generation: str = ""
    status: int = HTTPStatus.OK
    headers: tuple[tuple[str, str], ...] = ()
    fault: str = ""
    features: Features = 0
    encoded: dict[str, bytes] = field(default_factory=dict, compare=False)
    replies: dict[tuple[str | None, ...], Reply] = field(default_factory=dict, compare=False)

    @property
    def may_be_kept(self) -> bool:
        """Whether it may be given again."""
        return self.status < HTTPStatus.INTERNAL_SERVER_ERROR and "no-store" not in dict(self.headers).get(
            "cache-control", ""
        )


class Frames:
    """Splits a stream into messages."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._wanted = _START.size

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the messages that these bytes complete."""
        self._parts.append(data)
        self._size += len(data)
        if self._size < self._wanted:
            return
        whole, start = data if len(self._parts) == 1 else b"".join(self._parts), 0
        while (rest := len(whole) - start) >= _START.size:
            head, body, digest = _START.unpack_from(whole, start)
            size = _START.size + head + body
            if rest < size:
                self._wanted = size
                break
            middle = start + _START.size + head
            yield Frame(whole[start + _START.size : middle], whole[middle : middle + body], digest)
            start += size
        else:
            self._wanted = _START.size
        self._parts, self._size = [whole[start:]] if rest else [], rest


def send(channel: socket.socket, frame: Frame) -> None:
    """Send a message over a blocking socket."""
    start = _START.pack(len(frame.head), len(frame.body), frame.digest) + frame.head
    if len(frame.body) <= _SHORT_BYTES:
        channel.sendall(start + frame.body)
    else:
        channel.sendall(start)
        channel.sendall(frame.body)


def marked(message: bytes, mark: int) -> bytes:
    """Return the bytes of a task's message with a number for its worker besides, in the place of a digest."""
    start = _START.size
    return message[: start - _MARK_BYTES] + mark.to_bytes(_MARK_BYTES) + message[start:]


def mark_of(frame: Frame) -> int:
    """Return the number that was given with a task, 0 if there was none."""
    return int.from_bytes(frame.digest)


def read_query_task(frame: Frame) -> QueryTask:
    """Return the query in a message."""
    conditions = _cached_conditions(frame.head) if len(frame.head) < _LONGEST_CACHED_HEAD else _conditions(frame.head)
    return QueryTask(frame.body.decode(), *conditions)


def read_page_task(frame: Frame) -> PageTask:
    """Return the request for a page in a message."""
    method, path, query, headers = json.loads(frame.head)
    return PageTask(method, path, query.encode("latin-1"), tuple(map(tuple, headers)), frame.body)


def write_answer(answer: Answer) -> Frame:
    """Return an answer as a message."""
    head = (answer.kind, answer.format, answer.complete, answer.status, answer.headers, answer.fault, answer.features)
    return Frame((_cached_head if answer.format else _head)(head), answer.body, bytes.fromhex(answer.digest))


def write_problem(problem: Problem) -> Frame:
    """Return a problem, the end of a task without an answer, as a message."""
    return Frame(problem.to_json().encode())


def read_answer(frame: Frame, generation: str = "") -> Answer:
    """Return the answer in a message.

    :param generation: content hash of the generation that the worker queries
    :raises Problem: if the message holds one instead
    """
    head = _cached_answer(frame.head) if len(frame.head) < _LONGEST_CACHED_HEAD else json.loads(frame.head)
    if isinstance(head, dict):
        raise Problem(**head)
    kind, format_name, complete, status, headers, fault, features = head
    pairs, digest = tuple(map(tuple, headers)), frame.digest.hex()
    return Answer(kind, format_name, frame.body, complete, digest, generation, status, pairs, fault, features)


def _packed(head: bytes, body: bytes) -> bytes:
    return _START.pack(len(head), len(body), bytes(16)) + head + body


def _head(members: tuple[Any, ...]) -> bytes:
    return json.dumps(members).encode()


def _conditions(head: bytes) -> list[Any]:
    return [tuple(member) if isinstance(member, list) else member for member in json.loads(head)]


#: Most messages have one of a few heads.
_cached_head = lru_cache(maxsize=256)(_head)
_cached_conditions = lru_cache(maxsize=256)(_conditions)
_cached_answer = lru_cache(maxsize=256)(json.loads)
