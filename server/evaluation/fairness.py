"""A bounded queue in which clients take turns, which no single client can fill, and what clients have used of late."""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Generic, TypeVar

from server.problems import Problem

__all__ = ["FairQueue", "Usage"]

_NEGLIGIBLE = 0.001

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """A bounded queue with a line for each client; one client gets at most half of it.

    :param length: how many items can wait
    :param awaited: what they wait for, in the plural, for messages
    """

    def __init__(self, length: int, awaited: str) -> None:
        self._length = length
        self._share = max(1, length // 2)
        self._awaited = awaited
        self._lines: OrderedDict[str, deque[Item]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Item]:
        return (item for line in self._lines.values() for item in line)

    def put(self, client: str, item: Item) -> Item | None:
        """Add an item to the end of its client's line.

        :return: the last item of the longest line, which made room where the queue was full, or None
        :raises Problem: 429 if the client's line is too long, 503 if the queue is full and no line is longer
        """
        line = self._lines.get(client, deque())
        if len(line) >= self._share:
            detail = f"Too many of your requests wait for {self._awaited}"
            remedy = "Send fewer at a time, and each when the one before it is answered"
            raise Problem("too-many-requests", detail, remedy, headers={"Retry-After": "5"})
        removed = self._make_room(len(line) + 1) if self._size >= self._length else None
        line.append(item)
        self._lines[client] = line
        self._size += 1
        return removed

    def full(self) -> Problem:
        """Return the problem with an item for which there is no room."""
        detail = f"All {self._awaited} are busy and the queue is full"
        return Problem("busy", detail, "Send the request again later", headers={"Retry-After": "5"})

    def _make_room(self, length: int) -> Item:
        """Remove the last item of the longest line, if it is longer than a line of this length, and return it."""
        client, longest = max(self._lines.items(), key=lambda line: len(line[1]))
        if len(longest) <= length:
            raise self.full()
        item = longest[-1]
        self.remove(client, item)
        return item

    def put_back(self, client: str, item: Item) -> None:
        """Put an item that was taken at the front again."""
        self._lines.setdefault(client, deque()).appendleft(item)
        self._lines.move_to_end(client, last=False)
        self._size += 1

    def take(self, rank: Callable[[str], float | None]) -> tuple[str, Item] | None:
        """Take an item of the client of the lowest rank, of equal ones the first, and move it to the end; return both.

        :param rank: of a client, or None if it may not have one more item taken
        """
        ranked = [(found, client) for client in self._lines if (found := rank(client)) is not None]
        if not ranked:
            return None
        client = min(ranked, key=itemgetter(0))[1]
        item = self._lines[client][0]
        self._lines.move_to_end(client)
        self.remove(client, item)
        return client, item

    def remove(self, client: str, item: Item) -> None:
        """Remove an item that waits no longer."""
        line = self._lines[client]
        line.remove(item)
        self._size -= 1
        if not line:
            del self._lines[client]


class Usage:
    """Seconds that clients have used of late: each counts half as much after a while.

    :param half_life: that while, in seconds
    """

    def __init__(self, half_life: float) -> None:
        self._half_life = half_life
        self._used: dict[str, tuple[float, float]] = {}  # seconds, as of when

    def add(self, client: str, seconds: float, now: float) -> None:
        """Count some seconds of a client."""
        self._used[client] = self.of(client, now) + seconds, now

    def of(self, client: str, now: float) -> float:
        """Return what a client has used, as it counts now."""
        seconds, then = self._used.get(client, (0.0, now))
        return float(seconds * 0.5 ** ((now - then) / self._half_life))

    def forget(self, now: float) -> None:
        """Drop the clients that have used next to nothing."""
        self._used = {client: used for client, used in self._used.items() if self.of(client, now) > _NEGLIGIBLE}
