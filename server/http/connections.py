"""The open connections of one server: the share of each client, the check of deadlines, the orderly end."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.utils import formatdate
from typing import Protocol

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from uvicorn.server import ServerState

from server.config import Limits
from server.representations.headers import HEADERS

__all__ = ["Connection", "Connections"]

_SWEEP_SECONDS = 0.5
_ARRIVAL_SECONDS = 0.05


class Connection(Protocol):
    """A connection as `Connections` needs it.

    :ivar peer: address of the other end
    :ivar owner: the client in whose share it counts
    :ivar since: when its present state began, by `time.monotonic`
    """

    peer: str
    owner: str
    since: float
    transport: asyncio.Transport

    @property
    def is_silent(self) -> bool:
        """Whether it is the client's turn."""

    def check(self, now: float) -> None:
        """End this connection if its deadline has passed."""

    def shutdown(self) -> None:
        """Close this connection, now or after the reply that is under way."""


class Connections(ServerState, Collector):
    """The connections of one server, in place of uvicorn's plain set.

    :param limits: connections in all and of one client
    :param is_proxy: returns whether an address is a proxy's, whose connections belong to many clients
    :ivar common_headers: the headers of every reply, encoded
    """

    connections: set[Connection]  # type: ignore[assignment]  # uvicorn names its own classes

    def __init__(self, limits: Limits, is_proxy: Callable[[str], bool] = lambda _: False) -> None:
        super().__init__()
        self.limits = limits
        self._is_proxy = is_proxy
        self._of_client: Counter[str] = Counter()
        self._empty = asyncio.Event()
        self._set_date()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the connections."""
        yield GaugeMetricFamily("kb_connections", "Open connections.", len(self.connections))

    def admit(self, new: Connection) -> bool:
        """Return whether there is room for a new connection; if need be, end the one that has been silent longest."""
        share = self.limits.connections if self._is_proxy(new.peer) else self.limits.connections_of_client
        if self._of_client[new.owner] >= share and not self._evict(new.owner):
            return False
        if len(self.connections) >= self.limits.connections and not self._evict(None):
            return False
        self.connections.add(new)
        self._of_client[new.owner] += 1
        return True

    def forget(self, connection: Connection) -> None:
        """Stop counting a connection."""
        if connection in self.connections:
            self.connections.discard(connection)
            self._of_client -= Counter((connection.owner,))
            if not self.connections:
                self._empty.set()

    async def sweep(self) -> None:
        """End connections whose deadline has passed, until this is cancelled."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            self._set_date()
            now = time.monotonic()
            for connection in list(self.connections):
                connection.check(now)

    async def drain(self, seconds: float) -> None:
        """Take no more requests; wait at most this many seconds for the replies that are under way."""
        await asyncio.sleep(_ARRIVAL_SECONDS)  # what clients have sent already is read and answered
        for connection in list(self.connections):
            connection.shutdown()
        if self.connections:
            self._empty.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), seconds)

    def close(self) -> None:
        """End all connections at once."""
        for connection in list(self.connections):
            connection.transport.abort()

    def _evict(self, owner: str | None) -> bool:
        silent = [found for found in self.connections if found.is_silent and owner in (None, found.owner)]
        if not silent:
            return False
        longest = min(silent, key=lambda found: found.since)
        self.forget(longest)
        longest.transport.abort()
        return True

    def _set_date(self) -> None:
        headers = {"date": formatdate(usegmt=True), **HEADERS}
        self.common_headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
