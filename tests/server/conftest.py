"""The servers that the tests talk to: the shipped graph in three ways, and files that are no generation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.servers import ServerProcess

from kb.config import Project
from kb.generations.generation import Generation

_HERE = Path(__file__).parent
_SMALL = _HERE.parent / "kb" / "small"


@pytest.fixture(scope="session")
def shipped(generation: Generation, project: Project) -> dict[str, Any]:
    """Settings of a server of the shipped graph."""
    return {"generation": str(generation.folder), "project": str(project.root)}


@pytest.fixture(scope="session")
def small(small_generation: Generation) -> dict[str, Any]:
    """Settings of a server of the small project, for what any graph shows: it takes much less to start."""
    return {"generation": str(small_generation.folder), "project": str(_SMALL)}


@pytest.fixture(scope="session")
def server(shipped: dict[str, Any]) -> Iterator[ServerProcess]:
    """A server of the shipped graph."""
    with ServerProcess(shipped) as running:
        yield running


@pytest.fixture(scope="session")
def files(project: Project) -> Iterator[ServerProcess]:
    """A server of files: literals and IRIs that try to be script, and the documents of the protocol's test suite."""
    data = [str(_HERE / name) for name in ("traps.trig", "documents.trig")]
    with ServerProcess({"data": data, "project": str(project.root)}) as running:
        yield running


@pytest.fixture(scope="session")
def elsewhere(shipped: dict[str, Any]) -> Iterator[ServerProcess]:
    """A server of the shipped graph that has another address in public, and gives few rows."""
    address = "https://data.example.org/graph"
    with ServerProcess({**shipped, "public_base": address, "limits": {"rows": 2000}}) as running:
        yield running


@pytest.fixture(scope="session")
def core(shipped: dict[str, Any]) -> Iterator[ServerProcess]:
    """A server of the shipped graph with few workers, a short queue, little time to send a request, behind a proxy."""
    limits = {
        "workers": 2,
        "page_workers": 2,
        "rows": 40_000,
        "query_seconds": 600.0,
        "connections": 120,
        "queue": 8,
        "request_seconds": 1.5,
        "cache_mib": 2,
    }
    with ServerProcess({**shipped, "limits": limits, "trusted_proxies": ["127.0.0.4"]}) as running:
        yield running
