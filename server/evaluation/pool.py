"""A bounded pool of query workers in the web process; all of it runs in the event loop.

A task is queued until a worker is idle; clients take turns, and no client has all workers at once. A task that takes
long while other clients ask gets a lower priority from the operating system.

A worker that is late is killed, since the engine cannot be cancelled; one that crashes takes only its own query with
it. Both are replaced, as are workers that have served long, or whose generation is no longer the current one; these go
when their successor is ready.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kb.errors import GenerationError
from kb.generations.generation import Generation
from server.config import Limits
from server.evaluation.fairness import FairQueue
from server.evaluation.messages import UNKNOWN_STATUS, Answer, Frame, Task, read_answer, write_task
from server.evaluation.processes import ForkServerClient, Worker, WorkerState
from server.evaluation.run import Run
from server.problems import Problem

__all__ = ["Pool"]

_TICK_SECONDS = 0.1
_RETRY_SECONDS = 0.5
_LONG_SECONDS = 0.1  # a task that takes longer gives way to the tasks of other clients
_RECENT_SECONDS = 1.0  # a client that asked within this time is there

_ENDING = ("The server is about to end", "Send the query again")

_log = logging.getLogger("server.evaluation.pool")


class Pool(Collector):
    """Query workers over one generation, which can be exchanged for another one.

    :param fork_server: starts its workers; it is closed with the pool
    :param limits: workers, queue, timeout, memory and recycling
    :ivar loop: in which it runs, once it is open
    """

    def __init__(self, fork_server: ForkServerClient, limits: Limits) -> None:
        self._limits = limits
        self._fork_server = fork_server
        self._former: set[ForkServerClient] = set()  # those of earlier generations
        self._queue: FairQueue[Run] = FairQueue(limits.queue, "query workers")
        self._workers: set[Worker] = set()  # those that are ready
        self._asked: dict[str, float] = {}  # client -> when it last did, in the loop's time
        self._exited: set[Worker] = set()  # those that ended by themselves, until the cause is known
        self._tasks: set[asyncio.Task[None]] = set()  # cancelled when the pool is closed
        self._closings: set[asyncio.Task[None]] = set()  # awaited then
        self._closed = False
        self._restarts = 0

    async def open(self) -> None:
        """Start the workers, in the loop that tasks will come from.

        :raises GenerationError: if the generation cannot be queried
        """
        self.loop = asyncio.get_running_loop()
        self._add(await self._start_workers(self._fork_server))
        self._spawn(self._watch(), self._tasks)

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
        run = Run(client, write_task(task), now + self._limits.query_seconds, done)
        self._queue.put(client, run)
        self._dispatch()
        return run

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the pool."""
        replaced = "Query workers that were replaced, for whatever reason."
        running = sum(worker.run is not None for worker in list(self._workers))
        yield CounterMetricFamily("kb_worker_restarts", replaced, self._restarts)
        yield GaugeMetricFamily("kb_queries_running", "Queries being evaluated.", running)
        yield GaugeMetricFamily("kb_queries_waiting", "Queries that wait for a worker.", len(self._queue))
        yield GaugeMetricFamily("kb_workers", "Query workers that are ready.", len(self._workers))

    @property
    def generation(self) -> Generation:
        """The generation that new workers query."""
        return self._fork_server.generation

    async def serve(self, generation: Generation) -> None:
        """Query another generation from now on; running tasks are finished on the old one.

        :raises GenerationError: if it cannot be queried; then the old one stays
        """
        fork_server = ForkServerClient(generation, self._limits)
        try:
            started = await self._start_workers(fork_server)
        except GenerationError:
            await fork_server.close()
            raise
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

    def _dispatch(self) -> None:
        """Give queued tasks to idle workers."""
        while self._queue and (idle := next((worker for worker in self._workers if worker.run is None), None)):
            if (taken := self._queue.take(self._may_have_one)) is None:
                return
            run = taken[1]
            run.started = self.loop.time()
            idle.begin(run)

    def _may_have_one(self, client: str) -> bool:
        """Return whether a client may have one more worker: half of them, or all but one while nobody else asks."""
        busy = [worker.run.client for worker in self._workers if worker.run]
        own, alone = busy.count(client), len(self._asked) <= 1
        return own < self._limits.workers_of_client or (alone and own == len(busy) < self._limits.workers - 1)

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
        if worker.state is WorkerState.RETIRED:
            self._kill(worker)
        elif worker.state is WorkerState.DEPRIORITIZED or (
            worker.state is WorkerState.READY and worker.served >= self._limits.queries_per_worker
        ):
            worker.state = WorkerState.OUTGOING
            self._spawn(self._replace_then_retire(worker), self._tasks)
        self._dispatch()
        run.finish(outcome)

    async def _watch(self) -> None:
        """End the tasks that are late; lower the priority of those that take long."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = self.loop.time()
            self._asked = {client: asked for client, asked in self._asked.items() if now - asked < _RECENT_SECONDS}
            for worker in list(self._workers):
                run = worker.run
                if run is None or run.started is None:
                    continue
                if run.is_late(now):
                    self._kill(worker)
                    self._drop_worker(worker, _late(self._limits))
                elif (
                    worker.state is WorkerState.READY
                    and now - run.started >= _LONG_SECONDS
                    and self._asked.keys() - {run.client}
                ):
                    worker.state = WorkerState.DEPRIORITIZED
                    worker.fork_server.deprioritize(worker)
            for run in [run for run in self._queue if run.is_late(now)]:
                self._queue.remove(run.client, run)
                run.finish(_busy("No query worker was free in time", "Send the query again later"))
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
        self._drop_worker(worker, None if status == UNKNOWN_STATUS else _crashed(status, self._limits))
        self._close_unused()
        self._dispatch()

    def _drop_worker(self, worker: Worker, problem: Problem | None) -> None:
        """Replace a worker that is gone and finish its task, or queue the task again if it had no part in the end.

        :param problem: the outcome of the task, or None
        """
        self._workers.discard(worker)
        run, worker.run = worker.run, None
        if run and problem:
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
        starts = (fork_server.start_worker(self._on_reply, self._on_worker_exit) for _ in range(self._limits.workers))
        try:
            return await asyncio.gather(*starts)
        except OSError as error:  # TimeoutError is one
            raise GenerationError(fork_server.generation.folder, f"no query worker can be started ({error})") from error

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
                _log.error("no query worker could be started: %s", error)
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

    def _spawn(self, work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
        """Run a coroutine in the background, and keep its task in a set until it ends."""
        task = self.loop.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def _busy(detail: str, remedy: str) -> Problem:
    return Problem("busy", detail, remedy, headers={"Retry-After": "5"})


def _late(limits: Limits) -> Problem:
    return Problem(
        "time-limit",
        f"The query reached the time limit of {limits.query_seconds:g} seconds",
        "Make the query more specific, or fetch the dump and query it on your own machine",
        headers={"Retry-After": "30"},
    )


def _crashed(status: int, limits: Limits) -> Problem:
    """Return the meaning of an exit status: a segmentation fault is a stack overflow, an abort a failed allocation."""
    if status == -signal.SIGSEGV:
        return Problem(
            "too-complex",
            "The query is nested too deeply for the query engine",
            "Write it with fewer levels of braces, brackets or operators",
        )
    return Problem(
        "memory-limit",
        f"The query reached the memory limit of {limits.memory_mib} MiB",
        "Make the query more specific, sort and group fewer rows, or fetch the dump",
        headers={"Retry-After": "30"},
    )
