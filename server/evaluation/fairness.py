"""Who goes first where clients want more than there is: the clients by turns, and none of them fills the queue."""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from server.problems import Problem

__all__ = ["FairQueue"]

Item = TypeVar("Item")
Place = TypeVar("Place")


class FairQueue(Generic[Item]):
    """A bounded queue with a line for each client; one client gets half of it at most.

    :param length: how many items can wait
    :param what: what they wait for, in the plural, for messages
    """

    def __init__(self, length: int, what: str) -> None:
        self._length = length
        self._share = max(1, length // 2)
        self._what = what
        self._lines: OrderedDict[str, deque[Item]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Item]:
        return (item for line in self._lines.values() for item in line)

    def put(self, client: str, item: Item) -> None:
        """Let an item wait at the end of its client's line.

        :raises Problem: 429 where the client's line is too long, 503 where the queue is full
        """
        line = self._lines.get(client)
        if line is not None and len(line) >= self._share:
            raise self._too_many()
        if self._size >= self._length:
            raise self._busy()
        if line is None:
            line = self._lines[client] = deque()
        line.append(item)
        self._size += 1

    def put_back(self, client: str, item: Item) -> None:
        """Let an item that was taken wait again, before all others."""
        self._lines.setdefault(client, deque()).appendleft(item)
        self._lines.move_to_end(client, last=False)
        self._size += 1

    def take(self, place: Callable[[str], Place | None]) -> tuple[Item, Place] | None:
        """Take the first item for which there is a place; its client is then the last in turn.

        :param place: a place for an item of a client, or None
        """
        for client, line in self._lines.items():
            if (found := place(client)) is not None:
                item = line[0]
                self._lines.move_to_end(client)
                self.remove(client, item)
                return item, found
        return None

    def remove(self, client: str, item: Item) -> None:
        """Take out an item that waits no longer."""
        line = self._lines[client]
        line.remove(item)
        self._size -= 1
        if not line:
            del self._lines[client]

    def _too_many(self) -> Problem:
        detail = f"Too many of your requests wait for {self._what}"
        remedy = "Send fewer at a time, and each when the one before it is answered"
        return Problem("too-many-requests", detail, remedy, headers={"Retry-After": "5"})

    def _busy(self) -> Problem:
        detail = f"All {self._what} are busy and the queue is full"
        return Problem("busy", detail, "Send the request again later", headers={"Retry-After": "5"})
