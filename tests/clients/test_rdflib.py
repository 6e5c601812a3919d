"""rdflib's SPARQLStore against the endpoint: graphs by name, joins, values given from outside."""

import pytest
from rdflib import RDFS, Graph, Namespace, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.query import ResultRow
from support.servers import KbServe

pytestmark = pytest.mark.xdist_group("clients")

AMMTC = Namespace("https://w3id.org/ammtc/ontology#")
ID = Namespace("https://w3id.org/ammtc/id/")
NST, DAILY8 = (URIRef(f"https://w3id.org/ammtc/graph/{name}") for name in ("nst-2025-09-12", "daily8-saifuddin"))
_JOIN = "SELECT ?label { ?meeting ammtc:place ?place . ?place rdfs:label ?label }"


@pytest.fixture(params=["GET", "POST", "POST_FORM"])
def store(request: pytest.FixtureRequest, server: KbServe) -> SPARQLStore:
    """The endpoint, asked in one of the three ways of the protocol."""
    return SPARQLStore(f"{server.url}/sparql", method=request.param)


def test_a_join_with_prefixes_and_a_value_from_outside(store: SPARQLStore) -> None:
    found = Graph(store).query(
        _JOIN.replace("?label {", "?label ?meeting {"),
        initNs={"ammtc": AMMTC, "rdfs": RDFS},
        initBindings={"meeting": ID["ammtc-19"]},
    )
    assert {str(row.label) for row in found if isinstance(row, ResultRow)} == {"Melaka"}


def test_a_named_graph_is_a_graph_of_its_own(store: SPARQLStore) -> None:
    place = (ID["ammtc-19"], AMMTC.place, ID.melaka)
    assert place in Graph(store)
    assert place in Graph(store, identifier=NST)
    assert place not in Graph(store, identifier=DAILY8)
    assert 0 < len(Graph(store, identifier=NST)) < len(Graph(store))


def test_graphs_are_listed(store: SPARQLStore) -> None:
    place = (ID["ammtc-19"], AMMTC.place, ID.melaka)
    assert {NST, DAILY8, URIRef("https://w3id.org/ammtc/graph/inferred")} <= set(store.contexts())
    assert NST in set(store.contexts(place))
    assert DAILY8 not in set(store.contexts(place))


def test_ask_and_construct(store: SPARQLStore) -> None:
    graph = Graph(store)
    assert graph.query("ASK { ?s ?p ?o }").askAnswer is True
    made = graph.query("CONSTRUCT { ?s rdfs:label ?l } { ?s a ammtc:MeetingSeries ; rdfs:label ?l }").graph
    assert made
    assert (ID.ammtc, RDFS.label) in {triple[:2] for triple in made}
