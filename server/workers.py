"""A bounded pool of query worker processes, seen from the web process.

`Pool.run` gives a task to an idle worker and waits for the answer until the deadline. A worker that is late is
killed, since the engine cannot be cancelled; one that crashes takes only its own query with it; both are replaced
before the next query comes.
"""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from server.config import Limits
from server.errors import Problem
from server.messages import Answer, Task, receive_answer, send_task
from server.nursery import MESSAGE_BYTES, ORPHANED

__all__ = ["Pool"]

_CLOSING_SECONDS = 5.0


class Pool:
    """Query workers over one generation.

    :param generation: folder of the generation that every worker opens
    :param limits: workers, queue, timeout, memory and recycling
    """

    def __init__(self, generation: Path, limits: Limits) -> None:
        self._limits = limits
        self._nursery = _Nursery(generation, limits)
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._lock = threading.Lock()
        self._waiting = 0
        for _ in range(limits.workers):
            self._idle.put(self._nursery.spawn())

    def run(self, task: Task) -> Answer:
        """Return the answer to a task.

        :raises Problem: the worker's own; 503 when no worker is free in time, at the deadline, out of memory; 422
            when the query crashed the engine
        """
        deadline = time.monotonic() + self._limits.timeout
        worker = self._acquire(deadline)
        try:
            worker = self._awake(worker)
            try:
                return self._converse(worker, task, deadline)
            except _Orphaned:  # the query had no part in it
                worker = self._nursery.spawn()
                return self._converse(worker, task, deadline)
        except _Dead as death:
            worker = None
            raise death.problem from None
        finally:
            self._release(worker)

    def close(self) -> None:
        """End all workers and wait until they are gone."""
        self._nursery.close()

    def _acquire(self, deadline: float) -> "_Worker | None":
        with suppress(queue.Empty):
            return self._idle.get_nowait()
        with self._lock:
            if self._waiting >= self._limits.queue:
                raise _busy()
            self._waiting += 1
        try:
            return self._idle.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise _busy() from None
        finally:
            with self._lock:
                self._waiting -= 1

    def _awake(self, worker: "_Worker | None") -> "_Worker":
        """Return the worker, or another one if it ended while it was idle."""
        if worker is not None and not worker.channel.poll():
            return worker
        if worker is not None:
            self._nursery.bury(worker)
        return self._nursery.spawn()

    def _converse(self, worker: "_Worker", task: Task, deadline: float) -> Answer:
        try:
            send_task(worker.channel, task)
            if not worker.channel.poll(max(0.0, deadline - time.monotonic())):
                self._nursery.bury(worker)
                raise _Dead(_late(self._limits))
            worker.served += 1
            return receive_answer(worker.channel)
        except (OSError, EOFError):
            status = self._nursery.bury(worker)
            raise (_Orphaned(_busy()) if status == ORPHANED else _Dead(_crashed(status, self._limits))) from None

    def _release(self, worker: "_Worker | None") -> None:
        if worker is not None and worker.served >= self._limits.recycle:
            self._nursery.bury(worker)
            worker = None
        if worker is None:
            with suppress(OSError):  # no process can be made now: the next query tries again
                worker = self._nursery.spawn()
        self._idle.put(worker)


@dataclass
class _Worker:
    pid: int
    channel: Connection
    served: int = 0


class _Dead(Exception):
    """A worker died over a query; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class _Orphaned(_Dead):
    """A worker died because its nursery did."""


class _Nursery:
    """The web process's end of the nursery; a nursery that died is started again."""

    def __init__(self, generation: Path, limits: Limits) -> None:
        self._message = json.dumps({"spawn": {"generation": str(generation), "limits": asdict(limits)}}).encode()
        self._lock = threading.Lock()
        self._closed = False
        self._start()

    def spawn(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                reply = self._ask(self._message, theirs.fileno())
            except OSError:
                ours.close()
                raise
        return _Worker(reply["pid"], Connection(ours.detach()))

    def bury(self, worker: _Worker) -> int:
        """Kill a worker, dead or alive, and return its exit status; the number of a signal is negative."""
        worker.channel.close()
        with suppress(OSError):
            os.kill(worker.pid, signal.SIGKILL)  # not yet reaped, so the number is still its own
            return self._ask(json.dumps({"reap": worker.pid}).encode())["status"]
        return -signal.SIGKILL

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._control.close()
            try:
                self._process.wait(_CLOSING_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _ask(self, message: bytes, *descriptors: int) -> dict[str, int]:
        """Send a request and return its reply; a nursery that is gone, or goes meanwhile, is replaced once."""
        with self._lock:
            for _ in range(2):
                if self._closed:
                    raise ConnectionAbortedError("the pool is closed")
                if self._process.poll() is not None:
                    self._control.close()
                    self._start()
                if answer := self._exchange(message, descriptors):
                    reply: dict[str, int] = json.loads(answer)
                    return reply
                self._process.kill()
                self._process.wait()
        raise ConnectionResetError("the nursery ended twice")

    def _exchange(self, message: bytes, descriptors: Sequence[int]) -> bytes:
        try:
            socket.send_fds(self._control, [message], descriptors)
            return self._control.recv(MESSAGE_BYTES)
        except OSError:
            return b""

    def _start(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
                [sys.executable, "-P", "-m", "server.nursery", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(_import_path())},
            )


def _import_path() -> list[str]:
    """Return where the nursery finds this package, whatever the working directory holds."""
    given = os.environ.get("PYTHONPATH")
    return [str(Path(__file__).resolve().parent.parent), *([given] if given else [])]


def _busy() -> Problem:
    detail = "All query workers are busy and the queue is full"
    return Problem("busy", detail, "Send the query again later", headers={"Retry-After": "5"})


def _late(limits: Limits) -> Problem:
    detail = f"The query reached the time limit of {limits.timeout:g} seconds"
    return Problem(
        "time-limit",
        detail,
        "Make the query more specific, or fetch the dump and query it on your own machine",
        headers={"Retry-After": "30"},
    )


def _crashed(status: int, limits: Limits) -> Problem:
    """Return what a worker's end means: a segmentation fault is a stack overflow, an abort a failed allocation."""
    if status == -signal.SIGSEGV:
        return Problem(
            "too-complex",
            "The query is nested too deeply for the query engine",
            "Write it with fewer levels of braces, brackets or operators",
        )
    return Problem(
        "memory-limit",
        f"The query reached the memory limit of {limits.memory} MiB",
        "Make the query more specific, sort and group fewer rows, or fetch the dump",
        headers={"Retry-After": "30"},
    )
