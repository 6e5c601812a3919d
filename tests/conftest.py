"""Fixtures that every part of the suite shares: the checkout, built generations, what a machine may lack."""

import gc
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import Store
from rdflib import Graph
from support.examples import load_profile
from support.jena import Jena, parts, start

from kb.config import Project
from kb.generations.build import ensure_generation
from kb.generations.generation import Generation

ROOT = Path(__file__).resolve().parent.parent
SMALL = ROOT / "tests" / "kb" / "small"

# What a shell without job control starts in the background ignores Ctrl-C, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough", action="store_true", help="all examples and servers, hostile corpus twice: make soak"
    )
    parser.addoption("--engines", action="store_true", help="the tests on other engines too: make engines")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "thorough: tries more in a thorough run")
    load_profile(thorough=config.getoption("thorough"))


def pytest_collection_finish() -> None:
    """Keep the garbage collector off thousands of test items: a sixth of the time of tests in Python."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def project() -> Project:
    """The checkout that the tests belong to."""
    return Project(ROOT)


@pytest.fixture(scope="session")
def words(project: Project) -> Graph:
    """The files of the ontology that say in English what terms and concepts mean."""
    graph = Graph()
    for name in ("schema", "kinds", "concepts"):
        graph.parse(project.ontology / f"{name}.ttl")
    return graph


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of the run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def generation(project: Project, shared_folder: Path) -> Generation:
    """The checkout's files, built once for all processes of the run; read-only."""
    return ensure_generation(project, shared_folder / "generations")


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


@pytest.fixture(scope="session")
def texts() -> Path:
    """Folder of the source texts, which the project cites and does not contain."""
    named = os.environ.get("AMMTC_TEXTS")
    folder = Path(named) if named else ROOT.parent / "shared" / "sources"
    if not named and not folder.is_dir():
        pytest.skip("the source texts are not here: name their folder in AMMTC_TEXTS")
    assert any(folder.glob("*.txt")), f"AMMTC_TEXTS: no texts in {folder}"
    return folder


@pytest.fixture(scope="session")
def requires() -> Callable[[str, str], Path]:
    """`requires(name, how)`: the path of a program or file that not every machine has.

    A machine without it skips the test and says how to get it. Where ``CI`` is set the test fails instead: an external
    check that did not run must not look like one that passed.
    """
    return require


def require(name: str, how: str) -> Path:
    """Return the path of the program ``name``, or of the file with that absolute path; else skip, or fail in CI."""
    found = shutil.which(name) or (name if Path(name).is_absolute() and Path(name).exists() else None)
    if found is not None:
        return Path(found)
    lacking = f"{name} is missing. {how}"
    if os.environ.get("CI"):
        pytest.fail(lacking)
    pytest.skip(lacking)


@pytest.fixture(scope="session")
def jena() -> Iterator[Jena]:
    """Jena; where a part of it is missing the test is skipped, or fails in CI."""
    for name, how in parts().items():
        require(name, how)
    with start() as started:
        yield started
