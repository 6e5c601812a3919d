"""A server with limits that can be reached soon, and an address that nobody may ever connect to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.examples import is_thorough
from support.servers import ServerProcess, descendants, eventually, process_count

from hostile.dear_pages import read, statements
from kb.config import Project
from kb.generations.generation import Generation

_LIMITS = {"query_seconds": 1.0, "memory_mib": 256, "rows": 2000, "result_bytes": 1_000_000, "request_seconds": 3.0}

_THOROUGH = ("test_page_times.py", "test_soak.py")


@dataclass(frozen=True)
class Listener:
    """An address, and who has connected to it."""

    address: str
    visitors: list[str]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave what takes long, or measures time, to runs that are thorough."""
    return True if collection_path.name in _THOROUGH and not config.getoption("thorough") else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the corpus twice in a row where the run is thorough: the second time meets what the first has left."""
    for name, scope in (("unharmed", "function"), ("replies", "module")):
        if metafunc.config.getoption("thorough") and name in metafunc.fixturenames:
            metafunc.parametrize(name, (1, 2), indirect=True, ids="round {}".format, scope=scope)


@pytest.fixture(scope="package")
def tight(generation: Generation, project: Project) -> Iterator[ServerProcess]:
    """A server of the shipped graph with tight limits."""
    settings = {"generation": str(generation.folder), "project": str(project.root), "limits": _LIMITS}
    with ServerProcess(settings) as running:
        yield running


@pytest.fixture(scope="package")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with one thing of many statements: a million statements in a thorough run, else twenty thousand."""
    unit = 100_000 if is_thorough() else 2_000
    file = tmp_path_factory.mktemp("large") / "large.nt"
    with file.open("w", encoding="ascii") as lines:
        lines.writelines(statements(unit))
    return file


@pytest.fixture(scope="package", params=["shipped", "large"])
def served(
    request: pytest.FixtureRequest, generation: Generation, project: Project, large_file: Path
) -> Iterator[tuple[str, ServerProcess]]:
    """The name of what is served, and a server with the limits that it has by default."""
    settings = {"generation": str(generation.folder)} if request.param == "shipped" else {"data": [str(large_file)]}
    with ServerProcess({**settings, "project": str(project.root)}) as running:
        eventually(lambda: read(running, "/").status == 200)
        yield request.param, running
        eventually(lambda: running.metric("kb_pages_running") == 0)
        assert "Traceback" not in running.log_text()


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
    """Check, after the test, that the server is as it was."""
    with left_unharmed(tight, listener):
        yield


@contextmanager
def left_unharmed(tight: ServerProcess, listener: Listener) -> Iterator[None]:
    """Check, afterwards, that the server is as it was: its processes, the next answer, nobody called."""
    _settle(tight)
    web = tight.web_pid
    yield
    reply = tight.query("SELECT ?x { id:ammtc-19 ammtc:place ?x }")
    assert reply.json["results"]["bindings"][0]["x"]["value"] == "https://w3id.org/ammtc/id/melaka"
    _settle(tight)
    assert tight.web_pid == web
    assert listener.visitors == []


def _settle(server: ServerProcess) -> None:
    """Wait until workers that were killed are gone and replaced."""
    eventually(lambda: len(descendants(server.pid)) == process_count())


def _note_visitors(door: socket.socket, visitors: list[str]) -> None:
    while True:
        try:
            connection, address = door.accept()
        except OSError:
            return
        visitors.append(str(address))
        connection.close()
