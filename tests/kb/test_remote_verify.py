"""A remote store verified: what it answers alike, otherwise and not at all; an engine in this process plays it."""

from collections.abc import Iterator
from itertools import count

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, parse_query_results
from support.small_store import Fault, SmallStore, serve_store

from kb.generations.generation import Generation
from kb.namespaces import PREFIXES
from kb.remote.client import Client
from kb.remote.comparison import difference, read_rows
from kb.remote.profiles import find_profile
from kb.remote.verify import Kind, Outcome, Report, Trial, verify
from kb.sparql.scan import Scanned

_TRIALS = (
    Trial(Kind.QUESTION, "places", "SELECT ?x ?n { ?x a ammtc:State ; rdfs:label ?n } ORDER BY ?x"),
    Trial(Kind.QUESTION, "none", "SELECT ?x { ?x a id:asean }"),
    Trial(Kind.PAGE, "truth", "ASK { ?p ammtc:oneValued true }"),
    Trial(Kind.PAGE, "reifiers", "SELECT ?b { id:asean ?p ?o {| ammtc:basis ?b |} }"),
    Trial(Kind.PAGE, "triples", "CONSTRUCT { ?x a ?c } { VALUES ?c { ammtc:State } ?x a ?c }"),
)


@pytest.fixture
def remote(generation: Generation) -> Iterator[SmallStore]:
    with serve_store() as remote:
        remote.store.bulk_extend(generation.store())
        yield remote


def _verify(remote: SmallStore, generation: Generation, *, writing: bool = False) -> Report:
    profile = find_profile("oxigraph")
    with Client(profile.addresses(remote.url), profile) as client:
        (report,) = verify([client], generation, _TRIALS, writing=writing)
    return report


def _outcomes(report: Report) -> dict[str, Outcome]:
    return {answer.trial.name: answer.outcome for answer in report.answers}


def test_the_same_store_is_alike(remote: SmallStore, generation: Generation) -> None:
    report = _verify(remote, generation, writing=True)
    assert [answer.trial.name for answer in report.answers if answer.outcome is not Outcome.ALIKE] == ["alternatives"]
    assert report.is_alike
    assert not any("verification" in str(name) for name in remote.store.named_graphs())


def test_without_leave_nothing_is_written(remote: SmallStore, generation: Generation) -> None:
    report = _verify(remote, generation)
    assert _outcomes(report)["cycle"] is Outcome.NOT_ASKED
    assert _outcomes(report)["minus"] is Outcome.ALIKE
    assert remote.writes == []


def test_a_row_that_differs_is_told(remote: SmallStore, generation: Generation) -> None:
    state = NamedNode(f"{PREFIXES['id']}malaysia")
    label = NamedNode(f"{PREFIXES['rdfs']}label")
    (old,) = (quad for quad in remote.store.quads_for_pattern(state, label, None) if str(quad.graph_name) == "DEFAULT")
    remote.store.remove(old)
    remote.store.add(Quad(state, label, Literal("Malaya", language="en")))
    report = _verify(remote, generation)
    (answer,) = report.differing
    assert (answer.trial.name, answer.outcome) == ("places", Outcome.DIFFERENT)
    assert "Malaya" in answer.words
    assert "Malaysia" in answer.words
    assert not report.is_alike


def test_an_error_is_told_and_the_rest_asked(remote: SmallStore, generation: Generation) -> None:
    remote.fault_of = lambda _, body: Fault(500, body=b"too hot") if b"oneValued" in body else None
    report = _verify(remote, generation)
    (answer,) = report.differing
    assert (answer.trial.name, answer.outcome) == ("truth", Outcome.NOT_AT_ALL)
    assert "too hot" in answer.words


def test_a_store_with_other_data_is_not_asked(remote: SmallStore, generation: Generation) -> None:
    quad = next(iter(remote.store.quads_for_pattern(None, None, None, NamedNode(f"{PREFIXES['graph']}entities"))))
    remote.store.remove(quad)
    report = _verify(remote, generation)
    assert "graph/entities" in report.unlike
    assert (report.answers, report.is_alike) == ((), False)


def test_the_graph_of_cases_is_removed_after_a_failure(remote: SmallStore, generation: Generation) -> None:
    asked = count()
    remote.fault_of = lambda request, _: Fault(0) if request.startswith("POST /query") and next(asked) > 40 else None
    report = _verify(remote, generation, writing=True)
    assert Outcome.NOT_AT_ALL in _outcomes(report).values()
    assert not any("verification" in str(name) for name in remote.store.named_graphs())


@pytest.mark.parametrize(
    ("query", "ours", "theirs", "words"),
    [
        ("SELECT ?x {}", "1 1 2", "2 1 1", ""),
        ("SELECT ?x {}", "1 1 2", "1 2 2", "3 rows in place of 3, without (?x"),
        ("SELECT ?x {} ORDER BY ?x", "1 2", "2 1", "another order"),
        ("SELECT ?x {} ORDER BY DESC(?x) LIMIT 9", "2 1", "1 2", "another order"),
        ("SELECT ?x {} ORDER BY STR(?x)", "1 2", "2 1", ""),
        ("SELECT ?x { { SELECT ?x {} ORDER BY ?x } }", "1 2", "2 1", ""),
        ("SELECT ?x {} ORDER BY ?x", "'a'@en 'b'@en", "'b'@en 'a'@en", ""),
        ("SELECT ?x {} ORDER BY ?x", "<urn:a> 'a'@en", "'a'@en <urn:a>", "another order"),
        ("SELECT ?x {}", "01 true", "1 '1'^^<http://www.w3.org/2001/XMLSchema#boolean>", ""),
        ("SELECT ?x {}", "_:a _:b", "_:c _:d", ""),
        ("SELECT ?x {}", "_:a _:b", "_:c 1", "with"),
    ],
)
def test_rows_are_compared(query: str, ours: str, theirs: str, words: str) -> None:
    tables = ("\n".join(["?x", *rows.split(), ""]).replace("'", '"').encode() for rows in (ours, theirs))
    found = (read_rows(parse_query_results(table, QueryResultsFormat.TSV)) for table in tables)
    told = difference(*found, Scanned(query))
    assert words in told if words else told == ""
