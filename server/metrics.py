"""What the operator can measure, in the text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

__all__ = ["CONTENT_TYPE", "METRICS", "Family", "Metrics"]

#: Key of the metrics in ``Flask.extensions``.
METRICS = "metrics"
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ROUTES = frozenset(
    (
        ".well-known",
        "concept",
        "data",
        "dump",
        "graph",
        "graph-store",
        "health",
        "id",
        "metrics",
        "ontology",
        "openapi.json",
        "page",
        "question",
        "robots.txt",
        "search",
        "source",
        "sparql",
        "static",
        "void",
    )
)

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Family:
    """One metric.

    :param kind: ``counter``, ``gauge`` or ``histogram``
    :param help: what is counted, in which unit
    :param samples: suffix of the name, labels, value
    """

    name: str
    kind: str
    help: str
    samples: Iterable[tuple[str, Labels, float]]


@dataclass
class _Histogram:
    counts: list[int] = field(default_factory=lambda: [0] * (len(_BUCKETS) + 1))
    total: float = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(_BUCKETS, value)] += 1
        self.total += value


class Metrics(Collector):
    """Counts requests and their durations; `observe` adds what others count.

    Only the event loop counts; any thread may read. The library's own counters take a lock each time.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._started = time.time()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._durations: dict[str, _Histogram] = {}
        self._refusals: Counter[str] = Counter()
        self._sources: list[Callable[[], Iterable[Family]]] = []
        self._registry.register(self)

    def observe(self, source: Callable[[], Iterable[Family]]) -> None:
        """Have a function called for further metrics whenever they are read."""
        self._sources.append(source)

    def count(self, path: str, method: str, status: int, seconds: float) -> None:
        """Count one request that was answered."""
        route = _route(path)
        self._requests[route, method, status] += 1
        histogram = self._durations.get(route)
        if histogram is None:
            histogram = self._durations[route] = _Histogram()
        histogram.observe(seconds)

    def count_refusal(self, code: str) -> None:
        """Count one request that ended with a problem, by its code."""
        self._refusals[code] += 1

    def text(self) -> bytes:
        """Return all metrics."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics; called by the library."""
        for family in (*self._own(), *(family for source in self._sources for family in source())):
            metric = Metric(family.name.removesuffix("_total"), family.help, family.kind)
            for suffix, labels, value in family.samples:
                metric.add_sample(f"{family.name}{suffix}", dict(labels), value)
            yield metric

    def _own(self) -> Iterator[Family]:
        requests = [
            ("", (("route", route), ("method", method), ("status", str(status))), float(number))
            for (route, method, status), number in dict(self._requests).items()
        ]
        yield Family("kb_http_requests_total", "counter", "Requests answered.", requests)
        durations = [sample for route, found in dict(self._durations).items() for sample in _samples(route, found)]
        yield Family("kb_http_request_seconds", "histogram", "Seconds from a whole request to its reply.", durations)
        refusals = [("", (("reason", code),), float(number)) for code, number in dict(self._refusals).items()]
        yield Family("kb_refusals_total", "counter", "Requests that ended with a problem, by its code.", refusals)
        yield Family("process_start_time_seconds", "gauge", "Start of the web process.", [("", (), self._started)])


def _route(path: str) -> str:
    """Return the first segment of a path where this server has something: labels must not be made by clients."""
    segment = path[1:].partition("/")[0]
    return f"/{segment}" if segment in _ROUTES or not segment else "other"


def _samples(route: str, histogram: _Histogram) -> Iterator[tuple[str, Labels, float]]:
    counts, total = list(histogram.counts), 0
    for bound, count in zip((*map(str, _BUCKETS), "+Inf"), counts, strict=True):
        total += count
        yield "_bucket", (("route", route), ("le", bound)), total
    yield "_sum", (("route", route),), histogram.total
    yield "_count", (("route", route),), total
