"""Start and end of a server: clear messages, no process left behind."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import servers
from support.servers import Server, ServerProcess, alive, descendants, eventually, process_count

from kb.errors import UsageError
from server.processes import machine


def test_a_server_that_gets_ctrl_c_ends_and_leaves_no_process(small: dict[str, Any]) -> None:
    with ServerProcess(small) as server:
        eventually(lambda: len(descendants(server.pid)) == process_count())
        processes = descendants(server.pid)
        assert server.query("ASK {}").status == 200
        assert server.stop(signal.SIGINT) == 0
        eventually(lambda: not alive(processes))
        assert "Traceback" not in server.log_text()


def test_an_address_in_use_is_said_so(small: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(AssertionError) as failure:
        ServerProcess(small, port=taken.getsockname()[1]).__enter__()
    assert "cannot be listened on (Address already in use)" in str(failure.value)


def test_a_damaged_generation_is_not_served(small: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "manifest.json").write_text(json.dumps({"hash": "0"}), encoding="utf-8")
    with pytest.raises(AssertionError) as failure:
        ServerProcess(small | {"generation": str(tmp_path)}).__enter__()
    assert "damaged manifest" in str(failure.value)


@pytest.mark.xdist_group("server")
def test_any_rdf_files_are_served(files: ServerProcess) -> None:
    rows = files.query("SELECT ?g ?o { GRAPH ?g { ?s <http://example.org/inside> ?o } }").json["results"]["bindings"]
    assert [(row["g"]["value"], row["o"]["value"]) for row in rows] == [
        ("http://example.org/graph", "a named graph of the file")
    ]
    assert files.get("/", "text/html").status == 200
    assert files.get("/dump/", "text/html").status == 200


def kb_serve(small: dict[str, Any], files: int) -> subprocess.Popen[bytes]:
    """Start `kb serve` where a number of files may be open at a time."""
    options = ["--project", small["project"], "serve", "--port", "0"]
    command = ["prlimit", f"--nofile={files}", str(Path(sys.executable).with_name("kb")), *options]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def test_a_server_that_may_open_too_few_files_says_so(small: dict[str, Any]) -> None:
    done = kb_serve(small, 100)
    _, log = done.communicate()
    assert done.returncode == 2
    assert b"Only 100 files may be open at a time. Allow 1300 or more: `ulimit -n 1300`" in log
    assert b"Traceback" not in log


def test_connections_are_as_many_as_files_may_be_open(small: dict[str, Any]) -> None:
    runner = Path(servers.__file__).with_name("run_server.py")
    with Server(["prlimit", "--nofile=400", sys.executable, runner, "0", json.dumps(small)]) as server:
        server.wait_for_log("at most 200 connections: no more files may be open")
        assert server.query("ASK {}").status == 200


def test_a_machine_without_proc_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "_STATM", tmp_path / "statm")
    with pytest.raises(UsageError, match=r"/proc, which is missing\. Mount it"):
        machine.require_machine()
