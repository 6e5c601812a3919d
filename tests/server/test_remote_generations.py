"""Another generation under a server in front of remote stores: no answer is made of both, whichever store has which."""

import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.servers import ServerProcess, eventually
from support.small_store import SmallStore, serve_store

from kb.config import Project
from kb.generations.build import build
from kb.generations.generation import Generation
from kb.remote.access import open_client
from kb.remote.publish import Publisher

pytestmark = pytest.mark.xdist_group("remote")

_SMALL = Path(__file__).parent.parent / "kb" / "small"
_MARKS = 40
_QUERY = 'SELECT ?mark { ?thing rdfs:label ?mark FILTER (CONTAINS(?mark, "marked")) }'


def _build(project: Project, text: str) -> Generation:
    """Have many things of a project say the same."""
    original = (_SMALL / "graph" / "entities.ttl").read_text(encoding="utf-8")
    marks = "".join(f'id:mark-{number} rdfs:label "marked {text}"@en .\n' for number in range(_MARKS))
    (project.graph / "entities.ttl").write_text(f"{original}\n{marks}", encoding="utf-8")
    return build(project, project.root.parent / "generations")


def _publish(store: SmallStore, generation: Generation) -> None:
    with open_client(store.url, engine="oxigraph") as client:
        publisher = Publisher(client, generation)
        publisher.run(publisher.plan())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(shutil.copytree(_SMALL, tmp_path / "project"))


@pytest.fixture
def stores() -> Iterator[list[SmallStore]]:
    with ExitStack() as stack:
        yield [stack.enter_context(serve_store()) for _ in range(2)]


def _settings(project: Project, generation: Generation, stores: list[SmallStore]) -> dict[str, Any]:
    return {
        "generation": str(generation.folder),
        "project": str(project.root),
        "generations": str(generation.folder.parent),
        "endpoints": [store.url for store in stores],
        "engine": "oxigraph",
        "limits": {"workers": 2, "page_workers": 2, "cache_mib": 0},
    }


class _Client(threading.Thread):
    """Asks all the time; notes the marks in each answer, or the code of the problem."""

    def __init__(self, server: ServerProcess) -> None:
        super().__init__()
        self.found: Counter[tuple[str, ...]] = Counter()
        self.enough = threading.Event()
        self._server = server

    def run(self) -> None:
        while not self.enough.is_set():
            reply = self._server.query(_QUERY)
            content = reply.json
            if reply.status == 200:
                self.found[tuple(sorted(row["mark"]["value"] for row in content["results"]["bindings"]))] += 1
            else:
                self.found[reply.status, content["code"]] += 1  # type: ignore[index]


def test_one_store_after_the_other(project: Project, stores: list[SmallStore]) -> None:
    """Built first, then published: queries go on all the time, to whichever store has what is served."""
    first = _build(project, "first")
    for store in stores:
        _publish(store, first)
    with ServerProcess(_settings(project, first, stores)) as server:
        client = _Client(server)
        client.start()
        try:
            eventually(lambda: client.found.total() > 0)
            second = _build(project, "second")
            eventually(lambda: server.get("/health").json["refused"] is not None)
            refused = server.get("/health").json["refused"]
            assert refused["generation"] == second.manifest.hash
            assert "kb publish" in refused["reason"]
            assert server.get("/health").json["generation"] == first.manifest.hash
            _publish(stores[0], second)
            eventually(lambda: server.get("/health").json["generation"] == second.manifest.hash)
            health = server.get("/health").json
            assert health["refused"] is None
            assert [store["status"] for store in health["stores"]] == ["ok", "other-content"]
            assert server.query(_QUERY).json["results"]["bindings"][0]["mark"]["value"] == "marked second"
            _publish(stores[1], second)
            eventually(lambda: server.get("/health").json["status"] == "ok")
        finally:
            client.enough.set()
            client.join()
    wholes = {(f"marked {name}",) * _MARKS for name in ("first", "second")}
    assert client.found.keys() == wholes


def test_the_only_store(project: Project, stores: list[SmallStore]) -> None:
    """While it is being published nothing is answered; what is answered is whole."""
    first = _build(project, "first")
    _publish(stores[0], first)
    with ServerProcess(_settings(project, first, stores[:1])) as server:
        client = _Client(server)
        client.start()
        try:
            eventually(lambda: client.found.total() > 0)
            second = _build(project, "second")
            _publish(stores[0], second)
            eventually(lambda: server.get("/health").json["generation"] == second.manifest.hash)
            eventually(lambda: server.get("/health").json["status"] == "ok")
            eventually(lambda: client.found[("marked second",) * _MARKS] > 0)
        finally:
            client.enough.set()
            client.join()
    wholes = {(f"marked {name}",) * _MARKS for name in ("first", "second")}
    assert client.found.keys() - wholes <= {(503, "store-unavailable")}
