"""The pool of query workers: what their deaths mean, who gets them, and that none is left."""

import asyncio
import errno
import gc
import os
import resource
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from support.servers import alive, children

from kb.generations.generation import Generation
from kb.namespaces import AMMTC
from server.config import Limits
from server.evaluation.confinement import limit_descriptors, limit_memory
from server.evaluation.forkserver import Workers
from server.evaluation.messages import Answer, Task, write_skip
from server.evaluation.pool import Pool
from server.evaluation.processes import Nursery, Worker
from server.problems import Problem

_JSON = dict.fromkeys(("rows", "boolean"), "json")
_TRUE = '{"head":{},"boolean":true}'

T = TypeVar("T")


def task(query: str) -> Task:
    return Task(query, "http://example.org/", _JSON, 1000, 1_000_000)


ASK = task("ASK {}")
ENDLESS = task("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")


def with_pool(generation: Generation, use: Callable[[Pool], Awaitable[T]], **limits: float) -> T:
    """Run a coroutine with a pool that is opened before and closed afterwards."""

    async def main() -> T:
        pool = Pool(generation, Limits(**{"workers": 1, **limits}))  # type: ignore[arg-type]
        try:
            await pool.open()
            return await use(pool)
        finally:
            await pool.close()

    return asyncio.run(main())


def submit(pool: Pool, asked: Task, client: str = "") -> "asyncio.Future[Answer]":
    return pool.submit(asked, client).join(asyncio.get_running_loop())


async def outcome(pool: Pool, asked: Task, client: str = "") -> str:
    try:
        return (await submit(pool, asked, client)).body.decode()
    except Problem as problem:
        return problem.code


def nursery() -> int:
    (found,) = [pid for pid in children(os.getpid()) if "server.evaluation.forkserver" in command(pid)]
    return found


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")


def threads(pid: int) -> list[int]:
    return [int(thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to that")


def test_a_pool_answers_and_leaves_nothing(generation: Generation) -> None:
    async def use(pool: Pool) -> set[int]:
        assert await outcome(pool, ASK) == _TRUE
        return {nursery(), *children(nursery())}

    processes = with_pool(generation, use, workers=3)
    assert len(processes) == 4
    assert alive(processes) == set()


@pytest.mark.parametrize(
    ("sign", "code"),
    [(signal.SIGSEGV, "too-complex"), (signal.SIGABRT, "memory-limit"), (signal.SIGKILL, "memory-limit")],
)
def test_what_a_death_means(generation: Generation, sign: signal.Signals, code: str) -> None:
    async def use(pool: Pool) -> None:
        (worker,) = children(nursery())
        asyncio.get_running_loop().call_later(0.3, os.kill, worker, sign)
        assert await outcome(pool, ENDLESS) == code
        assert await outcome(pool, ASK) == _TRUE
        await until(lambda: len(children(nursery())) == 1)

    with_pool(generation, use)


def test_a_stack_that_overflows_costs_one_query(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        assert await outcome(pool, task("ASK" + "{" * 20_000)) == "too-complex"
        assert await outcome(pool, ASK) == _TRUE

    with_pool(generation, use, stack_mib=1)


def test_a_late_query_is_ended_and_its_worker_replaced(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        (first,) = children(nursery())
        assert await outcome(pool, ENDLESS) == "time-limit"
        assert await outcome(pool, ASK) == _TRUE
        await until(lambda: first not in children(nursery()))
        (second,) = children(nursery())
        assert first != second

    with_pool(generation, use, query_seconds=0.5)


def test_what_waits_behind_a_query_that_is_killed_is_answered(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        late = submit(pool, ENDLESS)
        await asyncio.sleep(0.6)
        others = [submit(pool, ASK) for _ in range(3)]
        with pytest.raises(Problem) as problem:
            await late
        assert problem.value.code == "time-limit"
        assert {(await other).body.decode() for other in others} == {_TRUE}

    with_pool(generation, use, query_seconds=1.0)


def test_a_query_does_not_wait_behind_a_slow_one_while_a_worker_is_free(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        slow = submit(pool, ENDLESS, "a")
        others = [submit(pool, ASK, "a") for _ in range(20)]
        assert {(await other).body.decode() for other in others} == {_TRUE}
        assert not slow.done()

    with_pool(generation, use, workers=3, query_seconds=5.0)


def test_a_slow_query_gives_way_to_other_clients_in_every_thread(generation: Generation) -> None:
    def priorities(worker: int) -> set[int]:
        assert len(threads(worker)) > 1  # the engine's is not the first
        return {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads(worker)}

    async def use(pool: Pool) -> None:
        (worker,) = children(nursery())
        before = os.getpriority(os.PRIO_PROCESS, 0)
        assert priorities(worker) == {before}
        slow = submit(pool, ENDLESS, "a")
        await asyncio.sleep(0.5)
        assert priorities(worker) == {before}  # nobody else asks
        other = submit(pool, ASK, "b")
        await until(lambda: priorities(worker) == {min(before + 10, 19)})
        slow.cancel()
        assert (await other).body.decode() == _TRUE

    with_pool(generation, use, query_seconds=5.0)


def test_workers_that_died_while_idle_are_replaced(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        workers = set(children(nursery()))
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        await until(lambda: not workers & set(children(nursery())))
        assert await outcome(pool, ASK) == _TRUE
        assert await outcome(pool, ASK) == _TRUE

    with_pool(generation, use, workers=2)


@pytest.mark.parametrize("moment", [0.0, 0.001, 0.005, 0.02, 0.1])
def test_a_pool_closed_while_it_replaces_a_worker_leaves_nothing(generation: Generation, moment: float) -> None:
    async def use(_: Pool) -> set[int]:
        before = {nursery(), *children(nursery())}
        for worker in children(nursery()):
            os.kill(worker, signal.SIGKILL)
        await asyncio.sleep(moment)
        return {*before, *children(nursery())}

    opened = set(Path("/proc/self/fd").iterdir())
    processes = with_pool(generation, use, workers=4)
    gc.collect()  # a socket that nobody closed is an error here
    assert set(Path("/proc/self/fd").iterdir()) <= opened
    assert alive(processes) == set()


def test_a_worker_that_has_begun_what_it_should_skip_is_ended_in_time(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Worker.tell
    skips = {write_skip(number) for number in range(10)}
    monkeypatch.setattr(Worker, "tell", lambda worker, message: message in skips or told(worker, message))

    async def use(pool: Pool) -> None:
        slow = submit(pool, task(f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d a <{AMMTC.Meeting}> }}"))
        endless = submit(pool, ENDLESS)
        assert (await slow).body
        with pytest.raises(Problem):
            await endless
        assert await outcome(pool, ASK) == _TRUE

    with_pool(generation, use, query_seconds=1.5)


def test_a_fork_that_fails_is_an_error_and_the_next_one_works(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        bearer = Nursery(generation, Limits(workers=1))
        try:
            with monkeypatch.context() as patch:
                patch.setattr(Nursery, "_ask", lambda *_: {"errno": errno.EAGAIN})
                with pytest.raises(BlockingIOError):
                    await bearer.spawn()
            worker = await bearer.spawn()
            worker.channel.close()
        finally:
            await bearer.close()

    asyncio.run(main())


def test_a_fork_that_fails_does_not_end_the_nursery(generation: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise OSError(errno.EAGAIN, "for now")

    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(os, "fork", refuse)
    reading, writing = os.pipe()
    os.close(writing)
    workers = Workers(generation.folder, Limits(store_mib=0))
    assert workers.serve({"spawn": {}}, [reading]) == {"errno": errno.EAGAIN}
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.close(reading)


def test_a_nursery_has_one_thread_as_it_forks(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        assert await outcome(pool, ASK) == _TRUE
        assert len(threads(nursery())) == 1

    with_pool(generation, use)


def test_a_nursery_that_died_is_started_again(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        first = nursery()
        workers = children(first)
        os.kill(first, signal.SIGKILL)
        await until(lambda: not alive([first, *workers]))
        assert await outcome(pool, ASK) == _TRUE
        assert nursery() != first

    with_pool(generation, use)


def test_a_query_goes_on_when_its_nursery_dies(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        asyncio.get_running_loop().call_later(0.3, os.kill, nursery(), signal.SIGKILL)
        assert await outcome(pool, ENDLESS) == "time-limit"
        assert await outcome(pool, ASK) == _TRUE

    with_pool(generation, use, query_seconds=2.0)


def test_workers_are_recycled_without_a_gap(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        seen = set()
        for _ in range(60):
            seen |= set(children(nursery()))
            assert await outcome(pool, ASK) == _TRUE
            await asyncio.sleep(0.01)
        assert len(seen) > 2
        await until(lambda: len(children(nursery())) == 1)

    with_pool(generation, use, queries_per_worker=3)


def test_the_queue_is_bounded(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        outcomes = await asyncio.gather(*(outcome(pool, ENDLESS, f"client {number}") for number in range(12)))
        assert sorted(set(outcomes)) == ["busy", "time-limit"]
        assert outcomes.count("busy") >= 8
        assert await outcome(pool, ASK) == _TRUE

    with_pool(generation, use, query_seconds=1.5, queue=2)


def test_a_client_that_fills_its_line_is_told_so(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        greedy = [asyncio.ensure_future(outcome(pool, ENDLESS, "greedy")) for _ in range(12)]
        await asyncio.sleep(0.2)
        assert await outcome(pool, ASK, "polite") == _TRUE
        assert (await asyncio.gather(*greedy)).count("too-many-requests") >= 4

    with_pool(generation, use, workers=3, query_seconds=1.0, queue=8)


@pytest.mark.parametrize("workers", [2, 3])
def test_a_greedy_client_does_not_keep_a_polite_one_waiting(generation: Generation, workers: int) -> None:
    async def use(pool: Pool) -> None:
        greedy = [asyncio.ensure_future(outcome(pool, ENDLESS, "greedy")) for _ in range(30)]
        await asyncio.sleep(0.1)
        began = time.monotonic()
        for _ in range(20):
            assert await outcome(pool, ASK, "polite") == _TRUE
        assert time.monotonic() - began < 5.0  # a worker that the greedy client had would be its own for 10 seconds
        for one in greedy:
            one.cancel()

    with_pool(generation, use, workers=workers, query_seconds=10.0, queue=64)


def test_clients_come_by_turns(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        order: list[str] = []
        heavy = task("SELECT (COUNT(*) AS ?n) { ?a a ?c . ?d a ?f }")

        async def ask(client: str) -> None:
            await outcome(pool, heavy, client)
            order.append(client)

        await asyncio.gather(*(ask("many") for _ in range(10)), ask("one"), ask("another"))
        assert {"one", "another"} <= set(order[:6])

    with_pool(generation, use, workers=1, query_seconds=60.0)


def test_a_query_that_nobody_waits_for_ends(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        (worker,) = children(nursery())
        future = submit(pool, ENDLESS)
        await asyncio.sleep(0.2)
        future.cancel()
        await until(lambda: worker not in children(nursery()))
        assert await outcome(pool, ASK) == _TRUE

    with_pool(generation, use, query_seconds=30.0)


def test_a_query_that_nobody_waits_for_any_more_leaves_the_queue(generation: Generation) -> None:
    async def use(pool: Pool) -> None:
        endless = submit(pool, ENDLESS)
        await asyncio.sleep(0.1)
        for _ in range(8):
            submit(pool, ENDLESS).cancel()
        await asyncio.sleep(1.5)
        endless.cancel()
        assert await outcome(pool, ASK) == _TRUE

    with_pool(generation, use, query_seconds=30.0, queue=16)


def test_a_closed_pool_refuses(generation: Generation) -> None:
    async def use(pool: Pool) -> Pool:
        return pool

    pool = with_pool(generation, use)
    with pytest.raises(Problem):
        pool.submit(ASK)


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


def test_confinement_bounds_memory() -> None:
    assert in_child(lambda: (limit_memory(100), bytearray(50 * 1024 * 1024))) == 0
    assert in_child(lambda: (limit_memory(100), bytearray(200 * 1024 * 1024))) == 42


def test_confinement_writes_no_core() -> None:
    assert in_child(lambda: (limit_descriptors(), check_no_core())) == 0


def test_nothing_of_a_worker_is_left_in_this_process() -> None:
    assert [pid for pid in children(os.getpid()) if "server.evaluation.forkserver" in command(pid)] == []
