"""What a web process and a query worker say to each other: a task, and an answer or a problem.

A message is a frame: a number, sizes and a digest, then a head in JSON, then a body of bytes as they are. Never a
pickle: a worker that a query has taken over could say anything.
"""

import json
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from server.problems import Problem

__all__ = [
    "SKIP",
    "Answer",
    "Frame",
    "Frames",
    "Task",
    "read_answer",
    "read_task",
    "send",
    "write_answer",
    "write_problem",
    "write_skip",
    "write_task",
]

_START = struct.Struct("!III16s")
_SHORT_BYTES = 64 * 1024
_MEMORABLE = 2000
#: Head of the message that a task is not to be begun, and of the answer that it was not.
SKIP = b"skip"


class Frame(NamedTuple):
    """A message.

    :param number: of the task that it is about
    :param digest: 16 bytes that tell one body from another, or zeros
    """

    number: int
    head: bytes
    body: bytes = b""
    digest: bytes = bytes(16)


@dataclass(frozen=True)
class Task:
    """A query to answer.

    :param query: the text, SPARQL 1.1
    :param base: IRI against which its relative IRIs resolve
    :param formats: kind of result (``rows``, ``boolean``, ``graph``) -> name of the format to write; a kind that is
        missing is not acceptable to the client
    :param row_limit: most rows or triples
    :param byte_limit: most bytes of the serialised result
    :param default_graphs: IRIs of the graphs that make up the default graph, or None for what the query says
    :param named_graphs: IRIs of the named graphs, or None for what the query says; both are None or neither
    :param into: IRI of the graph that the triples are in where the format keeps graphs, or None for the default graph
    """

    query: str
    base: str
    formats: Mapping[str, str]
    row_limit: int
    byte_limit: int
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    into: str | None = None

    @cached_property
    def is_repeatable(self) -> bool:
        """Tell whether the answer is the same each time, as long as the generation is the same.

        NOW, RAND, UUID and STRUUID (SPARQL 1.1 Query, sections 17.4.2 to 17.4.5) have other values each time. That a
        word only contains such a name does no harm.
        """
        text = self.query.lower()
        return not ("now" in text or "rand" in text or "uuid" in text)

    @cached_property
    def conditions(self) -> tuple[tuple[str, Any], ...]:
        """All but the query, as pairs of name and value; hashable."""
        return (
            ("base", self.base),
            ("formats", tuple(self.formats.items())),
            ("row_limit", self.row_limit),
            ("byte_limit", self.byte_limit),
            ("default_graphs", self.default_graphs),
            ("named_graphs", self.named_graphs),
            ("into", self.into),
        )


@dataclass(frozen=True)
class Answer:
    """A serialised result.

    :param kind: ``rows``, ``boolean`` or ``graph``
    :param format: name of the format of the body
    :param body: the whole result
    :param complete: False where a page shows the first rows only
    :param digest: of the body, in hexadecimal
    :param generation: content hash of the generation that was queried
    :param encoded: content coding -> the body in it, filled as clients ask for them
    """

    kind: str
    format: str
    body: bytes
    complete: bool = True
    digest: str = ""
    generation: str = ""
    encoded: dict[str, bytes] = field(default_factory=dict, compare=False)


class Frames:
    """Puts messages together from what comes over a stream."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._wanted = _START.size

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the messages that are complete with this."""
        self._parts.append(data)
        self._size += len(data)
        if self._size < self._wanted:
            return
        whole, start = data if len(self._parts) == 1 else b"".join(self._parts), 0
        while (rest := len(whole) - start) >= _START.size:
            number, head, body, digest = _START.unpack_from(whole, start)
            size = _START.size + head + body
            if rest < size:
                self._wanted = size
                break
            middle = start + _START.size + head
            yield Frame(number, whole[start + _START.size : middle], whole[middle : middle + body], digest)
            start += size
        else:
            self._wanted = _START.size
        self._parts, self._size = [whole[start:]] if rest else [], rest


def send(channel: socket.socket, frame: Frame) -> None:
    """Send a message over a blocking socket."""
    start = _START.pack(frame.number, len(frame.head), len(frame.body), frame.digest) + frame.head
    if len(frame.body) <= _SHORT_BYTES:
        channel.sendall(start + frame.body)
    else:
        channel.sendall(start)
        channel.sendall(frame.body)


def write_skip(number: int) -> bytes:
    """Return the bytes of the message that a task is not to be begun."""
    return _START.pack(number, len(SKIP), 0, bytes(16)) + SKIP


def write_task(number: int, task: Task) -> bytes:
    """Return the bytes of the message that a task is."""
    short = task.default_graphs is None and task.named_graphs is None and len(task.base) < _MEMORABLE
    head = _remembered_head(task.conditions) if short else _head(task.conditions)
    body = task.query.encode()
    return _START.pack(number, len(head), len(body), bytes(16)) + head + body


def read_task(frame: Frame) -> Task:
    """Return the task that a message is."""
    conditions = _remembered_conditions(frame.head) if len(frame.head) < _MEMORABLE else _conditions(frame.head)
    return Task(frame.body.decode(), **conditions)


def write_answer(number: int, answer: Answer) -> Frame:
    """Return the message that the answer to a task is."""
    head = _remembered_head((("kind", answer.kind), ("format", answer.format), ("complete", answer.complete)))
    return Frame(number, head, answer.body, bytes.fromhex(answer.digest))


def write_problem(number: int, problem: Problem) -> Frame:
    """Return the message that the problem is with which a task ended."""
    return Frame(number, json.dumps({"problem": problem.to_message()}).encode())


def read_answer(frame: Frame, generation: str = "") -> Answer:
    """Return the answer that a message is.

    :param generation: content hash of the generation that the worker queries
    :raises Problem: the one that it is instead
    """
    head = _remembered_answer(frame.head) if len(frame.head) < _MEMORABLE else json.loads(frame.head)
    if "problem" in head:
        raise Problem.from_message(head["problem"])
    return Answer(head["kind"], head["format"], frame.body, head["complete"], frame.digest.hex(), generation)


def _head(members: tuple[tuple[str, Any], ...]) -> bytes:
    return json.dumps(dict(members)).encode()


def _conditions(head: bytes) -> dict[str, Any]:
    conditions: dict[str, Any] = json.loads(head)
    for name in ("default_graphs", "named_graphs"):
        conditions[name] = None if conditions[name] is None else tuple(conditions[name])
    return {**conditions, "formats": dict(conditions["formats"])}


#: The same few heads come again and again.
_remembered_head = lru_cache(maxsize=256)(_head)
_remembered_conditions = lru_cache(maxsize=256)(_conditions)
_remembered_answer = lru_cache(maxsize=256)(json.loads)
