"""The comparison of stores measures what it says; on other engines see ``tests/engines``."""

from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from benchmarks.generator import generate
from benchmarks.stores import QUESTIONS, Measured, graphs, markdown, measure


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("stores") / "generated.nq"
    generate(file, 2000)
    return file


def test_our_own_store_answers_every_question(data: Path, tmp_path: Path) -> None:
    measured = measure("kb", data, tmp_path, 1, 0)
    assert set(measured.answers) == set(QUESTIONS)
    assert all(isinstance(seconds, float) for seconds in measured.seconds.values())
    assert measured.disk > 100_000
    assert measured.memory > 10_000_000
    assert measured.putting is None


def test_graphs_are_put_with_all_their_statements(data: Path) -> None:
    written = {(quad.triple, quad.graph_name) for quad in parse(data.read_bytes(), RdfFormat.N_QUADS)}
    found = dict(graphs(data))
    put = {
        (quad.triple, NamedNode(graph))
        for graph, lines in found.items()
        for quad in parse(b"".join(lines), RdfFormat.N_TRIPLES)
    }
    assert put == written
    assert len(found) == len(list(graphs(data))) == 7


def test_tables_say_who_answers_otherwise() -> None:
    rows = [Counter({(("literal", "a"),): 1}), Counter({(("literal", "a"),): 2}), Counter({(("literal", "b"),): 1})]
    found = [
        Measured(name, 1.0, 0.5, (2000.0, 500), 1000, 2**20, {QUESTIONS[0]: 0.5}, {QUESTIONS[0]: answer})
        for name, answer in zip("abc", rows, strict=True)
    ]
    found[0].putting = None
    found[1].seconds[QUESTIONS[1]] = "too long"
    text = markdown(found, 1000)
    assert "| b | 1.0 | 0.5 | 2,000 (of 500) | 0 | 1 | 1 |" in text
    assert f"| {QUESTIONS[0]} | 1 | 500.0 | 500.0 (other duplicates) | 500.0 (other rows) |" in text
    assert f"| {QUESTIONS[1]} |  |  | too long |  |" in text
