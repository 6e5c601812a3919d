"""The systems that are compared: how each of them is installed, loaded, started, measured and ended."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

__all__ = ["ENVIRONMENT", "ROOT", "SYSTEMS", "Running", "System", "SystemFailed", "install", "processor_seconds"]

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = ROOT / "build" / "benchmarks" / "venv"

_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_JSON = "application/sparql-results+json"
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 1200
_STOP_SECONDS = 15


class SystemFailed(Exception):
    """A system could not be installed, loaded or started, or gave no answer; the text says why."""


@dataclass(frozen=True)
class System:
    """One system.

    :param path: of its endpoint
    :param largest: most statements that it is asked to serve unless it is named
    :param packaged: whether `install` brings it
    """

    name: str
    path: str
    largest: int
    packaged: bool = False

    def missing(self) -> str | None:
        """Return what this machine lacks to run the system and how to get it, or None."""
        return None

    def load(self, data: Path, folder: Path) -> None:
        """Bring the data into a store in an empty folder, where the system wants it so."""

    def command(self, data: Path, folder: Path, port: int, timeout: int) -> list[str]:
        """Return the command that serves the data on 127.0.0.1.

        :param timeout: seconds for a query, where the system has such a limit
        """
        raise NotImplementedError

    def started(self, data: Path, folder: Path) -> None:
        """Do what is left to do when the server answers."""


class _Ours(System):
    def command(self, data: Path, folder: Path, port: int, timeout: int) -> list[str]:
        del folder
        options = ["--host", "127.0.0.1", "--port", str(port), "--timeout", str(timeout)]
        return [sys.executable, "-m", "kb", "serve", *options, "--data", str(data)]


class _Oxigraph(System):
    def load(self, data: Path, folder: Path) -> None:
        _run([_installed("oxigraph"), "load", "--location", str(folder / "store"), "--file", str(data)])

    def command(self, data: Path, folder: Path, port: int, timeout: int) -> list[str]:
        del data, timeout  # --timeout-s keeps a thread a query for that long: thousands a second bring it down
        options = ["--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}"]
        return [_installed("oxigraph"), "serve-read-only", *options]


class _RdflibEndpoint(System):
    def command(self, data: Path, folder: Path, port: int, timeout: int) -> list[str]:
        del folder, timeout
        return [_installed("rdflib-endpoint"), "serve", "--host", "127.0.0.1", "--port", str(port), str(data)]


class _Virtuoso(System):
    """Virtuoso with a database of its own in the folder, both of its ports on the loopback address."""

    def missing(self) -> str | None:
        if all(map(shutil.which, ("virtuoso-t", "isql-vt"))):
            return None
        return "virtuoso-t is not installed. On Debian and Ubuntu: apt-get install virtuoso-opensource"

    def command(self, data: Path, folder: Path, port: int, timeout: int) -> list[str]:
        sql = _free_port()
        settings = _VIRTUOSO.format(folder=folder, data=data.parent, http=port, sql=sql, timeout=timeout)
        (folder / "virtuoso.ini").write_text(settings, encoding="utf-8")
        (folder / "sql-port").write_text(str(sql), encoding="utf-8")
        return ["virtuoso-t", "+foreground", "+configfile", str(folder / "virtuoso.ini")]

    def started(self, data: Path, folder: Path) -> None:
        sql = (folder / "sql-port").read_text(encoding="utf-8")
        load = f"ld_dir('{data.parent}', '{data.name}', 'urn:data'); rdf_loader_run(); checkpoint;"
        _run(["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", "VERBOSE=OFF", f"exec={load}"])


_VIRTUOSO = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
ServerThreads = 40
NumberOfBuffers = 85000
MaxDirtyBuffers = 65000
DirsAllowed = {data}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 40
[SPARQL]
ResultSetMaxRows = 1000000
MaxQueryExecutionTime = {timeout}
"""

SYSTEMS: dict[str, System] = {
    system.name: system
    for system in (
        _Ours("kb", "/sparql", 10**7),
        _Oxigraph("oxigraph", "/query", 10**7, packaged=True),
        _RdflibEndpoint("rdflib-endpoint", "/", 10**5, packaged=True),
        _Virtuoso("virtuoso", "/sparql", 10**7),
    )
}


class Running:
    """A system that serves some data.

    :param seconds: from the file to the first answer
    """

    def __init__(self, system: System, data: Path, folder: Path, *, timeout: int = 60, limited: bool = False) -> None:
        """Load and start the system.

        :param folder: an empty folder for whatever the system writes
        :param timeout: seconds for a query, where the system has such a limit
        :param limited: give each process 4 GiB of address space, so that the machine outlives an attack
        :raises SystemFailed: when that does not work
        """
        self.system = system
        self.port = _free_port()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed by stop)
        begin = time.monotonic()
        system.load(data, folder)
        limit = ["prlimit", f"--as={4 * 1024**3}"] if limited else []
        self._process = subprocess.Popen(
            [*limit, *system.command(data, folder, self.port, timeout)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        try:
            self._wait(begin + _START_SECONDS)
            system.started(data, folder)
            self.query("SELECT * WHERE { ?s ?p ?o } LIMIT 1", _START_SECONDS)
        except BaseException:
            self.stop()
            raise
        self.seconds = time.monotonic() - begin

    def query(self, text: str, timeout: float) -> bytes:
        """Return the answer to a query in JSON.

        :raises SystemFailed: when the answer is no 200, or does not come in time
        """
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", f"{self.system.path}?{urlencode({'query': text})}", headers={"Accept": _JSON})
            response = connection.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            raise SystemFailed(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise SystemFailed(f"status {response.status}: {body[:200].decode(errors='replace')}")
        return body

    @property
    def alive(self) -> bool:
        """Whether the process that was started still runs."""
        return self._process.poll() is None

    def memory(self) -> float:
        """Return the proportional set size of the whole process tree, in MiB."""
        return sum(_pss(pid) for pid in self._tree()) / 1024

    def processor_seconds(self) -> float:
        """Return the processor time that the tree has used, with that of children that ended."""
        return sum(processor_seconds(pid) for pid in self._tree())

    def settle(self, seconds: float) -> bool:
        """Wait until the system does nothing any more; tell whether it came to that."""
        end = time.monotonic() + seconds
        before = self.processor_seconds()
        while time.monotonic() < end:
            time.sleep(0.2)
            now = self.processor_seconds()
            if now - before < 0.03:
                return True
            before = now
        return False

    def stop(self) -> None:
        """End the process and whatever it started."""
        tree = self._tree()
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        if self.alive:
            for pid in tree:
                with suppress(ProcessLookupError):
                    os.kill(pid, 9)
        self._process.wait()
        self._log.close()

    def _wait(self, end: float) -> None:
        """Return when the endpoint answers."""
        while time.monotonic() < end:
            if not self.alive:
                self._log.seek(0)
                said = self._log.read().decode(errors="replace").strip().splitlines()
                raise SystemFailed(f"{self.system.name} ended: {' / '.join(dict.fromkeys([*said[:3], *said[-3:]]))}")
            with suppress(SystemFailed):
                self.query("ASK {}", 5)
                return
            time.sleep(0.02)
        raise SystemFailed(f"{self.system.name} did not answer in {_START_SECONDS} s")

    def _tree(self) -> list[int]:
        return [self._process.pid, *_descendants(self._process.pid)]


def install() -> None:
    """Install the systems that come from a package index into an environment of their own, unless they are there.

    :raises SystemFailed: when that does not work
    """
    stamp = ENVIRONMENT / "installed"
    if stamp.exists() and stamp.read_bytes() == _REQUIREMENTS.read_bytes():
        return
    _run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
    pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    _run([*pip, "--quiet", "--requirement", str(_REQUIREMENTS)])
    shutil.copy(_REQUIREMENTS, stamp)


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process and of its children that ended (proc(5), stat); 0 where it is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS_A_SECOND
    return 0


def _installed(program: str) -> str:
    return str(ENVIRONMENT / "bin" / program)


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_START_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SystemFailed(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        raise SystemFailed(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-500:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _descendants(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                yield int(child)
                yield from _descendants(int(child))


def _pss(pid: int) -> int:
    """Return the proportional set size of a process in KiB (proc(5), smaps_rollup); 0 where it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
