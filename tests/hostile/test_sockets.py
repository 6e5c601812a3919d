"""Clients that stall, or keep all workers busy, do not stop the others."""

import socket
import threading

import pytest
from support.servers import HANG_SECONDS, ServerProcess

pytestmark = pytest.mark.xdist_group("hostile")

_STALLED = {
    "nothing": b"",
    "half a request line": b"POST /sparql HT",
    "half the headers": b"GET / HTTP/1.1\r\nHost: x\r\n",
    "half a body": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    b"Content-Length: 100\r\n\r\nASK",
    "half a chunked body": b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nASK\r\n",
    "a result that is not read": b"GET /dump/ammtc.nq.gz HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
}


@pytest.mark.parametrize("sent", _STALLED.values(), ids=_STALLED.keys())
@pytest.mark.usefixtures("unharmed")
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


@pytest.mark.usefixtures("unharmed")
def test_a_body_that_does_not_arrive_is_given_up(tight: ServerProcess) -> None:
    with socket.create_connection(("127.0.0.1", tight.port), timeout=HANG_SECONDS) as connection:
        connection.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nASK")
        assert connection.recv(65536).startswith(b"HTTP/1.1 408")


@pytest.mark.usefixtures("unharmed")
def test_heavy_queries_of_others_do_not_stop_pages(tight: ServerProcess) -> None:
    heavy = "SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != {number}) }}"
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda number=number: statuses.append(tight.query(heavy.format(number=number)).status))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for path in ("/health", "/", "/page/id/ammtc-19", "/id/ammtc-19"):
        assert tight.get(path, "text/html").status in (200, 303)
    for thread in threads:
        thread.join()
    assert statuses == [503] * 8
    assert tight.query("ASK {}").json["boolean"] is True
