"""The remote stores as the web process sees them: which can be asked, which is next, and what is wrong with the others.

Each is looked at by a task of its own, every second, and less often while it is down. One that cannot be reached is not
asked until it can be; one that fails is asked only where there is no other, for a while that grows with each failure.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kb.errors import RemoteError, RemoteLate, RemoteOther, without_secrets
from kb.remote.client import Client
from kb.remote.record import Entry, read_publication
from server.config import ServerConfig
from server.evaluation.remote import clients_of, require_content
from server.problems import OF_STORES, Problem

__all__ = ["Replica", "Replicas"]

_LOOK_SECONDS = 1.0
_LATE_SECONDS = 3.0  # for the reply to a look
_MOST_SECONDS = 5.0  # between two looks at a store that is down
_AT_ONCE_SECONDS = 0.1  # between two looks at a store that workers complain of
_HANGS = 2  # looks without a reply in time: a busy store may miss one
_REST_SECONDS, _MOST_REST_SECONDS = 0.5, 30.0

_log = logging.getLogger("server.evaluation.replicas")


@dataclass(eq=False)
class Replica:
    """One remote store.

    :param number: by which workers know it, from 1
    :param url: of its query endpoint, without secrets
    :ivar reason: why it cannot be asked, or "" if it can
    :ivar entry: what its record says that it holds, or None
    :ivar since: since when it is asked or not
    :ivar running: tasks that workers do with it now
    :ivar failures: tasks that it let down
    :ivar turn: when it was last chosen, a number that grows
    :ivar rests_until: when it is asked again in its turn, in the time of `time.monotonic`
    """

    number: int
    url: str
    client: Client = field(repr=False)
    reason: str = "it was not looked at yet"
    entry: Entry | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    running: int = 0
    failures: int = 0
    turn: int = 0
    rests_until: float = 0.0
    is_asked: bool = False
    _rest: float = 0.0
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def rest(self) -> None:
        """Come last for a while."""
        self._rest = min(max(2 * self._rest, _REST_SECONDS), _MOST_REST_SECONDS)
        self.rests_until = time.monotonic() + self._rest

    def settle(self) -> None:
        """Take its turns again."""
        self._rest = self.rests_until = 0.0


class Replicas(Collector):
    """All remote stores.

    :param generation: content hash of what is served
    :ivar on_down: called with a store that can no longer be asked, though workers may wait for it
    """

    def __init__(self, config: ServerConfig, generation: str) -> None:
        self._generation = generation
        self._unverified = config.unverified
        clients = clients_of(config, _LATE_SECONDS)
        self._all = [
            Replica(number, without_secrets(client.addresses.query), client) for number, client in enumerate(clients, 1)
        ]
        self._threads = ThreadPoolExecutor(len(self._all), "replicas")
        self._turns = 0
        self.on_down: list[Callable[[Replica], None]] = []

    def choose(self, without: Collection[Replica] = ()) -> Replica | None:
        """Return the store to ask next, or None: one that does not fail, then that with the least to do, in turn.

        :param without: not one of these
        """
        now = time.monotonic()
        usable = [replica for replica in self._all if replica not in without and not self._why_not(replica)]
        return min(usable, key=lambda each: (each.rests_until > now, each.running, each.turn), default=None)

    def begin(self, replica: Replica) -> None:
        """Count a task that a store is chosen for."""
        self._turns += 1
        replica.turn = self._turns
        replica.running += 1

    def end(self, replica: Replica, problem: Problem | None = None) -> None:
        """Count the end of a task.

        :param problem: what the task ended with, or None for an answer
        """
        replica.running -= 1
        if problem is None:
            replica.settle()
        elif problem.code in OF_STORES:
            replica.failures += 1
            replica.rest()
            replica.asked.set()
            if problem.code == "store-unavailable":
                self._set(
                    replica, problem.cause.partition(": ")[2]
                )  # the others that wait for it may get their answers yet
            else:
                _log.warning("a task failed at %s: %s", replica.url, problem.cause)

    def holds(self, generation: str) -> bool:
        """Return whether a store that can be asked holds a generation."""
        return any(not replica.reason and not self._other(replica, generation) for replica in self._all)

    def serve(self, generation: str) -> None:
        """Ask the stores about another generation from now on."""
        self._generation = generation

    def unavailable(self) -> Problem:
        """Return the problem that no store can be asked."""
        detail = "No store that answers queries here can be asked now"
        return Problem("store-unavailable", detail, "Send the request again later", headers={"Retry-After": "5"})

    def state(self) -> list[dict[str, Any]]:
        """Return the state of each store, for `/health`."""
        return [
            {
                "url": replica.url,
                "status": "down" if replica.reason else "other-content" if self._why_not(replica) else "ok",
                "since": replica.since.isoformat(timespec="seconds"),
                "reason": self._why_not(replica) or None,
            }
            for replica in self._all
        ]

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the stores."""
        up = GaugeMetricFamily("kb_store_up", "Whether a remote store can be asked.", labels=["store"])
        running = GaugeMetricFamily("kb_store_running", "Tasks that wait for a remote store.", labels=["store"])
        failures = CounterMetricFamily("kb_store_failures", "Tasks that a remote store let down.", labels=["store"])
        for replica in self._all:
            up.add_metric([replica.url], not self._why_not(replica))
            running.add_metric([replica.url], replica.running)
            failures.add_metric([replica.url], replica.failures)
        yield from (up, running, failures)

    async def open(self) -> None:
        """Look at all stores once."""
        await asyncio.gather(*(self._look(replica) for replica in self._all))

    async def run(self) -> None:
        """Watch all stores until cancelled."""
        await asyncio.gather(*(self._watch(replica) for replica in self._all))

    def close(self) -> None:
        """Stop looking."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for replica in self._all:
            replica.client.close()

    # --- looks

    async def _watch(self, replica: Replica) -> None:
        pause, hangs = _LOOK_SECONDS, 0
        while True:
            try:
                await asyncio.wait_for(replica.asked.wait(), pause)
                await asyncio.sleep(_AT_ONCE_SECONDS)
            except TimeoutError:
                pass
            replica.asked.clear()
            hangs = hangs + 1 if await self._look(replica, hangs=hangs) else 0
            pause = min(2 * pause, _MOST_SECONDS) if replica.reason and hangs != 1 else _LOOK_SECONDS

    async def _look(self, replica: Replica, *, hangs: int = _HANGS) -> bool:
        """Find out whether a store can be asked; return whether it sent no reply in time.

        :param hangs: how often that was so before
        """
        reason, late = "", False
        try:
            loop = asyncio.get_running_loop()
            replica.entry = await loop.run_in_executor(self._threads, read_publication, replica.client)
        except RemoteError as error:
            reason, late = _without_url(error), isinstance(error, RemoteLate)
        if not late or hangs + 1 >= _HANGS:
            self._set(replica, reason, told=True)
        return late

    def _set(self, replica: Replica, reason: str, *, told: bool = False) -> None:
        """Note that a store can be asked, or why not.

        :param told: those are told who wait for it
        """
        replica.reason = reason
        why_not = self._why_not(replica)
        if bool(why_not) == replica.is_asked:
            replica.since = datetime.now(UTC)
            replica.is_asked = not why_not
            if why_not:
                _log.error("%s is not asked: %s", replica.url, why_not)
            else:
                _log.info("%s is asked", replica.url)
            for tell in self.on_down if why_not and told else ():
                tell(replica)

    def _why_not(self, replica: Replica) -> str:
        """Return why a store is not asked, or ""."""
        return replica.reason or self._other(replica, self._generation)

    def _other(self, replica: Replica, generation: str) -> str:
        """Return what a store holds in place of a generation, or ""."""
        try:
            require_content(replica.url, replica.entry, generation, unverified=self._unverified)
        except RemoteOther as error:
            return _without_url(error)
        return ""


def _without_url(error: RemoteError) -> str:
    return error.problem.partition(": ")[2] or error.problem
