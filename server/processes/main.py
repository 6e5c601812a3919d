"""The main process of `kb serve`: it serves a generation, or one that it builds of files, until SIGTERM or SIGINT."""

import logging
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from kb.generations.manifest import read_manifest
from server import logs
from server.config import Limits, ServerConfig
from server.generations.files import build_from_files
from server.processes.supervisor import Supervisor, listening

__all__ = ["built_from", "run"]

_EMPTY = (
    "The default graph of the files is empty: queries find what their named graphs hold by GRAPH or FROM only, unless "
    "--default-graph union is given"
)
_log = logging.getLogger("server.processes.main")
_SIGNALLED = 128  # what a shell adds to the number of the signal that ended a program


def run(config: ServerConfig, host: str, port: int) -> None:
    """Serve a built generation until SIGTERM or SIGINT; no process is left behind.

    :raises UsageError: if the server cannot listen on the address
    :raises DataError: if the generation is missing or damaged
    """
    logs.configure()
    with listening(host, port) as listeners:
        Supervisor(config, listeners).run()


@contextmanager
def built_from(data: Sequence[Path], limits: Limits, *, union: bool = False) -> Iterator[Path]:
    """Build a generation of RDF files, yield its temporary folder, and remove it afterwards, after SIGTERM too.

    :param union: its default graph has what the named graphs hold
    :raises KbError: see `build_from_files`
    """
    with _ended_by_exception(), _temporary_folder() as folder:
        build_from_files(data, folder, limits, union=union)
        manifest = read_manifest(folder)
        if manifest.is_split and not manifest.sizes.default_graph:
            logs.configure()
            _log.warning(_EMPTY)
        yield folder


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """Yield a new folder, and remove it afterwards; signals are blocked until its removal is certain."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix="kb-serve-"))
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield folder
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _ended_by_exception() -> Iterator[None]:
    """Turn SIGTERM into `SystemExit`, so that this process cleans up."""

    def end(number: int, _frame: object) -> NoReturn:
        sys.exit(_SIGNALLED + number)

    former = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)
