"""The query service: kept answers, answers on their way, or new ones from the query workers."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from functools import partial

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.evaluation.cache import Cache
from server.evaluation.messages import Answer, Task
from server.evaluation.pool import Pool
from server.evaluation.run import Run
from server.problems import Problem

__all__ = ["QueryService"]

_MEBIBYTE = 1024 * 1024
_PAGE_SLOTS = 2  # more pages at a time are not made faster, and keep the event loop from its turn
_QUICK_SECONDS = 0.005
_MOST_SEEN = 20_000

_Key = tuple[str, Task]  # the content hash of the generation, and what it is asked


class QueryService(Collector):
    """Evaluates tasks; equal ones only once at a time, and not again while the answer is kept.

    A quick answer is kept only from the second time on: most queries are asked once, and keeping their answers would
    cost more than it saves.

    :param pool: evaluates the tasks
    :param cache: MiB of answers to keep
    :ivar page_slots: each thread holds one while it makes a page
    """

    def __init__(self, pool: Pool, cache: int) -> None:
        self.pool = pool
        self.cache = Cache(cache * _MEBIBYTE)
        self.page_slots = threading.BoundedSemaphore(_PAGE_SLOTS)
        self._runs: dict[_Key, Run] = {}
        self._seen: set[int] = set()  # hashes of what was asked
        self._joined = 0

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the cache."""
        requests = CounterMetricFamily(
            "kb_cache_requests", "Queries looked for in the cache of results.", labels=["outcome"]
        )
        for outcome, number in (("hit", self.cache.hits), ("miss", self.cache.misses), ("joined", self._joined)):
            requests.add_metric([outcome], number)
        yield requests
        yield GaugeMetricFamily("kb_cache_bytes", "Memory of the cache of results.", self.cache.size)
        yield GaugeMetricFamily("kb_cache_entries", "Results in the cache.", len(self.cache))

    def run_from_thread(self, task: Task, client: str, queries: list[Future[Answer]]) -> Answer:
        """Return the answer to a task, in a thread that makes a page; others have its slot while it waits.

        :param queries: takes the answer to come, which others may cancel
        :raises Problem: see `Pool.submit`
        """

        async def answer() -> Answer:
            found = self.submit(task, client)
            return found if isinstance(found, Answer) else await found

        future = asyncio.run_coroutine_threadsafe(answer(), self.pool.loop)
        queries.append(future)
        self.page_slots.release()
        try:
            return future.result()
        except CancelledError:
            detail = "The client has left, or the server is about to end"
            raise Problem("busy", detail, "Send the query again", headers={"Retry-After": "5"}) from None
        finally:
            self.page_slots.acquire()

    def submit(self, task: Task, client: str) -> "Answer | asyncio.Future[Answer]":
        """Return the answer to a task, at once if it is kept.

        :raises Problem: see `Pool.submit`, also for the future
        """
        if not task.is_repeatable:
            return self.pool.submit(task, client).join(self.pool.loop)
        key = (self.pool.generation.manifest.hash, task)
        if (answer := self.cache.get(key)) is not None:
            return answer
        run = self._runs.get(key)
        if run is None:
            run = self._runs[key] = self.pool.submit(task, client, partial(self._keep, key))
        else:
            self._joined += 1
        return run.join(self.pool.loop)

    def _keep(self, key: _Key, answer: Answer | None) -> None:
        run, (generation, task) = self._runs.pop(key), key
        if answer is None or answer.generation != generation:  # the generation changed on the way
            return
        began = run.started or 0.0
        if self._is_seen(hash(key)) or self.pool.loop.time() - began > _QUICK_SECONDS:
            self.cache.put(key, answer, task.query)

    def _is_seen(self, asked: int) -> bool:
        """Return whether a query was asked before, and remember it."""
        if asked in self._seen:
            return True
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen.add(asked)
        return False
