"""SHACL validation: what is reported, that preparing queries changes nothing in it, and broken shapes graphs."""

import csv
import socket
from pathlib import Path

import pyshacl
import pytest
from rdflib import BNode, Graph, URIRef
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.namespace import SH

from kb.checks import shacl
from kb.checks.shacl import PreparedGraph, Violation, path_text, validate
from kb.errors import DataError
from kb.namespaces import shorten
from kb.rdf.namespaces import ID
from kb.rdf.turtle import parse

CASES = Path(__file__).parent / "shacl"
PROBLEMS = list(csv.reader((CASES / "broken" / "problems.csv").read_text().splitlines(), skipinitialspace=True))[1:]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every connection an error."""

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("offline")
def test_violations_are_reported_in_order_and_nothing_is_fetched() -> None:
    violations = validate(parse(CASES / "data.ttl"), parse(CASES / "shapes.ttl"))
    expected = csv.reader((CASES / "violations.csv").read_text().splitlines(), skipinitialspace=True)
    assert list(map(_row, violations)) == list(expected)[1:]


def test_the_data_are_not_changed() -> None:
    data, shapes = parse(CASES / "data.ttl"), parse(CASES / "shapes.ttl")
    before = set(data), set(shapes)
    validate(data, shapes)
    assert (set(data), set(shapes)) == before


def test_preparing_queries_gives_the_same_report() -> None:
    shapes, plain = PreparedGraph(parse(CASES / "shapes.ttl")), Graph()
    plain += parse(CASES / "data.ttl")
    reports = [pyshacl.validate(data, shacl_graph=shapes)[1] for data in (plain, PreparedGraph(plain))]
    assert isomorphic(*reports)
    assert len(list(reports[0].objects(None, SH.result))) == 7


def test_a_query_is_prepared_once() -> None:
    shacl._prepared.cache_clear()  # noqa: SLF001
    graph = PreparedGraph()
    graph.add((ID.a, ID.b, ID.c))
    pattern = "SELECT ?o WHERE { ?this x:b ?o }"
    text = f"PREFIX x: <{ID}> {pattern}"
    first = graph.query(text, initBindings={"this": ID.a})
    second = graph.query(text, initBindings={"this": ID.none})
    assert [len(first), len(second)] == [1, 0]
    assert graph.query(text).vars == first.vars
    assert shacl._prepared.cache_info()[:2] == (2, 1)  # noqa: SLF001
    others = [graph.query(pattern, initNs={"x": x}) for x in (ID, "https://w3id.org/ammtc/concept/")]
    assert list(map(len, others)) == [1, 0]


@pytest.mark.parametrize(("case", "problem"), PROBLEMS)
def test_a_broken_shapes_graph_is_refused_with_the_reason(
    case: str, problem: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DataError) as caught:
        validate(parse(CASES / "data.ttl"), parse(CASES / "broken" / f"{case}.ttl"))
    assert problem in caught.value.problem
    assert capfd.readouterr() == ("", "")


def test_every_broken_shapes_graph_has_its_problem() -> None:
    assert sorted(path.stem for path in (CASES / "broken").glob("*.ttl")) == [case for case, _ in PROBLEMS]
    assert len(PROBLEMS) == 11


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        (SH.inversePath, "^id:host"),
        (SH.zeroOrMorePath, "id:host*"),
        (SH.oneOrMorePath, "id:host+"),
        (SH.zeroOrOnePath, "id:host?"),
    ],
)
def test_paths_are_written_as_in_sparql(operator: URIRef, expected: str) -> None:
    shapes, path = Graph(), BNode()
    shapes.add((path, operator, ID.host))
    choice, choices = BNode(), BNode()
    Collection(shapes, choices, [ID.chair, path])
    shapes.add((choice, SH.alternativePath, choices))
    assert path_text(shapes, path) == expected
    assert path_text(shapes, choice) == f"id:chair|({expected})"
    with pytest.raises(DataError, match="is no path"):
        path_text(shapes, BNode())


def _row(violation: Violation) -> list[str]:
    value = violation.value
    shown = "" if value is None else shorten(str(value))
    place = [shorten(str(violation.focus)), violation.path or "", shown, shorten(violation.shape)]
    return [*place, shorten(violation.severity), violation.message]
