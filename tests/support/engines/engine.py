"""A SPARQL 1.1 store as a process on the loopback address, with its data in a folder of its own."""

import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import ClassVar, Self
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import HTTPDigestAuthHandler, HTTPPasswordMgrWithDefaultRealm, ProxyHandler, Request, build_opener

from support.servers import Reply, descendants

__all__ = ["Engine", "EngineFailed", "Login", "free_port", "installed"]

_START_SECONDS = 120.0
_STOP_SECONDS = 60.0


class EngineFailed(Exception):
    """An engine could not be started, or refused what it was asked; the text says why."""


@dataclass(frozen=True)
class Login:
    """An account of the engine that may write, by digest authentication."""

    user: str
    password: str


class Engine:
    """One store: runs inside its context, or between `start` and `stop`; port and data outlive a restart.

    :param folder: an empty folder, or one with the data of an engine that was stopped
    :param union: whether the default graph of a query is the union of all named graphs, where the engine has a choice
    """

    name: ClassVar[str]
    query_path: ClassVar[str] = "/query"
    update_path: ClassVar[str] = "/update"
    graph_store_path: ClassVar[str] = "/store"

    def __init__(self, folder: Path, *, union: bool = True) -> None:
        self.folder = folder
        self.union = union
        self.port = free_port()
        self.login: Login | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @classmethod
    def parts(cls) -> dict[str, str]:
        """Return the programs and files that must be there, each with the way to get it."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Do what must be done in the folder before the process starts."""

    def command(self) -> Sequence[str | Path]:
        """Return the command that serves the folder on `port`."""
        raise NotImplementedError

    def started(self) -> None:
        """Do what is left to do when the process answers."""

    def load(self, file: Path) -> None:
        """Load an N-Quads file with the engine's own loader; those that need the data for themselves must not run."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def query_url(self) -> str:
        return self.url + self.query_path

    @property
    def update_url(self) -> str:
        return self.url + self.update_path

    @property
    def graph_store_url(self) -> str:
        return self.url + self.graph_store_path

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the process and return when it answers.

        :raises EngineFailed: when it ends, or does not answer in two minutes
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.prepare()
        self.spawn()
        try:
            self._wait()
            self.started()
        except BaseException:
            self.kill()
            raise

    def spawn(self) -> None:
        """Start the process and do not wait."""
        with self._log_file.open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self) -> None:
        """End the process as a crash does; return when it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def restart(self) -> None:
        """Start the process again, on the same port with the same data, after `kill` or `stop`."""
        assert not self.alive
        self.start()

    def stop(self) -> None:
        """End the process in good order; one that does not end is killed."""
        if self.alive and self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
            self.kill()

    def memory(self) -> int:
        """Return the resident memory of the process and its children in bytes."""
        return sum(_resident(pid) for pid in (self.pid, *descendants(self.pid)))

    def disk(self) -> int:
        """Return what the folder takes on the disk, in bytes."""
        return sum(path.stat().st_blocks * 512 for path in self.folder.rglob("*") if path.is_file())

    def log_text(self) -> str:
        """Return what the process has written so far."""
        return self._log_file.read_text("utf-8", "replace") if self._log_file.exists() else ""

    def query(self, text: str, accept: str = "application/sparql-results+json", *, timeout: float = 120) -> Reply:
        """Send a query by GET; whatever comes back is the answer.

        :raises OSError: where nothing comes back
        """
        return self.request("GET", f"{self.query_url}?{urlencode({'query': text})}", {"Accept": accept}, None, timeout)

    def ask(self, text: str) -> bool:
        """Return the answer to an ASK query, which Virtuoso 7.2 gives as a table of one row or none."""
        reply = self.query(text, "application/sparql-results+xml")
        if reply.status != 200:
            raise EngineFailed(f"{self.name} answered {reply.status}: {reply.text}")
        return re.search(r"<boolean>\s*true\s*</boolean>|<result>", reply.text) is not None

    def update(self, text: str, *, timeout: float = 120) -> Reply:
        """Send an update with `login`, directly."""
        return self.request(
            "POST", self.update_url, {"Content-Type": "application/sparql-update"}, text.encode(), timeout
        )

    def put_graph(
        self, graph: str, body: bytes, media_type: str = "application/n-triples", *, timeout: float = 600
    ) -> Reply:
        """Replace a named graph by Graph Store PUT with `login`."""
        return self.request("PUT", self.graph_url(graph), {"Content-Type": media_type}, body, timeout)

    def graph_url(self, graph: str) -> str:
        """Return the address of a named graph in the Graph Store Protocol."""
        return f"{self.graph_store_url}?graph={quote(graph, safe='')}"

    def request(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None = None, timeout: float = 120
    ) -> Reply:
        """Send a request, with `login` where the engine asks for it; an error status is an answer too."""
        passwords = HTTPPasswordMgrWithDefaultRealm()
        if self.login is not None:
            passwords.add_password(None, self.url, self.login.user, self.login.password)
        opener = build_opener(ProxyHandler({}), HTTPDigestAuthHandler(passwords))
        try:
            with opener.open(Request(url, body, headers, method=method), timeout=timeout) as reply:
                return Reply(reply.status, reply.headers, reply.read())
        except HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())

    @property
    def _log_file(self) -> Path:
        return self.folder / "engine.log"

    def _wait(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if not self.alive:
                raise EngineFailed(f"{self.name} ended: {self.log_text()[-2000:]}")
            with suppress(URLError, HTTPException, OSError):
                if self.query("ASK {}", timeout=5).status == 200:
                    return
            time.sleep(0.05)
        raise EngineFailed(f"{self.name} did not answer in {_START_SECONDS} s: {self.log_text()[-2000:]}")

    def run(self, command: Sequence[str | Path], *, timeout: float = 3600) -> str:
        """Run a command to its end and return what it wrote.

        :raises EngineFailed: when it fails
        """
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=timeout
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EngineFailed(f"{command[0]}: {error}") from error
        if done.returncode != 0:
            raise EngineFailed(f"{command[0]} ended with {done.returncode}: {(done.stderr + done.stdout)[-2000:]}")
        return done.stdout


def free_port() -> int:
    """Return a port on which nobody listens, of those that the system gives to no connection meanwhile.

    A store that dies and comes back must find its port free, and Virtuoso takes a while before it listens at all.
    """
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    while True:
        port = random.SystemRandom().randrange(10_000, first)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def installed(program: str) -> str:
    """Return the path of a program that came with a Python package, or that is on the path."""
    beside = Path(sys.executable).with_name(program)
    return str(beside) if beside.exists() else shutil.which(program) or program


def _resident(pid: int) -> int:
    """Return the resident set size of a process in bytes (proc(5), statm); 0 where it is gone."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
