"""HTTP/1.1 on the wire: one table of http.toml a case, and what takes time or more than one connection."""

import json
import socket
import threading
import tomllib
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from raw import Connection
from support.servers import Reply, ServerProcess, eventually

pytestmark = pytest.mark.xdist_group("core")

_CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("http.toml").read_text(encoding="utf-8"))["case"]
Exchange = tuple[list[Reply], bytes]

_HEALTH = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"


def sent(case: dict[str, Any]) -> bytes:
    text: str = case["sent"]
    lines = text if case.get("raw") else text.replace("\n", "\r\n")
    return lines.replace("{repeat}", case.get("repeat", "") * case.get("times", 0)).encode("latin-1")


def test_no_case_is_lost() -> None:
    assert len(_CASES) == 90
    assert len({case["name"] for case in _CASES}) == len(_CASES)


@pytest.fixture(scope="module")
def exchanges(core: ServerProcess) -> dict[str, "Future[Exchange]"]:
    """What came back in each case, by its name; as many at once as queries may wait, for some take seconds to end."""
    with ThreadPoolExecutor(8) as clients:
        return {
            case["name"]: clients.submit(exchange, core.port, case, f"127.0.6.{number}")
            for number, case in enumerate(_CASES, 1)
        }


def exchange(port: int, case: dict[str, Any], source: str) -> Exchange:
    """Return the replies of a case, and what comes then: the body of one more reply, or all until the end."""
    with Connection(port, source) as connection:
        connection.send(sent(case))
        replies = [connection.reply() for _ in case["statuses"]]
        if not case.get("open"):
            return replies, connection.rest()
        connection.send(_HEALTH)
        return replies, connection.reply().body


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["name"])
def test_what_is_sent_gets_its_answers(exchanges: dict[str, "Future[Exchange]"], case: dict[str, Any]) -> None:
    replies, after = exchanges[case["name"]].result()
    assert [reply.status for reply in replies] == case["statuses"], replies
    for reply, part in zip(replies, case.get("bodies", ()), strict=False):
        assert part in reply.text
    for reply in replies:
        assert reply.status < 400 or reply.media_type == "application/problem+json"
    if case.get("open"):
        assert json.loads(after)["status"] == "ok"
    else:
        assert (replies[-1].headers["Connection"], after) == ("close", b"")


def test_a_client_that_asks_may_send_its_body(core: ServerProcess) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nExpect: 100-continue\r\n"
    with Connection(core.port) as connection:
        connection.send(head + b"Content-Length: 5\r\n\r\n")
        assert connection.reply().status == 100
        connection.send(b"ASK{}")
        assert connection.reply().json["boolean"] is True
        connection.send(head + b"Content-Length: 5\r\n\r\nASK{}")  # it did not wait
        assert connection.reply().status == 200
        connection.send(head + b"Content-Length: 1000000\r\n\r\n")
        assert connection.reply().status == 413
        assert connection.rest() == b""


def test_requests_that_come_byte_by_byte_are_answered(core: ServerProcess) -> None:
    with Connection(core.port) as connection:
        for byte in b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nContent-Length: 5":
            connection.send(bytes([byte]))
        for byte in b"\r\n\r\nASK{}GET /health HTTP/1.1\r\nHost: a\r\n\r\n":
            connection.send(bytes([byte]))
        assert connection.reply().json["boolean"] is True
        assert connection.reply().json["status"] == "ok"


def test_many_requests_at_once_are_answered_in_order(core: ServerProcess) -> None:
    with Connection(core.port, receive=4096) as connection:
        queries = [
            f"GET /sparql?query=SELECT({n}%20AS%20%3Fx)%7B%7D&format=csv HTTP/1.1\r\nHost: a\r\n\r\n"
            for n in range(500)
        ]
        pages = ["GET /static/style.css HTTP/1.1\r\nHost: a\r\n\r\n"] * 500
        sender = threading.Thread(
            target=connection.send, args=("".join(f"{a}{b}" for a, b in zip(queries, pages, strict=True)).encode(),)
        )
        sender.start()
        for number in range(500):
            assert connection.reply().text == f"x\r\n{number}\r\n"
            assert connection.reply().media_type == "text/css"
        sender.join()


def test_who_sends_slowly_is_given_up_and_stops_nobody(core: ServerProcess) -> None:
    with ExitStack() as stack:
        heads = [stack.enter_context(Connection(core.port, "127.0.0.2")) for _ in range(29)]
        body = stack.enter_context(Connection(core.port, "127.0.0.2"))
        for connection in heads:
            connection.send(b"GET /health HTTP/1.1\r\nHo")
        body.send(b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        told = threading.Event()
        drips = threading.Thread(target=drip, args=([*heads[:10], body], told))
        drips.start()
        assert core.query("ASK {}").json["boolean"] is True
        assert core.get("/page/id/ammtc-19", "text/html").status == 200
        replies = [connection.reply() for connection in (*heads, body)]
        told.set()
        drips.join()
    assert {reply.status for reply in replies} == {408}
    assert "head" in replies[0].json["detail"]
    assert "body" in replies[-1].json["detail"]


def drip(connections: list[Connection], told: threading.Event) -> None:
    """Send a byte on each connection now and then, until told to end or nobody listens."""
    while not told.wait(0.2):
        for connection in connections:
            with suppress(OSError):
                connection.send(b"a")


def test_who_reads_slowly_gets_everything_and_stops_nobody(core: ServerProcess) -> None:
    target = "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%2030000&format=xml"
    whole = core.get(target).body
    with ExitStack() as stack:
        slow = [stack.enter_context(Connection(core.port, "127.0.0.2", receive=4096)) for _ in range(20)]
        for connection in slow:
            connection.send(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        eventually(lambda: core.metric("kb_connections") >= 20 and core.metric("kb_queries_running") == 0)
        assert core.query("ASK {}").json["boolean"] is True
        replies = [connection.reply() for connection in slow]
    assert [reply.status for reply in replies] == [200] * len(slow), replies[0].text
    assert {reply.body == whole for reply in replies} == {True}


def test_a_client_that_closed_its_half_gets_its_answers(core: ServerProcess) -> None:
    with Connection(core.port) as connection:
        connection.send(b"GET /page/id/ammtc-19 HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.send(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a\r\n\r\nGET")
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.reply().status == 200
        assert connection.reply().json["boolean"] is True
        assert connection.rest() == b""


def test_a_large_answer_reaches_a_client_that_closed_its_half(core: ServerProcess) -> None:
    with Connection(core.port, receive=4096) as connection:
        connection.send(b"GET /graph-store?default&format=turtle HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.socket.recv(1, socket.MSG_PEEK)  # it is being sent
        connection.socket.shutdown(socket.SHUT_WR)
        assert len(connection.reply().body) > 500_000
        assert connection.rest() == b""


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/html"])
def test_the_query_of_a_client_that_left_is_ended(core: ServerProcess, accept: str) -> None:
    endless = "SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%3Fa%20%3Fb%20%3Fc.%3Fd%20%3Fe%20%3Ff.%3Fg%20%3Fh%20%3Fi%7D"
    workers, running = (
        ("kb_page_worker", "kb_pages_running") if accept == "text/html" else ("kb_worker", "kb_queries_running")
    )
    restarts = core.metric(f"{workers}_restarts_total")
    with Connection(core.port) as connection:
        connection.send(f"GET /sparql?query={endless} HTTP/1.1\r\nHost: a\r\nAccept: {accept}\r\n\r\n".encode())
        eventually(lambda: core.metric(running) == 1)
    core.suspend_queries()
    eventually(lambda: core.metric(running) == 0)
    eventually(lambda: core.metric(f"{workers}_restarts_total") == restarts + 1)
    eventually(lambda: core.metric(f"{workers}s") == 2)


def test_the_connection_that_was_silent_longest_makes_room_for_a_new_one_of_its_client(core: ServerProcess) -> None:
    with ExitStack() as stack:
        busy = [stack.enter_context(Connection(core.port, "127.0.0.3")) for _ in range(30)]
        for connection in busy:
            connection.send(b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
        with Connection(core.port, "127.0.0.3") as another:
            another.send(_HEALTH)
            assert another.reply().status == 200
        assert busy[0].rest() == b""
        assert core.metric("kb_connections") <= 32


def test_connections_beyond_the_share_are_refused_while_all_are_at_work(core: ServerProcess) -> None:
    target = "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%204000&format=csv"
    for _ in range(2):  # from the cache it takes no worker and no thread, of which a client may have a few
        core.get(target)
    slow = f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(30):
            connection = stack.enter_context(Connection(core.port, "127.0.0.5", receive=2048))
            connection.send(slow * 100)
            assert connection.socket.recv(1, socket.MSG_PEEK) == b"H"
        with Connection(core.port, "127.0.0.5") as another:
            reply = another.reply()
            assert (reply.status, reply.json["code"]) == (503, "busy")
            assert int(reply.headers["Retry-After"]) > 0
            assert another.rest() == b""
        assert core.query("ASK {}").json["boolean"] is True
