"""Query worker processes, seen from the web process: a worker, and the nursery that brings them up and buries them."""

import asyncio
import json
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import cast

from kb.generation import Generation
from server.children import command, environment
from server.config import Limits
from server.messages import Frame, Frames
from server.nursery import MESSAGE_BYTES, ORPHANED
from server.runs import Run

__all__ = ["Nursery", "Worker"]

_CLOSING_SECONDS = 5.0


class Worker(asyncio.Protocol):
    """One worker process at the other end of a stream.

    :param pid: its process id
    :param channel: this end of the stream
    :param generation: what it queries
    """

    def __init__(self, pid: int, channel: socket.socket, generation: Generation) -> None:
        self.pid = pid
        self.channel = channel
        self.generation = generation
        self.runs: deque[Run] = deque()  # what it was told to do, in that order
        self.recalled: set[Run] = set()  # what of that it should skip
        self.served = 0
        self.renewed = False  # a successor is on its way
        self.retired = False  # and is there
        self.on_frame: Callable[[Worker, Frame], None] = _ignore_frame
        self.on_end: Callable[[Worker], None] = _ignore_end
        self._frames = Frames()

    async def connect(self) -> None:
        """Listen to the worker, in the running loop."""
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: self, sock=self.channel)

    def serves(self, client: str) -> bool:
        """Tell whether it has something to do for a client."""
        return any(run.client == client and run not in self.recalled for run in self.runs)

    def tell(self, message: bytes) -> None:
        """Send a message; what the worker says goes to ``on_frame``."""
        self._transport.write(message)

    def close(self) -> None:
        """Listen no longer."""
        self.on_end = _ignore_end
        self._transport.abort()

    # --- called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of the stream."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Hand on the messages that are whole."""
        for frame in self._frames.feed(data):
            self.on_frame(self, frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that the process has ended."""
        del exc
        self.on_end(self)


class Nursery:
    """The web process's end of the nursery; a nursery that died is started again. Its methods block.

    :param limits: what the workers must keep to
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = asdict(limits)
        self._lock = threading.Lock()
        self._closed = False
        self._start()

    def spawn(self, generation: Generation) -> Worker:
        """Return a new worker; it is ready when it says so.

        :raises OSError: when no process can be made
        """
        message = json.dumps({"spawn": {"generation": str(generation.folder), "limits": self._limits}}).encode()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                reply = self._ask(message, theirs.fileno())
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        return Worker(reply["pid"], ours, generation)

    def kill(self, worker: Worker) -> None:
        """End a worker, whatever it does."""
        with suppress(OSError):
            self._ask(json.dumps({"kill": worker.pid}).encode())

    def reap(self, worker: Worker) -> int:
        """Return the exit status of a worker that has ended by itself; see `server.nursery` and `ORPHANED`."""
        with suppress(OSError):
            return self._ask(json.dumps({"reap": worker.pid}).encode())["status"]
        return ORPHANED

    def calm(self, worker: Worker) -> None:
        """Let a worker have the processor only where no other process wants it."""
        with suppress(OSError):
            self._ask(json.dumps({"calm": worker.pid}).encode())

    def close(self) -> None:
        """End all workers and wait until they are gone."""
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
                [*command("server.nursery"), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=environment(),
            )


def _ignore_frame(worker: Worker, frame: Frame) -> None:
    del worker, frame


def _ignore_end(worker: Worker) -> None:
    del worker
