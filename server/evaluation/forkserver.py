"""The process that brings up query workers: it has everything imported, forks on demand and buries the dead.

A web process has threads, and a fork of it could inherit a lock that nobody will ever release; a fresh interpreter
would take a third of a second for each worker. This process has one thread and forks in a millisecond. It has the store
of one generation, in memory where it fits, which its workers share. It listens on one socket, for one request at a
time:

    {"spawn": {}}  with a file descriptor, the worker's end of its channel; the reply is ``{"pid": …}``,
                   or ``{"errno": …}`` where no process can be made
    {"kill": pid}  ends a worker that it has brought up
    {"reap": pid}  the worker has ended by itself; the reply is ``{"status": …}``
    {"calm": pid}  has a worker give way to others

It alone sends signals to workers: as long as it has not waited for one, the number is no other process's. When the web
process goes away, so do this process and all workers.
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

from pyoxigraph import Store

from kb.errors import GenerationError
from kb.generations.generation import Generation
from kb.generations.manifest import read_manifest
from server.config import Limits
from server.evaluation.answers import warm_up
from server.evaluation.memory import fits_into_memory, store_in_memory
from server.evaluation.worker import work

__all__ = ["MESSAGE_BYTES", "ORPHANED", "Workers", "main"]

MESSAGE_BYTES = 65536
#: Stands for the exit status of a worker that died with its nursery: no worker ends well by itself.
ORPHANED = 0

_GIVING_WAY = 10  # beside another process a tenth of a processor is left
_LOWEST = 19


def main() -> None:
    """Serve requests on an inherited socket until its other end is closed.

    The first argument is the number of the socket, the second one JSON: the folder of the ``generation``, ``limits``.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the web process, which then closes the socket
    given = json.loads(sys.argv[2])
    warm_up()
    try:
        workers = Workers(Path(given["generation"]), Limits(**given["limits"]))
    except GenerationError:
        sys.exit(os.EX_DATAERR)  # who asks for a worker learns that there is none
    control = socket.socket(fileno=int(sys.argv[1]))
    deaths = _deaths()
    while True:
        ready, _, _ = select.select([control.fileno(), deaths], [], [])
        if deaths in ready:
            os.read(deaths, MESSAGE_BYTES)
            workers.bury()
        if control.fileno() in ready:
            message, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES, 1)
            if not message:
                break
            control.sendall(json.dumps(workers.serve(json.loads(message), descriptors)).encode())
    workers.end()


def _deaths() -> int:
    """Return a descriptor that can be read when a child has ended.

    A handler alone would miss one that ends just before this process waits for the next request.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reading


class Workers:
    """The workers that this process has brought up.

    ``_alive`` may run; ``_killed`` were told to end and nobody asks for their status.

    :param folder: of the generation to query
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._limits = limits
        generation = Generation(folder, read_manifest(folder))  # it was checked before
        if fits_into_memory(generation, limits.store_mib):
            store = store_in_memory(generation)
            self._open: Callable[[], Store] = lambda: store
        else:
            self._open = generation.store
        gc.freeze()  # a collection in a worker would copy what is shared
        self._alive: set[int] = set()
        self._killed: set[int] = set()

    def serve(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, int]:
        """Carry out one request and return the reply."""
        match request:
            case {"spawn": _}:
                return self._spawn(descriptors[0])
            case {"kill": int(worker)} if worker in self._alive:
                self._kill(worker)
            case {"reap": int(worker)} if worker in self._alive:
                self._alive.discard(worker)
                return {"status": os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])}
            case {"calm": int(worker)} if worker in self._alive:
                _calm(worker)
        return {"status": ORPHANED}  # of a worker of another nursery, with which it died

    def bury(self) -> None:
        """Wait for those that were killed and have ended."""
        for worker in list(self._killed):
            if os.waitpid(worker, os.WNOHANG)[0]:
                self._killed.discard(worker)

    def end(self) -> None:
        """Kill all and wait for them."""
        for worker in list(self._alive):
            self._kill(worker)
        for worker in self._killed:
            os.waitpid(worker, 0)

    def _spawn(self, channel: int) -> dict[str, int]:
        nursery = os.getpid()
        try:
            worker = os.fork()
        except OSError as error:  # the workers that are there go on
            os.close(channel)
            return {"errno": error.errno or 0}
        if worker == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            work(channel, self._open, self._limits, nursery)
        os.close(channel)
        self._alive.add(worker)
        return {"pid": worker}

    def _kill(self, worker: int) -> None:
        self._alive.discard(worker)
        self._killed.add(worker)
        os.kill(worker, signal.SIGKILL)
        self.bury()  # it may have ended before


def _calm(process: int) -> None:
    """Have a process give way to others, though not starve beside them; on Linux each thread has its own priority."""
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended meanwhile
            priority = os.getpriority(os.PRIO_PROCESS, int(thread.name)) + _GIVING_WAY
            os.setpriority(os.PRIO_PROCESS, int(thread.name), min(priority, _LOWEST))


if __name__ == "__main__":
    main()
