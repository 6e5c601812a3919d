"""The client of the comparison: keeps some connections busy for a while and measures; a process of its own.

``python -m benchmarks.load`` reads a `Job` as JSON from standard input and writes an `Outcome` as JSON to standard
output. One thread serves all connections with epoll and does little more than to look for the end of an answer, so that
on a small machine the server gets the processor. It connects to loopback addresses only, and ends by itself.
"""

import json
import re
import select
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path
from time import perf_counter

__all__ = ["Job", "Outcome", "main", "run", "start", "work"]

_MOST_REQUESTS = 2_000_000
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass(frozen=True)
class Job:
    """What to send.

    :param port: of the server, on 127.0.0.1
    :param targets: what is requested, in turn
    :param connections: how many are kept busy, one request at a time each
    :param seconds: for so long new requests are sent
    :param grace: for so many seconds more, answers are waited for
    :param accept: media type of the answers
    :param numbered: whether a running number follows each target, so that no two requests are the same
    :param source: the loopback address that requests come from
    """

    port: int
    targets: Sequence[str]
    connections: int
    seconds: float
    grace: float = 5.0
    accept: str = "application/sparql-results+json"
    numbered: bool = True
    source: str = "127.0.0.1"


@dataclass(frozen=True)
class Outcome:
    """What came back.

    :param seconds: from the first request to the last answer that counts
    :param latencies: seconds from a request to the end of its answer, status 200 only
    :param failures: status, or what happened to the connection -> number of requests
    :param unfinished: requests without an answer when time was up
    """

    seconds: float
    latencies: Sequence[float]
    failures: dict[str, int]
    unfinished: int


def start(job: Job) -> "subprocess.Popen[str]":
    """Start the process for a job; `run` waits for one."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load"],
        cwd=Path(__file__).resolve().parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(job)))
    process.stdin.close()
    return process


def run(process: "subprocess.Popen[str]") -> Outcome:
    """Wait for the process and return what it measured."""
    assert process.stdout is not None
    with process:
        outcome = json.loads(process.stdout.read())
    return Outcome(**outcome)


def main() -> None:
    """Do the job on standard input."""
    json.dump(asdict(work(Job(**json.load(sys.stdin)))), sys.stdout)


def work(job: Job) -> Outcome:
    """Do a job in this process."""
    if not ip_address(job.source).is_loopback:
        raise ValueError(f"{job.source} is no loopback address")
    return _Client(job).run()


@dataclass
class _Connection:
    socket: socket.socket
    started: float = 0.0
    waiting: bool = False
    received: bytearray = field(default_factory=bytearray)
    status: str = ""
    closes: bool = False
    chunked: bool = False
    size: int = 0


class _Client:
    def __init__(self, job: Job) -> None:
        self._job = job
        self._rest = (
            f" HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\nAccept: {job.accept}\r\nUser-Agent: benchmark\r\n\r\n"
        ).encode()
        self._heads = [f"GET {target}".encode() for target in job.targets]
        self._epoll = select.epoll()
        self._open: dict[int, _Connection] = {}
        self._sent = 0
        self._latencies: list[float] = []
        self._failures: Counter[str] = Counter()

    def run(self) -> Outcome:
        begin = perf_counter()
        self._until = begin + self._job.seconds
        for _ in range(self._job.connections):
            self._connect()
        end = self._until + self._job.grace
        last = begin
        while self._open and (now := perf_counter()) < end:
            for descriptor, _ in self._epoll.poll(end - now):
                self._read(self._open[descriptor])
                last = perf_counter()
        unfinished = sum(connection.waiting for connection in self._open.values())
        for connection in list(self._open.values()):
            self._close(connection)
        return Outcome(max(last, self._until) - begin, self._latencies, dict(self._failures), unfinished)

    def _connect(self) -> None:
        try:
            made = socket.create_connection(("127.0.0.1", self._job.port), 5, (self._job.source, 0))
        except OSError:
            self._failures["refused"] += 1
            return
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(made)
        self._open[made.fileno()] = connection
        self._epoll.register(made.fileno(), select.EPOLLIN)
        self._send(connection)

    def _send(self, connection: _Connection) -> None:
        """Send the next request, or close the connection when time is up."""
        now = perf_counter()
        if now >= self._until or self._sent >= _MOST_REQUESTS:
            self._close(connection)
            return
        head = self._heads[self._sent % len(self._heads)]
        self._sent += 1
        connection.started = now
        connection.waiting = True
        try:
            number = b"%d" % self._sent if self._job.numbered else b""
            connection.socket.sendall(head + number + self._rest)
        except OSError:
            self._broken(connection)

    def _read(self, connection: _Connection) -> None:
        try:
            data = connection.socket.recv(262144)
        except OSError:
            data = b""
        if not data:
            self._broken(connection)
            return
        received = connection.received
        received += data
        if not connection.status and not _read_header(connection):
            return
        complete = received.endswith(b"\r\n0\r\n\r\n") if connection.chunked else len(received) >= connection.size
        if complete:
            self._answered(connection)

    def _answered(self, connection: _Connection) -> None:
        if connection.status == "200":
            self._latencies.append(perf_counter() - connection.started)
        else:
            self._failures[connection.status] += 1
        connection.received.clear()
        connection.status = ""
        connection.waiting = False
        if connection.closes:
            self._close(connection)
            if perf_counter() < self._until:
                self._connect()
        else:
            self._send(connection)

    def _broken(self, connection: _Connection) -> None:
        self._failures["broken"] += connection.waiting
        self._close(connection)
        if perf_counter() < self._until and self._failures["broken"] < 10 * self._job.connections:
            self._connect()

    def _close(self, connection: _Connection) -> None:
        del self._open[connection.socket.fileno()]
        self._epoll.unregister(connection.socket.fileno())
        connection.socket.close()


def _read_header(connection: _Connection) -> bool:
    """Take note of what the header of an answer says; tell whether it is complete."""
    end = connection.received.find(b"\r\n\r\n")
    if end < 0:
        return False
    header = bytes(connection.received[:end])
    connection.status = header[9:12].decode("ascii", "replace")
    connection.closes = _CLOSE.search(header) is not None
    connection.chunked = _CHUNKED.search(header) is not None
    length = _LENGTH.search(header)
    connection.size = end + 4 + (int(length[1]) if length else 0)
    return True


if __name__ == "__main__":
    main()
