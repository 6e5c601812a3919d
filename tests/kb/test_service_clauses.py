"""SERVICE clauses: found in the text of a query, asked by themselves, their results put in their places."""

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, Store, parse_query_results

from kb.errors import QueryError, QuerySyntaxError
from kb.sparql.query import evaluate
from kb.sparql.scan import Scanned
from kb.sparql.services import NOTHING, inline_data, service_clauses, with_inline_data

BASE = "http://here.example/sparql"
OTHER = "http://other.example/sparql"


def clauses(text: str) -> list[tuple[str, bool, str]]:
    return [(found.endpoint, found.silent, found.query) for found in service_clauses(Scanned(text), BASE)]


def solutions(text: bytes) -> QuerySolutions:
    result = parse_query_results(text, QueryResultsFormat.TSV)
    assert isinstance(result, QuerySolutions)
    return result


def test_a_clause_is_asked_with_the_declarations_of_its_query() -> None:
    text = f"PREFIX x: <http://x.example/> SELECT ?p {{ ?m a ammtc:Meeting SERVICE <{OTHER}> {{ ?p x:of ?m }} }}"
    ((endpoint, silent, query),) = clauses(text)
    assert (endpoint, silent) == (OTHER, False)
    assert query.splitlines()[0] == f"BASE <{BASE}>"
    assert "PREFIX x: <http://x.example/>" in query
    assert query.endswith("SELECT * WHERE { ?p x:of ?m }")
    assert list(evaluate(Store(), query)) == []


@pytest.mark.parametrize(
    ("text", "endpoints"),
    [
        ("ASK { ?s ?p 'service', ?o }", []),
        ("ASK { ?service ?p ?o # SERVICE <x> {}\n }", []),
        ("SELECT * { service silent <other> { { ?s ?p ?o } UNION { ?s ?q '}' } } }", ["http://here.example/other"]),
        ("PREFIX e: <http://e.example/> ASK { SERVICE e:x {} SERVICE e:y { ?s ?p ?o } }", ["x", "y"]),
        ("BASE <http://b.example/> ASK { OPTIONAL { SERVICE <s> { ?s ?p ?o } } }", ["http://b.example/s"]),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE <http://x.example/> { ?s ?p ?o } }", []),
    ],
)
def test_clauses_are_found_and_nothing_else(text: str, endpoints: list[str]) -> None:
    assert [found[0].removeprefix("http://e.example/") for found in clauses(text)] == endpoints


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("ASK {\n SERVICE ?x { } }", QueryError, "names no endpoint by its IRI (line 2, column 2)"),
        ("ASK { SERVICE <a:b> { SERVICE <c:d> { } } }", QueryError, "is in another one (line 1, column 23)"),
        ("ASK { SERVICE <a:b> { ?s ?p ?o ", QuerySyntaxError, "line 1, column 7"),
        ("ASK { SERVICE <a:b> }", QuerySyntaxError, "no group in braces"),
        ("ASK { SERVICE", QueryError, "names no endpoint"),
        ("ASK { SERVICE SILENT", QueryError, "names no endpoint"),
    ],
)
def test_a_clause_that_cannot_be_asked_is_refused_at_its_place(text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as raised:
        clauses(text)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("results", "data"),
    [
        (b'?a\t?b\n<x:s>\t1\n\t"a\\"\'\\n"@en\n', 'VALUES (?a ?b) { (<x:s> "1"^^'),
        (b"?a\n", "VALUES (?a) {  }"),
    ],
)
def test_results_become_inline_data(results: bytes, data: str) -> None:
    written = inline_data(solutions(results), 10)
    assert written is not None
    assert written.startswith(data)
    again = evaluate(Store(), f"SELECT * {{ {written} }}")
    assert [list(row) for row in again] == [list(row) for row in solutions(results)]  # type: ignore[arg-type]


def test_a_blank_node_in_a_result_is_refused_and_too_many_rows_are_none() -> None:
    with pytest.raises(QueryError, match="blank node"):
        inline_data(solutions(b"?a\n_:b\n"), 10)
    assert inline_data(solutions(b"?a\n1\n2\n"), 1) is None


def test_data_stand_where_the_clauses_stood() -> None:
    query = Scanned(
        f"SELECT *\n{{ SERVICE <{OTHER}> {{\n ?a ?b ?c\n}} FILTER(?a > 1) SERVICE SILENT <{OTHER}> {{}} }} x"
    )
    found = service_clauses(query, BASE)
    text = with_inline_data(query, found, ["VALUES (?a) { (2) }", NOTHING])
    assert " ".join(text.split()) == f"SELECT * {{ VALUES (?a) {{ (2) }} FILTER(?a > 1) {NOTHING} }} x"
    with pytest.raises(QuerySyntaxError) as raised:
        evaluate(Store(), text)
    assert raised.value.line == 4
    assert [row["a"].value for row in evaluate(Store(), text[:-2])] == ["2"]  # type: ignore[union-attr,call-overload]
