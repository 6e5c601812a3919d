"""The pool of query workers: what their deaths mean, and that none is left."""

import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from serving import alive, children

from kb.generation import Generation
from server.config import Limits
from server.confinement import limit_descriptors, limit_memory
from server.errors import Problem
from server.messages import Task
from server.workers import Pool

_JSON = dict.fromkeys(("rows", "boolean"), "json")


def task(query: str) -> Task:
    return Task(query, "http://example.org/", _JSON, 1000, 1_000_000)


ASK = task("ASK {}")
ENDLESS = task("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")


@contextmanager
def open_pool(generation: Generation, **limits: float) -> Iterator[Pool]:
    pool = Pool(generation.folder, Limits(**{"workers": 1, **limits}))  # type: ignore[arg-type]
    try:
        yield pool
    finally:
        pool.close()


def nursery() -> int:
    (found,) = [pid for pid in children(os.getpid()) if "server.nursery" in command(pid)]
    return found


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")


def outcome(pool: Pool, asked: Task) -> str:
    try:
        return pool.run(asked).body.decode()
    except Problem as problem:
        return problem.code


def wait_until_dead(processes: list[int]) -> None:
    for _ in range(100):
        if not alive(processes):
            return
        time.sleep(0.05)
    raise AssertionError(f"still running: {alive(processes)}")


def killed_meanwhile(pool: Pool, sign: signal.Signals) -> str:
    """Return the outcome of an endless query whose worker ends by a signal."""
    (worker,) = children(nursery())
    timer = threading.Timer(0.3, os.kill, (worker, sign))
    timer.start()
    try:
        return outcome(pool, ENDLESS)
    finally:
        timer.join()


def test_a_pool_answers_and_leaves_nothing(generation: Generation) -> None:
    with open_pool(generation, workers=3) as pool:
        assert outcome(pool, ASK) == '{"head":{},"boolean":true}'
        processes = {nursery(), *children(nursery())}
        assert len(processes) == 4
    assert alive(processes) == set()


@pytest.mark.parametrize(
    ("sign", "code"),
    [(signal.SIGSEGV, "too-complex"), (signal.SIGABRT, "memory-limit"), (signal.SIGKILL, "memory-limit")],
)
def test_what_a_death_means(generation: Generation, sign: signal.Signals, code: str) -> None:
    with open_pool(generation) as pool:
        assert killed_meanwhile(pool, sign) == code
        assert "true" in outcome(pool, ASK)
        assert len(children(nursery())) == 1


def test_a_stack_that_overflows_costs_one_query(generation: Generation) -> None:
    with open_pool(generation, stack=1) as pool:
        assert outcome(pool, task("ASK" + "{" * 20_000)) == "too-complex"
        assert "true" in outcome(pool, ASK)


def test_a_late_query_is_ended_and_its_worker_replaced(generation: Generation) -> None:
    with open_pool(generation, timeout=0.5) as pool:
        (first,) = children(nursery())
        assert outcome(pool, ENDLESS) == "time-limit"
        (second,) = children(nursery())
        assert first != second
        assert alive([first]) == set()
        assert "true" in outcome(pool, ASK)


def test_workers_that_died_while_idle_are_replaced(generation: Generation) -> None:
    with open_pool(generation, workers=2) as pool:
        workers = children(nursery())
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        wait_until_dead(workers)
        assert "true" in outcome(pool, ASK)
        assert "true" in outcome(pool, ASK)


def test_a_nursery_that_died_is_started_again(generation: Generation) -> None:
    with open_pool(generation) as pool:
        first = nursery()
        workers = children(first)
        os.kill(first, signal.SIGKILL)
        wait_until_dead([first, *workers])
        assert "true" in outcome(pool, ASK)
        assert nursery() != first
        assert alive(workers) == set()


def test_a_query_goes_on_when_its_nursery_dies(generation: Generation) -> None:
    with open_pool(generation, timeout=2.0) as pool:
        timer = threading.Timer(0.3, os.kill, (nursery(), signal.SIGKILL))
        timer.start()
        assert outcome(pool, ENDLESS) == "time-limit"
        timer.join()
        assert "true" in outcome(pool, ASK)


def test_workers_are_recycled(generation: Generation) -> None:
    with open_pool(generation, recycle=3) as pool:
        seen = set()
        for _ in range(7):
            seen |= set(children(nursery()))
            assert "true" in outcome(pool, ASK)
        assert len(seen) == 3


def test_the_queue_is_bounded(generation: Generation) -> None:
    with open_pool(generation, timeout=1.5, queue=2) as pool:
        outcomes: list[str] = []
        threads = [threading.Thread(target=lambda: outcomes.append(outcome(pool, ENDLESS))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(set(outcomes)) == ["busy", "time-limit"]
        assert outcomes.count("busy") >= 3
        assert "true" in outcome(pool, ASK)


def test_a_closed_pool_refuses(generation: Generation) -> None:
    with open_pool(generation) as pool:
        pass
    with pytest.raises((Problem, OSError)):
        pool.run(ASK)


def in_child(action: Callable[[], None]) -> int:
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
    assert [pid for pid in children(os.getpid()) if "server.nursery" in command(pid)] == []
