"""Server processes, as the tests start them and a user does, with their logs and a plain HTTP client.

A server chooses its port itself and tells it in its log, in the line that also says that requests can come.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from prometheus_client.parser import text_string_to_metric_families

from server.config import Limits

__all__ = [
    "HANG_SECONDS",
    "KbServe",
    "Reply",
    "Server",
    "ServerProcess",
    "alive",
    "children",
    "descendants",
    "eventually",
    "process_count",
]

#: After this a test that waits for an event gives up: far more than the slowest machine takes.
HANG_SECONDS = 120.0

_RUNNER = Path(__file__).with_name("run_server.py")
_KB = Path(sys.executable).with_name("kb")
_READY = re.compile(r"[Ss]erving on http://[^\s/]+:(\d+)[/\n]")


@dataclass(frozen=True)
class Reply:
    """What came back to a request."""

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


class Server:
    """A server process: takes requests inside its context, is ended by leaving it.

    :param command: starts it, on a port of its own choice
    :param folder: working folder of the process
    :ivar start_seconds: after this a server that does not take requests is given up
    """

    start_seconds = HANG_SECONDS

    def __init__(self, command: Sequence[str | Path], folder: Path | None = None) -> None:
        self.port = 0
        self.process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE)
        self._log = bytearray()
        self._log_ended = False
        self._log_grew = threading.Condition()
        self._log_reader = threading.Thread(target=self._read_log, daemon=True)
        self._log_reader.start()

    def __enter__(self) -> Self:
        try:
            self.port = int(self.wait_for_log(_READY, self.start_seconds)[1])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._log_reader.join(HANG_SECONDS)
        if self.process.stderr is not None:
            self.process.stderr.close()

    @property
    def url(self) -> str:
        """Address of the home page, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def web_pid(self) -> int:
        """The process that answers requests."""
        (web,) = children(self.pid)
        return web

    def suspend_queries(self) -> None:
        """Stop the workers that evaluate a query: until the server kills them they take no processor time."""
        for fork_server in children(self.web_pid):
            for worker in children(fork_server):
                with suppress(OSError):  # it has ended meanwhile
                    if any(_state(int(thread.name)) == "R" for thread in Path(f"/proc/{worker}/task").iterdir()):
                        os.kill(worker, signal.SIGSTOP)

    def log_text(self) -> str:
        """Return what the server has written so far."""
        with self._log_grew:
            return self._log.decode()

    def wait_for_log(self, pattern: str | re.Pattern[str], seconds: float = HANG_SECONDS) -> re.Match[str]:
        """Wait until the log holds a match of a regular expression, and return the match."""
        found: re.Match[str] | None = None

        def is_there() -> bool:
            nonlocal found
            found = re.search(pattern, self._log.decode(errors="replace"))
            return found is not None or self._log_ended

        with self._log_grew:
            self._log_grew.wait_for(is_there, seconds)
        assert found is not None, f"the log lacks {pattern}:\n{self.log_text()}"
        return found

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        descriptor = self.process.stderr.fileno()
        while part := os.read(descriptor, 65536):
            with self._log_grew:
                self._log += part
                self._log_grew.notify_all()
        with self._log_grew:
            self._log_ended = True
            self._log_grew.notify_all()

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """End the server and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(HANG_SECONDS)

    def request(  # noqa: PLR0913  what a request is made of
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = None,
        *,
        timeout: float = HANG_SECONDS,
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
        (value,) = self.metrics(name, **labels)
        return value

    def metrics(self, *names: str, **labels: str) -> list[float]:
        """Return the values of some metrics at one moment, see `metric`."""
        lines = self.get("/metrics").text.splitlines(keepends=True)
        wanted = "".join(line for line in lines if line.startswith(names))
        samples = [sample for family in text_string_to_metric_families(wanted) for sample in family.samples]
        return [
            sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())
            for name in names
        ]

    def query(self, text: str, accept: str = "application/sparql-results+json", **parameters: str) -> Reply:
        """Send a query by POST, directly."""
        path = f"/sparql?{urlencode(parameters)}" if parameters else "/sparql"
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        return self.request("POST", path, headers, text.encode())


class ServerProcess(Server):
    """A server with settings that `kb serve` has no options for.

    :param settings: generation or data, project, public_base, limits: see ``run_server.py``
    """

    def __init__(self, settings: Mapping[str, Any], port: int = 0) -> None:
        super().__init__([sys.executable, _RUNNER, str(port), json.dumps(settings)])


class KbServe(Server):
    """`kb serve` as a user starts it.

    :param options: more options of the command, for example ``--data`` and a file
    :param general: options of `kb` itself, for example ``--project`` and a folder
    """

    def __init__(
        self, options: Sequence[str | Path] = (), *, general: Sequence[str | Path] = (), folder: Path | None = None
    ) -> None:
        super().__init__([_KB, *general, "serve", "--port", "0", *options], folder)


def eventually(condition: Callable[[], bool], seconds: float = HANG_SECONDS) -> None:
    """Wait until a condition holds that no event tells."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not come to that"
        time.sleep(0.02)


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


def process_count(limits: Limits | None = None) -> int:
    """Return how many descendants a server has: the web process, two fork servers, and their workers."""
    limits = limits or Limits()
    return 3 + limits.workers + limits.page_workers


def alive(pids: Iterable[int]) -> set[int]:
    """Return those of some processes that still run; one that nobody has waited for yet is dead."""
    return {pid for pid in pids if _state(pid) not in ("", "Z", "X")}


def _state(pid: int) -> str:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""
