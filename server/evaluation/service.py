"""Results of queries: kept ones, those that somebody waits for already, or new ones of the query workers."""

import asyncio
import threading
from collections.abc import Hashable, Iterable
from concurrent.futures import CancelledError, Future
from functools import partial

from server.evaluation.cache import Cache
from server.evaluation.messages import Answer, Task
from server.evaluation.pool import Pool
from server.evaluation.run import Run
from server.metrics import Family
from server.problems import Problem

__all__ = ["Results"]

_MEBIBYTE = 1024 * 1024
_TURNS = 2
_QUICK_SECONDS = 0.005
_MOST_SEEN = 20_000

_Key = tuple[str, str, Hashable]


class Results:
    """Answers tasks, the same one only once at a time and not again while its answer is kept.

    An answer that took no time is kept when it is asked for again: most queries are asked once, and to keep their
    answers would cost more than it ever saves.

    :param pool: evaluates
    :param cache: MiB of answers to keep
    :ivar turns: threads that make pages take turns, as more at a time are not faster and keep the event loop from its
        own turn; who waits for an answer here lets others go on
    """

    def __init__(self, pool: Pool, cache: int) -> None:
        self.pool = pool
        self.cache = Cache(cache * _MEBIBYTE)
        self.turns = threading.BoundedSemaphore(_TURNS)
        self._runs: dict[_Key, Run] = {}
        self._seen: set[int] = set()  # hashes of what was asked
        self._joined = 0

    def families(self) -> Iterable[Family]:
        """Return what is to be measured here."""
        found = [("hit", self.cache.hits), ("miss", self.cache.misses), ("joined", self._joined)]
        samples = [("", (("outcome", outcome),), number) for outcome, number in found]
        yield Family("kb_cache_requests_total", "counter", "Queries looked for in the cache of results.", samples)
        yield Family("kb_cache_bytes", "gauge", "Memory of the cache of results.", [("", (), self.cache.size)])
        yield Family("kb_cache_entries", "gauge", "Results in the cache.", [("", (), len(self.cache))])

    def bind(self) -> None:
        """Take note of the running loop, for calls from other threads."""
        self._loop = asyncio.get_running_loop()

    def run(self, task: Task, client: str, queries: list[Future[Answer]]) -> Answer:
        """Return the answer to a task, in a thread whose turn it is.

        :param queries: takes the answer to come, which others may cancel
        :raises Problem: see `Pool.submit`
        """
        future = asyncio.run_coroutine_threadsafe(self._wait(task, client), self._loop)
        queries.append(future)
        self.turns.release()
        try:
            return future.result()
        except CancelledError:
            raise _forsaken() from None
        finally:
            self.turns.acquire()

    def ask(self, task: Task, client: str) -> "Answer | asyncio.Future[Answer]":
        """Return the answer to a task, at once if it is kept.

        :raises Problem: see `Pool.submit`, also for the future
        """
        if not task.is_repeatable:
            return self.pool.submit(task, client).join(self._loop)
        key = (self.pool.generation.manifest.hash, task.query, task.conditions)
        if (answer := self.cache.get(key)) is not None:
            return answer
        run = self._runs.get(key)
        if run is None:
            run = self._runs[key] = self.pool.submit(task, client, partial(self._keep, key))
        else:
            self._joined += 1
        return run.join(self._loop)

    async def _wait(self, task: Task, client: str) -> Answer:
        answer = self.ask(task, client)
        return answer if isinstance(answer, Answer) else await answer

    def _keep(self, key: _Key, answer: Answer | None) -> None:
        run = self._runs.pop(key)
        if answer is None or answer.generation != key[0]:  # the generation changed on the way
            return
        began = run.started or 0.0
        if self._is_seen(hash(key)) or self._loop.time() - began > _QUICK_SECONDS:
            self.cache.put(key, answer, key[1])

    def _is_seen(self, asked: int) -> bool:
        """Tell whether a query was asked before; from now on it was."""
        if asked in self._seen:
            return True
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen.add(asked)
        return False


def _forsaken() -> Problem:
    detail = "The client has left, or the server is about to end"
    return Problem("busy", detail, "Send the query again", headers={"Retry-After": "5"})
