"""Real clients against the endpoint."""

import gzip

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, POST, POSTDIRECTLY, RDFXML, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed
from support.servers import ServerProcess

pytestmark = pytest.mark.xdist_group("server")

_PLACE = "SELECT ?place { id:ammtc-19 ammtc:place ?place }"
_MELAKA = "https://w3id.org/ammtc/id/melaka"


def client(server: ServerProcess, query: str, returned: str, method: str = "GET") -> SPARQLWrapper:
    wrapper = SPARQLWrapper(f"{server.url}/sparql", returnFormat=returned)
    wrapper.setMethod(method)
    wrapper.setQuery(query)
    if method == POST:
        wrapper.setRequestMethod(POSTDIRECTLY)
    return wrapper


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_reads_rows(server: ServerProcess, method: str) -> None:
    rows = client(server, _PLACE, JSON, method).queryAndConvert()["results"]["bindings"]
    assert [row["place"]["value"] for row in rows] == [_MELAKA]


def test_sparqlwrapper_reads_the_other_formats(server: ServerProcess) -> None:
    assert _MELAKA in client(server, _PLACE, XML).queryAndConvert().toxml()
    assert client(server, _PLACE, CSV).queryAndConvert() == f"place\r\n{_MELAKA}\r\n".encode()
    assert client(server, "ASK {}", JSON).queryAndConvert()["boolean"] is True


@pytest.mark.parametrize(
    ("returned", "syntax"), [(TURTLE, RdfFormat.TURTLE), (RDFXML, RdfFormat.RDF_XML), (JSONLD, RdfFormat.JSON_LD)]
)
def test_sparqlwrapper_gets_graphs(server: ServerProcess, returned: str, syntax: RdfFormat) -> None:
    body = client(server, "DESCRIBE id:melaka", returned).query().response.read()
    assert NamedNode(_MELAKA) in {quad.subject for quad in parse(body, format=syntax)}


def test_sparqlwrapper_understands_errors(server: ServerProcess) -> None:
    with pytest.raises(QueryBadFormed):
        client(server, "SELECT", JSON).query()


def test_rdflib_reads_the_endpoint_as_a_graph(server: ServerProcess) -> None:
    graph = Graph(SPARQLStore(f"{server.url}/sparql"))
    place = URIRef("https://w3id.org/ammtc/ontology#place")
    assert [str(value) for value in graph.objects(URIRef("https://w3id.org/ammtc/id/ammtc-19"), place)] == [_MELAKA]


def test_another_store_can_be_filled_from_the_dump(server: ServerProcess) -> None:
    store = Store()
    store.bulk_load(gzip.decompress(server.get("/dump/ammtc.nq.gz").body), RdfFormat.N_QUADS)
    graphs = {graph.value for graph in store.named_graphs()}
    rows = server.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").json["results"]["bindings"]
    assert graphs == {row["g"]["value"] for row in rows}
