import random
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import QueryBoolean, QuerySolutions, RdfFormat, Store

from benchmarks.endpoint import main
from benchmarks.generator import generate
from benchmarks.queries import QuerySet, hostile_queries, query_sets
from kb.config import Project

_SCRIPT = Path(__file__).with_name("endpoint.py")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Store:
    path = tmp_path_factory.mktemp("generated") / "data.nt"
    generate(path, 10_000)
    store = Store()
    store.load(path=path, format=RdfFormat.N_TRIPLES)
    store.load(path=project.ontology / "concepts.ttl", format=RdfFormat.TURTLE)
    return store


def test_there_are_queries_of_each_kind() -> None:
    names = {queries.name: len(queries.queries) for queries in query_sets()}
    assert list(names) == ["small", "small, repeated", "paths", "joins", "aggregates", "optionals", "large"]
    assert min(names.values()) >= 2
    assert len(hostile_queries().queries) >= 5


@pytest.mark.parametrize("queries", query_sets(), ids=lambda queries: queries.name)
def test_queries_find_something(queries: QuerySet, store: Store) -> None:
    for query in queries.queries:
        found = 0
        for text in query.variants(10, 10, random.Random(query.name)):
            result = store.query(text)
            assert isinstance(result, QueryBoolean | QuerySolutions)
            found += bool(result) if isinstance(result, QueryBoolean) else sum(1 for _ in result)
        assert found > 0, query.name


def test_varied_queries_ask_about_different_things() -> None:
    variants = [set(query.variants(10, 8, random.Random(1))) for query in query_sets()[0].queries]
    assert {len(texts) for texts in variants} == {8}


def test_a_comparison_measures_and_writes_what_it_found(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    options = ["--systems", "kb", "--sizes", "2000", "--concurrency", "2", "--seconds", "0.1", "--no-hostile"]
    done = subprocess.run(
        [sys.executable, _SCRIPT, *options, "--markdown", report],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split(" | ") for line in report.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    measured = {row[0].removeprefix("| "): row for row in rows if row[1] == "kb"}
    names = {f"{queries.name}, 2" for queries in query_sets()}
    assert {"small, 2"} <= set(measured) <= names, "a busy machine has no time for the heavy ones"
    assert all(float(row[2].replace(",", "")) > 0 for row in measured.values())
    assert measured["small, 2"][6].rstrip(" |") == "0", "no request is lost"
    assert "small, 2" in done.stdout


@pytest.mark.parametrize(
    "options", [["--systems", "kb,nosuch"], ["--sizes", "many"], ["--concurrency", "0"], ["--seconds", "0"]]
)
def test_wrong_use_is_told(options: list[str]) -> None:
    done = CliRunner().invoke(main, options)
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit), "and not what would be a traceback"
