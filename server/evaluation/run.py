"""One task on its way through the pool of query workers, and the futures that wait for its answer."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from server.evaluation.messages import Answer
from server.problems import Problem

if TYPE_CHECKING:  # its libraries are for servers in front of remote stores alone
    from server.evaluation.replicas import Replica

__all__ = ["Run"]

_ABANDONED_SECONDS = 1.0


class Run:
    """A task that is queued, or evaluated by a worker since ``started``.

    :param client: in whose share it is counted
    :param message: what a worker is sent
    :param deadline: when it has taken too long, in the loop's time
    :param done: called with the answer, or with None if there is none, before the futures get it
    :ivar started: when a worker began it, in the loop's time, or None
    :ivar replica: the remote store that its worker asks, or None
    :ivar tried: those that let it down
    """

    __slots__ = ("_abandoned", "_done", "_futures", "client", "deadline", "message", "replica", "started", "tried")

    def __init__(self, client: str, message: bytes, deadline: float, done: Callable[[Answer | None], None]) -> None:
        self.client = client
        self.message = message
        self.deadline = deadline
        self.started: float | None = None
        self.replica: Replica | None = None
        self.tried: set[Replica] = set()
        self._done = done
        self._futures: list[asyncio.Future[Answer]] = []
        self._abandoned: float | None = None  # when the last waiter had left

    def join(self, loop: asyncio.AbstractEventLoop) -> "asyncio.Future[Answer]":
        """Return a future of the answer; cancel it to stop waiting.

        :raises Problem: from the future, if there is no answer
        """
        future: asyncio.Future[Answer] = loop.create_future()
        self._futures.append(future)
        return future

    def finish(self, outcome: Answer | Problem) -> None:
        """Give the answer, or the problem in its place, to all that wait."""
        self._done(outcome if isinstance(outcome, Answer) else None)
        for future in self._futures:
            if future.done():
                continue
            if isinstance(outcome, Answer):
                future.set_result(outcome)
            else:
                future.set_exception(outcome)

    @property
    def is_left(self) -> bool:
        """Whether all have gone that waited for the answer."""
        return bool(self._futures) and all(future.cancelled() for future in self._futures)

    def is_late(self, now: float) -> bool:
        """Return whether the deadline has passed, or nobody has waited for the answer for a while."""
        if self._futures and not self.is_left:
            self._abandoned = None
        elif self._abandoned is None:
            self._abandoned = now
        return now >= self.deadline or (self._abandoned is not None and now >= self._abandoned + _ABANDONED_SECONDS)
