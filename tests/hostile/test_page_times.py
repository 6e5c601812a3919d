"""Crowds that ask for the dearest pages slow nobody down: a part of ``make soak``, as it measures time."""

import statistics
import time

import pytest
from support.servers import ServerProcess

from hostile.crowd import crowd
from hostile.dear_pages import DEAR, READ, read

pytestmark = pytest.mark.xdist_group("hostile pages")

_ROUNDS = 8
_PAUSE = 0.1  # of a reader between two pages
_SLOWER = 3
_HEALTH_SECONDS = 0.1


@pytest.mark.parametrize(("connections", "addresses"), [(4, 1), (50, 1), (200, 4)])
def test_a_crowd_slows_nobody_down(served: tuple[str, ServerProcess], connections: int, addresses: int) -> None:
    kind, server = served
    quiet, _ = seconds(server, kind)
    with crowd(server.port, DEAR[kind], connections=connections, addresses=addresses):
        time.sleep(2)  # until the crowd has had its first turns
        crowded, health = seconds(server, kind)
    assert crowded <= _SLOWER * quiet
    assert health <= _HEALTH_SECONDS


def seconds(server: ServerProcess, kind: str) -> tuple[float, float]:
    """Return the median time of a reader's pages, and that of `/health`."""
    pages, health = [], []
    for path in READ[kind] * _ROUNDS:
        start = time.perf_counter()
        assert read(server, path).status == 200
        pages.append(time.perf_counter() - start)
        start = time.perf_counter()
        assert server.get("/health").status == 200
        health.append(time.perf_counter() - start)
        time.sleep(_PAUSE)
    return statistics.median(pages), statistics.median(health)
