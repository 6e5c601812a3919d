"""The processes of a server: whichever dies is replaced, and at the end every request has its answer."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from raw import Connection
from support.servers import Reply, ServerProcess, alive, children, descendants, eventually, process_count

from server.config import Limits
from server.evaluation.processes import PAGE_FORKS, QUERY_FORKS

pytestmark = pytest.mark.xdist_group("reload")

_LIMITS = {"workers": 2, "page_workers": 2, "query_seconds": 60.0}
_ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?o ?p ?q }"


@pytest.fixture(scope="module")
def settings(small: dict[str, Any]) -> dict[str, Any]:
    return {**small, "generations": str(Path(small["generation"]).parent), "limits": _LIMITS}


@pytest.fixture(scope="module")
def server(settings: dict[str, Any]) -> Iterator[ServerProcess]:
    with ServerProcess(settings) as running:
        yield running


def fork_server(server: ServerProcess, module: str = QUERY_FORKS) -> int:
    (found,) = (
        pid
        for pid in children(server.web_pid)
        if module.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    )
    return found


def is_whole(server: ServerProcess) -> bool:
    ready = server.metrics("kb_workers", "kb_page_workers")
    return ready == [2, 2] and len(descendants(server.pid)) == process_count(Limits(workers=2, page_workers=2))


@pytest.mark.parametrize("module", [QUERY_FORKS, PAGE_FORKS])
def test_workers_and_fork_servers_that_are_killed_are_replaced(server: ServerProcess, module: str) -> None:
    eventually(lambda: is_whole(server))
    web = server.web_pid
    for victims in (
        lambda: children(fork_server(server, module)),
        lambda: [fork_server(server, module)],
        lambda: [fork_server(server, module), *children(fork_server(server, module))],
    ):
        killed = victims()
        for victim in killed:
            with suppress(ProcessLookupError):  # workers die with their fork server
                os.kill(victim, signal.SIGKILL)
        replies = [server.query(f"ASK {{}} # {number}") for number in range(20)]
        replies += [server.get(f"/browse?number={number}", "text/html") for number in range(20)]
        assert {reply.status for reply in replies} <= {200, 503}
        eventually(lambda: is_whole(server))
        assert alive(killed) == set()
        assert server.query("ASK {} # afterwards").json["boolean"] is True
        assert server.get("/browse?afterwards", "text/html").status == 200
    assert server.web_pid == web


def test_a_worker_that_is_killed_takes_its_own_query_with_it(server: ServerProcess) -> None:
    replies: list[Reply] = []
    thread = threading.Thread(target=lambda: replies.append(server.query(_ENDLESS)))
    before = {worker: processor_time(worker) for worker in children(fork_server(server))}
    thread.start()
    eventually(lambda: any(processor_time(worker) > spent + 20 for worker, spent in before.items()))
    busiest = max(before, key=lambda worker: processor_time(worker) - before[worker])
    os.kill(busiest, signal.SIGKILL)
    thread.join()
    assert (replies[0].status, replies[0].json["code"]) == (503, "memory-limit")
    assert server.query("ASK {}").json["boolean"] is True
    eventually(lambda: is_whole(server))


def processor_time(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_two_servers_serve_one_folder_and_one_ends(server: ServerProcess, settings: dict[str, Any]) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    with ServerProcess(settings) as other:
        assert server.query(query).body == other.query(query).body
        assert server.get("/health").json == other.get("/health").json
        processes = descendants(other.pid)
        assert other.stop(signal.SIGTERM) == 0
        eventually(lambda: not alive(processes))
        assert "Traceback" not in other.log_text()
    assert server.query(f"{query} # afterwards").status == 200


def test_a_server_that_is_told_to_end_leaves_no_request_without_an_answer(shipped: dict[str, Any]) -> None:
    with ServerProcess({**shipped, "limits": _LIMITS}) as server, ExitStack() as stack:
        processes = descendants(server.pid)
        endless = [stack.enter_context(Connection(server.port, f"127.0.0.{number}")) for number in range(2, 6)]
        for number, connection in enumerate(endless):
            accept = "text/html" if number % 2 else "*/*"
            head = f"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nAccept: {accept}\r\n"
            query = f"{_ENDLESS} # {number}"
            connection.send(f"{head}Content-Length: {len(query)}\r\n\r\n{query}".encode())
        eventually(lambda: server.metrics("kb_queries_running", "kb_pages_running") == [2, 2])
        server.suspend_queries()  # they would take the processors until the server gives up
        large = [stack.enter_context(Connection(server.port, receive=4096)) for _ in range(3)]
        for connection in large:
            connection.send(b"GET /graph-store?default&format=nquads HTTP/1.1\r\nHost: a\r\n\r\n")
        idle = stack.enter_context(Connection(server.port))
        eventually(lambda: server.metric("kb_connections") >= 8)
        replies: list[Reply] = []
        readers = [threading.Thread(target=lambda c=one: replies.append(c.reply())) for one in (*endless, *large)]
        for reader in readers:
            reader.start()
        assert server.stop() == 0
        for reader in readers:
            reader.join()
        assert idle.rest() == b""
        statuses = sorted(reply.status for reply in replies)
        assert statuses[-4:] == [503] * 4
        assert len(statuses) == 7
        for reply in replies:
            assert reply.headers["Connection"] == "close"
            if reply.status == 503:
                assert int(reply.headers["Retry-After"]) > 0
                assert "about to end" in reply.text
        eventually(lambda: not alive(processes))
        assert "Traceback" not in server.log_text()


def test_a_web_process_that_is_killed_leaves_nothing_and_is_replaced(server: ServerProcess) -> None:
    web, processes = server.web_pid, descendants(server.pid)
    with query_running(server):
        os.kill(web, signal.SIGKILL)
    eventually(lambda: not alive(processes))
    assert server.query("ASK {}").json["boolean"] is True  # it waits until there is another web process
    eventually(lambda: is_whole(server))
    assert server.web_pid != web


def test_a_supervisor_that_is_killed_leaves_nothing(settings: dict[str, Any]) -> None:
    with ServerProcess(settings) as server:
        processes = descendants(server.pid)
        with query_running(server):
            server.stop(signal.SIGKILL)
        eventually(lambda: not alive(processes))


@contextmanager
def query_running(server: ServerProcess) -> Iterator[None]:
    """A query that never gets its reply is evaluated meanwhile."""
    stuck = threading.Thread(target=lambda: ignored(server))
    stuck.start()
    eventually(lambda: server.metric("kb_queries_running") == 1)
    yield
    stuck.join()


def ignored(server: ServerProcess) -> None:
    with pytest.raises((OSError, ValueError)):
        server.query(_ENDLESS)


def test_ctrl_c_reaches_the_process_that_was_started_alone(server: ServerProcess) -> None:
    groups = {os.getpgid(process) for process in descendants(server.pid)}  # a terminal signals a group
    assert os.getpgid(server.pid) not in groups
