"""What a remote store is sent in place of a query: its dataset, and the rewrites that its engine needs."""

from dataclasses import replace

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from kb.errors import UnknownName
from kb.namespaces import DEFAULT_GRAPH, JUSTIFICATIONS, PUBLICATION
from kb.remote.datasets import overlap_question, select_dataset
from kb.remote.dialects import REWRITES, rewrite
from kb.remote.profiles import DefaultGraph, Profile, find_profile, load_profiles
from kb.sparql.scan import Scanned

_GRAPHS = ("urn:g:1", "urn:g:2")
_FILLED, _UNION, _NAMED = (Profile("", "", default_graph=kind) for kind in DefaultGraph)


def test_each_profile_names_rewrites_that_are_there() -> None:
    named = {name for profile in load_profiles().values() for name in profile.rewrites}
    assert named <= set(REWRITES)


def test_a_store_without_triple_terms_is_asked_in_sparql_1_1() -> None:
    query = Scanned("SELECT ?b { ?s ?p ?o {| ammtc:basis ?b |} }")
    assert "rdf:subject ?s" in rewrite(query, _FILLED)
    assert rewrite(query, replace(_FILLED, triple_terms=True)) == query.text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("SELECT (?a < ?b AS ?c) {}", True),
        ("SELECT (COUNT(?a) > 3 AS ?c) {}", True),
        ("SELECT ?c { BIND (EXISTS { ?a ?b ?d } AS ?c) }", True),
        ("SELECT ?c { BIND (!BOUND(?a) AS ?c) }", True),
        ("SELECT ?c { BIND (?a IN (1, 2) AS ?c) }", True),
        ("SELECT ?c { BIND (isIRI(?a) AS ?c) }", True),
        ("SELECT ?c { BIND (true AS ?c) }", True),
        ("SELECT ?c { BIND (IF(?a < ?b, 1, 2) AS ?c) }", False),
        ("SELECT (STR(?a) AS ?c) { FILTER (?a < ?b) }", False),
        ("SELECT (COUNT(?a) AS ?c) {}", False),
        ("SELECT ?c { BIND (<urn:x> AS ?c) BIND ('a < b' AS ?d) }", False),
    ],
)
def test_truth_values_of_expressions_keep_their_type(text: str, *, written: bool) -> None:
    found = REWRITES["truths"](Scanned(text))
    assert (found != text) is written
    Store().query(found)


def test_truth_values_are_the_same() -> None:
    store = Store()
    store.add(Quad(NamedNode("urn:a"), NamedNode("urn:p"), Literal(1)))
    text = "SELECT ?a (?n > 0 AS ?b) (?n < 'x' AS ?c) (EXISTS { ?a <urn:q> ?o } AS ?d) { ?a <urn:p> ?n }"
    written = REWRITES["truths"](Scanned(text))
    assert _rows(store, written) == _rows(store, text)


def test_the_dataset_of_a_store_with_a_default_graph_of_a_name() -> None:
    asked = select_dataset(Scanned("SELECT * {}"), _NAMED, _GRAPHS)
    assert (asked.default, asked.named) == ((DEFAULT_GRAPH,), _GRAPHS)


@pytest.mark.parametrize("profile", [_FILLED, _UNION, _NAMED])
def test_graphs_that_are_named_are_all_that_a_query_sees(profile: Profile) -> None:
    query = Scanned("SELECT * FROM <urn:g:1> FROM NAMED <urn:g:2> WHERE { GRAPH ?g { ?from ?named ?o } }")
    asked = select_dataset(query, profile, _GRAPHS)
    assert (asked.default, asked.named) == (("urn:g:1",), ("urn:g:2",))
    assert "FROM" not in asked.text
    assert "GRAPH ?g { ?from ?named ?o }" in asked.text
    asked = select_dataset(query, profile, _GRAPHS, named_graphs=["urn:g:1"])
    assert (asked.default, asked.named) == (("urn:x-empty:graph",), ("urn:g:1",))


@pytest.mark.parametrize("clause", ["FROM <urn:g:3>", "FROM NAMED <urn:g:3>", f"FROM <{JUSTIFICATIONS}>"])
def test_a_graph_that_the_generation_lacks_is_refused(clause: str) -> None:
    with pytest.raises(UnknownName, match="urn:g:1"):
        select_dataset(Scanned(f"SELECT * {clause} {{}}"), _NAMED, _GRAPHS)


def test_what_the_store_keeps_for_itself_is_hidden_from_graph() -> None:
    store = Store()
    for name in (*_GRAPHS, PUBLICATION, JUSTIFICATIONS):
        store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), NamedNode(name), NamedNode(name)))
    text = "SELECT ?g ?h { GRAPH ?g { ?s ?p ?o } OPTIONAL { GRAPH ?h { ?s ?p ?x } FILTER (?h != <urn:g:2>) } }"
    asked = select_dataset(Scanned(text), _UNION, _GRAPHS)
    assert _rows(store, asked.text) == {("<urn:g:1>", "<urn:g:1>"), ("<urn:g:2>", "<urn:g:1>")}
    given = Scanned("SELECT * { GRAPH <urn:g:1> { ?graph ?p ?o } }")
    assert select_dataset(given, _UNION, _GRAPHS).text == given.text


def test_graphs_with_a_statement_in_common_are_found() -> None:
    store = Store()
    for name in (*_GRAPHS, "urn:g:3"):
        store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), NamedNode(name[:-1]), NamedNode(name)))
    store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(1), NamedNode("urn:g:4")))
    assert store.query(overlap_question(["urn:g:4", "urn:g:1", "urn:g:2"]))
    assert not store.query(overlap_question(["urn:g:4", "urn:g:1"]))


def test_virtuoso_gets_its_rewrites() -> None:
    text = rewrite(
        Scanned("SELECT ?x { ?x ammtc:partOf+ id:asean ; ammtc:kind ?k {| ammtc:basis ?b |} }"),
        find_profile("virtuoso"),
    )
    assert "SELECT DISTINCT ?x" in text
    assert "rdf:subject ?x" in text


def _rows(store: Store, text: str) -> set[tuple[str, ...]]:
    result = store.query(text)
    assert isinstance(result, QuerySolutions)
    return {tuple(map(str, row)) for row in result}
