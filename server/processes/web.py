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
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TextIO

import uvloop

from kb.errors import GenerationError, KbError
from kb.generations.generation import Generation, open_generation
from server import logs
from server.app import create_app
from server.clients import is_proxy
from server.config import ServerConfig
from server.evaluation.confinement import die_with_parent
from server.evaluation.pool import Pool
from server.evaluation.service import Results
from server.generations.reload import Reloader
from server.http.connections import HttpServer
from server.http.gateway import Gateway
from server.http.threads import Threads
from server.metrics import Family, Metrics
from server.site import SITE, Site, open_site

__all__ = ["main"]

_BACKLOG = 1024
_DRAIN_SECONDS = 3.0
_LAST_SECONDS = 0.5
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
        self._config = config
        self._listeners = [socket.socket(fileno=descriptor) for descriptor in listeners]
        self._generation = _open(config)
        self._pool = Pool(self._generation, config.limits)
        self._results = Results(self._pool, config.limits.cache_mib)
        self._metrics = Metrics()
        self._reloader = Reloader(config.generations, self._prepare, self._serve)
        self._app = create_app(self._prepare(self._generation), self._metrics, self._reloader)
        self._log = logs.AccessLog()
        host, port = self._listeners[0].getsockname()[:2]
        self._threads = Threads(self._app, self._results.turns, config.limits, (host, port))
        gateway = Gateway(self._threads, self._results, config, self._metrics, self._log)
        proxies = config.trusted_proxies
        self._http = HttpServer(gateway, gateway.refuse, config.limits, lambda peer: is_proxy(peer, proxies))
        gateway.sending = lambda: self._http.sending
        for part in (self, self._http, self._threads, self._results, self._pool, self._reloader):
            self._metrics.observe(part.families)

    def families(self) -> Iterable[Family]:
        """Return what is to be measured about the generation."""
        manifest = self._generation.manifest
        labels = (("hash", manifest.hash), ("created", manifest.created))
        yield Family("kb_generation_info", "gauge", "The generation that is served.", [("", labels, 1)])
        triples = manifest.sizes.default_graph
        yield Family("kb_generation_triples", "gauge", "Triples in its default graph.", [("", (), triples)])

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve until SIGTERM.

        :param ready: is called when requests can come
        """
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reloader.look)
        try:
            await self._pool.open()
            self._results.bind()
            chores = [self._http.sweep(), self._reloader.run(self._generation.manifest.hash)]
            tasks = [loop.create_task(chore) for chore in chores]
            for task in tasks:
                task.add_done_callback(partial(_end_with, stop))
            servers = [
                await loop.create_server(self._http.protocol, sock=listener, backlog=_BACKLOG)
                for listener in self._listeners
            ]
            _settle()
            ready()
            await stop.wait()
            await self._stop(servers, tasks)
        finally:
            await self._pool.close()  # what runs ends with a problem
            await self._http.drain(_LAST_SECONDS)
            self._http.close()
            self._threads.close()
            self._log.close()

    async def _stop(self, servers: Iterable[asyncio.Server], tasks: Iterable["asyncio.Task[None]"]) -> None:
        for server in servers:
            server.close()
        for task in tasks:
            task.cancel()
        await self._http.drain(_DRAIN_SECONDS)

    def _prepare(self, generation: Generation) -> Site:
        return open_site(self._config, generation, self._results)

    async def _serve(self, generation: Generation, site: Site) -> None:
        await self._pool.serve(generation)
        self._generation = generation
        self._app.extensions[SITE] = site
        self._results.cache.clear()


def _open(config: ServerConfig) -> Generation:
    """Return the current generation, or the one that was served at first where the current one is damaged."""
    if config.generations is not None:
        try:
            return open_generation(config.generations)
        except GenerationError:
            pass  # the reloader will say so
    return open_generation(config.generation)


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
