"""Fixtures of the engines: started when a test wants them, each with an empty folder of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.engines import ENGINES, Engine

Start = Callable[..., Engine]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave all tests here to runs with the option ``--engines``."""
    del collection_path
    return None if config.getoption("engines") else True


@pytest.fixture(scope="session")
def starter(requires: Callable[[str, str], Path]) -> Callable[[ExitStack, Path], Start]:
    """Make a function that starts engines, which the stack stops, in folders below a folder."""

    def make(stack: ExitStack, folder: Path) -> Start:
        def start(name: str, **options: Any) -> Engine:
            for part, how in ENGINES[name].parts().items():
                requires(part, how)
            number = sum(1 for _ in folder.iterdir())
            return stack.enter_context(ENGINES[name](folder / f"{name}-{number}", **options))

        return start

    return make


@pytest.fixture
def start_engine(
    starter: Callable[[ExitStack, Path], Start], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Start]:
    """`start_engine(name, **options)`: a running engine without data, for this test alone; see `support.engines`."""
    with ExitStack() as stack:
        yield starter(stack, tmp_path_factory.mktemp("engines"))


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest,
    starter: Callable[[ExitStack, Path], Start],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Engine]:
    """Each engine in turn, running without data for the tests of one module; all named graphs are its default graph."""
    with ExitStack() as stack:
        yield starter(stack, tmp_path_factory.mktemp("engines"))(request.param)
