import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from benchmarks.load import Job, run, start, work


class Handler(BaseHTTPRequestHandler):
    """Answers as the path says, and takes note of every request."""

    protocol_version = "HTTP/1.1"
    seen: list[str]
    clients: set[Any]

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.clients.add(self.client_address)
        kind = self.path.split("?")[0]
        self.send_response(404 if kind == "/missing" else 200)
        if kind == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in (b"a" * 70_000, b"b"):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
            return
        if kind == "/closing":
            self.send_header("Connection", "close")
        self.send_header("Content-Length", "300000" if kind == "/large" else "2")
        self.end_headers()
        self.wfile.write(b"x" * 300_000 if kind == "/large" else b"ok")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[tuple[int, type[Handler]]]:
    """Run a server; yields its port and what it saw."""
    handler = type("Noting", (Handler,), {"seen": [], "clients": set()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_address[1], handler
        server.shutdown()


@pytest.mark.parametrize("path", ["/plain", "/large", "/chunked", "/closing"])
def test_every_answer_counts_once(path: str) -> None:
    with serving() as (port, handler):
        outcome = run(start(Job(port, [f"{path}?"], 3, 0.5)))
        assert len(outcome.latencies) == len(handler.seen) > 3
    assert (outcome.failures, outcome.unfinished) == ({}, 0)
    assert all(0 < latency < 10 for latency in outcome.latencies)
    assert len(set(handler.seen)) == len(handler.seen), "no request comes twice"
    assert (len(handler.clients) == 3) is (path != "/closing")


def test_targets_are_taken_in_turn_and_may_repeat() -> None:
    with serving() as (port, handler):
        outcome = work(Job(port, ["/a", "/b"], 1, 0.5, numbered=False))
    assert handler.seen[:4] == ["/a", "/b", "/a", "/b"]
    assert len(outcome.latencies) == len(handler.seen)


def test_what_is_no_answer_is_counted_apart() -> None:
    with serving() as (port, handler):
        outcome = work(Job(port, ["/missing?", "/plain?"], 2, 0.5))
        assert len(outcome.latencies) + outcome.failures["404"] == len(handler.seen)
    assert outcome.failures["404"] > 0
    assert len(outcome.latencies) > 0


def test_a_server_that_is_not_there_ends_the_work() -> None:
    with serving() as (port, _):
        pass
    assert work(Job(port, ["/"], 4, 5)).failures == {"refused": 4}


def test_requests_come_from_loopback_only() -> None:
    with serving() as (port, handler):
        work(Job(port, ["/"], 1, 0.5, source="127.0.0.2"))
        with pytest.raises(ValueError, match="no loopback address"):
            work(Job(port, ["/"], 1, 0.1, source="192.0.2.1"))
    assert {address for address, _ in handler.clients} == {"127.0.0.2"}
