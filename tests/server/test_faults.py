"""Faults of the server's own: each ends in a 500 at once, or in a connection that is cut; none hangs."""

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from http.client import IncompleteRead, RemoteDisconnected
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask, Response, send_file
from raw import Connection
from support.servers import HANG_SECONDS, Reply, ServerProcess, eventually

from kb.generations.generation import Generation
from server import errors
from server.backend import Backend
from server.config import ServerConfig
from server.dispatch import Dispatcher
from server.http.app import App
from server.http.connections import Connections
from server.http.guard import protocol_factory
from server.logs import AccessLog
from server.metrics import Metrics
from server.openapi.documented import documented

pytestmark = pytest.mark.xdist_group("core")

_SOON = 30  # seconds; without a reply a connection ends after 40


def faulty(folder: Path) -> Flask:
    """An application with faults that Flask itself cannot tell."""
    app = Flask("faulty")
    errors.register(app)
    file = folder / "file"
    file.write_bytes(b"a" * 1000)

    def broken() -> Iterator[bytes]:
        yield b"a"
        raise RuntimeError("in the middle of a body")

    def shortened() -> Response:
        response = send_file(file, mimetype="text/plain")
        file.write_bytes(b"a" * 100)
        return response

    answers: dict[str, Callable[[], Any]] = {
        "body": lambda: Response(broken()),
        "vanished": lambda: send_file(folder / "vanished"),
        "unreadable": lambda: send_file(folder),
        "header": lambda: Response("a", headers={"X": "\u0416"}),
        "right": lambda: "right",
        "short": shortened,
    }
    for name, answer in answers.items():
        app.add_url_rule(f"/{name}", name, documented(direct=True)(answer))
    return app


@pytest.fixture(scope="module")
def port(small_generation: Generation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server, in this process, of an application with faults."""
    ports: list[int] = []
    started, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        config = ServerConfig(small_generation.folder)
        backend = cast("Backend", SimpleNamespace(config=config, queries=None, pages=None, fetches=None))
        dispatcher = Dispatcher(faulty(tmp_path_factory.mktemp("faulty")), backend, "127.0.0.1")
        log = AccessLog()
        answering = App(dispatcher, config, Metrics(), log)
        connections = Connections(config.limits)
        protocol = protocol_factory(answering, connections)
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(protocol, "127.0.0.1", 0)
        ports.append(listening.sockets[0].getsockname()[1])
        loops.append(loop)
        started.set()
        await stop.wait()
        listening.close()
        connections.close()
        log.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(HANG_SECONDS)
    yield ports[0]
    loops[0].call_soon_threadsafe(stop.set)
    thread.join()


def require_internal(reply: Reply) -> None:
    assert (reply.status, reply.media_type) == (500, "application/problem+json")
    assert reply.json["code"] == "internal"
    assert "Traceback" not in reply.text
    assert "/" not in reply.json["detail"]


@pytest.mark.parametrize("path", ["body", "vanished", "unreadable"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_fault_is_told_at_once(port: int, path: str, method: str) -> None:
    with Connection(port) as connection:
        connection.socket.settimeout(_SOON)
        connection.send(f"{method} /{path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        reply = connection.reply(method)
        if method == "HEAD":
            assert reply.status == 500
        else:
            require_internal(reply)


def test_a_connection_goes_on_after_a_fault(port: int) -> None:
    with Connection(port) as connection:
        connection.socket.settimeout(_SOON)
        connection.send(b"GET /body HTTP/1.1\r\nHost: a\r\n\r\nGET /right HTTP/1.1\r\nHost: a\r\n\r\n")
        require_internal(connection.reply())
        assert connection.reply().text == "right"


def test_a_file_that_became_shorter_is_no_whole_answer(port: int) -> None:
    with Connection(port) as connection:
        connection.socket.settimeout(_SOON)
        connection.send(b"GET /short HTTP/1.1\r\nHost: a\r\n\r\n")
        with pytest.raises(AssertionError, match="the body was cut short"):
            connection.reply()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_header_that_cannot_be_sent_ends_the_connection(port: int, method: str) -> None:
    with Connection(port) as connection:
        connection.socket.settimeout(_SOON)
        connection.send(f"{method} /header HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            connection.reply(method)


def test_a_dump_that_is_cut_short_is_not_taken_for_a_whole_one(small: dict[str, Any], tmp_path: Path) -> None:
    copied = shutil.copytree(small["generation"], tmp_path / "generation")
    with ServerProcess({**small, "generation": str(copied), "limits": {"workers": 1}}) as server:
        dump = copied / "dump" / "ammtc.nq.gz"
        os.truncate(dump, dump.stat().st_size // 2)
        with pytest.raises((IncompleteRead, RemoteDisconnected)):
            server.get("/dump/ammtc.nq")
        assert server.get("/health").status == 200


def test_a_dump_is_closed_that_nobody_reads_to_its_end(core: ServerProcess) -> None:
    def descriptors() -> int:
        return sum(1 for _ in Path(f"/proc/{core.web_pid}/fd").iterdir())

    before = descriptors()
    for _ in range(20):
        with Connection(core.port) as connection:
            connection.send(b"GET /dump/ammtc-union.nq HTTP/1.1\r\nHost: a\r\n\r\n")
            connection.socket.recv(1000)
        core.request("HEAD", "/dump/ammtc-union.nq")
        for status, headers in ((304, {"If-None-Match": "*"}), (412, {"If-Match": '"x"'})):
            assert core.request("GET", "/dump/ammtc-union.nq", headers).status == status
    eventually(lambda: descriptors() <= before + 5)


def test_files_that_vanish_under_a_server(small: dict[str, Any], tmp_path: Path) -> None:
    copied = shutil.copytree(small["generation"], tmp_path / "generation")
    with ServerProcess({**small, "generation": str(copied), "limits": {"workers": 1}}) as server:
        assert server.get("/dump/ammtc.nq.gz").status == 200
        shutil.rmtree(copied / "dump")
        for address in ("/dump/ammtc.nq.gz", "/dump/ammtc.nq", "/dump/entities.ttl", "/dump/"):
            require_internal(server.request("GET", address, {"Accept": "application/json"}, timeout=_SOON))
        assert server.get("/dump/entities.ttl", "text/html").status == 500
        assert server.query("ASK {}").json["boolean"] is True
        assert server.get("/page/id/ammtc-19", "text/html").status == 200
        assert str(tmp_path) not in server.get("/dump/ammtc.nq.gz").text
