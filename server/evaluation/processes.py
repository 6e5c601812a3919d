"""The web process's side of the processes it uses: a worker, and the fork server that starts and ends workers."""

import asyncio
import json
import os
import socket
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from enum import Enum, auto
from typing import TypeVar, cast

from kb.errors import GenerationError
from kb.generations.generation import Generation, open_generation
from server.config import ServerConfig
from server.evaluation.messages import CONTROL_BYTES, READY, UNKNOWN_STATUS, Frame, Frames, marked
from server.evaluation.run import Run
from server.subprocesses import command, environment

__all__ = ["FETCH_FORKS", "PAGE_FORKS", "QUERY_FORKS", "ForkServerClient", "Worker", "WorkerState", "start_query_forks"]

#: The modules of the fork servers: of the query workers, of the page workers, and of those that fetch.
QUERY_FORKS, PAGE_FORKS = "server.processes.query_forks", "server.processes.page_forks"
FETCH_FORKS = "server.processes.fetch_forks"

_READY_SECONDS = 30.0
_CLOSING_SECONDS = 5.0

Result = TypeVar("Result")


def start_query_forks(config: ServerConfig) -> "ForkServerClient":
    """Start the fork server of the current generation, or of the one served at first if the current one is damaged.

    :raises GenerationError: if there is none, or it is damaged
    """
    generation = None
    if config.generations is not None:
        with suppress(GenerationError):  # the reloader will say so
            generation = open_generation(config.generations)
    return ForkServerClient(QUERY_FORKS, generation or open_generation(config.generation), config)


class WorkerState(Enum):
    """What a worker may be given, from its start to its end."""

    STARTING = auto()  # nothing yet
    READY = auto()  # tasks
    DEPRIORITIZED = auto()  # nothing after its task, which takes long; then it is replaced
    OUTGOING = auto()  # tasks; its successor is being started
    RETIRED = auto()  # nothing more; it ends after its task


class Worker(asyncio.Protocol):
    """One worker process at the other end of a stream.

    :param pid: its process id
    :param fork_server: the parent of the process
    :param on_reply: called with each message after the first one, which says that the worker is ready
    :param on_exit: called when a worker that was ready has ended
    :ivar run: the task that it evaluates, or None
    :ivar served: number of tasks that it was given
    :ivar has_ended: its stream is closed
    :ivar ready: done at its first message; an OSError if it ends before
    """

    def __init__(
        self,
        pid: int,
        fork_server: "ForkServerClient",
        on_reply: Callable[["Worker", Frame], None],
        on_exit: Callable[["Worker"], None],
    ) -> None:
        self.pid = pid
        self.fork_server = fork_server
        self.state = WorkerState.STARTING
        self.run: Run | None = None
        self.served = 0
        self.has_ended = False
        self._on_reply = on_reply
        self._on_exit = on_exit
        self._frames = Frames()
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def begin(self, run: Run) -> None:
        """Send a task to the worker, which has no other one."""
        self.run = run
        self.served += 1
        self._transport.write(marked(run.message, run.replica.number) if run.replica else run.message)

    def close(self) -> None:
        """Stop listening."""
        self._on_exit = lambda _: None
        self._transport.abort()

    # --- called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the stream."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Pass on the messages that are complete."""
        for frame in self._frames.feed(data):
            if self.state is not WorkerState.STARTING:
                self._on_reply(self, frame)
            elif frame == READY and not self.ready.done():
                self.state = WorkerState.READY
                self.ready.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Report that the process has ended."""
        del exc
        self.has_ended = True
        if self.state is not WorkerState.STARTING:
            self._on_exit(self)
        elif not self.ready.done():
            self.ready.set_exception(ConnectionResetError("it ended at once"))


class ForkServerClient:
    """The web process's end of a fork server, which is started again if it dies.

    A thread makes the requests, one after another, as each may take a while.

    :param module: what it runs: `QUERY_FORKS`, `PAGE_FORKS` or `FETCH_FORKS`
    :param generation: what the workers' answers are made of
    :param later: start it with the first request
    """

    def __init__(self, module: str, generation: Generation, config: ServerConfig, *, later: bool = False) -> None:
        self.generation = generation
        self._module = module
        self._config = replace(config, generation=generation.folder)
        self._thread = ThreadPoolExecutor(1, "fork-server")
        self._closing = False
        self._answered = False
        self._process: subprocess.Popen[bytes] | None = None
        if not later:
            self._process = self._start()

    async def start_worker(
        self, on_reply: Callable[[Worker, Frame], None], on_exit: Callable[[Worker], None]
    ) -> Worker:
        """Return a new worker that is ready; see `Worker`.

        :raises OSError: if no process can be made, or it does not get ready
        """
        if self._closing:
            raise ConnectionAbortedError("the fork server is closed")
        forking = self._in_thread(self._fork)
        try:
            pid, channel = await asyncio.shield(forking)
        except asyncio.CancelledError:
            forking.add_done_callback(_close_channel)  # the thread goes on, and nobody will take the worker
            raise
        worker = Worker(pid, self, on_reply, on_exit)
        await asyncio.get_running_loop().create_unix_connection(lambda: worker, sock=channel)
        try:
            await asyncio.wait_for(worker.ready, _READY_SECONDS)
        except (OSError, asyncio.CancelledError):  # TimeoutError is an OSError
            self.kill(worker)
            raise
        return worker

    def kill(self, worker: Worker) -> None:
        """Kill a worker, busy or not."""
        worker.close()
        if not self._closing:  # otherwise all end
            self._in_thread(self._status, {"kill": worker.pid})

    def deprioritize(self, worker: Worker) -> None:
        """Lower the priority of a worker: it gets the processor when hardly any other process wants it."""
        if not self._closing:
            self._in_thread(self._status, {"deprioritize": worker.pid})

    async def reap(self, worker: Worker) -> int:
        """Return the exit status of a worker that has ended by itself, or `UNKNOWN_STATUS`."""
        return UNKNOWN_STATUS if self._closing else await self._in_thread(self._status, {"reap": worker.pid})

    async def close(self) -> None:
        """End all workers and wait until they are gone."""
        self._closing = True
        if self._process is not None and not self._answered:  # it still loads, and a thread waits for it
            self._process.kill()
        await self._in_thread(self._end)
        self._thread.shutdown()

    def _in_thread(self, call: Callable[..., Result], *arguments: object) -> "asyncio.Future[Result]":
        return asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)

    # --- in the thread

    def _fork(self) -> tuple[int, socket.socket]:
        """Return the process id of a new worker and this end of its channel."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                pid = _pid(self._request({"fork": {}}, theirs.fileno()))
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        return pid, ours

    def _status(self, request: Mapping[str, object]) -> int:
        with suppress(OSError):
            return self._request(request)["status"]
        return UNKNOWN_STATUS

    def _request(self, request: Mapping[str, object], *descriptors: int) -> dict[str, int]:
        """Send a request and return its reply; a fork server that is gone, or goes meanwhile, is replaced once."""
        message = json.dumps(request).encode()
        for _ in range(2):
            if self._closing:
                break
            process = self._process
            if process is None or process.poll() is not None:
                if process is not None:
                    self._control.close()
                process = self._process = self._start()
            with suppress(OSError):
                socket.send_fds(self._control, [message], descriptors)
                if received := self._control.recv(CONTROL_BYTES):
                    self._answered = True
                    reply: dict[str, int] = json.loads(received)
                    return reply
            process.kill()
            process.wait()
        raise ConnectionResetError("the fork server ended twice")

    def _start(self) -> "subprocess.Popen[bytes]":
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            return subprocess.Popen(  # noqa: S603  (our own interpreter and module)
                [*command(self._module), str(theirs.fileno()), self._config.to_json()],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=environment(),
            )

    def _end(self) -> None:
        if self._process is None:
            return
        self._control.close()
        try:
            self._process.wait(_CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _pid(reply: Mapping[str, int]) -> int:
    if "errno" in reply:
        raise OSError(reply["errno"], os.strerror(reply["errno"]))
    return reply["pid"]


def _close_channel(forking: "asyncio.Future[tuple[int, socket.socket]]") -> None:
    with suppress(OSError):
        forking.result()[1].close()
