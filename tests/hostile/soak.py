"""Clients of all kinds for a while: good questions, attacks, sockets that stall, readers of pages.

Each comes from a loopback address of its own, as clients of one address share what one client may have.
"""

import itertools
import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from support.servers import HANG_SECONDS, ServerProcess, descendants

from hostile.corpus import QUERIES

__all__ = ["Report", "memory", "soak"]

_NOBODY = "http://127.0.0.1:1/"
_PAUSE = 0.02
_RESULT = "application/sparql-results+json"
_STALLING = (b"", b"POST /sparql HT", b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nASK")
_UNREAD = b"GET /dump/ammtc.nq.gz HTTP/1.1\r\nHost: x\r\n\r\n" * 20
_PAGES = ("/", "/page/id/ammtc-19", "/page/source/vna-ammtc-19", "/data/id/melaka.ttl", "/sparql", "/.well-known/void")
_GOOD = {
    "ASK {{ id:ammtc-19 ammtc:place id:melaka FILTER({salt} = {salt}) }}": True,
    "ASK {{ id:ammtc-19 ammtc:place id:hanoi FILTER({salt} = {salt}) }}": False,
}
_ROWS = "SELECT ?p ?o {{ id:ammtc-19 ?p ?o FILTER({salt} = {salt}) }}"


@dataclass(frozen=True)
class _Client:
    """A client at a loopback address."""

    port: int
    source: str

    def ask(self, query: str, accept: str = _RESULT) -> tuple[int, bytes]:
        """Return status and body of the answer to a query."""
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        return self._answer("POST", "/sparql", headers, query.encode())

    def read(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a page or document."""
        return self._answer("GET", path, {"Accept": "text/html, */*;q=0.1"}, None)

    def connect(self) -> socket.socket | None:
        """Return a connection, if one can be had."""
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", self.port), timeout=5, source_address=(self.source, 0))
        return None

    def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=HANG_SECONDS, source_address=(self.source, 0))
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@dataclass
class Report:
    """What happened.

    :ivar answers: kind of client and outcome -> how often
    :ivar wrong: answers that a good question should not have got
    :ivar mebibytes: of the web process, and of all processes together, again and again
    """

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    mebibytes: list[tuple[float, float]] = field(default_factory=list)


def soak(server: ServerProcess, seconds: float) -> Report:
    """Run all clients for so long and return what happened."""
    report, over = Report(), threading.Event()
    rows = len(json.loads(_Client(server.port, "127.0.0.1").ask(_ROWS.format(salt=0))[1])["results"]["bindings"])
    clients: Sequence[Callable[[], None]] = (
        *(partial(_good, _Client(server.port, f"127.0.1.{number}"), rows, report, over) for number in range(1, 4)),
        *(partial(_hostile, _Client(server.port, f"127.0.2.{number}"), report, over) for number in range(1, 3)),
        *(partial(_slow, _Client(server.port, f"127.0.3.{number}"), report, over) for number in range(1, 3)),
        partial(_reader, _Client(server.port, "127.0.4.1"), report, over),
    )
    threads = [threading.Thread(target=client) for client in clients]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        report.mebibytes.append((memory([server.web_pid]), memory([server.pid, *descendants(server.pid)])))
        time.sleep(1)  # between two measurements
    over.set()
    for thread in threads:
        thread.join()
    return report


def memory(pids: Sequence[int]) -> float:
    """Return the MiB that processes take, what they share counted once (``Pss``)."""
    return sum(_proportional(pid) for pid in pids) / 1024


def _proportional(pid: int) -> int:
    with suppress(OSError):  # it ended meanwhile
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def _good(client: _Client, rows: int, report: Report, over: threading.Event) -> None:
    """Ask small questions, some of them again and again; each must get its answer."""
    chance = random.Random(client.source)
    while not over.wait(_PAUSE):
        salt = chance.randrange(10_000)
        text, expected = chance.choice([*_GOOD.items(), (_ROWS, rows)])
        try:
            status, body = client.ask(text.format(salt=salt))
            found = json.loads(body)
        except (OSError, HTTPException, ValueError) as error:
            report.wrong.append(repr(error))
            continue
        answer = found.get("boolean") if text in _GOOD else len(found.get("results", {}).get("bindings", ()))
        report.answers["good", str(status)] += 1
        if (status, answer) != (200, expected):
            report.wrong.append(f"{status} {body[:200]!r}")


def _hostile(client: _Client, report: Report, over: threading.Event) -> None:
    """Send the queries of the corpus, one after the other."""
    for query in itertools.cycle(QUERIES):
        if over.is_set():
            return
        status, body = client.ask(query.text(_NOBODY), query.accept)
        code = "ok" if status == 200 else json.loads(body)["code"]
        report.answers["hostile", str(status)] += 1
        if code not in (*query.codes, "busy", "too-many-requests"):
            report.wrong.append(f"{query}: {code}")


def _slow(client: _Client, report: Report, over: threading.Event) -> None:
    """Hold connections on which nothing comes, or nothing is read, until the server has had enough."""
    while not over.is_set():
        with _connections(client, 40) as stalled:
            for connection, sent in zip(stalled, itertools.cycle((*_STALLING, _UNREAD)), strict=False):
                connection.settimeout(0.2)
                with suppress(OSError):
                    connection.sendall(sent)
            over.wait(5)
            report.answers["slow", "held"] += len(stalled)


@contextmanager
def _connections(client: _Client, number: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        found = [client.connect() for _ in range(number)]
        yield [stack.enter_context(connection) for connection in found if connection is not None]


def _reader(client: _Client, report: Report, over: threading.Event) -> None:
    """Read pages and documents; each must come."""
    for path in itertools.cycle(_PAGES):
        if over.wait(_PAUSE):
            return
        status, body = client.read(path)
        report.answers["reader", str(status)] += 1
        if status != 200 or not body:
            report.wrong.append(f"{path}: {status}")
