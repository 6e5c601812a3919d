"""The server that the clients talk to, and Comunica."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.npm_packages import install
from support.servers import KbServe

from clients.comunica_client import COMUNICA, TRAVERSAL, Comunica, Engine
from kb.config import Project
from kb.generations.generation import Generation

_HOW = "On Debian and Ubuntu: apt-get install nodejs npm"


@pytest.fixture(scope="session")
def server(project: Project, generation: Generation) -> Iterator[KbServe]:
    """`kb serve` of the shipped graph."""
    with KbServe(general=["--project", project.root, "--build-dir", generation.folder.parent]) as running:
        yield running


@pytest.fixture(scope="session")
def comunica(project: Project, requires: Callable[[str, str], Path]) -> Iterator[Comunica]:
    """Comunica, installed on first use into a folder that git ignores."""
    with _start(COMUNICA, project, requires) as running:
        yield running


@pytest.fixture(scope="session")
def traversal(project: Project, requires: Callable[[str, str], Path]) -> Iterator[Comunica]:
    """Comunica by link traversal, installed like `comunica`."""
    with _start(TRAVERSAL, project, requires) as running:
        yield running


def _start(engine: Engine, project: Project, requires: Callable[[str, str], Path]) -> Comunica:
    node, npm = requires("node", _HOW), requires("npm", _HOW)
    return Comunica(node, engine, install(npm, engine.files, project.root / "build" / "clients"))
