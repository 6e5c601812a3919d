"""The benchmark of evidence: its reifiers have the shape of the build's, each case has an answer and a ratio."""

from itertools import islice
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store

from benchmarks.evidence import EVIDENCE, cases, in_process, measure, over_http, prepared, table
from benchmarks.generator import meetings
from benchmarks.justified import generate, justifications
from kb.sparql.query import evaluate


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("justified") / "data.nt"
    plain, added = generate(path, 4000)
    assert plain >= 4000
    assert added > plain
    return path


@pytest.fixture(scope="module")
def store(data: Path) -> Store:
    store = Store()
    store.load(path=data, format=RdfFormat.N_TRIPLES)
    return store


def test_the_same_statements_have_the_same_reifiers() -> None:
    first, second = ([list(justifications(quads)) for quads in islice(meetings(4000), 3)] for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "wrong",
    [
        "?r rdf:reifies ?t FILTER NOT EXISTS { ?r a ammtc:Justification ; ammtc:evidence ?e ; ammtc:basis ?b }",
        "?r rdf:reifies <<( ?s ?p ?o )>> FILTER NOT EXISTS { ?s ?p ?o }",
        "?r rdf:reifies <<( ?s ?p ?o )>> FILTER NOT EXISTS { ?r rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o }",
        "?r ammtc:basis concept:stated MINUS { ?r ammtc:passage/ammtc:paragraph ?n }",
        "?x owl:annotatedSource ?s ; owl:annotatedProperty ?p ; owl:annotatedTarget ?o MINUS { ?s ?p ?o {| a ?t |} }",
    ],
)
def test_each_statement_with_evidence_has_its_reifier(store: Store, wrong: str) -> None:
    result = evaluate(store, f"SELECT ?r ?s {{ {wrong} }} LIMIT 3".replace("?r ?s", "*"))
    assert isinstance(result, QuerySolutions)
    assert list(result) == []


def test_each_case_is_measured(store: Store) -> None:
    patterns = cases(store)
    found = list(measure("here", patterns, in_process(store), 1))
    assert len(found) == len(patterns) * len(EVIDENCE)
    assert all(min(*one.rows, *one.seconds) > 0 for one in found)
    assert "| here | nothing bound, passage |" in table(found)


def test_a_server_and_a_store_on_disk_give_the_same_numbers_of_rows(data: Path, store: Store, tmp_path: Path) -> None:
    patterns = {"nothing bound": "?s ammtc:place ?o"}
    expected = [one.rows for one in measure("here", patterns, in_process(store), 1)]
    memory, disk = prepared(data, tmp_path / "store")
    assert [one.rows for one in measure("disk", patterns, in_process(disk), 1)] == expected
    (tmp_path / "served").mkdir()
    with over_http(data, tmp_path / "served") as ask:
        assert [one.rows for one in measure("served", patterns, ask, 1)] == expected
    assert len(memory) == len(store)
