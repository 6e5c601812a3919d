"""`kb serve` as a function: find or build the generation to serve, and serve it until SIGTERM or SIGINT."""

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from kb.config import Project
from kb.generations.generation import CURRENT, Generation
from server import logs
from server.config import Limits, ServerConfig
from server.generations.files import build_from_files
from server.processes.supervisor import Supervisor, listen

__all__ = ["run", "serve"]

_DEFAULTS = Limits()
_SIGNALLED = 128  # what a shell adds to the number of the signal that ended a program


def serve(  # noqa: PLR0913  (the options of `kb serve`)
    generation: Generation | None,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits = _DEFAULTS,
    data: Sequence[Path] = (),
    project: Project | None = None,
    public_base: str = "",
    trusted_proxies: Sequence[str] = (),
) -> None:
    """Serve until SIGTERM or SIGINT.

    :param generation: what to serve, unless there is `data`
    :param host: address to listen on
    :param port: port to listen on; 0 takes a free one, which the log names
    :param limits: see `Limits`
    :param data: RDF files to serve instead of a generation
    :param project: the project whose competency questions go with a generation
    :param public_base: address under which the public reaches the server, see `ServerConfig`
    :param trusted_proxies: see `ServerConfig`
    :raises UsageError: if the server cannot listen on the address
    :raises KbError: if the generation is missing or damaged, or the files cannot be read
    """
    with _folder(generation, data, limits) as folder:
        config = ServerConfig(
            generation=folder,
            project=None if data else project,
            public_base=public_base,
            limits=limits,
            generations=None if data or not (folder.parent / CURRENT).is_file() else folder.parent,
            trusted_proxies=tuple(trusted_proxies),
        )
        run(config, host, port)


def run(config: ServerConfig, host: str, port: int) -> None:
    """Serve a built generation until SIGTERM or SIGINT; no process is left behind.

    :raises UsageError: if the server cannot listen on the address
    :raises DataError: if the generation is missing or damaged
    """
    logs.configure()
    listeners = listen(host, port)
    try:
        Supervisor(config, listeners).run()
    finally:
        for listener in listeners:
            listener.close()


@contextmanager
def _folder(generation: Generation | None, data: Sequence[Path], limits: Limits) -> Iterator[Path]:
    if generation is not None and not data:
        yield generation.folder
        return
    with _ended_by_exception(), _temporary_folder() as folder:
        build_from_files(data, folder, limits)
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
