"""A bounded pool of workers in the web process; all of it runs in the event loop.

A task is queued until a worker is idle. The client goes first that has used the workers least of late, no client has
all workers at once, and the last idle worker is for one that has used little. A task that takes long while other
clients ask gets a lower priority from the operating system.

Where remote stores answer in place of the engine, each task is given one of them; a task that it lets down is given
another one.

A worker for which a store was not there is replaced too: the next one looks up anew where the store is.

A worker that is late is killed, since the engine cannot be cancelled; one that crashes takes only its own task with
it. Both are replaced, as are workers that have served long, or whose generation is no longer the current one; these go
when their successor is ready.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kb.errors import GenerationError
from kb.generations.generation import Generation
from server.config import Limits
from server.evaluation.fairness import FairQueue, Usage
from server.evaluation.messages import UNKNOWN_STATUS, Answer, Frame, Task, read_answer
from server.evaluation.processes import ForkServerClient, Worker, WorkerState
from server.evaluation.run import Run
from server.problems import OF_STORES, Problem

if TYPE_CHECKING:  # its libraries are for servers in front of remote stores alone
    from server.evaluation.replicas import Replica, Replicas

__all__ = ["FETCHES", "PAGES", "QUERIES", "Kind", "Pool"]

_TICK_SECONDS = 0.1
_RETRY_SECONDS = 0.5
_RECENT_SECONDS = 1.0  # a client that asked within this time is there
_HALF_LIFE_SECONDS = 4.0  # of the time that a client has used
_LITTLE_SECONDS = 1.0  # a client that has used less may have the last worker: it took a fifth of one, or just came

_ENDING = ("The server is about to end", "Send the request again")

_log = logging.getLogger("server.evaluation.pool")


@dataclass(frozen=True)
class Kind:
    """What the workers of a pool make.

    :param noun: a task of theirs, in the singular
    :param plural: the same in the plural; in names of metrics too
    :param metrics: how the names of the workers' metrics begin
    :param long_seconds: a task that takes longer gives way to the tasks of other clients
    :param remedy: what helps against a task that takes too much
    :param with_dumps: what helps too, where the generation has dumps
    :param goes_without: some of the tasks need no remote store
    """

    noun: str
    plural: str
    metrics: str
    long_seconds: float
    remedy: str
    with_dumps: str = ""
    goes_without: bool = False

    @property
    def workers(self) -> str:
        """Words for the workers."""
        return f"{self.noun} workers"


QUERIES = Kind(
    "query",
    "queries",
    "kb_worker",
    0.1,
    "Make the query more specific",
    ", or fetch a dump and query it on your own machine",
)
FETCHES = Kind("fetch", "fetches", "kb_fetch_worker", 0.5, "Ask the other endpoint for less")
PAGES = Kind(
    "page",
    "pages",
    "kb_page_worker",
    0.5,
    "Ask for less: a query gets the part of the data that you need",
    goes_without=True,
)


class Pool(Collector):
    """Workers over one generation, which can be exchanged for another one.

    :param fork_server: starts its workers; it is closed with the pool
    :param limits: queue, timeout, memory and recycling
    :param kind: what they make
    :param workers: how many there are
    :param replicas: the remote stores that answer in place of the engine, or None
    :ivar loop: in which it runs, once it is open
    """

    def __init__(
        self,
        fork_server: ForkServerClient,
        limits: Limits,
        kind: Kind,
        workers: int,
        replicas: "Replicas | None" = None,
    ) -> None:
        self._limits = limits
        self._kind = kind
        self._number = workers
        self._replicas = replicas
        if replicas:
            replicas.on_down.append(self._leave)
        self._fork_server = fork_server
        self._former: set[ForkServerClient] = set()  # those of earlier generations
        self._queue: FairQueue[Run] = FairQueue(limits.queue, kind.workers)
        self._workers: set[Worker] = set()  # those that are ready
        self._asked: dict[str, float] = {}  # client -> when it last did, in the loop's time
        self._usage = Usage(_HALF_LIFE_SECONDS)
        self._exited: set[Worker] = set()  # those that ended by themselves, until the cause is known
        self._tasks: set[asyncio.Task[None]] = set()  # cancelled when the pool is closed
        self._closings: set[asyncio.Task[None]] = set()  # awaited then
        self._is_watched = self._is_open = self._closed = False
        self._restarts = 0

    async def open(self) -> None:
        """Start the workers, in the loop that tasks will come from; the time of those that came already begins now.

        :raises GenerationError: if the generation cannot be queried
        """
        if not self._is_watched:
            self.loop, self._is_watched = asyncio.get_running_loop(), True
            self._spawn(self._watch(), self._tasks)
        started = await self._start_workers(self._fork_server)
        for run in self._queue:
            run.deadline = self.loop.time() + self._limits.query_seconds
        self._is_open = True
        self._add(started)

    def submit(self, task: Task, client: str = "", done: Callable[[Answer | None], None] = lambda _: None) -> Run:
        """Queue a task; wait for its answer with `Run.join`.

        A problem may come in its place: the worker's own; 503 if no worker was free in time, the query was late or it
        ran out of memory; 422 if it crashed the engine.

        :param client: in whose share the task is counted; one client does not get all workers
        :param done: see `Run`
        :raises Problem: 429 or 503 if too many tasks are queued
        """
        if self._closed:
            raise _busy(*_ENDING)
        now = self._asked[client] = self.loop.time()
        run = Run(client, task.message(), now + self._limits.query_seconds, done)
        self._put(run)
        self._dispatch()
        return run

    def join(self, run: Run, client: str) -> "asyncio.Future[Answer]":
        """Return a future of the answer to a task that was given already, by this client or another one.

        It is queued for the one of them that has used less.
        """
        now = self._asked[client] = self.loop.time()
        if run.started is None and self._used(client, now) < self._used(run.client, now):
            self._hand_over(run, client)
            self._dispatch()
        return run.join(self.loop)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the pool."""
        kind, words = self._kind, self._kind.plural.capitalize()
        replaced = f"{kind.workers.capitalize()} that were replaced, for whatever reason."
        running = sum(worker.run is not None for worker in list(self._workers))
        yield CounterMetricFamily(f"{kind.metrics}_restarts", replaced, self._restarts)
        yield GaugeMetricFamily(f"kb_{kind.plural}_running", f"{words} that a worker makes.", running)
        yield GaugeMetricFamily(f"kb_{kind.plural}_waiting", f"{words} that wait for a worker.", len(self._queue))
        ready = f"{kind.workers.capitalize()} that are ready."
        yield GaugeMetricFamily(f"{kind.metrics}s", ready, len(self._workers))

    @property
    def generation(self) -> Generation:
        """The generation that new workers are asked about."""
        return self._fork_server.generation

    async def prepare(self, fork_server: ForkServerClient) -> list[Worker]:
        """Start as many workers as the pool has from another fork server, for `serve`.

        :raises GenerationError: if its generation cannot be served; the fork server is closed then
        """
        try:
            return await self._start_workers(fork_server)
        except GenerationError:
            await fork_server.close()
            raise

    def serve(self, fork_server: ForkServerClient, started: Sequence[Worker]) -> None:
        """Give tasks to the workers of another fork server from now on; the old ones finish what they have."""
        self._former.add(self._fork_server)
        self._fork_server = fork_server
        for worker in list(self._workers):
            self._retire(worker)
        self._add(started)

    async def close(self) -> None:
        """End all workers; queued and running tasks end with a problem."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for run in [*self._queue, *(worker.run for worker in self._workers | self._exited if worker.run)]:
            run.finish(_busy(*_ENDING))
        for worker in self._workers:
            worker.close()
        await asyncio.gather(*self._closings, *(server.close() for server in (self._fork_server, *self._former)))

    # --- the way of a task

    def _hand_over(self, run: Run, client: str) -> None:
        """Move a task into the line of another client, if there is room."""
        former, run.client = run.client, client
        self._queue.remove(former, run)
        try:
            self._put(run)
        except Problem:
            run.client = former
            self._queue.put_back(former, run)

    def _put(self, run: Run) -> None:
        removed = self._queue.put(run.client, run)
        if removed is not None:
            removed.finish(self._queue.full())

    def _dispatch(self) -> None:
        """Give queued tasks to idle workers."""
        while self._queue and (idle := next((worker for worker in self._workers if worker.run is None), None)):
            if (taken := self._queue.take(self._rank)) is None:
                return
            run = taken[1]
            if run.is_left:
                run.finish(_busy("The client has left", "Send the request again"))
                continue
            if self._replicas and not self._choose(self._replicas, run):
                self.loop.call_soon(run.finish, self._replicas.unavailable())  # nobody may wait for it yet
                continue
            run.started = self.loop.time()
            idle.begin(run)

    def _choose(self, replicas: "Replicas", run: Run) -> bool:
        """Choose the remote store for a task; return whether there is one, or the task may go without."""
        run.replica = replicas.choose(run.tried)
        if run.replica:
            replicas.begin(run.replica)
        return self._kind.goes_without or run.replica is not None

    def _release(self, run: Run, outcome: Answer | Problem | None) -> bool:
        """Count the end of a task for its remote store; return whether another store can be asked.

        :param outcome: of the task, or None where it is not known
        """
        if self._replicas is None or run.replica is None:
            return False
        replica, run.replica = run.replica, None
        problem = outcome if isinstance(outcome, Problem) else None
        self._replicas.end(replica, problem)
        if problem is None or problem.code not in OF_STORES:
            return False
        run.tried.add(replica)
        return self._replicas.choose(run.tried) is not None

    def _leave(self, replica: "Replica") -> None:
        """Take the tasks from the workers that wait for a remote store that is down."""
        for worker in list(self._workers):
            if worker.run and worker.run.replica is replica:
                worker.run.tried.add(replica)
                self._kill(worker)
                self._drop_worker(worker, None)
        self._dispatch()

    def _rank(self, client: str) -> float | None:
        """Return what a client has used of late, or None if it may not have one more worker.

        It may have half of them, or all but one while nobody else asks; the last idle one only if it has used little.
        """
        busy = [worker.run.client for worker in self._workers if worker.run]
        own, used = busy.count(client), self._used(client, self.loop.time())
        if len(self._workers) - len(busy) == 1 < self._number and used > _LITTLE_SECONDS:
            return None
        alone = len(self._asked) <= 1
        may = own < (self._number + 1) // 2 or (alone and own == len(busy) < self._number - 1)
        return used if may else None

    def _used(self, client: str, now: float) -> float:
        """Return the seconds that a client has used of late, those of its running tasks included."""
        running = (worker.run for worker in self._workers if worker.run and worker.run.client == client)
        return self._usage.of(client, now) + sum(now - run.started for run in running if run.started is not None)

    def _charge(self, run: Run) -> None:
        if run.started is not None:
            now = self.loop.time()
            self._usage.add(run.client, now - run.started, now)

    def _on_reply(self, worker: Worker, frame: Frame) -> None:
        """Finish the task of a worker, after giving it the next one."""
        run = worker.run
        if run is None:  # a query has taken it over
            self._kill(worker)
            self._drop_worker(worker, None)
            return
        outcome: Answer | Problem
        try:
            outcome = read_answer(frame, worker.fork_server.generation.manifest.hash)
        except Problem as problem:
            outcome = problem
        worker.run = None
        self._charge(run)
        is_lost = isinstance(outcome, Problem) and outcome.code == "store-unavailable" and run.replica is not None
        goes_on = self._release(run, outcome)
        if worker.state is WorkerState.RETIRED:
            self._kill(worker)
        elif worker.state is WorkerState.DEPRIORITIZED or (
            worker.state is WorkerState.READY and (is_lost or worker.served >= self._limits.queries_per_worker)
        ):
            worker.state = WorkerState.OUTGOING
            self._spawn(self._replace_then_retire(worker), self._tasks)
        if goes_on:
            run.started = None
            self._queue.put_back(run.client, run)
        self._dispatch()
        if not goes_on:
            run.finish(outcome)

    async def _watch(self) -> None:
        """End the tasks that are late; lower the priority of those that take long."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = self.loop.time()
            self._asked = {client: asked for client, asked in self._asked.items() if now - asked < _RECENT_SECONDS}
            self._usage.forget(now)
            for worker in list(self._workers):
                run = worker.run
                if run is None or run.started is None:
                    continue
                if run.is_late(now):
                    self._kill(worker)
                    self._drop_worker(worker, self._late())
                elif (
                    worker.state is WorkerState.READY
                    and now - run.started >= self._kind.long_seconds
                    and self._asked.keys() - {run.client}
                ):
                    worker.state = WorkerState.DEPRIORITIZED
                    worker.fork_server.deprioritize(worker)
            for run in [run for run in self._queue if (run.is_late(now) if self._is_open else run.is_left)]:
                self._queue.remove(run.client, run)
                run.finish(_busy(f"No {self._kind.noun} worker was free in time", "Send the request again later"))
            self._dispatch()

    # --- the end of a worker

    def _on_worker_exit(self, worker: Worker) -> None:
        if worker in self._workers:
            self._workers.remove(worker)
            self._exited.add(worker)
            self._spawn(self._find_cause(worker), self._tasks)

    async def _find_cause(self, worker: Worker) -> None:
        """Ask for the exit status of a worker that has ended by itself, and drop it."""
        status = await worker.fork_server.reap(worker)
        self._exited.discard(worker)
        self._drop_worker(worker, None if status == UNKNOWN_STATUS else self._crashed(status))
        self._close_unused()
        self._dispatch()

    def _drop_worker(self, worker: Worker, problem: Problem | None) -> None:
        """Replace a worker that is gone and finish its task, or queue the task again if it had no part in the end.

        :param problem: the outcome of the task, or None
        """
        self._workers.discard(worker)
        run, worker.run = worker.run, None
        if run:
            self._release(run, problem)
        if run and problem:
            self._charge(run)
            run.finish(problem)
        elif run:
            run.started = None
            self._queue.put_back(run.client, run)
        if worker.state in (WorkerState.READY, WorkerState.DEPRIORITIZED):
            self._spawn(self._replace(), self._tasks)

    def _retire(self, worker: Worker) -> None:
        """Give a worker no more tasks; end it after the one that it has."""
        worker.state = WorkerState.RETIRED
        if worker.run is None:
            self._kill(worker)

    def _kill(self, worker: Worker) -> None:
        self._workers.discard(worker)
        worker.fork_server.kill(worker)
        self._close_unused()

    def _close_unused(self) -> None:
        """End the fork servers of earlier generations whose last worker has gone."""
        for fork_server in self._former - {worker.fork_server for worker in self._workers}:
            self._former.discard(fork_server)
            self._spawn(fork_server.close(), self._closings)

    # --- the start of a worker

    async def _start_workers(self, fork_server: ForkServerClient) -> list[Worker]:
        """Return the full number of new workers.

        :raises GenerationError: if one of them does not get ready
        """
        starts = (fork_server.start_worker(self._on_reply, self._on_worker_exit) for _ in range(self._number))
        try:
            return await asyncio.gather(*starts)
        except OSError as error:  # TimeoutError is one
            reason = f"no {self._kind.noun} worker can be started ({error})"
            raise GenerationError(fork_server.generation.folder, reason) from error

    def _add(self, workers: Sequence[Worker]) -> None:
        """Give tasks to new workers; one may have ended before it is added here."""
        self._workers.update(workers)
        for worker in workers:
            if worker.has_ended:
                self._on_worker_exit(worker)
        self._dispatch()

    async def _replace(self) -> None:
        """Start a worker; if that does not work now, try again."""
        self._restarts += 1
        while True:
            fork_server = self._fork_server
            try:
                worker = await fork_server.start_worker(self._on_reply, self._on_worker_exit)
            except OSError as error:  # TimeoutError is one
                if fork_server is not self._fork_server:  # the generation changed, and all workers with it
                    return
                _log.error("no %s worker could be started: %s", self._kind.noun, error)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                if fork_server is self._fork_server:
                    self._add([worker])
                else:
                    fork_server.kill(worker)
                return

    async def _replace_then_retire(self, worker: Worker) -> None:
        await self._replace()
        if worker in self._workers:
            self._retire(worker)

    def _late(self) -> Problem:
        detail = f"The {self._kind.noun} reached the time limit of {self._limits.query_seconds:g} seconds"
        return Problem("time-limit", detail, self._less(), headers={"Retry-After": "30"})

    def _less(self) -> str:
        """Return what helps against a task that takes too much: files that were not built have no dumps."""
        dumps = self._fork_server.generation.manifest.dumps
        return self._kind.remedy + (self._kind.with_dumps if dumps else "")

    def _crashed(self, status: int) -> Problem:
        """Return what an exit status means: a segmentation fault is a stack overflow, an abort a failed allocation."""
        if status == -signal.SIGSEGV:
            return Problem(
                "too-complex",
                f"The {self._kind.noun} is nested too deeply for the query engine",
                "Write it with fewer levels of braces, brackets or operators",
            )
        detail = f"The {self._kind.noun} reached the memory limit of {self._limits.memory_mib} MiB"
        return Problem("memory-limit", detail, self._less(), headers={"Retry-After": "30"})

    def _spawn(self, work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
        """Run a coroutine in the background, and keep its task in a set until it ends."""
        task = self.loop.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def _busy(detail: str, remedy: str) -> Problem:
    return Problem("busy", detail, remedy, headers={"Retry-After": "5"})
