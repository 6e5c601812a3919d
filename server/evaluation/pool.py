"""A bounded pool of query workers, seen from the web process; all of it runs in the event loop.

A task goes to an idle worker, or waits for one; clients come by turns, and no client is with all workers at once. So
that a worker need not wait for its next task, one is put behind a task that was just begun; if that turns out to take
long, the other one is recalled and waits for the next free worker.

A worker that is late is killed, since the engine cannot be cancelled; one that crashes takes only its own query with
it; both are replaced. So are workers that have served long, or whose generation is no longer the current one, each when
its successor is ready.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from itertools import count
from typing import Any

from kb.errors import GenerationError
from kb.generations.generation import Generation
from server.config import Limits
from server.evaluation.fairness import FairQueue
from server.evaluation.forkserver import ORPHANED
from server.evaluation.messages import SKIP, Answer, Frame, Task, read_answer, write_skip, write_task
from server.evaluation.processes import Nursery, Worker
from server.evaluation.run import Run
from server.evaluation.worker import READY
from server.metrics import Family
from server.problems import Problem

__all__ = ["Pool"]

_TICK_SECONDS = 0.1
_READY_SECONDS = 30.0
_RETRY_SECONDS = 0.5
_CALM_SECONDS = 0.1
_RECENT_SECONDS = 1.0
_YOUNG_SECONDS = 0.002
_RECALL_SECONDS = 0.005
_LINED_UP = 2
_NUMBERS = 2**32

_log = logging.getLogger("server.evaluation.pool")


class Pool:
    """Query workers over one generation, which may be replaced by another one.

    The constructor starts the nursery, `open` the workers.

    :param limits: workers, queue, timeout, memory and recycling
    """

    def __init__(self, generation: Generation, limits: Limits) -> None:
        self._limits = limits
        self._nursery = Nursery(generation, limits)
        self._former: set[Nursery] = set()  # those of earlier generations
        self._queue: FairQueue[Run] = FairQueue(limits.queue, "query workers")
        self._workers: set[Worker] = set()  # those that are ready
        self._numbers = count(1)
        self._asked: dict[str, float] = {}  # client -> when it last did, in the loop's time
        self._dying: set[Worker] = set()  # those that have ended, why is not known yet
        self._chores: set[asyncio.Task[None]] = set()  # given up when the pool is closed
        self._closings: set[asyncio.Task[None]] = set()  # waited for then
        self._recall: asyncio.TimerHandle | None = None
        self._closed = False
        self._restarts = 0

    async def open(self) -> None:
        """Bring up the workers; to be called in the loop that tasks will come from.

        :raises GenerationError: when the generation cannot be queried
        """
        self._loop = asyncio.get_running_loop()
        self._workers.update(await self._brood(self._nursery))
        self._do(self._watch())

    def submit(self, task: Task, client: str = "", done: Callable[[Answer | None], None] = lambda _: None) -> Run:
        """Start on a task; `Run.join` tells how it ends.

        Instead of an answer it may get a problem: the worker's own; 503 where no worker was free in time, at the
        deadline or out of memory; 422 when the query crashed the engine.

        :param client: who asks; one client does not get all workers
        :param done: see `Run`
        :raises Problem: 429 or 503 when too many wait
        """
        if self._closed:
            raise _ended()
        number, now = next(self._numbers) % _NUMBERS, self._loop.time()
        self._asked[client] = now
        run = Run(number, client, write_task(number, task), now + self._limits.query_seconds, done)
        worker = None if self._queue else self._fitting(self._places(), client)
        if worker is None:
            self._queue.put(client, run)
            run.waits = True
            self._dispatch()
        else:
            self._start(run, worker)
        return run

    def families(self) -> Iterable[Family]:
        """Return what is to be measured here."""
        restarts = "Query workers that were replaced, for whatever reason."
        yield Family("kb_worker_restarts_total", "counter", restarts, [("", (), self._restarts)])
        running = sum(bool(worker.runs) for worker in list(self._workers))
        yield Family("kb_queries_running", "gauge", "Queries being evaluated.", [("", (), running)])
        waiting = len(self._queue)
        yield Family("kb_queries_waiting", "gauge", "Queries that wait for a worker.", [("", (), waiting)])
        yield Family("kb_workers", "gauge", "Query workers that are ready.", [("", (), len(self._workers))])

    @property
    def generation(self) -> Generation:
        """The generation that new workers query."""
        return self._nursery.generation

    async def serve(self, generation: Generation) -> None:
        """Query another generation from now on; what runs is finished on the old one.

        :raises GenerationError: when it cannot be queried; then the old one is queried further
        """
        nursery = Nursery(generation, self._limits)
        try:
            fresh = await self._brood(nursery)
        except GenerationError:
            await nursery.close()
            raise
        self._former.add(self._nursery)
        self._nursery = nursery
        for worker in list(self._workers):
            worker.renewed = True
            self._retire(worker)
        self._workers.update(fresh)
        self._dispatch()

    async def close(self) -> None:
        """End all workers; tasks on the way end with a problem."""
        self._closed = True
        await self._abandon_chores()
        runs = {*self._queue, *(run for worker in self._workers | self._dying for run in worker.runs)}
        for run in runs:
            if not run.is_over:
                run.fail(_ended())
        for worker in self._workers:
            worker.close()
        await asyncio.gather(*self._closings, *(nursery.close() for nursery in (self._nursery, *self._former)))

    async def _abandon_chores(self) -> None:
        chores = list(self._chores)
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)

    # --- a task's way

    def _places(self) -> list[Worker]:
        """Return the workers that can be given a task: idle ones first, then those that began another one just now."""
        young = self._loop.time() - _YOUNG_SECONDS
        idle = [worker for worker in self._workers if not worker.runs and not worker.retired]
        # One that may be at a task that was recalled is given nothing: that task would come back to it.
        others = [w for w in self._workers if len(w.runs) == 1 and not w.retired and not w.recalled]
        return idle + [worker for worker in others if (worker.runs[0].started or 0.0) > young]

    def _fitting(self, places: Iterable[Worker], client: str) -> Worker | None:
        """Return the first worker that a client may have too."""
        if sum(worker.serves(client) for worker in self._workers) < self._limits.workers_of_client:
            return next(iter(places), None)
        return next((worker for worker in places if worker.serves(client)), None)

    def _dispatch(self) -> None:
        while self._queue and (places := self._places()):
            found = self._queue.take(partial(self._fitting, places))
            if found is None:
                return
            run, worker = found
            run.waits = False
            self._start(run, worker)

    def _start(self, run: Run, worker: Worker) -> None:
        worker.runs.append(run)
        worker.served += 1
        worker.tell(run.message)
        if len(worker.runs) == 1:
            run.started = self._loop.time()
        elif self._recall is None:
            self._recall = self._loop.call_later(_RECALL_SECONDS, self._recall_runs)

    def _answered(self, worker: Worker, frame: Frame) -> None:
        """Take what a worker says to the first task that it was told, and see that it has work."""
        run = worker.runs.popleft()
        if worker.runs:
            worker.runs[0].started = self._loop.time()
        elif worker.retired:
            self._kill(worker)
        if worker.served >= self._limits.queries_per_worker or run.calm:
            self._renew(worker)
        self._dispatch()
        worker.recalled.discard(run)
        if frame.head != SKIP and not run.is_over:
            self._finish(run, worker, frame)

    def _finish(self, run: Run, worker: Worker, frame: Frame) -> None:
        if run.waits:  # it was recalled, too late
            self._queue.remove(run.client, run)
        try:
            run.succeed(read_answer(frame, worker.nursery.generation.manifest.hash))
        except Problem as problem:
            run.fail(problem)

    def _recall_runs(self) -> None:
        """Recall the tasks that wait behind one that takes long; look again while others wait so."""
        self._recall = None
        now = self._loop.time()
        lined_up = [worker for worker in self._workers if len(worker.runs) == _LINED_UP]
        for worker in lined_up:
            first, second = worker.runs
            if second not in worker.recalled and first.started is not None and now - first.started >= _RECALL_SECONDS:
                worker.recalled.add(second)
                worker.tell(write_skip(second.number))
                self._put_back(second)
        if lined_up:
            self._recall = self._loop.call_later(_RECALL_SECONDS, self._recall_runs)
        self._dispatch()

    def _put_back(self, run: Run) -> None:
        run.started, run.waits = None, True
        self._queue.put_back(run.client, run)

    # --- what ends badly

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = self._loop.time()
            self._asked = {client: asked for client, asked in self._asked.items() if now - asked < _RECENT_SECONDS}
            for worker in [worker for worker in self._workers if worker.runs]:
                run = worker.runs[0]
                if run.is_late(now):  # also one that was recalled too late
                    self._lose(worker, None if run in worker.recalled else _late(self._limits))
                    self._kill(worker)
                elif not run.calm and self._gives_way(run, now):
                    run.calm = True
                    worker.nursery.calm(worker)
            for run in [run for run in self._queue if run.is_late(now)]:
                self._queue.remove(run.client, run)
                run.fail(_crowded())
            self._dispatch()

    def _gives_way(self, run: Run, now: float) -> bool:
        """Tell whether a task takes long while other clients ask; beside none it has no reason to be slower."""
        takes_long = run.started is not None and now - run.started >= _CALM_SECONDS
        return takes_long and bool(self._asked.keys() - {run.client})

    def _lose(self, worker: Worker, problem: Problem | None) -> None:
        """Take a worker out that ended; what waited in it goes to another worker.

        :param problem: what its first task ended with, or None where that had no part in it
        """
        self._workers.discard(worker)
        if problem is not None and worker.runs and not worker.runs[0].is_over:
            run = worker.runs.popleft()
            if run.waits:
                self._queue.remove(run.client, run)
            run.fail(problem)
        for run in reversed(worker.runs):
            if not run.is_over and run not in worker.recalled:
                self._put_back(run)
        if not worker.renewed:
            self._do(self._replace())

    def _ended(self, worker: Worker) -> None:
        """Take note that a worker has ended by itself."""
        self._workers.discard(worker)
        self._dying.add(worker)
        self._do(self._explain(worker))

    async def _explain(self, worker: Worker) -> None:
        status = await worker.nursery.reap(worker)
        self._dying.discard(worker)
        self._lose(worker, None if status == ORPHANED else _crashed(status, self._limits))
        self._close_unused()
        self._dispatch()

    # --- workers come and go

    def _do(self, chore: Coroutine[Any, Any, None]) -> None:
        self._keep(self._chores, chore)

    def _keep(self, tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _brood(self, nursery: Nursery) -> list[Worker]:
        """Return as many new workers as there should be.

        :raises GenerationError: when one of them does not get ready
        """
        try:
            return await asyncio.gather(*(self._hatch(nursery) for _ in range(self._limits.workers)))
        except OSError as error:  # TimeoutError is one
            raise GenerationError(nursery.generation.folder, f"no query worker can be started ({error})") from error

    async def _hatch(self, nursery: Nursery) -> Worker:
        """Return a new worker that is ready.

        :raises OSError: when none gets ready
        """
        worker = await nursery.spawn()
        ready: asyncio.Queue[Frame | None] = asyncio.Queue()
        worker.on_frame = lambda _, frame: ready.put_nowait(frame)
        worker.on_end = lambda _: ready.put_nowait(None)
        await worker.connect()
        try:
            if await asyncio.wait_for(ready.get(), _READY_SECONDS) != READY:
                raise ConnectionResetError("it ended at once")
        except (OSError, asyncio.CancelledError):  # TimeoutError is an OSError
            self._kill(worker)
            raise
        worker.on_frame, worker.on_end = self._answered, self._ended
        return worker

    async def _replace(self) -> None:
        """Bring up a worker; where that does not work now, try again."""
        self._restarts += 1
        while True:
            nursery = self._nursery
            try:
                worker = await self._hatch(nursery)
            except OSError as error:  # TimeoutError is one
                if nursery is not self._nursery:  # the generation changed meanwhile, and with it all workers
                    return
                _log.error("no query worker could be started: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                if nursery is self._nursery:
                    self._workers.add(worker)
                    self._dispatch()
                else:
                    self._kill(worker)
                return

    def _renew(self, worker: Worker) -> None:
        """Replace a worker as soon as another one is ready; until then it goes on."""
        if not worker.renewed:
            worker.renewed = True
            self._do(self._take_over(worker))

    async def _take_over(self, worker: Worker) -> None:
        await self._replace()
        self._retire(worker)

    def _retire(self, worker: Worker) -> None:
        """Give a worker nothing more to do."""
        worker.retired = True
        if not worker.runs:
            self._kill(worker)

    def _kill(self, worker: Worker) -> None:
        self._workers.discard(worker)
        worker.close()
        worker.nursery.kill(worker)
        self._close_unused()

    def _close_unused(self) -> None:
        """End the nurseries of earlier generations whose last worker has gone."""
        for nursery in self._former - {worker.nursery for worker in self._workers}:
            self._former.discard(nursery)
            self._keep(self._closings, nursery.close())


def _crowded() -> Problem:
    detail = "No query worker was free in time"
    return Problem("busy", detail, "Send the query again later", headers={"Retry-After": "5"})


def _ended() -> Problem:
    return Problem("busy", "The server is about to end", "Send the query again", headers={"Retry-After": "5"})


def _late(limits: Limits) -> Problem:
    return Problem(
        "time-limit",
        f"The query reached the time limit of {limits.query_seconds:g} seconds",
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
        f"The query reached the memory limit of {limits.memory_mib} MiB",
        "Make the query more specific, sort and group fewer rows, or fetch the dump",
        headers={"Retry-After": "30"},
    )
