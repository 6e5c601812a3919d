"""The web process: everything between the listening sockets and the query workers, in one event loop.

`server.processes.start` is the module that the process runs.
"""

import asyncio
import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial

import uvloop

from server import logs
from server.app import create_app
from server.backend import Backend
from server.clients import is_proxy
from server.config import ServerConfig
from server.evaluation.processes import ForkServerClient
from server.http.app import App
from server.http.connections import Connections
from server.http.guard import protocol_factory
from server.http.threads import Threads

__all__ = ["serve"]

_BACKLOG = 1024
_DRAIN_SECONDS = 3.0
_LAST_SECONDS = 4.0  # for the replies to queries that were ended; a loaded machine needs a while to write them
_OTHER_DESCRIPTORS = 200
_COLLECT_AFTER = 20_000
#: A thread that renders a page yields to the event loop after this; in the default of 5 ms many queries arrive.
_SWITCH_SECONDS = 0.0005

_log = logging.getLogger("server.processes.web")


def serve(
    config: ServerConfig, fork_server: ForkServerClient, listeners: Sequence[int], ready: Callable[[], None]
) -> None:
    """Serve until SIGTERM; at SIGHUP look whether there is a new generation.

    :param fork_server: the parent of the query workers
    :param listeners: descriptors of listening sockets
    :param ready: called when requests can come
    :raises GenerationError: if the generation cannot be queried
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    web = _Web(config, fork_server, listeners)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(web.run(ready))


class _Web:
    """The parts of the web process; see `serve`."""

    def __init__(self, config: ServerConfig, fork_server: ForkServerClient, listeners: Sequence[int]) -> None:
        _allow_descriptors(config.limits.connections + _OTHER_DESCRIPTORS)
        self._listeners = [socket.socket(fileno=descriptor) for descriptor in listeners]
        self._backend = Backend(config, fork_server)
        self._log = logs.AccessLog()
        host, port = self._listeners[0].getsockname()[:2]
        self._threads = Threads(create_app(config, self._backend), config.limits, (host, port))
        metrics = self._backend.metrics
        app = App(self._threads, self._backend.service, config, metrics, self._log)
        proxies = config.trusted_proxies
        self._connections = Connections(config.limits, lambda peer: is_proxy(peer, proxies))
        self._protocol = protocol_factory(app, self._connections)
        metrics.registry.register(self._connections)
        metrics.registry.register(self._threads)

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve until SIGTERM.

        :param ready: called when requests can come
        """
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._backend.reloader.look)
        try:
            await self._backend.open()
            tasks = [loop.create_task(work) for work in (self._connections.sweep(), self._backend.reload())]
            for task in tasks:
                task.add_done_callback(partial(_end_with, stop))
            servers = [
                await loop.create_server(self._protocol, sock=listener, backlog=_BACKLOG)
                for listener in self._listeners
            ]
            ready()
            await self._backend.load()
            _settle()
            await stop.wait()
            for server in servers:
                server.close()
            for task in tasks:
                task.cancel()
            await self._connections.drain(_DRAIN_SECONDS)
        finally:
            await self._backend.close()  # running queries end with a problem
            await self._connections.drain(_LAST_SECONDS)
            self._connections.close()
            self._threads.close()
            self._log.close()


def _end_with(stop: asyncio.Event, task: "asyncio.Task[None]") -> None:
    """End the web process, which the supervisor then replaces, if a task that must not stop has failed."""
    if not task.cancelled() and (error := task.exception()):
        _log.critical("the web process ends: %s", task.get_name(), exc_info=error)
        stop.set()


def _allow_descriptors(number: int) -> None:
    """Raise the open-file limit to `number`, or as far as the hard limit allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number if hard == resource.RLIM_INFINITY else min(number, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _settle() -> None:
    """Exempt the objects made so far from garbage collection, and let it run less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 100)
