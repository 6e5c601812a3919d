"""A server with limits that can be reached soon, and an address that nobody may ever connect to."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from support.servers import ServerProcess, descendants

from kb.config import Project
from kb.generations.generation import Generation
from server.config import Limits

#: Seconds for a query.
TIMEOUT = 1.0

_WORKERS = Limits().workers
_LIMITS = {"query_seconds": TIMEOUT, "memory_mib": 256, "rows": 2000, "result_bytes": 1_000_000, "request_seconds": 3.0}
_SETTLED_SECONDS = 10


@dataclass(frozen=True)
class Listener:
    """An address, and who has connected to it."""

    address: str
    visitors: list[str]


@pytest.fixture(scope="package")
def tight(generation: Generation, project: Project) -> Iterator[ServerProcess]:
    """A server of the shipped graph with tight limits."""
    settings = {"generation": str(generation.folder), "project": str(project.root), "limits": _LIMITS}
    with ServerProcess(settings) as running:
        yield running


@pytest.fixture(scope="package")
def listener() -> Iterator[Listener]:
    """A listener on the loopback address."""
    visitors: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=_note_visitors, args=(door, visitors))
        thread.start()
        yield Listener(f"http://127.0.0.1:{door.getsockname()[1]}/", visitors)
        door.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def unharmed(tight: ServerProcess, listener: Listener) -> Iterator[None]:
    """Check, after the test, that the server is as it was: its processes, the next answer, nobody called."""
    before = (tight.pid, tight.web_pid, _settled(tight))
    yield
    reply = tight.query("SELECT ?x { id:ammtc-19 ammtc:place ?x }")
    assert reply.json["results"]["bindings"][0]["x"]["value"] == "https://w3id.org/ammtc/id/melaka"
    assert (tight.pid, tight.web_pid, _settled(tight)) == before
    assert listener.visitors == []


def _settled(server: ServerProcess) -> int:
    """Return how many processes a server has, as soon as workers that were killed are gone and replaced."""
    expected = 2 + _WORKERS  # the web process and the fork server
    limit = time.monotonic() + _SETTLED_SECONDS
    while (found := len(descendants(server.pid))) != expected and time.monotonic() < limit:
        time.sleep(0.02)
    return found


def _note_visitors(door: socket.socket, visitors: list[str]) -> None:
    while True:
        try:
            connection, address = door.accept()
        except OSError:
            return
        visitors.append(str(address))
        connection.close()
