"""Fixtures that every part of the suite shares: the checkout, one built generation, what a machine may lack."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kb.config import Project

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project() -> Project:
    """The checkout that the tests belong to."""
    return Project(ROOT)


@pytest.fixture(scope="session")
def generation(project: Project, tmp_path_factory: pytest.TempPathFactory, worker_id: str):  # noqa: ANN201
    """The checkout's files, built once for all workers of the run; read-only."""
    from kb.generation import build, open_generation  # noqa: PLC0415

    folder = _run_folder(tmp_path_factory, worker_id) / "generation"
    with _lock(folder.with_suffix(".lock")):
        if not (folder / "current").is_file():
            build(project, folder)
    return open_generation(folder)


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
    if found is None:
        lacking = f"{name} is missing. {how}"
        pytest.fail(lacking) if os.environ.get("CI") else pytest.skip(lacking)
    return Path(found)


def _run_folder(factory: pytest.TempPathFactory, worker_id: str) -> Path:
    base = factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
