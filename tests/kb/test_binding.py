"""Terms written into the text of a query: the embedded engine gives the same rows as with terms for its variables."""

from collections import Counter
from importlib.resources import files

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, RdfFormat, Store, Variable

from kb.generations.generation import Generation
from kb.namespaces import PREFIXES
from kb.rdf.terms import Term
from kb.remote.binding import bound

_EXAMPLE = "http://example.org/"
_NAMES = ("id/ammtc-19", "id/malaysia", "id/adoption-of-the-melaka-declaration", "id/keyu-jin", "concept/cybercrime")
_NAMES += ("concept/adoption", "source/nst-2025-09-12", "ontology#proposes", "id/plan-of-action", "id/malacca")
_SELECTING = [
    path.name.removesuffix(".rq")
    for path in sorted(files("server.stored_queries").iterdir(), key=lambda path: path.name)
    if path.name.endswith(".rq") and "SELECT ?thing" in path.read_text("utf-8")
]
_STATEMENTS = """
<a> <p> <b>, <c>, "x"@en . <b> <p> <c> . <c> <p> "x"@en, 1 . <a> <q> <a> .
"""
_QUERIES = (
    "SELECT ?x ?y { ?x <p> ?y }",
    "SELECT ?y ?x { { ?x <p> ?y } UNION { ?y <p> ?x } OPTIONAL { ?x <q> ?z } FILTER NOT EXISTS { ?y <q> ?x } }",
    "SELECT ?x (COUNT(?y) AS ?n) { ?x <p> ?y } GROUP BY ?x HAVING (COUNT(?y) > 0) ORDER BY ?x",
    "SELECT ?x ?y WHERE { { SELECT ?x ?y { ?x <p> ?y } ORDER BY ?x LIMIT 9 } } ORDER BY DESC(?x) ?y",
    "SELECT ?x (STR(?x) AS ?s) ('?x' AS ?t) { # ?x\n ?x <p> ?x1 . FILTER (?x != <c>) }",
    "SELECT DISTINCT $x { $x <p>* ?y }",
)


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store()
    store.load(_STATEMENTS.encode(), RdfFormat.TURTLE, base_iri=_EXAMPLE)
    return store


def _rows(store: Store, text: str, terms: dict[str, Term], base: str | None = None) -> Counter[str]:
    given = {Variable(name): term for name, term in terms.items()}
    result = store.query(text, prefixes=PREFIXES, substitutions=given or None, base_iri=base)
    assert isinstance(result, QuerySolutions)
    names = [variable.value for variable in result.variables]
    return Counter(str(dict(zip(names, map(str, row), strict=True))) for row in result)


@pytest.mark.parametrize("name", _SELECTING)
def test_a_query_of_a_page_has_the_same_rows(generation: Generation, name: str) -> None:
    text = files("server.stored_queries").joinpath(f"{name}.rq").read_text("utf-8")
    store = generation.store()
    for thing in (NamedNode(f"https://w3id.org/ammtc/{found}") for found in _NAMES):
        assert _rows(store, bound(text, {"thing": thing}), {}) == _rows(store, text, {"thing": thing})


@pytest.mark.parametrize("text", _QUERIES)
@pytest.mark.parametrize("term", [NamedNode(f"{_EXAMPLE}{name}") for name in "abcpz"] + [Literal("x", language="en")])
def test_a_variable_in_any_place_has_the_same_rows(store: Store, text: str, term: Term) -> None:
    if isinstance(term, Literal):
        text = text.replace("?x <p> ?y", "?y <p> ?x")
        if "?y <p> ?x" not in text or "UNION" in text:
            pytest.skip("a literal is no subject")
    written = bound(text, {"x": term})
    assert _rows(store, written, {}, _EXAMPLE) == _rows(store, text, {"x": term}, _EXAMPLE)


def test_without_terms_a_text_stays_as_it_is() -> None:
    assert all(bound(text, {}) == text for text in _QUERIES)


def test_a_blank_node_cannot_be_bound() -> None:
    with pytest.raises(ValueError, match="blank node"):
        bound(_QUERIES[0], {"x": BlankNode()})
