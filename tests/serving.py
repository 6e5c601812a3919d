"""A server process and a plain HTTP client, for the tests."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import urlencode

from prometheus_client.parser import text_string_to_metric_families

__all__ = ["Reply", "ServerProcess", "alive", "children", "descendants", "eventually"]

_RUNNER = Path(__file__).with_name("run_server.py")
_START_SECONDS = 60


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        return self.headers.get_content_type()


class ServerProcess:
    """A running server.

    :param settings: generation or data, project, public_base, limits
    :param port: port to listen on, or None for a free one
    """

    def __init__(self, settings: Mapping[str, Any], port: int | None = None) -> None:
        self.port = port or free_port()
        self.log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (closed by stop)
        self.process = subprocess.Popen(
            [sys.executable, str(_RUNNER), str(self.port), json.dumps(settings)], stderr=self.log
        )

    def __enter__(self) -> Self:
        limit = time.monotonic() + _START_SECONDS
        while time.monotonic() < limit and self.process.poll() is None:
            try:
                self.request("GET", "/health", timeout=2)
            except OSError:
                time.sleep(0.05)
            else:
                return self
        self.stop()
        log = self.log_text()
        self.log.close()
        raise AssertionError(f"the server did not start:\n{log}")

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.log.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def web_pid(self) -> int:
        """The process that answers requests."""
        (web,) = children(self.pid)
        return web

    def log_text(self) -> str:
        self.log.seek(0)
        return self.log.read().decode()

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """End the server and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(30)

    def request(  # noqa: PLR0913  what a request is made of
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = None,
        *,
        timeout: float = 60,
        source: str = "127.0.0.1",
    ) -> Reply:
        """Send a request on a connection of its own, from an address of this machine; redirects are not followed."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout, source_address=(source, 0))
        try:
            connection.request(method, path, body, dict(headers or {}), encode_chunked=not isinstance(body, bytes))
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, accept: str | None = None, **headers: str) -> Reply:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("GET", path, sent if accept is None else {"Accept": accept, **sent})

    def metric(self, name: str, **labels: str) -> float:
        """Return the value of one metric now, 0 where it has none yet."""
        families = text_string_to_metric_families(self.get("/metrics").text)
        samples = [sample for family in families for sample in family.samples]
        return sum(
            sample.value for sample in samples if sample.name == name and labels.items() <= sample.labels.items()
        )

    def query(self, text: str, accept: str = "application/sparql-results+json", **parameters: str) -> Reply:
        """Send a query by POST, directly."""
        path = f"/sparql?{urlencode(parameters)}" if parameters else "/sparql"
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        return self.request("POST", path, headers, text.encode())


def eventually(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until a condition holds."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not come to that"
        time.sleep(0.02)


def free_port() -> int:
    """Return a port that nobody listens on, below those that the kernel gives to connections on their way out."""
    while True:
        port = random.randrange(10_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def children(pid: int) -> list[int]:
    """Return the process ids of a process's children, whichever of its threads made them."""
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):  # a process that ended meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended meanwhile
                found += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
    return found


def descendants(pid: int) -> set[int]:
    """Return the process ids of a process's children, their children and so on."""
    return {found for child in children(pid) for found in (child, *descendants(child))}


def alive(pids: Iterable[int]) -> set[int]:
    """Return those of some processes that still run; one that nobody has waited for yet is dead."""
    return {pid for pid in pids if _state(pid) not in ("", "Z", "X")}


def _state(pid: int) -> str:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""
