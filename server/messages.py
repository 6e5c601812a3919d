"""What a web process and a query worker say to each other: a task, and an answer or a problem.

Messages are JSON and bytes, never pickles: a worker that a query has taken over could say anything.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any

from server.errors import Problem

__all__ = ["Answer", "Task", "receive_answer", "receive_task", "send_answer", "send_problem", "send_task"]


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
    :param cut: stop at the row limit and say so, instead of refusing a larger result
    :param into: IRI of the graph that the triples are in where the format keeps graphs, or None for the default graph
    """

    query: str
    base: str
    formats: Mapping[str, str]
    row_limit: int
    byte_limit: int
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    cut: bool = False
    into: str | None = None


@dataclass(frozen=True)
class Answer:
    """A serialised result.

    :param kind: ``rows``, ``boolean`` or ``graph``
    :param format: name of the format of the body
    :param body: the whole result
    :param complete: False only where the task allowed a cut and one was made
    """

    kind: str
    format: str
    body: bytes
    complete: bool = True


def send_task(channel: Connection, task: Task) -> None:
    """Send a task to a worker."""
    channel.send_bytes(json.dumps(asdict(task)).encode())


def receive_task(channel: Connection) -> Task:
    """Wait for the next task; raises EOFError when the web process is gone."""
    fields: dict[str, Any] = json.loads(channel.recv_bytes())
    for name in ("default_graphs", "named_graphs"):
        fields[name] = None if fields[name] is None else tuple(fields[name])
    return Task(**fields)


def send_answer(channel: Connection, answer: Answer) -> None:
    """Send the answer to a task."""
    head = {"kind": answer.kind, "format": answer.format, "complete": answer.complete}
    channel.send_bytes(json.dumps(head).encode())
    channel.send_bytes(answer.body)


def send_problem(channel: Connection, problem: Problem) -> None:
    """Send the problem that a task ended with."""
    channel.send_bytes(json.dumps({"problem": problem.to_message()}).encode())


def receive_answer(channel: Connection) -> Answer:
    """Receive what a worker has to say to its task.

    :raises Problem: the one that the worker sent
    :raises EOFError: when the worker died
    """
    head = json.loads(channel.recv_bytes())
    if "problem" in head:
        raise Problem.from_message(head["problem"])
    return Answer(head["kind"], head["format"], channel.recv_bytes(), head["complete"])
