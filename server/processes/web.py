"""The web process: everything between the listening sockets and the query workers, in one event loop."""

import asyncio
import gc
import json
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TextIO

import uvloop

from kb.errors import KbError
from server import logs
from server.app import create_app
from server.backend import Backend
from server.clients import is_proxy
from server.config import ServerConfig
from server.evaluation.confinement import die_with_parent
from server.http.app import App
from server.http.guard import Connections
from server.http.threads import Threads

__all__ = ["main"]

_BACKLOG = 1024
_DRAIN_SECONDS = 3.0
_LAST_SECONDS = 4.0  # for the replies to queries that were ended; a loaded machine needs a while to write them
_OTHER_DESCRIPTORS = 200
_COLLECT_AFTER = 20_000
#: A thread that makes a page gives the event loop its turn after this; in the interpreter's own 5 ms come many queries.
_SWITCH_SECONDS = 0.0005

_log = logging.getLogger("server.processes.web")


def main() -> None:
    """Serve until SIGTERM; at SIGHUP look whether there is a new generation.

    Standard input is JSON: ``config``; the descriptors of listening sockets, ``listeners``; that of a pipe, ``told``;
    the process id of the ``parent``. The pipe gets ``{}`` when requests can come, or else what prevents it.
    """
    start = json.load(sys.stdin)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    die_with_parent(start["parent"])
    sys.setswitchinterval(_SWITCH_SECONDS)
    logs.configure()
    with os.fdopen(start["told"], "w") as told:
        try:
            web = _Web(ServerConfig.from_json(start["config"]), start["listeners"])
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(web.run(lambda: _tell(told, {})))
        except KbError as error:
            _tell(told, {"problem": error.problem, "remedy": error.remedy})


class _Web:
    """The parts of the web process.

    :param listeners: descriptors of listening sockets
    :raises KbError: when there is nothing whole to serve
    """

    def __init__(self, config: ServerConfig, listeners: Sequence[int]) -> None:
        _allow_descriptors(config.limits.connections + _OTHER_DESCRIPTORS)
        self._listeners = [socket.socket(fileno=descriptor) for descriptor in listeners]
        self._backend = Backend(config)
        self._log = logs.AccessLog()
        host, port = self._listeners[0].getsockname()[:2]
        self._threads = Threads(create_app(config, self._backend), config.limits, (host, port))
        metrics = self._backend.metrics
        app = App(self._threads, self._backend.service, config, metrics, self._log)
        proxies = config.trusted_proxies
        self._connections = Connections(app, app.refuse, config.limits, lambda peer: is_proxy(peer, proxies))
        metrics.observe(self._connections.families)
        metrics.observe(self._threads.families)

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve until SIGTERM.

        :param ready: is called when requests can come
        """
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._backend.reloader.look)
        try:
            await self._backend.open()
            tasks = [loop.create_task(chore) for chore in (self._connections.sweep(), self._backend.reload())]
            for task in tasks:
                task.add_done_callback(partial(_end_with, stop))
            servers = [
                await loop.create_server(self._connections.protocol, sock=listener, backlog=_BACKLOG)
                for listener in self._listeners
            ]
            _settle()
            ready()
            await stop.wait()
            for server in servers:
                server.close()
            for task in tasks:
                task.cancel()
            await self._connections.drain(_DRAIN_SECONDS)
        finally:
            await self._backend.close()  # what runs ends with a problem
            await self._connections.drain(_LAST_SECONDS)
            self._connections.close()
            self._threads.close()
            self._log.close()


def _end_with(stop: asyncio.Event, task: "asyncio.Task[None]") -> None:
    """End the web process, which is then replaced, where something that must go on has failed."""
    if not task.cancelled() and (error := task.exception()):
        _log.critical("the web process ends: %s", task.get_name(), exc_info=error)
        stop.set()


def _allow_descriptors(number: int) -> None:
    """Allow so many open files and sockets, as far as the operator does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number if hard == resource.RLIM_INFINITY else min(number, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _settle() -> None:
    """Have the garbage collector leave alone what is there for good, and not look for cycles all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 100)


def _tell(told: TextIO, message: dict[str, str]) -> None:
    json.dump(message, told)
    told.close()


if __name__ == "__main__":
    main()
