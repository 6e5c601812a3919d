"""Shares: a greedy client, wherever it says it comes from, leaves a worker and half of the queue to the others."""

import json
import socket
import threading
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest
from raw import Connection
from support.servers import HANG_SECONDS, ServerProcess, eventually

pytestmark = pytest.mark.xdist_group("core")

_GREEDY, _POLITE = "127.0.0.2", "127.0.0.3"
_QUERIES, _PAGES = "queries", "pages"
#: Of the server `core`; it has as many workers for pages.
_PROXY, _WORKERS, _QUEUE = "127.0.0.4", 2, 8
#: What one client can have running and waiting.
_SHARE = _WORKERS - 1 + _QUEUE // 2


def endless(number: int) -> bytes:
    """Return a request with a query that takes a minute; each number another one."""
    query = f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }} # {number}"
    head = "POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
    return f"{head}Content-Length: {len(query)}\r\n{{headers}}\r\n{query}".encode()


class Greedy:
    """A client that sends nothing but slow queries, each on a connection of its own."""

    def __init__(self, server: ServerProcess, stack: ExitStack, source: str = _GREEDY, forwarded: str = "") -> None:
        self._server, self._stack, self._source = server, stack, source
        self._headers = f"X-Forwarded-For: {forwarded}\r\n".encode() if forwarded else b""
        self.connections: list[Connection] = []

    def ask(self, times: int) -> None:
        for _ in range(times):
            connection = self._stack.enter_context(Connection(self._server.port, self._source))
            connection.send(endless(id(connection)).replace(b"{headers}", self._headers))
            self.connections.append(connection)

    def refused(self) -> list[Connection]:
        """Return the connections on which there is an answer already."""
        found = []
        for connection in self.connections:
            connection.socket.setblocking(False)
            try:
                if connection.socket.recv(1, socket.MSG_PEEK):
                    found.append(connection)
            except BlockingIOError:
                pass
            finally:
                connection.socket.settimeout(HANG_SECONDS)
        return found


def load(server: ServerProcess, kind: str = _QUERIES) -> tuple[float, float]:
    running, waiting = server.metrics(f"kb_{kind}_running", f"kb_{kind}_waiting")
    return running, waiting


def has_its_share(server: ServerProcess, kind: str = _QUERIES) -> bool:
    """Return whether one client has all that it can get, and no more."""
    running, waiting = load(server, kind)
    return running == _WORKERS - 1 and _QUEUE // 2 <= waiting <= _QUEUE // 2 + 1


def idle(server: ServerProcess) -> None:
    """Wait until the queries of clients that left are over."""
    server.suspend_queries()
    eventually(lambda: load(server) == load(server, _PAGES) == (0, 0))
    eventually(lambda: server.metrics("kb_workers", "kb_page_workers") == [_WORKERS, _WORKERS])


def test_a_greedy_client_gets_its_share_and_is_told_so(core: ServerProcess) -> None:
    with ExitStack() as stack:
        greedy = Greedy(core, stack)
        greedy.ask(_SHARE + 20)
        eventually(lambda: len(greedy.refused()) >= 20 and has_its_share(core))
        for connection in greedy.refused():
            reply = connection.reply()
            assert (reply.status, reply.json["code"]) == (429, "too-many-requests")
            assert int(reply.headers["Retry-After"]) > 0
        asked = "/sparql?query=SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%20%3Fs%20a%20%3Fc%20%7D"
        for number in range(20):
            assert core.request("GET", f"{asked}%23{number}", source=_POLITE).status == 200
        for path in ("/", "/page/id/ammtc-19", f"{asked}%23page"):
            assert core.request("GET", path, {"Accept": "text/html"}, source=_POLITE).status == 200
        assert has_its_share(core)
    idle(core)


def test_a_greedy_client_of_pages_gets_its_share(core: ServerProcess) -> None:
    with ExitStack() as stack:
        connections = [stack.enter_context(Connection(core.port, _GREEDY)) for _ in range(_SHARE + 20)]
        for connection in connections:
            request = endless(id(connection)).replace(b"{headers}", b"Accept: text/html\r\n")
            connection.send(request)
        eventually(lambda: has_its_share(core, _PAGES))
        for number in range(5):
            query = f"/sparql?query=ASK%7B%7D%23{number}"
            assert core.request("GET", query, {"Accept": "text/html"}, source=_POLITE).status == 200
            assert core.request("GET", query, source=_POLITE).status == 200
    idle(core)


def test_greedy_clients_together_fill_the_queue_and_no_more(core: ServerProcess) -> None:
    with ExitStack() as stack:
        crowd = [Greedy(core, stack, f"127.0.2.{number}") for number in range(1, 21)]
        for client in crowd:
            client.ask(1)
        eventually(lambda: sum(len(client.refused()) for client in crowd) >= 20 - _QUEUE - 2 * _WORKERS)
        running, waiting = load(core)
        assert running == _WORKERS
        assert waiting <= _QUEUE + _WORKERS
        reply = next(refused for client in crowd for refused in client.refused()).reply()
        assert (reply.status, reply.json["code"]) == (503, "busy")
        assert int(reply.headers["Retry-After"]) > 0
        assert core.request("GET", "/health", source=_POLITE).status == 200
    idle(core)


def client_in_log(server: ServerProcess, source: str, forwarded: str) -> str:
    """Return who the server takes for the client of a request."""
    path = f"/from-{source}-{abs(hash(forwarded))}"
    server.request("GET", path, {"X-Forwarded-For": forwarded}, source=source)
    eventually(lambda: path in server.log_text())
    (line,) = [line for line in server.log_text().splitlines() if f'"{path}"' in line]
    client: str = json.loads(line)["client"]
    return client


@pytest.mark.parametrize(
    ("source", "forwarded", "client"),
    [
        (_GREEDY, "192.0.2.1", _GREEDY),
        (_PROXY, "192.0.2.1", "192.0.2.1"),
        (_PROXY, "198.51.100.7, 192.0.2.1", "192.0.2.1"),
        (_PROXY, f"192.0.2.1, {_PROXY}", "192.0.2.1"),
        (_PROXY, f"192.0.2.1, {_GREEDY}, {_PROXY}", _GREEDY),
        (_PROXY, "nonsense", _PROXY),
        (_PROXY, "192.0.2.1, nonsense", _PROXY),
        (_PROXY, "", _PROXY),
        (_PROXY, "2001:db8:1:2::3", "2001:db8:1:2::/64"),
        (_PROXY, "2001:db8:1:2:ffff::3", "2001:db8:1:2::/64"),
        (_PROXY, "2001:db8:1:3::3", "2001:db8:1:3::/64"),
        (_PROXY, "::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_who_the_client_is(core: ServerProcess, source: str, forwarded: str, client: str) -> None:
    assert client_in_log(core, source, forwarded) == client


def test_a_header_that_nobody_trusts_gives_no_further_share(core: ServerProcess) -> None:
    with ExitStack() as stack:
        liars = [Greedy(core, stack, _GREEDY, f"192.0.2.{number}") for number in range(_SHARE + 3)]
        for liar in liars:
            liar.ask(1)
        eventually(lambda: sum(len(liar.refused()) for liar in liars) >= 3 and has_its_share(core))
    idle(core)


def test_clients_behind_a_trusted_proxy_have_shares_and_an_ipv6_customer_has_one(core: ServerProcess) -> None:
    with ExitStack() as stack:
        customer = [Greedy(core, stack, _PROXY, f"2001:db8::{number:x}") for number in range(1, _SHARE + 4)]
        for address in customer:
            address.ask(1)
        eventually(lambda: sum(len(address.refused()) for address in customer) >= 3 and has_its_share(core))
        Greedy(core, stack, _PROXY, "2001:db8:0:1::1").ask(1)
        eventually(lambda: load(core)[0] == _WORKERS)
    idle(core)


def test_a_client_that_asks_on_one_connection_waits_for_itself_alone(core: ServerProcess) -> None:
    polite = HTTPConnection("127.0.0.1", core.port, timeout=HANG_SECONDS, source_address=(_POLITE, 0))
    with ExitStack() as stack:
        greedy = stack.enter_context(Connection(core.port, _GREEDY))
        greedy.send(endless(1).replace(b"{headers}", b"") + b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n" * 10)
        answered = threading.Event()
        reader = threading.Thread(target=lambda: (greedy.rest(), answered.set()))
        reader.start()
        eventually(lambda: load(core) == (1, 0))
        for _ in range(50):
            polite.request("GET", "/sparql?query=ASK%7B%7D")
            assert b"true" in polite.getresponse().read()
        assert not answered.is_set()
        greedy.socket.shutdown(socket.SHUT_RDWR)
        reader.join()
    polite.close()
    idle(core)
