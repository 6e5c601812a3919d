"""The servers of the suites' data, and the tests for which there are such."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from support.servers import KbServe

from w3c.suite import Case
from w3c.systems import Endpoint, write_named_graphs


@pytest.fixture(scope="session")
def graphs(cases: tuple[Case, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """An endpoint with every data file of the suites as a named graph."""
    paths = sorted({path for case in cases for path in case.data})
    file = tmp_path_factory.mktemp("w3c") / "graphs.nq"
    write_named_graphs(paths, file)
    some_graph = next(path for path in paths if path.stat().st_size).as_uri()
    with (
        KbServe(["--data", file]) as server,
        closing(Endpoint(server.port, graphs=True, some_graph=some_graph)) as found,
    ):
        yield found


@pytest.fixture(scope="session")
def serve_alone() -> Iterator[Callable[[Path], Endpoint]]:
    """`serve_alone(file)`: an endpoint whose default graph is one file as it is; the one before is ended by that."""
    with ExitStack() as running:
        served: dict[Path, Endpoint] = {}

        def serve(file: Path) -> Endpoint:
            if file not in served:
                running.close()
                served.clear()
                server = running.enter_context(KbServe(["--data", file]))
                served[file] = running.enter_context(closing(Endpoint(server.port, graphs=False)))
            return served[file]

        yield serve
