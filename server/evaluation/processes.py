"""Query worker processes, seen from the web process: a worker, and the nursery that brings them up and buries them."""

import asyncio
import json
import os
import socket
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from typing import TypeVar, cast

from kb.generations.generation import Generation
from server.config import Limits
from server.evaluation.forkserver import MESSAGE_BYTES, ORPHANED
from server.evaluation.messages import Frame, Frames
from server.evaluation.run import Run
from server.subprocesses import command, environment

__all__ = ["Nursery", "Worker"]

_CLOSING_SECONDS = 5.0

Result = TypeVar("Result")


class Worker(asyncio.Protocol):
    """One worker process at the other end of a stream.

    :param pid: its process id
    :param channel: this end of the stream
    :param nursery: which brought it up
    """

    def __init__(self, pid: int, channel: socket.socket, nursery: "Nursery") -> None:
        self.pid = pid
        self.channel = channel
        self.nursery = nursery
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
        return bool(self.runs) and any(run.client == client and run not in self.recalled for run in self.runs)

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
    """The web process's end of a nursery; one that died is started again.

    It is asked by a thread of its own, one thing after the other, as each may take a while.

    :param generation: what the workers query
    :param limits: what they must keep to
    """

    def __init__(self, generation: Generation, limits: Limits) -> None:
        self.generation = generation
        self._given = json.dumps({"generation": str(generation.folder), "limits": asdict(limits)})
        self._thread = ThreadPoolExecutor(1, "nursery")
        self._closing = False  # known in the loop
        self._closed = False  # and in the thread
        self._start()

    async def spawn(self) -> Worker:
        """Return a new worker; it is ready when it says so.

        :raises OSError: when no process can be made
        """
        if self._closing:
            raise ConnectionAbortedError("the nursery is closed")
        spawning = self._run(self._spawn)
        try:
            return await asyncio.shield(spawning)
        except asyncio.CancelledError:
            spawning.add_done_callback(_forget)  # the thread goes on, and nobody will take what it brings
            raise

    def kill(self, worker: Worker) -> None:
        """End a worker, whatever it does."""
        if not self._closing:  # else all end
            self._run(self._tell, {"kill": worker.pid})

    async def reap(self, worker: Worker) -> int:
        """Return the exit status of a worker that has ended by itself, or `ORPHANED`."""
        return ORPHANED if self._closing else await self._run(self._tell, {"reap": worker.pid})

    def calm(self, worker: Worker) -> None:
        """Let a worker have the processor only where no other process wants it."""
        if not self._closing:
            self._run(self._tell, {"calm": worker.pid})

    async def close(self) -> None:
        """End all workers and wait until they are gone."""
        self._closing = True
        await self._run(self._end)
        self._thread.shutdown()

    # --- in the thread

    def _run(self, call: Callable[..., Result], *arguments: object) -> "asyncio.Future[Result]":
        return asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)

    def _spawn(self) -> Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                pid = _pid(self._ask({"spawn": {}}, theirs.fileno()))
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        return Worker(pid, ours, self)

    def _tell(self, request: Mapping[str, object]) -> int:
        """Return the status that a request is answered with."""
        with suppress(OSError):
            return self._ask(request)["status"]
        return ORPHANED

    def _end(self) -> None:
        self._closed = True
        self._control.close()
        try:
            self._process.wait(_CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, request: Mapping[str, object], *descriptors: int) -> dict[str, int]:
        """Send a request and return its reply; a nursery that is gone, or goes meanwhile, is replaced once."""
        message = json.dumps(request).encode()
        for _ in range(2):
            if self._closed:
                raise ConnectionAbortedError("the nursery is closed")
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
                [*command("server.evaluation.forkserver"), str(theirs.fileno()), self._given],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=environment(),
            )


def _pid(reply: Mapping[str, int]) -> int:
    if "errno" in reply:
        raise OSError(reply["errno"], os.strerror(reply["errno"]))
    return reply["pid"]


def _forget(spawning: "asyncio.Future[Worker]") -> None:
    with suppress(OSError):
        spawning.result().channel.close()


def _ignore_frame(worker: Worker, frame: Frame) -> None:
    del worker, frame


def _ignore_end(worker: Worker) -> None:
    del worker
