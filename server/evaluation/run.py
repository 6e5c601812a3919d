"""One task on its way through the pool of query workers."""

import asyncio
from collections.abc import Callable

from server.evaluation.messages import Answer
from server.problems import Problem

__all__ = ["Run"]

_FORSAKEN_SECONDS = 1.0


class Run:
    """A task, and who waits for its answer: each has a future.

    :param number: tells it from others
    :param client: in whose share it is counted
    :param message: what a worker is told
    :param deadline: when it has taken too long, in the loop's time
    :param done: is called with the answer, or with None where there is none, before the futures get it
    :ivar waits: it is in the queue
    :ivar started: when a worker began it, or None
    :ivar calm: its worker gives way to others
    """

    __slots__ = (
        "_done",
        "_forsaken",
        "_futures",
        "calm",
        "client",
        "deadline",
        "is_over",
        "message",
        "number",
        "started",
        "waits",
    )

    def __init__(
        self, number: int, client: str, message: bytes, deadline: float, done: Callable[[Answer | None], None]
    ) -> None:
        self.number = number
        self.client = client
        self.message = message
        self.deadline = deadline
        self.waits = self.calm = self.is_over = False
        self.started: float | None = None
        self._done = done
        self._futures: list[asyncio.Future[Answer]] = []
        self._forsaken: float | None = None  # since when nobody wants the answer

    def join(self, loop: asyncio.AbstractEventLoop) -> "asyncio.Future[Answer]":
        """Return the answer to come, or the problem in its place; to cancel it is to want it no longer."""
        future: asyncio.Future[Answer] = loop.create_future()
        self._futures.append(future)
        return future

    def succeed(self, answer: Answer) -> None:
        """Hand the answer out."""
        self.is_over = True
        self._done(answer)
        for future in self._futures:
            if not future.done():
                future.set_result(answer)

    def fail(self, problem: Problem) -> None:
        """Hand out why there is no answer."""
        self.is_over = True
        self._done(None)
        for future in self._futures:
            if not future.done():
                future.set_exception(problem)

    def is_late(self, now: float) -> bool:
        """Tell whether it has taken too long, or nobody has wanted the answer for a while."""
        if not all(future.cancelled() for future in self._futures):
            self._forsaken = None
        elif self._forsaken is None:
            self._forsaken = now
        return now >= self.deadline or (self._forsaken is not None and now >= self._forsaken + _FORSAKEN_SECONDS)
