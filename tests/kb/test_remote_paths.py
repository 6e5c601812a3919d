"""Paths as Virtuoso gets them: the same rows as of the path itself, on random graphs."""

import random
from collections import Counter

import pytest
from pyoxigraph import NamedNode, Quad, QuerySolutions, Store

from kb.errors import QueryError
from kb.remote.paths import expand_paths, read_path
from kb.sparql.scan import Scanned

_NODES = [f"urn:n:{number}" for number in range(5)]
_PREDICATES = ("urn:p:a", "urn:p:b", "urn:p:c")
_PROLOGUE = "PREFIX p: <urn:p:> PREFIX n: <urn:n:>\n"

_PATHS = [
    *("p:a+", "p:a*", "p:a?", "(p:a|p:b)+", "(p:a|p:b)*", "(p:a/p:b)+", "(p:a/p:b)*", "(^p:a)+", "^(p:a+)"),
    *("p:a/p:b*", "p:a*/p:b", "p:a+/p:b", "p:a/p:b+", "p:a+/p:b+", "p:a/p:b?", "p:a?/p:b", "p:a*/p:b*", "!p:a+"),
    *("p:a+|p:b", "p:a*|p:b", "p:a|p:b+/p:c", "(p:a|p:b)/p:c*", "p:a*/(p:b|^p:c)", "^(p:a/p:b*)", "p:a/p:b*/^p:c"),
]
#: What is asked of a path, and what is left of its pairs (x, y).
_QUESTIONS = (
    "SELECT ?x ?y {{ ?x {path} ?y }}",
    "SELECT ?y {{ n:0 {path} ?y }}",
    "SELECT ?x {{ ?x {path} n:1 }}",
    "SELECT ?x ?y ?z {{ ?z p:a ?x ; p:b ?y . ?x {path} ?y }}",
    "SELECT ?x ?y ?z {{ ?z p:a ?x ; {path} ?y , n:1 . }}",
    "SELECT ?x ?y {{ ?x p:a ?z OPTIONAL {{ ?z {path} ?y }} }}",
    "SELECT ?x ?z {{ ?x p:a ?z FILTER NOT EXISTS {{ ?z {path} ?y }} }}",
    "SELECT ?z {{ ?z p:a ?x . n:0 {path} n:1 }}",
    "SELECT * {{ ?x p:c ?y . ?y {path} ?z }}",
    "SELECT (COUNT(*) AS ?x) {{ GRAPH ?g {{ ?x {path} ?y }} }}",
)


@pytest.mark.parametrize("path", _PATHS)
@pytest.mark.parametrize("question", _QUESTIONS)
def test_a_path_has_the_same_rows(path: str, question: str) -> None:
    """Of ``p|q`` the embedded engine drops duplicates: its rows are compared as a set."""
    text = _PROLOGUE + question.format(path=path)
    if "|" in path and "COUNT" in question:
        pytest.skip("it counts the duplicates")
    try:
        written = expand_paths(Scanned(text))
    except QueryError:
        assert "NOT EXISTS" in text
        assert path == "(p:a|p:b)+"
        return
    for seed in range(12):
        store = _store(random.Random(seed))
        found, expected = _rows(store, written), _rows(store, text)
        assert (set(found) == set(expected)) if "|" in path else (found == expected), (seed, written)


def test_alternatives_have_duplicates_as_the_recommendation_says() -> None:
    store = Store()
    store.add(Quad(NamedNode("urn:n:0"), NamedNode("urn:p:b"), NamedNode("urn:n:0")))
    written = expand_paths(Scanned(_PROLOGUE + "SELECT ?x { n:0 p:a*|p:b ?x }"))
    assert _rows(store, written).total() == 2


def _store(chosen: random.Random) -> Store:
    """Return a store with some triples in its default graph and in a named one."""
    store = Store()
    for _ in range(chosen.randrange(4, 14)):
        subject, value = (NamedNode(chosen.choice(_NODES)) for _ in range(2))
        predicate = NamedNode(chosen.choice(_PREDICATES))
        store.add(Quad(subject, predicate, value))
        store.add(Quad(subject, predicate, value, NamedNode("urn:g:1")))
    return store


def _rows(store: Store, text: str) -> Counter[str]:
    result = store.query(text)
    assert isinstance(result, QuerySolutions)
    names = [variable.value for variable in result.variables]
    return Counter(str(sorted(zip(names, map(str, row), strict=True))) for row in result)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("SELECT ?x { ?x p:a*/p:b ?x1 }", None),
        ("SELECT ?x { ?x p:a+ n:1 }", "{ SELECT DISTINCT ?x { ?x p:a ?path1 . ?path1 (p:a)* n:1 } }"),
        ("SELECT ?x { ?x p:a* n:1 }", "{ SELECT DISTINCT ?x { ?x (p:a)* n:1 } }"),
        ("SELECT ?x { ?x p:b ?y . ?y p:a* ?z }", "{ SELECT DISTINCT ?y ?z { ?x p:b ?y . ?y (p:a)* ?z } }"),
        ("SELECT ?x { n:1 p:a+ n:2 }", "FILTER EXISTS { n:1 p:a ?path1 . ?path1 (p:a)* n:2 }"),
        ("SELECT ?path { ?path p:a+ n:2 }", "{ SELECT DISTINCT ?path { ?path p:a ?path_1 . ?path_1 (p:a)* n:2 } }"),
        ("SELECT ?x { ?x p:b|p:c/p:a [ p:b 1 ] ; p:a ?z }", "{ ?x p:b|p:c/p:a [ p:b 1 ] ; p:a ?z }"),
        ("SELECT ?x { ?x p:b ?y FILTER (?y * 2 > 3) }", "{ ?x p:b ?y FILTER (?y * 2 > 3) }"),
    ],
)
def test_what_is_written(text: str, written: str | None) -> None:
    found = expand_paths(Scanned(text))
    assert written in found if written else found != text


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x { ?x p:a+ ?x }",
        "SELECT ?x { ?x (p:a|^p:a)+ ?y }",
        "SELECT ?x { ?x (p:a*)* ?y }",
        "SELECT ?x { ?x p:b [ p:a+ ?y ] }",
        "SELECT ?x { [] p:a+ ?x }",
        "SELECT ?x { ?x p:a+ [ p:b ?y ] }",
        "SELECT ?x { _:a p:b ?x . ?x p:a+ ?y }",
        "SELECT ?x { ?x p:b ?y FILTER EXISTS { ?y (p:a|p:b)+ ?x } }",
        "SELECT ?x { ?x p:a+ }",
    ],
)
def test_what_stays_wrong_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="wrong answers"):
        expand_paths(Scanned(text))


def test_a_path_is_written_with_all_its_parentheses() -> None:
    path = read_path(list(Scanned("a|^p:b/(p:c|!(a|^p:d))*/p:e?").tokens))
    assert str(path) == "a | (((^p:b) / ((p:c | !(a|^p:d))*)) / (p:e?))"
