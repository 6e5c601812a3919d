"""A small project with two sources, and its generation."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Store

from kb.config import Project
from kb.generations.build import ensure_generation
from kb.generations.generation import Generation

SMALL = Path(__file__).parent / "small"


@pytest.fixture
def small_project(tmp_path: Path) -> Project:
    """A copy of the small project that a test may change."""
    shutil.copytree(SMALL, tmp_path / "project")
    return Project(tmp_path / "project")


@pytest.fixture(scope="session")
def small_generation(shared_folder: Path) -> Generation:
    """The generation of the small project, built once for all processes of the run; read-only."""
    return ensure_generation(Project(SMALL), shared_folder / "small")


@pytest.fixture
def small_store(small_generation: Generation) -> Store:
    return small_generation.store()


@pytest.fixture
def copied(small_generation: Generation, tmp_path: Path) -> Callable[[], Path]:
    """`copied()`: a copy of the small project's folder of generations, which a test may damage."""

    def copy() -> Path:
        return shutil.copytree(small_generation.folder.parent, tmp_path / "generations")

    return copy
