"""The pool of query workers: what their deaths mean, who gets them, and that none is left."""

# ruff: noqa: SLF001  the pool is watched from inside

import asyncio
import errno
import gc
import os
import resource
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from support.servers import HANG_SECONDS, alive, children

from kb.generations.generation import Generation
from server.config import Limits, ServerConfig
from server.evaluation.confinement import deny_files, limit_descriptors, limit_memory
from server.evaluation.forkserver import ForkServer
from server.evaluation.messages import Answer, Frame, QueryTask
from server.evaluation.pool import QUERIES, Pool
from server.evaluation.processes import QUERY_FORKS, ForkServerClient
from server.evaluation.run import Run
from server.problems import Problem
from server.processes.query_forks import load

pytestmark = pytest.mark.xdist_group("workers")

_TRUE = '{"head":{},"boolean":true}'

T = TypeVar("T")
Use = Callable[[Pool], Awaitable[T]]


def task(query: str) -> QueryTask:
    return QueryTask(query, "http://example.org/", "json", None, 1000, 1_000_000)


ASK = task("ASK {}")
ENDLESS = task("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?o ?p ?q }")


class SharedPool:
    """A pool that serves one test after another, and each finds whole."""

    def __init__(self, generation: Generation, **limits: float) -> None:
        self._runner = asyncio.Runner()
        self._pool = self._runner.run(opened(generation, **limits))

    def run(self, use: Use[T]) -> T:
        """Run a test's coroutine."""
        return self._runner.run(self._use(use))

    async def _use(self, use: Use[T]) -> T:
        try:
            return await use(self._pool)
        finally:
            for run in runs(self._pool):
                run.deadline = 0.0
            await until(lambda: is_whole(self._pool))

    def close(self) -> None:
        processes = self._runner.run(closed(self._pool))
        self._runner.close()
        assert alive(processes) == set()


def query_forks(generation: Generation, limits: Limits) -> ForkServerClient:
    return ForkServerClient(QUERY_FORKS, generation, ServerConfig(generation.folder, limits=limits))


async def opened(generation: Generation, **limits: float) -> Pool:
    bounds = Limits(**{"query_seconds": HANG_SECONDS, **limits})  # type: ignore[arg-type]
    pool = Pool(query_forks(generation, bounds), bounds, QUERIES, bounds.workers)
    try:
        await pool.open()
    except BaseException:
        await pool.close()
        raise
    return pool


async def closed(pool: Pool) -> set[int]:
    """Close a pool and return the processes that it had."""
    processes = {fork_server(pool), *workers(pool)}
    await pool.close()
    return processes


@pytest.fixture(scope="module")
def generation(small_generation: Generation) -> Generation:
    """A generation that is loaded in no time: it does not matter what is asked."""
    return small_generation


@pytest.fixture(scope="module")
def single(generation: Generation) -> Iterator[SharedPool]:
    """A pool of one worker, with a small stack."""
    pool = SharedPool(generation, workers=1, stack_mib=1)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def several(generation: Generation) -> Iterator[SharedPool]:
    """A pool of three workers with a short queue."""
    pool = SharedPool(generation, workers=3, queue=8)
    yield pool
    pool.close()


def with_pool(generation: Generation, use: Use[T], **limits: float) -> T:
    """Run a coroutine with a pool that is opened before and closed afterwards."""

    async def main() -> T:
        pool = await opened(generation, **limits)
        try:
            return await use(pool)
        finally:
            await pool.close()

    return asyncio.run(main())


def submit(pool: Pool, asked: QueryTask, client: str = "") -> "asyncio.Future[Answer]":
    return pool.submit(asked, client).join(asyncio.get_running_loop())


async def outcome(pool: Pool, asked: QueryTask, client: str = "") -> str:
    try:
        return (await submit(pool, asked, client)).body.decode()
    except Problem as problem:
        return problem.code


async def started(pool: Pool, client: str = "") -> Run:
    """Return an endless task that a worker has begun, and that somebody waits for: else it would end after a second."""
    run = pool.submit(ENDLESS, client)
    run.join(asyncio.get_running_loop()).add_done_callback(lambda done: done.cancelled() or done.exception())
    await until(lambda: run.started is not None)
    return run


async def end_of(run: Run) -> str:
    """Return the code of the problem that a task ends with."""
    with pytest.raises(Problem) as problem:
        await run.join(asyncio.get_running_loop())
    return problem.value.code


def refusal(pool: Pool, client: str = "") -> str:
    """Return the code of the problem that refuses an endless task at once, or nothing."""
    try:
        future = submit(pool, ENDLESS, client)
    except Problem as problem:
        return problem.code
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return ""


def fork_server(pool: Pool) -> int:
    return pool._fork_server._process.pid


def workers(pool: Pool) -> list[int]:
    return children(fork_server(pool))


def runs(pool: Pool) -> list[Run]:
    return [*pool._queue, *(worker.run for worker in pool._workers if worker.run is not None)]


def suspend_queries(pool: Pool) -> None:
    """Stop the workers that have a task: until they are killed they take no processor time."""
    for worker in pool._workers:
        if worker.run is not None:
            os.kill(worker.pid, signal.SIGSTOP)


def metric(pool: Pool, name: str) -> float:
    (value,) = [sample.value for family in pool.collect() for sample in family.samples if sample.name == name]
    return value


def is_whole(pool: Pool) -> bool:
    """Return whether all workers are there and none has a task."""
    ready = len(pool._workers)
    return not runs(pool) and ready == pool._number and len(alive(workers(pool))) == ready


def threads(pid: int) -> list[int]:
    return [int(thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(HANG_SECONDS):
        while not condition():  # noqa: ASYNC110  processes and their priorities send no event
            await asyncio.sleep(0.01)


def test_a_pool_answers_leaves_nothing_and_then_refuses(generation: Generation) -> None:
    async def main() -> tuple[Pool, set[int]]:
        pool = await opened(generation, workers=3)
        assert await outcome(pool, ASK) == _TRUE
        return pool, await closed(pool)

    pool, processes = asyncio.run(main())
    assert len(processes) == 4
    assert alive(processes) == set()
    with pytest.raises(Problem):
        pool.submit(ASK)


@pytest.mark.parametrize(
    ("sign", "code"),
    [(signal.SIGSEGV, "too-complex"), (signal.SIGABRT, "memory-limit"), (signal.SIGKILL, "memory-limit")],
)
def test_what_a_death_means(single: SharedPool, sign: signal.Signals, code: str) -> None:
    async def use(pool: Pool) -> None:
        (worker,) = workers(pool)
        run = await started(pool)
        os.kill(worker, sign)
        assert await end_of(run) == code
        assert await outcome(pool, ASK) == _TRUE

    single.run(use)


def test_a_stack_that_overflows_costs_one_query(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        assert await outcome(pool, task("ASK" + "{" * 20_000)) == "too-complex"
        assert await outcome(pool, ASK) == _TRUE

    single.run(use)


def test_a_late_query_is_ended_and_its_worker_replaced(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        (first,) = workers(pool)
        assert await end_of(await started(pool)) == "time-limit"
        await until(lambda: first not in workers(pool) and len(workers(pool)) == 1)

    with_pool(generation, use, workers=1, query_seconds=0.5)


def test_what_waits_behind_a_query_that_is_killed_is_answered(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        late = await started(pool)
        others = [submit(pool, ASK) for _ in range(3)]
        late.deadline = 0.0
        assert await end_of(late) == "time-limit"
        assert {(await other).body.decode() for other in others} == {_TRUE}

    single.run(use)


def test_a_query_does_not_wait_behind_a_slow_one_while_a_worker_is_free(several: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        slow = submit(pool, ENDLESS, "a")
        others = [submit(pool, ASK, "a") for _ in range(4)]
        assert {(await other).body.decode() for other in others} == {_TRUE}
        assert not slow.done()
        slow.cancel()

    several.run(use)


def test_a_slow_query_gives_way_to_other_clients_in_every_thread(generation: Generation) -> None:
    def priorities(worker: int) -> set[int]:
        assert len(threads(worker)) > 1  # the engine's is not the first
        return {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads(worker)}

    async def use(pool: Pool) -> None:
        loop = asyncio.get_running_loop()
        (worker,) = workers(pool)
        before = os.getpriority(os.PRIO_PROCESS, 0)
        assert priorities(worker) == {before}
        slow = submit(pool, ENDLESS, "a")
        enough = loop.time() + 0.5
        await until(lambda: loop.time() > enough)
        assert priorities(worker) == {before}  # nobody else asks
        other = submit(pool, ASK, "b")
        await until(lambda: priorities(worker) == {min(before + 10, 19)})
        suspend_queries(pool)
        slow.cancel()
        assert (await other).body.decode() == _TRUE

    with_pool(generation, use, workers=1)


def test_workers_that_died_while_idle_are_replaced(several: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        dead = set(workers(pool))
        for worker in dead:
            os.kill(worker, signal.SIGKILL)
        await until(lambda: not dead & set(workers(pool)))
        assert await outcome(pool, ASK) == _TRUE
        assert await outcome(pool, ASK) == _TRUE

    several.run(use)


@pytest.mark.parametrize("moment", [0.0, 0.001, 0.005, 0.02, 0.1])
def test_a_pool_closed_while_it_replaces_a_worker_leaves_nothing(generation: Generation, moment: float) -> None:
    async def use(pool: Pool) -> set[int]:
        before = {fork_server(pool), *workers(pool)}
        for worker in workers(pool):
            os.kill(worker, signal.SIGKILL)
        await asyncio.sleep(moment)
        return {*before, *workers(pool)}

    opened_before = set(Path("/proc/self/fd").iterdir())
    processes = with_pool(generation, use, workers=4)
    gc.collect()  # a socket that nobody closed is an error here
    assert set(Path("/proc/self/fd").iterdir()) <= opened_before
    assert alive(processes) == set()


def test_a_worker_that_speaks_unasked_is_replaced(several: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        worker = next(iter(pool._workers))
        pool._on_reply(worker, Frame(b"{}"))
        await until(lambda: worker.pid not in workers(pool))
        assert await outcome(pool, ASK) == _TRUE

    several.run(use)


def test_a_worker_that_died_before_the_others_were_ready_is_replaced(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Pool._start_workers

    async def start_and_kill(pool: Pool, server: ForkServerClient) -> list[object]:
        found = await start(pool, server)
        os.kill(found[0].pid, signal.SIGKILL)
        await until(lambda: found[0].has_ended)
        return found

    async def use(pool: Pool) -> None:
        await until(lambda: is_whole(pool))
        assert metric(pool, "kb_worker_restarts_total") == 1

    monkeypatch.setattr(Pool, "_start_workers", start_and_kill)
    with_pool(generation, use, workers=2)


def test_a_fork_that_fails_is_an_error_and_the_next_one_works(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        client = query_forks(generation, Limits(workers=1))
        try:
            with monkeypatch.context() as patch:
                patch.setattr(ForkServerClient, "_request", lambda *_: {"errno": errno.EAGAIN})
                with pytest.raises(BlockingIOError):
                    await client.start_worker(lambda *_: None, lambda _: None)
            worker = await client.start_worker(lambda *_: None, lambda _: None)
            worker.close()
        finally:
            await client.close()

    asyncio.run(main())


def test_a_fork_that_fails_does_not_end_the_fork_server(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise OSError(errno.EAGAIN, "for now")

    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(os, "fork", refuse)
    reading, writing = os.pipe()
    os.close(writing)
    server = ForkServer(load(ServerConfig(generation.folder, limits=Limits(store_mib=0))), Limits())
    assert server.serve({"fork": {}}, [reading]) == {"errno": errno.EAGAIN}
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.close(reading)


def test_a_fork_server_has_one_thread_as_it_forks(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        assert await outcome(pool, ASK) == _TRUE
        assert len(threads(fork_server(pool))) == 1

    single.run(use)


def test_a_fork_server_that_died_is_started_again(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        first = fork_server(pool)
        dead = [first, *workers(pool)]
        os.kill(first, signal.SIGKILL)
        await until(lambda: not alive(dead))
        assert await outcome(pool, ASK) == _TRUE
        assert fork_server(pool) != first

    single.run(use)


def test_a_query_goes_on_when_its_fork_server_dies(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        run = await started(pool)
        first = fork_server(pool)
        os.kill(first, signal.SIGKILL)
        await until(lambda: fork_server(pool) != first and any(worker.run is run for worker in pool._workers))
        run.deadline = 0.0
        assert await end_of(run) == "time-limit"
        assert await outcome(pool, ASK) == _TRUE

    single.run(use)


def test_workers_are_recycled_without_a_gap(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        seen = set()
        while len(seen) < 3:
            seen |= set(workers(pool))
            assert await outcome(pool, ASK) == _TRUE
        await until(lambda: len(workers(pool)) == 1)

    with_pool(generation, use, workers=1, queries_per_worker=3)


def test_the_queue_is_bounded(several: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        refusals = [refusal(pool, f"client {number}") for number in range(14)]
        assert refusals == [""] * (3 + 8) + ["busy"] * 3
        for run in runs(pool):
            run.deadline = 0.0
        await until(lambda: not runs(pool))
        assert await outcome(pool, ASK) == _TRUE

    several.run(use)


def test_what_waits_for_too_long_is_told_so(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        await started(pool)
        waiting = pool.submit(ASK)
        waiting.deadline = 0.0
        assert await end_of(waiting) == "busy"

    single.run(use)


def test_a_client_that_fills_its_line_is_told_so(several: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        refusals = [refusal(pool, "greedy") for _ in range(12)]
        assert refusals == [""] * (2 + 4) + ["too-many-requests"] * 6
        assert await outcome(pool, ASK, "polite") == _TRUE

    several.run(use)


def test_a_client_alone_has_all_workers_but_one_and_half_of_them_beside_another(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        alone = [submit(pool, ENDLESS, "a") for _ in range(6)]
        await until(lambda: metric(pool, "kb_queries_running") == 3)
        assert await outcome(pool, ASK, "b") == _TRUE
        suspend_queries(pool)
        for one in alone:
            one.cancel()
        await until(lambda: metric(pool, "kb_queries_running") == 0)
        other = submit(pool, ENDLESS, "b")
        beside = [submit(pool, ENDLESS, "a") for _ in range(6)]
        await until(lambda: metric(pool, "kb_queries_running") == 3)
        assert await outcome(pool, ASK, "c") == _TRUE
        assert metric(pool, "kb_queries_running") == 3
        for one in (other, *beside):
            one.cancel()

    with_pool(generation, use, workers=4)


@pytest.mark.parametrize("count", [2, 3])
def test_a_greedy_client_does_not_keep_a_polite_one_waiting(generation: Generation, count: int) -> None:
    async def use(pool: Pool) -> None:
        greedy = [asyncio.ensure_future(outcome(pool, ENDLESS, "greedy")) for _ in range(30)]
        await until(lambda: metric(pool, "kb_queries_running") > 0)
        for _ in range(20):
            assert await outcome(pool, ASK, "polite") == _TRUE
        assert not any(one.done() for one in greedy)
        for one in greedy:
            one.cancel()

    with_pool(generation, use, workers=count, queue=64)


def test_clients_come_by_turns(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        order: list[str] = []

        async def ask(client: str) -> None:
            await outcome(pool, ASK, client)
            order.append(client)

        await asyncio.gather(*(ask("many") for _ in range(10)), ask("one"), ask("another"))
        assert {"one", "another"} <= set(order[:6])

    single.run(use)


def test_the_last_worker_is_for_who_has_used_little(several: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        now = pool.loop.time()
        for client in ("a", "b", "c"):
            pool._usage.add(client, 100.0, now)
        greedy = [submit(pool, ENDLESS, client) for client in ("a", "b", "c")]
        await until(lambda: metric(pool, "kb_queries_running") == 2)
        for number in range(10):
            assert await outcome(pool, task(f"ASK {{}} # {number}"), "little") == _TRUE
        assert metric(pool, "kb_queries_waiting") == 1
        for one in greedy:
            one.cancel()

    several.run(use)


def test_the_client_that_has_used_least_comes_next(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        order: list[str] = []
        for used, client in enumerate(("little", "more", "most")):
            pool._usage.add(client, float(used), pool.loop.time())

        async def ask(client: str) -> None:
            await outcome(pool, task(f"ASK {{}} # of {client}"), client)
            order.append(client)

        running = await started(pool, "first")
        asked = [asyncio.ensure_future(ask(client)) for client in ("most", "more", "little")]
        await until(lambda: metric(pool, "kb_queries_waiting") == 3)
        running.deadline = 0.0
        await asyncio.gather(*asked)
        assert order == ["little", "more", "most"]

    single.run(use)


def test_a_full_queue_makes_room_for_a_shorter_line(several: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        running = [await started(pool, client) for client in ("x", "y", "z")]
        many = [submit(pool, task(f"ASK {{}} # {client}{number}"), client) for client in "ab" for number in range(4)]
        with pytest.raises(Problem, match="wait for"):
            submit(pool, ASK, "a")
        late = submit(pool, ASK, "c")
        await asyncio.sleep(0)
        (removed,) = [one for one in many if one.done()]
        with pytest.raises(Problem, match="the queue is full"):
            removed.result()
        for run in running:
            run.deadline = 0.0
        assert (await late).body.decode() == _TRUE
        await asyncio.gather(*(one for one in many if one is not removed))

    several.run(use)


def test_what_two_clients_ask_waits_in_the_better_line(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        pool._usage.add("greedy", 50.0, pool.loop.time())
        running = await started(pool, "first")
        others = [submit(pool, task(f"ASK {{}} # {number}"), "greedy") for number in range(3)]
        shared = pool.submit(task("ASK {} # shared"), "greedy")
        shared.join(pool.loop)
        future = pool.join(shared, "polite")
        assert shared.client == "polite"
        running.deadline = 0.0
        await future
        assert not any(one.done() for one in others)
        await asyncio.gather(*others)

    single.run(use)


def test_what_nobody_waits_for_is_not_begun(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        running = await started(pool, "first")
        left = [pool.submit(task(f"ASK {{}} # left {number}"), "left") for number in range(5)]
        for run in left:
            run.join(pool.loop).cancel()
        running.deadline = 0.0
        assert await outcome(pool, ASK, "first") == _TRUE
        assert [run.started for run in left] == [None] * 5
        assert metric(pool, "kb_queries_waiting") == 0

    single.run(use)


def test_a_query_that_nobody_waits_for_ends(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        (worker,) = workers(pool)
        future = submit(pool, ENDLESS)
        await until(lambda: metric(pool, "kb_queries_running") == 1)
        suspend_queries(pool)
        future.cancel()
        await until(lambda: worker not in workers(pool))
        assert await outcome(pool, ASK) == _TRUE

    single.run(use)


def test_a_query_that_nobody_waits_for_any_more_leaves_the_queue(single: SharedPool) -> None:
    async def use(pool: Pool) -> None:
        endless = submit(pool, ENDLESS)
        await until(lambda: metric(pool, "kb_queries_running") == 1)
        suspend_queries(pool)
        for _ in range(8):
            submit(pool, ENDLESS).cancel()
        await until(lambda: metric(pool, "kb_queries_waiting") == 0)
        assert not endless.done()
        endless.cancel()
        assert await outcome(pool, ASK) == _TRUE

    single.run(use)


def in_child(action: Callable[[], object]) -> int:
    """Return the exit status of a process that does something."""
    child = os.fork()
    if child == 0:
        try:
            action()
            os._exit(0)
        except (OSError, MemoryError):
            os._exit(42)
        finally:
            os._exit(43)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def check_no_core() -> None:
    if resource.getrlimit(resource.RLIMIT_CORE) != (0, 0):
        raise MemoryError


def test_confinement_lets_no_socket_and_no_file_be_opened() -> None:
    assert in_child(lambda: (limit_descriptors(), socket.socket())) == 42
    assert in_child(lambda: (limit_descriptors(), os.open("/etc/passwd", os.O_RDONLY))) == 42
    assert in_child(lambda: (limit_descriptors(), os.write(2, b""))) == 0


def test_confinement_lets_sockets_be_opened_for_remote_stores_and_still_no_file() -> None:
    """As many as are allowed; a program is no way around."""
    assert deny_files_of_a_child() == 0, "the kernel has no seccomp, or this machine is not known"

    def open_sockets(number: int) -> list[socket.socket]:
        limit_descriptors(2)
        deny_files()
        return [socket.socket() for _ in range(number)]

    assert in_child(lambda: open_sockets(2)) == 0
    assert in_child(lambda: open_sockets(3)) == 42
    assert in_child(lambda: (open_sockets(0), os.open("/etc/passwd", os.O_RDONLY))) == 42
    assert in_child(lambda: (open_sockets(0), Path("/tmp/kb-test").write_bytes(b""))) == 42
    assert in_child(lambda: (open_sockets(0), os.execv("/bin/true", ["true"]))) == 42


def deny_files_of_a_child() -> int:
    def deny() -> None:
        if not deny_files():
            raise OSError

    return in_child(deny)


def test_confinement_bounds_memory() -> None:
    assert in_child(lambda: (limit_memory(100), bytearray(50 * 1024 * 1024))) == 0
    assert in_child(lambda: (limit_memory(100), bytearray(200 * 1024 * 1024))) == 42


def test_confinement_writes_no_core() -> None:
    assert in_child(lambda: (limit_descriptors(), check_no_core())) == 0
