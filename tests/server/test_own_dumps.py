"""The dumps, served as any other file or read by a plain store, give the rows of the generation to every question."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Callable

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store
from support.servers import KbServe

from kb.config import Project
from kb.generations.generation import Generation
from kb.sparql.annotations import in_sparql_1_1
from kb.sparql.query import evaluate, serialize
from kb.sparql.questions import load_questions
from kb.sparql.scan import Scanned

pytestmark = pytest.mark.xdist_group("reload")

Rows = Counter[tuple[str, ...]]

#: Questions about justifications that are not written as annotations: a dump without them has other answers.
_OF_JUSTIFICATIONS = {"count-independent-origins", "count-statements-by-source", "position-in-picture"}


def rows(content: bytes) -> Rows:
    """The rows of CSV, the header among them."""
    return Counter(map(tuple, csv.reader(io.StringIO(content.decode(), newline=""))))


@pytest.fixture(scope="module")
def expected(generation: Generation, project: Project) -> dict[str, tuple[str, Rows]]:
    """Name of a question -> its text, and the rows of the generation's store."""
    store = generation.store()
    return {
        question.name: (question.text, rows(serialize(evaluate(store, question.text), "csv")))
        for question in load_questions(project)
    }


def _in_sparql_1_1(text: str) -> str:
    return in_sparql_1_1(Scanned(text))


@pytest.mark.parametrize(
    ("dump", "default_graph", "rewrite"),
    [
        ("ammtc-rdf12.nq.gz", "union", str),
        ("ammtc-rdf12.trig.gz", "union", str),
        ("ammtc-reified.nq.gz", "union", _in_sparql_1_1),
        ("ammtc-union.nq.gz", "default", str),
        ("ammtc-union.nq.gz", "union", str),
    ],
)
def test_a_dump_that_is_served_answers_all_questions_as_the_generation_does(
    generation: Generation,
    expected: dict[str, tuple[str, Rows]],
    dump: str,
    default_graph: str,
    rewrite: Callable[[str], str],
) -> None:
    with KbServe(["--data", generation.dumps[dump], "--default-graph", default_graph]) as server:
        found = {name: rows(server.query(rewrite(text), "text/csv").body) for name, (text, _) in expected.items()}
    assert len(found) > 200
    assert [name for name in found if found[name] != expected[name][1]] == []


def test_the_dump_without_justifications_answers_what_is_not_asked_of_them(
    generation: Generation, expected: dict[str, tuple[str, Rows]]
) -> None:
    asked = {name: text for name, (text, _) in expected.items() if "{|" not in text}
    with KbServe(["--data", generation.dumps["ammtc.nq.gz"], "--default-graph", "union"]) as server:
        found = {name: rows(server.query(text, "text/csv").body) for name, text in asked.items()}
    assert len(found) > 20
    assert {name for name in found if found[name] != expected[name][1]} == _OF_JUSTIFICATIONS


def test_a_plain_store_that_reads_the_union_needs_no_option(
    generation: Generation, expected: dict[str, tuple[str, Rows]]
) -> None:
    store = Store()
    store.bulk_load(gzip.decompress(generation.dumps["ammtc-union.nq.gz"].read_bytes()), RdfFormat.N_QUADS)
    assert len(store) == generation.manifest.sizes.total
    for name, (text, answer) in expected.items():
        found = store.query(text)
        assert isinstance(found, QuerySolutions)
        assert rows(found.serialize(format=QueryResultsFormat.CSV) or b"") == answer, name
