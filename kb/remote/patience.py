"""Requests that are made again when a store or the way to it fails for a while."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from kb.errors import RemoteError, RemoteRefused, RemoteUnreachable

__all__ = ["Patience", "was_not_done"]

_T = TypeVar("_T")
_BUSY = (429, 503)
_BROKEN = (502, 504)
_LONGEST_WAIT = 300.0


@dataclass(frozen=True)
class Patience:
    """How often and when a request is made again.

    :param attempts: in all
    :param first_wait: seconds before the second one; each wait is twice the one before, unless the store says how long
    :param report: is told of each wait
    :param sleep: waits
    """

    attempts: int = 7
    first_wait: float = 1.0
    report: Callable[[str], None] = lambda _: None
    sleep: Callable[[float], None] = time.sleep

    def call(self, request: Callable[[], _T], *, repeatable: bool = True) -> _T:
        """Make a request until it is answered.

        :param repeatable: it may be carried out twice; else it is made again only if it was certainly not carried out
        :raises RemoteError: the last failure, or the first that time does not mend
        """
        for attempt in range(1, self.attempts):
            try:
                return request()
            except RemoteError as error:
                if not (was_not_done(error) or (repeatable and _may_pass(error))):
                    raise
                wait = self.first_wait * 2 ** (attempt - 1)
                if isinstance(error, RemoteRefused) and error.wait is not None:
                    wait = min(error.wait, _LONGEST_WAIT)
                self.report(f"{error.reason}; again in {wait:g} s")
                self.sleep(wait)
        return request()


def was_not_done(error: RemoteError) -> bool:
    """Return whether a store says that it is busy: it did not carry out the request."""
    return isinstance(error, RemoteRefused) and error.status in _BUSY


def _may_pass(error: RemoteError) -> bool:
    return isinstance(error, RemoteUnreachable) or (isinstance(error, RemoteRefused) and error.status in _BROKEN)
