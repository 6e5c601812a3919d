"""The fork server: a process of one thread that has everything imported, forks workers, and ends them.

The web process has threads, and a fork of it could inherit a lock that is never released; a fresh interpreter would
take a third of a second for each worker. This process forks in milliseconds. It holds what the answers are made of,
which its workers share. It listens on one socket, for one request at a time:

    {"fork": {}}           comes with a file descriptor, the worker's end of its channel; the reply is ``{"pid": …}``,
                           or ``{"errno": …}`` if no process can be made
    {"kill": pid}          ends a worker
    {"reap": pid}          the worker has ended by itself; the reply is ``{"status": …}``
    {"deprioritize": pid}  makes a worker give way to other processes

It alone sends signals to workers: until it has waited for one, no other process gets its number. When the web process
goes away, so do this process and all workers.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from kb.errors import GenerationError
from server.config import Limits, ServerConfig
from server.evaluation.messages import CONTROL_BYTES, UNKNOWN_STATUS
from server.evaluation.worker import Make, work

__all__ = ["ForkServer", "serve_forks"]

#: For one remote store: the connection of a worker, and the one that takes its place.
_DESCRIPTORS = 2
_NICE_STEP = 10  # beside a process of normal priority a tenth of a processor is left
_LOWEST_PRIORITY = 19


def serve_forks(
    load: Callable[[ServerConfig], Callable[[], Make]],
    stores: Callable[[ServerConfig], int] = lambda config: len(config.endpoints),
) -> None:
    """Serve requests on an inherited socket until its other end is closed.

    The first argument of the process is the number of the socket, the second one the `ServerConfig` in JSON.

    :param load: reads what all workers share, and returns what each does before it is confined, see `work`
    :param stores: returns how many remote stores a worker may connect to
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the web process, which then closes the socket
    config = ServerConfig.from_json(sys.argv[2])
    try:
        fork_server = ForkServer(load(config), config.limits, _DESCRIPTORS * stores(config))
    except GenerationError:
        sys.exit(os.EX_DATAERR)  # the web process sees that it is gone
    control = socket.socket(fileno=int(sys.argv[1]))
    exits = _exits()
    while True:
        ready, _, _ = select.select([control.fileno(), exits], [], [])
        if exits in ready:
            os.read(exits, CONTROL_BYTES)
            fork_server.reap_killed()
        if control.fileno() in ready:
            message, descriptors, _, _ = socket.recv_fds(control, CONTROL_BYTES, 1)
            if not message:
                break
            control.sendall(json.dumps(fork_server.serve(json.loads(message), descriptors)).encode())
    fork_server.end()


def _exits() -> int:
    """Return a descriptor that can be read after a child has ended.

    A handler alone would miss one that ends just before this process waits for the next request.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reading


class ForkServer:
    """Forks workers, and keeps track of those that it has not waited for.

    :param prepare: what each of them does first, see `work`
    :param limits: what they must keep to
    :param sockets: how many each of them may open
    """

    def __init__(self, prepare: Callable[[], Make], limits: Limits, sockets: int = 0) -> None:
        self._prepare = prepare
        self._limits = limits
        self._sockets = sockets
        gc.freeze()  # a collection in a worker would copy what is shared
        self._running: set[int] = set()
        self._killed: set[int] = set()  # their status is of no interest

    def serve(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, int]:
        """Carry out one request and return the reply."""
        match request:
            case {"fork": _}:
                return self._start_worker(descriptors[0])
            case {"kill": int(worker)} if worker in self._running:
                self._kill(worker)
            case {"reap": int(worker)} if worker in self._running:
                self._running.discard(worker)
                return {"status": os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])}
            case {"deprioritize": int(worker)} if worker in self._running:
                _deprioritize(worker)
        return {"status": UNKNOWN_STATUS}  # of a worker that died with an earlier fork server

    def reap_killed(self) -> None:
        """Wait for the workers that were killed and have ended."""
        for worker in list(self._killed):
            if os.waitpid(worker, os.WNOHANG)[0]:
                self._killed.discard(worker)

    def end(self) -> None:
        """Kill all workers and wait for them."""
        for worker in list(self._running):
            self._kill(worker)
        for worker in self._killed:
            os.waitpid(worker, 0)

    def _start_worker(self, channel: int) -> dict[str, int]:
        parent = os.getpid()
        try:
            worker = os.fork()
        except OSError as error:  # the other workers go on
            os.close(channel)
            return {"errno": error.errno or 0}
        if worker == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            work(channel, self._prepare, self._limits, parent, self._sockets)
        os.close(channel)
        self._running.add(worker)
        return {"pid": worker}

    def _kill(self, worker: int) -> None:
        self._running.discard(worker)
        self._killed.add(worker)
        os.kill(worker, signal.SIGKILL)
        self.reap_killed()  # it may have ended before


def _deprioritize(process: int) -> None:
    """Lower the priority of a process, without starving it; on Linux each thread has a priority of its own."""
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended meanwhile
            priority = os.getpriority(os.PRIO_PROCESS, int(thread.name)) + _NICE_STEP
            os.setpriority(os.PRIO_PROCESS, int(thread.name), min(priority, _LOWEST_PRIORITY))
