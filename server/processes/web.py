"""The web process: everything between the listening sockets and the workers, in one event loop.

`server.processes.start` is the module that the process runs.
"""

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import uvloop

from server import logs
from server.app import create_application
from server.backend import BACKEND, Backend
from server.clients import is_proxy
from server.config import ServerConfig
from server.dispatch import Dispatcher
from server.evaluation.processes import ForkServerClient
from server.http.app import App
from server.http.connections import Connections
from server.http.guard import protocol_factory
from server.processes.machine import allow_open_files

__all__ = ["serve"]

_BACKLOG = 1024
_DRAIN_SECONDS = 3.0
_LAST_SECONDS = 4.0  # for the replies to queries that were ended; a loaded machine needs a while to write them
_COLLECT_AFTER = 20_000
#: A thread that writes the log yields to the event loop after this; in the default of 5 ms many queries arrive.
_SWITCH_SECONDS = 0.0005

_log = logging.getLogger("server.processes.web")


def serve(
    config: ServerConfig, query_forks: ForkServerClient, listeners: Sequence[int], ready: Callable[[], None]
) -> None:
    """Serve until SIGTERM; at SIGHUP look whether there is a new generation.

    :param query_forks: the parent of the query workers
    :param listeners: descriptors of listening sockets
    :param ready: called when requests can come
    :raises GenerationError: if the generation cannot be queried
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    if (allowed := allow_open_files(config.limits.connections)) < config.limits.connections:
        _log.warning("at most %d connections: no more files may be open at a time", allowed)
        config = replace(config, limits=replace(config.limits, connections=allowed))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sockets = [socket.socket(fileno=descriptor) for descriptor in listeners]
        runner.run(_serve(config, Backend(config, query_forks), sockets, ready))


async def _serve(
    config: ServerConfig, backend: Backend, listeners: Sequence[socket.socket], ready: Callable[[], None]
) -> None:
    log, limits = logs.AccessLog(), config.limits
    host, port = listeners[0].getsockname()[:2]
    application = create_application(lambda: backend.site)
    application.extensions[BACKEND] = backend
    backend.metrics.name_routes(application.url_map)
    dispatcher = Dispatcher(application, backend, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    connections = Connections(limits, lambda peer: is_proxy(peer, config.trusted_proxies))
    backend.metrics.registry.register(connections)
    protocol = protocol_factory(App(dispatcher, config, backend.metrics, log), connections)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGHUP, backend.reloader.look)
    try:
        await backend.open()
        tasks = [loop.create_task(work) for work in (connections.sweep(), backend.run())]
        for task in tasks:
            task.add_done_callback(partial(_end_with, stop))
        servers = [await loop.create_server(protocol, sock=listener, backlog=_BACKLOG) for listener in listeners]
        ready()
        _settle()
        await stop.wait()
        for server in servers:
            server.close()
        for task in tasks:
            task.cancel()
        await connections.drain(_DRAIN_SECONDS)
    finally:
        await backend.close()  # what is queued and running ends with a problem
        await connections.drain(_LAST_SECONDS)
        connections.close()
        log.close()


def _end_with(stop: asyncio.Event, task: "asyncio.Task[None]") -> None:
    """End the web process, which the supervisor then replaces, if a task that must not stop has failed."""
    if not task.cancelled() and (error := task.exception()):
        _log.critical("the web process ends: %s", task.get_name(), exc_info=error)
        stop.set()


def _settle() -> None:
    """Exempt the objects made so far from garbage collection, and let it run less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 100)
