"""Answers to tasks: kept ones, those on their way, or new ones from the workers."""

import asyncio
from functools import partial

from server.evaluation.cache import Cache
from server.evaluation.messages import Answer, Task
from server.evaluation.pool import Pool
from server.evaluation.run import Run

__all__ = ["Service"]

_QUICK_SECONDS = 0.005
_MOST_SEEN = 20_000

_Key = tuple[str, Task]  # the content hash of the generation, and what it is asked


class Service:
    """Answers tasks; equal ones only once at a time, and not again while the answer is kept.

    A quick answer is kept only from the second time on: most queries are asked once, and keeping their answers would
    cost more than it saves.

    :param pool: makes the answers
    :param cache: keeps them
    """

    def __init__(self, pool: Pool, cache: Cache) -> None:
        self.pool = pool
        self._cache = cache
        self._runs: dict[_Key, Run] = {}
        self._seen: set[int] = set()  # hashes of what was asked

    def submit(self, task: Task, client: str) -> "Answer | asyncio.Future[Answer]":
        """Return the answer to a task, at once if it is kept.

        :raises Problem: see `Pool.submit`, also for the future
        """
        if not task.is_repeatable:
            return self.pool.submit(task, client).join(self.pool.loop)
        key = (self.pool.generation.manifest.hash, task)
        if (answer := self._cache.get(key)) is not None:
            return answer
        if (run := self._runs.get(key)) is not None:
            self._cache.joined += 1
            return self.pool.join(run, client)
        run = self._runs[key] = self.pool.submit(task, client, partial(self._keep, key))
        return run.join(self.pool.loop)

    def _keep(self, key: _Key, answer: Answer | None) -> None:
        run, (generation, task) = self._runs.pop(key), key
        if answer is None or answer.generation != generation:  # the generation changed on the way
            return
        began = run.started or 0.0
        if answer.may_be_kept and (self._is_seen(hash(key)) or self.pool.loop.time() - began > _QUICK_SECONDS):
            self._cache.put(key, answer, task.length)

    def _is_seen(self, asked: int) -> bool:
        """Return whether a task was given before, and remember it."""
        if asked in self._seen:
            return True
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen.add(asked)
        return False
