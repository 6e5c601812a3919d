"""Hostile input: each query of hostile.toml gets its answer, and the server is as it was before."""

import socket
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import ServerProcess, descendants

from server.config import Limits

pytestmark = pytest.mark.xdist_group("hostile")

_QUERIES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("hostile.toml").read_text(encoding="utf-8"))[
    "query"
]
_LIMIT = 2.0
_PROCESSES = 2 + Limits().workers  # the web process, the nursery
_LONGEST = _LIMIT + 4  # what the deadline allows, and what a loaded machine takes on top of it


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address, and who has connected to it."""
    visitors: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=_note_visitors, args=(door, visitors))
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/", visitors
        door.shutdown(socket.SHUT_RDWR)
        thread.join()


def _note_visitors(door: socket.socket, visitors: list[str]) -> None:
    while True:
        try:
            connection, address = door.accept()
        except OSError:
            return
        visitors.append(str(address))
        connection.close()


def text_of(query: dict[str, Any], address: str) -> str:
    times = query.get("times", 0)
    closing = query.get("close", "") * times + query.get("after", "") * (query.get("after_times", 1) - 1)
    text = query["before"] + query.get("repeat", "") * times + query.get("after", "") + closing
    return text.replace("{listener}", address)


def settled(server: ServerProcess) -> int:
    """Return how many processes a server has when workers that were killed are gone and replaced."""
    for _ in range(100):
        if len(descendants(server.pid)) == _PROCESSES:
            break
        time.sleep(0.05)
    return len(descendants(server.pid))


def test_no_query_is_lost() -> None:
    assert len(_QUERIES) == 42
    assert len({query["name"] for query in _QUERIES}) == len(_QUERIES)


@pytest.mark.parametrize("query", _QUERIES, ids=lambda query: query["name"])
def test_hostile_query(tight: ServerProcess, listener: tuple[str, list[str]], query: dict[str, Any]) -> None:
    address, visitors = listener
    before = (tight.pid, tight.web_pid, settled(tight))
    started = time.monotonic()
    reply = tight.query(text_of(query, address), accept=query.get("accept", "application/sparql-results+json"))
    assert time.monotonic() - started < _LONGEST
    outcome = "ok" if reply.status == 200 else reply.json["code"]
    assert outcome in query["codes"], reply.text
    if outcome != "ok":
        assert 400 <= reply.status <= 503
        assert (reply.status == 503) == ("Retry-After" in reply.headers)
        assert query.get("contains", "") in reply.json["detail"]
        assert "Traceback" not in reply.text
    after = tight.query("SELECT ?x { id:ammtc-19 ammtc:place ?x }")
    assert after.json["results"]["bindings"][0]["x"]["value"] == "https://w3id.org/ammtc/id/melaka"
    assert (tight.pid, tight.web_pid, settled(tight)) == before, tight.log_text()[-3000:]
    assert visitors == []


def test_graph_parameters_connect_to_nothing(tight: ServerProcess, listener: tuple[str, list[str]]) -> None:
    address, visitors = listener
    for parameter in ("default-graph-uri", "named-graph-uri"):
        for target in (address, "file:///etc/passwd"):
            reply = tight.query("SELECT * { ?s ?p ?o }", **{parameter: target})
            assert reply.json["code"] == "unknown-graph"
    assert visitors == []


def test_heavy_queries_of_others_do_not_stop_pages(tight: ServerProcess) -> None:
    heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(tight.query(heavy).status)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for path in ("/health", "/", "/page/id/ammtc-19", "/id/ammtc-19"):
        assert tight.get(path, "text/html").status in (200, 303)
    for thread in threads:
        thread.join()
    assert statuses == [503] * 8
    assert tight.query("ASK {}").json["boolean"] is True


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /sparql HT",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\nASK",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nASK\r\n",
    ],
    ids=["nothing", "half a request line", "half the headers", "half a body", "half a chunked body"],
)
def test_a_hundred_stalled_sockets_do_not_stop_others(tight: ServerProcess, sent: bytes) -> None:
    stalled = [socket.create_connection(("127.0.0.1", tight.port)) for _ in range(100)]
    try:
        for connection in stalled:
            connection.sendall(sent)
        assert tight.query("ASK {}").json["boolean"] is True
        assert tight.get("/page/id/ammtc-19").status == 200
    finally:
        for connection in stalled:
            connection.close()


def test_a_body_that_does_not_arrive_is_given_up(tight: ServerProcess) -> None:
    with socket.create_connection(("127.0.0.1", tight.port), timeout=30) as connection:
        connection.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nASK")
        assert connection.recv(65536).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 500_000 + b"\r\n\r\n",
        b"GET /?" + b"a" * 500_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01\x00\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["long header", "long address", "TLS", "unknown version", "negative length", "no chunk"],
)
def test_bytes_that_are_no_request(tight: ServerProcess, sent: bytes) -> None:
    web = tight.web_pid
    with socket.create_connection(("127.0.0.1", tight.port), timeout=30) as connection:
        try:
            connection.sendall(sent)
            answer = connection.recv(65536)
        except ConnectionError:
            answer = b""
    assert answer == b"" or b" 4" in answer.split(b"\r\n")[0] or b" 505" in answer.split(b"\r\n")[0]
    assert tight.query("ASK {}").json["boolean"] is True
    assert tight.web_pid == web
