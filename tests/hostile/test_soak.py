"""Good, hostile and slow clients together: every good question is answered, and memory does not grow.

A part of ``make soak``: it takes five minutes, or as many seconds as ``AMMTC_SOAK`` says.
"""

import os
import statistics
import sys
from collections.abc import Iterator

import pytest
from support.servers import ServerProcess, descendants, eventually, process_count

from hostile.soak import Report, memory, soak
from kb.config import Project
from kb.generations.generation import Generation

pytestmark = pytest.mark.xdist_group("soak")

_SECONDS = float(os.environ.get("AMMTC_SOAK", "300"))
_LIMITS = {
    "query_seconds": 2.0,
    "memory_mib": 256,
    "rows": 2000,
    "result_bytes": 1_000_000,
    "request_seconds": 3.0,
    "cache_mib": 8,
}
_GROWTH = 0.1
_SLACK_MEBIBYTES = 12  # what the cache of results may still take, and what an allocator keeps


@pytest.fixture(scope="module")
def server(generation: Generation, project: Project) -> Iterator[ServerProcess]:
    """A server with tight limits."""
    settings = {"generation": str(generation.folder), "project": str(project.root), "limits": _LIMITS}
    with ServerProcess(settings) as running:
        yield running


@pytest.fixture(scope="module")
def quiet_before(server: ServerProcess) -> float:
    """MiB of all processes before the soak, when the server has loaded what pages need."""
    assert server.get("/", "text/html").status == 200
    return memory([server.pid, *descendants(server.pid)])


@pytest.fixture(scope="module")
def report(server: ServerProcess, quiet_before: float) -> Report:
    """What happened in the soak; it is printed too."""
    processes = (server.pid, server.web_pid)
    found = soak(server, _SECONDS)
    assert (server.pid, server.web_pid) == processes
    sys.stdout.write(_summary(found, quiet_before))
    return found


def _summary(report: Report, quiet: float) -> str:
    taken = report.mebibytes[:: max(1, len(report.mebibytes) // 10)]
    memories = ", ".join(f"{web:.0f} {everything:.0f}" for web, everything in taken)
    answers = ", ".join(f"{kind} {outcome}: {number}" for (kind, outcome), number in sorted(report.answers.items()))
    return f"\nMiB before: {quiet:.0f}; of the web process, of all: {memories}\n{answers}\n"


def test_every_good_question_is_answered(report: Report) -> None:
    assert report.wrong == []


def test_everybody_was_there(report: Report) -> None:
    answers = report.answers
    assert answers["good", "200"] > _SECONDS
    assert answers["reader", "200"] > 0
    assert answers["hostile", "503"] > 0
    assert answers["slow", "held"] > 0


def test_the_memory_of_the_web_process_is_flat(report: Report) -> None:
    web = [found for found, _ in report.mebibytes]
    third = len(web) // 3
    middle, last = statistics.median(web[third : 2 * third]), statistics.median(web[2 * third :])
    assert last <= middle * (1 + _GROWTH) + _SLACK_MEBIBYTES


@pytest.mark.usefixtures("report")
def test_afterwards_everything_is_as_before(server: ServerProcess, quiet_before: float) -> None:
    eventually(lambda: len(descendants(server.pid)) == process_count())
    assert server.query("ASK { id:ammtc-19 ammtc:place id:melaka }").json["boolean"] is True
    assert memory([server.pid, *descendants(server.pid)]) < quiet_before * 2
