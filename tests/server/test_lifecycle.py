"""Start and end of a server: clear messages, no process left behind."""

import json
import os
import signal
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from support.servers import ServerProcess, alive, children, descendants, eventually

from kb.config import Project
from kb.generations.generation import Generation
from server.config import Limits

_ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture
def settings(generation: Generation, project: Project) -> dict[str, Any]:
    return {"generation": str(generation.folder), "project": str(project.root)}


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_told_server_ends_and_leaves_no_process(settings: dict[str, Any], sign: signal.Signals) -> None:
    with ServerProcess(settings) as server:
        eventually(lambda: len(descendants(server.pid)) == 2 + Limits().workers)  # the web process, the fork server
        processes = descendants(server.pid)
        assert server.query("ASK {}").status == 200
        assert server.stop(sign) == 0
        eventually(lambda: not alive(processes))
        assert "Traceback" not in server.log_text()


def test_a_server_ends_while_a_query_runs(settings: dict[str, Any]) -> None:
    with ServerProcess(settings | {"limits": {"query_seconds": 60.0}}) as server:
        running = threading.Thread(target=lambda: _ignore_end(server))
        running.start()
        eventually(lambda: server.metric("kb_queries_running") == 1)
        processes = descendants(server.pid)
        assert server.stop() == 0
        eventually(lambda: not alive(processes))
        running.join()


def _ignore_end(server: ServerProcess) -> None:
    try:
        server.query(_ENDLESS)
    except (OSError, ValueError):
        return


def test_a_killed_server_leaves_no_process(settings: dict[str, Any]) -> None:
    with ServerProcess(settings) as server:
        processes = descendants(server.pid)
        server.stop(signal.SIGKILL)
        eventually(lambda: not alive(processes))


def test_a_web_process_that_died_is_replaced(settings: dict[str, Any]) -> None:
    with ServerProcess(settings) as server:
        processes = descendants(server.pid)
        web = server.web_pid
        os.kill(web, signal.SIGKILL)
        eventually(lambda: not alive({web}) and children(server.pid) not in ([], [web]))
        assert server.query("ASK {}").status == 200
        eventually(lambda: not alive(processes))


def test_an_address_in_use_is_said_so(settings: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(AssertionError) as failure:
        ServerProcess(settings, port=taken.getsockname()[1]).__enter__()
    assert "cannot be listened on (Address already in use)" in str(failure.value)


def test_a_damaged_generation_is_not_served(settings: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "manifest.json").write_text(json.dumps({"hash": "0"}), encoding="utf-8")
    with pytest.raises(AssertionError) as failure:
        ServerProcess(settings | {"generation": str(tmp_path)}).__enter__()
    assert "damaged manifest" in str(failure.value)


def test_any_rdf_files_are_served(traps: ServerProcess) -> None:
    rows = traps.query("SELECT ?g ?o { GRAPH ?g { ?s <http://example.org/inside> ?o } }").json["results"]["bindings"]
    assert [(row["g"]["value"], row["o"]["value"]) for row in rows] == [
        ("http://example.org/graph", "a named graph of the file")
    ]
    assert traps.get("/", "text/html").status == 200
    assert traps.get("/dump/", "text/html").status == 200
