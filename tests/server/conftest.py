"""The servers that the tests talk to: the shipped graph, a graph of traps, and one with tight limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.servers import ServerProcess

from kb.config import Project
from kb.generations.generation import Generation

_HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def server(generation: Generation, project: Project) -> Iterator[ServerProcess]:
    """A server of the shipped graph."""
    with ServerProcess({"generation": str(generation.folder), "project": str(project.root)}) as running:
        yield running


@pytest.fixture(scope="session")
def tight(generation: Generation, project: Project) -> Iterator[ServerProcess]:
    """A server of the shipped graph with limits that a test can reach soon."""
    limits = {"query_seconds": 2.0, "memory_mib": 256, "rows": 2000, "result_bytes": 1_000_000, "request_seconds": 3.0}
    settings = {"generation": str(generation.folder), "project": str(project.root), "limits": limits}
    with ServerProcess(settings) as running:
        yield running


@pytest.fixture(scope="session")
def traps(project: Project) -> Iterator[ServerProcess]:
    """A server of a file whose literals and IRIs try to be script."""
    with ServerProcess({"data": [str(_HERE / "traps.trig")], "project": str(project.root)}) as running:
        yield running


@pytest.fixture(scope="session")
def core(generation: Generation, project: Project) -> Iterator[ServerProcess]:
    """A server of the shipped graph with few workers, a short queue and little time to send a request."""
    limits = {
        "workers": 2,
        "query_seconds": 60.0,
        "connections": 120,
        "queue": 8,
        "request_seconds": 1.5,
        "cache_mib": 2,
    }
    settings = {"generation": str(generation.folder), "project": str(project.root), "limits": limits}
    with ServerProcess(settings) as running:
        yield running
