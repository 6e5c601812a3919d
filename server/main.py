"""The server process: finds what is to be served, then runs granian until it is told to stop."""

import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import Server

from kb.config import Project
from kb.errors import UsageError
from kb.generation import Generation, ensure_generation
from server import logs
from server.app import close_app, create_app
from server.config import Limits, ServerConfig
from server.confinement import die_with_parent
from server.files import generation_of_files
from server.gateway import Gateway

__all__ = ["run", "serve"]

_HEADER_MILLISECONDS = 10_000
_HEADER_BYTES = 128 * 1024
_SHUTDOWN_SECONDS = 5
_DEFAULTS = Limits()


def serve(  # noqa: PLR0913  (the options of `kb serve`)
    source: Project | Generation,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    timeout: float = _DEFAULTS.timeout,
    memory: int = _DEFAULTS.memory,
    workers: int = _DEFAULTS.workers,
    data: Sequence[Path] = (),
    project: Project | None = None,
    public_base: str = "",
) -> None:
    """Serve until SIGTERM or SIGINT.

    :param source: a project, which is built into its folder ``build`` if needed, or a generation
    :param host: address to listen on
    :param port: port to listen on; 0 for a free one, which the log tells
    :param timeout: seconds for a query
    :param memory: MiB for a query
    :param workers: query worker processes
    :param data: RDF files to serve instead of the source
    :param project: where the competency questions are, for a source that is a generation
    :param public_base: address under which the public reaches the server, see `ServerConfig`
    :raises UsageError: when the address cannot be listened on
    :raises KbError: when there is nothing whole to serve
    """
    limits = Limits(timeout=timeout, memory=memory, workers=workers)
    with _generation(source, data) as generation:
        questions = None if data else source if isinstance(source, Project) else project
        run(ServerConfig(generation.folder, questions, public_base, limits), host, port)


def run(config: ServerConfig, host: str, port: int) -> None:
    """Run granian with one web process until SIGTERM or SIGINT; no process is left behind.

    :raises UsageError: when the address cannot be listened on
    """
    port = _free_port(host, port)
    logs.configure()
    server = Server(
        "server.app:create_app",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS, max_buffer_size=_HEADER_BYTES),
        websockets=False,
        workers=1,
        respawn_failed_workers=True,
        workers_kill_timeout=_SHUTDOWN_SECONDS,
        log_enabled=False,
    )
    logging.getLogger("server.main").info("serving on http://%s:%d/", host, port)
    loader: Callable[[], Any] = partial(_load, config, os.getpid())
    server.serve(target_loader=loader, wrap_loader=False)


def _load(config: ServerConfig, parent: int) -> Gateway:
    """Make the application in the web process, which granian forks."""
    die_with_parent(parent)
    return Gateway(create_app(config), close_app, config.limits)


@contextmanager
def _generation(source: Project | Generation, data: Sequence[Path]) -> Iterator[Generation]:
    if data:
        folder = Path(tempfile.mkdtemp(prefix="kb-serve-"))
        try:
            yield generation_of_files(data, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    elif isinstance(source, Project):
        yield ensure_generation(source, source.root / "build")
    else:
        yield source


def _free_port(host: str, port: int) -> int:
    """Return the port, after trying whether it can be listened on; a free one for 0."""
    try:
        for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                port = port or probe.getsockname()[1]
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"The address {host}:{port} cannot be listened on ({reason})", "Choose another --host or --port"
        ) from None
    return port
