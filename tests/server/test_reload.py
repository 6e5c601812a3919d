"""Another generation under a running server: no request is lost, no answer is mixed, nothing damaged is served."""

import asyncio
import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from raw import Connection
from support.servers import HANG_SECONDS, ServerProcess, children, eventually

from kb.config import Project
from kb.generations.build import build
from kb.generations.generation import Generation
from kb.generations.manifest import file_digests
from server.generations.reload import Reloader

pytestmark = pytest.mark.xdist_group("reload")

_SMALL = Path(__file__).parent.parent / "kb" / "small"
_KB = Path(sys.executable).with_name("kb")
_MARKS = 40
_QUERY = 'SELECT ?mark { ?thing rdfs:label ?mark FILTER(CONTAINS(?mark, "marked")) }'
_CLIENTS = 8


def mark(project: Project, text: str) -> None:
    """Have many things of a project say the same."""
    original = (_SMALL / "graph" / "entities.ttl").read_text(encoding="utf-8")
    marks = "".join(f'id:mark-{number} rdfs:label "marked {text}"@en .\n' for number in range(_MARKS))
    (project.graph / "entities.ttl").write_text(f"{original}\n{marks}", encoding="utf-8")


def marked_project(folder: Path) -> Project:
    """Return a copy of the small project whose things say `first`."""
    project = Project(shutil.copytree(_SMALL, folder))
    mark(project, "first")
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that each test marks differently."""
    return marked_project(tmp_path_factory.mktemp("reload") / "project")


@pytest.fixture(scope="module")
def out(project: Project) -> Path:
    """The folder of its generations."""
    return project.root.parent / "generations"


@pytest.fixture(scope="module")
def settings(project: Project, out: Path) -> dict[str, Any]:
    """Settings of a server that serves the current generation of `out`."""
    first = build(project, out)
    return {"generation": str(first.folder), "project": str(project.root), "generations": str(out)}


@pytest.fixture(scope="module")
def server(settings: dict[str, Any]) -> Iterator[ServerProcess]:
    with ServerProcess({**settings, "limits": {"workers": 2, "query_seconds": 60.0}}) as running:
        yield running


def served(server: ServerProcess) -> str:
    generation: str = server.get("/health").json["generation"]
    return generation


def marks(server: ServerProcess) -> set[str]:
    return {row["mark"]["value"] for row in server.query(_QUERY).json["results"]["bindings"]}


def kb_build(project: Project, out: Path) -> "subprocess.Popen[bytes]":
    command = [_KB, "--project", project.root, "build", "--no-check", "--out", out]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Client(threading.Thread):
    """Asks all the time on one connection; notes what it gets."""

    TARGETS = (
        "/sparql?format=csv&query=SELECT%20%3Fmark%20%7B%20%3Fthing%20rdfs:label%20%3Fmark%20FILTER(CONTAINS(%3Fmark,%20%22marked%22))%20%7D",
        "/graph-store?graph=https://w3id.org/ammtc/graph/entities&format=ntriples",
        "/data/graph/entities.ttl",
        "/dump/entities.ttl",
    )

    def __init__(self, server: ServerProcess, number: int) -> None:
        super().__init__()
        self.found: Counter[tuple[int, frozenset[str], int]] = Counter()
        self.failure: OSError | None = None
        self._connection = HTTPConnection(
            "127.0.0.1", server.port, timeout=HANG_SECONDS, source_address=(f"127.0.1.{number + 1}", 0)
        )
        self._target = self.TARGETS[number % len(self.TARGETS)]
        self._enough = threading.Event()

    def run(self) -> None:
        try:
            while not self._enough.wait(0.02):  # the others want the processor too
                self._connection.request("GET", self._target)
                reply = self._connection.getresponse()
                text = reply.read().decode()
                marked = re.findall("marked [a-z]+", text)
                self.found[reply.status, frozenset(marked), len(marked)] += 1
        except OSError as error:
            self.failure = error
        finally:
            self._connection.close()

    def stop(self) -> None:
        self._enough.set()
        self.join()


def test_no_request_is_lost_and_no_answer_is_mixed(server: ServerProcess, project: Project, out: Path) -> None:
    web, old, old_marks = server.web_pid, served(server), marks(server)
    reloads = server.metric("kb_reloads_total")
    kept = [server.get(target) for target in Client.TARGETS for _ in range(2)][1::2]
    same = server.get("/sparql?query=ASK%7B%7D")
    assert server.metric("kb_cache_entries") > 0
    clients = [Client(server, number) for number in range(_CLIENTS)]
    for client in clients:
        client.start()
    mark(project, "mixed")
    with kb_build(project, out) as builder:
        assert builder.wait() == 0
    eventually(lambda: served(server) != old)
    counts = [client.found.total() for client in clients]
    eventually(lambda: all(client.found.total() > count + 2 for client, count in zip(clients, counts, strict=True)))
    for client in clients:
        client.stop()
    assert [client.failure for client in clients] == [None] * _CLIENTS
    for client in clients:
        assert set(client.found) == {
            (200, frozenset(old_marks), _MARKS),
            (200, frozenset({"marked mixed"}), _MARKS),
        }, client.found
    for target, stale in zip(Client.TARGETS, kept, strict=True):
        fresh = server.get(target, If_None_Match=stale.headers["ETag"])
        assert (fresh.status, fresh.body != stale.body) == (200, True)
        assert server.get(target, If_None_Match=fresh.headers["ETag"]).status == 304
    assert server.get("/sparql?query=ASK%7B%7D", If_None_Match=same.headers["ETag"]).status == 304
    assert marks(server) == {"marked mixed"}
    assert served(server) == (out / "current").read_text(encoding="ascii").strip()
    assert server.metric("kb_generation_info", hash=served(server)) == 1
    assert server.metric("kb_reloads_total") == reloads + 1
    assert server.web_pid == web
    assert "Traceback" not in server.log_text()


def truncate_store(home: Path) -> None:
    largest = max((home / "store").iterdir(), key=lambda path: path.stat().st_size)
    os.truncate(largest, largest.stat().st_size // 2)


def truncate_list_of_files(home: Path) -> None:
    (listed,) = (home / "store").glob("MANIFEST-*")
    os.truncate(listed, 10)


def count_wrongly(home: Path) -> None:
    manifest = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
    manifest["sizes"]["default_graph"] += 1
    (home / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def lose_manifest(home: Path) -> None:
    (home / "manifest.json").unlink()


_DAMAGE: dict[Callable[[Path], None], str] = {
    truncate_store: "is damaged",
    truncate_list_of_files: "is damaged",
    count_wrongly: "does not hold what was written into it",
    lose_manifest: "has no manifest",
}


def test_a_damaged_generation_is_refused_and_a_repaired_one_taken(
    server: ServerProcess, project: Project, out: Path, tmp_path: Path
) -> None:
    mark(project, "repaired")
    whole = build(project, tmp_path / "other").folder
    old, refusals = served(server), server.metric("kb_reloads_refused_total")
    for damage, reason in _DAMAGE.items():
        damaged = shutil.copytree(whole, out / damage.__name__)
        damage(damaged)
        make_current(out, damaged.name.encode(), server)
        require_refused(server, damaged.name, reason)
    make_current(out, b"\xff\n../..", server)
    require_refused(server, "", "nothing is built there")
    make_current(out, old.encode(), server)
    eventually(lambda: server.get("/health").json["refused"] is None)
    make_current(out, whole.name.encode(), server)
    require_refused(server, whole.name, "has no manifest")
    shutil.copytree(whole, out / whole.name)
    os.kill(server.pid, signal.SIGHUP)
    eventually(lambda: served(server) == whole.name)
    assert server.get("/health").json["refused"] is None
    assert marks(server) == {"marked repaired"}
    assert server.metric("kb_reloads_refused_total") >= refusals + len(_DAMAGE) + 2
    assert "Traceback" not in server.log_text()


def require_refused(server: ServerProcess, name: str, reason: str) -> None:
    """Wait until the generation of a name is refused for a reason, and see that the one before is served."""
    before, old_marks = served(server), marks(server)
    eventually(lambda: (server.get("/health").json["refused"] or {}).get("generation") == name)
    health = server.get("/health").json
    assert reason in health["refused"]["reason"]
    assert (health["status"], health["generation"]) == ("ok", before)
    assert marks(server) == old_marks
    eventually(lambda: f"is not served: {health['refused']['reason']}" in server.log_text())


def make_current(out: Path, written: bytes, server: ServerProcess) -> None:
    (out / "next").write_bytes(written)
    (out / "next").replace(out / "current")
    os.kill(server.pid, signal.SIGHUP)


def test_a_build_that_is_killed_changes_nothing(server: ServerProcess, project: Project, out: Path) -> None:
    old, old_marks = served(server), marks(server)
    mark(project, "killed")
    with kb_build(project, out) as builder:
        eventually(lambda: any(out.glob(".new-generation-*")))
        builder.kill()
        builder.wait()
    os.kill(server.pid, signal.SIGHUP)
    assert (out / "current").read_text(encoding="ascii").strip() == old
    assert (served(server), marks(server)) == (old, old_marks)
    new = build(project, out).manifest.hash
    assert not any(out.glob(".new-generation-*"))
    eventually(lambda: served(server) == new)
    assert marks(server) == {"marked killed"}


def test_a_dump_is_sent_to_its_end_although_its_generation_is_removed(tmp_path: Path) -> None:
    project, out = marked_project(tmp_path / "project"), tmp_path / "generations"
    first = build(project, out)
    content = os.urandom(16) * 1_000_000
    dump = first.folder / "dump" / "entities.ttl"
    dump.write_bytes(content)
    manifest = json.loads((first.folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = file_digests(first.folder)
    (first.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    settings = {"generation": str(first.folder), "project": str(project.root), "generations": str(out)}
    with ServerProcess(settings) as server, Connection(server.port, receive=4096) as slow:
        slow.send(b"GET /dump/entities.ttl HTTP/1.1\r\nHost: a\r\n\r\n")
        assert slow.socket.recv(1, socket.MSG_PEEK) == b"H"
        for text in ("second", "third"):
            mark(project, text)
            new = build(project, out).manifest.hash
            eventually(lambda expected=new: served(server) == expected)
            assert marks(server) == {f"marked {text}"}
        assert not first.folder.exists()
        reply = slow.reply()
        assert (reply.status, reply.body == content) == (200, True)
        assert server.get("/dump/entities.ttl").status == 200
        assert "Traceback" not in server.log_text()


def test_a_signal_to_look_does_not_end_a_server_that_starts(settings: dict[str, Any]) -> None:
    starting = ServerProcess(settings)
    eventually(lambda: bool(children(starting.pid)))
    stop = threading.Event()
    signals = threading.Thread(target=look_again_and_again, args=(starting.pid, stop))
    signals.start()
    try:
        with starting as server:
            assert len(marks(server)) == 1
            stop.set()
    finally:
        stop.set()
        signals.join()


def look_again_and_again(pid: int, stop: threading.Event) -> None:
    while not stop.wait(0.02):
        os.kill(pid, signal.SIGHUP)


def test_a_look_for_which_no_process_can_be_made_is_repeated(
    small_generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = asyncio.Event()
    refusals: list[str] = []

    async def serve(generation: Generation) -> None:
        assert generation == small_generation
        served.set()

    async def inspected(_: Path) -> Generation:
        if not refusals:
            refusals.append("once")
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return small_generation

    async def main() -> None:
        monkeypatch.setattr("server.generations.reload.inspect", inspected)
        reloader = Reloader(small_generation.folder.parent, serve)
        running = asyncio.create_task(reloader.run("another"))
        await served.wait()
        running.cancel()

    asyncio.run(asyncio.wait_for(main(), 20))
