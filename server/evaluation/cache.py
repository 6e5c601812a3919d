"""The cache of answers: the most recently used ones, within a limit of memory."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.evaluation.messages import Answer

__all__ = ["Cache"]

_OVERHEAD = 4500  # bytes of an entry besides its texts, and of the replies that it keeps, measured
_WIDEST = 4  # bytes of a character
_PART = 8


class Cache(Collector):
    """Answers by key; the least recently used one is dropped first.

    :param most: bytes that all entries may take together
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Hashable, tuple[Answer, int]] = OrderedDict()
        self.size = 0
        self.hits = 0
        self.misses = 0
        self.joined = 0  # that were being answered already

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the cache."""
        requests = CounterMetricFamily(
            "kb_cache_requests", "Queries and pages looked for in the cache of answers.", labels=["outcome"]
        )
        for outcome, number in (("hit", self.hits), ("miss", self.misses), ("joined", self.joined)):
            requests.add_metric([outcome], number)
        yield requests
        yield GaugeMetricFamily("kb_cache_bytes", "Memory of the cache of answers.", self.size)
        yield GaugeMetricFamily("kb_cache_entries", "Answers in the cache.", len(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Answer | None:
        """Return the answer with a key, or None."""
        entry = self._entries.get(key)
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: Hashable, answer: Answer, length: int) -> None:
        """Keep an answer, unless it alone would take more than an eighth of the memory.

        The body is counted twice, since a compressed copy may be kept with it.

        :param length: characters of the part of the key that can be long
        """
        size = 2 * len(answer.body) + _WIDEST * length + _OVERHEAD
        if size > self._most // _PART:
            return
        self._remove(key)
        self._entries[key] = answer, size
        self.size += size
        while self.size > self._most:
            self._remove(next(iter(self._entries)))

    def clear(self) -> None:
        """Forget all answers."""
        self._entries.clear()
        self.size = 0

    def _remove(self, key: Hashable) -> None:
        _, size = self._entries.pop(key, (None, 0))
        self.size -= size
