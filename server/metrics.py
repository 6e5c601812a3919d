"""What the operator can measure, in the text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from functools import lru_cache
from http import HTTPMethod

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from werkzeug.routing import Map

from server.routes import first_segments

__all__ = ["CONTENT_TYPE", "Metrics"]

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset(HTTPMethod)


class Metrics:
    """Counts requests and their durations.

    :ivar registry: all metrics; other parts of the server register there what they count themselves
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no type for it
        self.registry = registry = CollectorRegistry()
        self._requests = Counter(
            "kb_http_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self._seconds = Histogram(
            "kb_http_request_seconds",
            "Seconds from a whole request to its reply.",
            ("route",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._refusals = Counter(
            "kb_refusals", "Requests that ended with a problem, by its code.", ("reason",), registry=registry
        )
        Gauge("process_start_time_seconds", "Start of the web process.", registry=registry).set_to_current_time()
        self._segments: frozenset[str] = frozenset()
        self._counters = lru_cache(maxsize=1024)(self._find_counters)

    def name_routes(self, url_map: Map) -> None:
        """Count the requests for the addresses of an application by their first segments, all others as ``other``."""
        self._segments = first_segments(url_map)

    def count(self, path: str, method: str, status: int, seconds: float) -> None:
        """Count one request that was answered."""
        requests, durations = self._counters(self._route(path), method, status)
        requests.inc()
        durations.observe(seconds)

    def count_refusal(self, code: str) -> None:
        """Count one request that ended with a problem, by its code."""
        self._refusals.labels(code).inc()

    def text(self) -> bytes:
        """Return all metrics."""
        return generate_latest(self.registry)

    def _route(self, path: str) -> str:
        """Return the first segment of a path where this server has something: clients must not make labels."""
        segment = path[1:].partition("/")[0]
        return f"/{segment}" if segment in self._segments else "other"

    def _find_counters(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        method = method if method in _METHODS else "other"
        return self._requests.labels(route, method, status), self._seconds.labels(route)
