"""The Graph Store HTTP Protocol, read: each case names its clause of https://www.w3.org/TR/sparql11-http-rdf-update/."""

from urllib.parse import quote

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse
from support.formats import FORMATS
from support.servers import ServerProcess

from kb.generations.generation import Generation
from kb.generations.reifiers import without_reification

pytestmark = pytest.mark.xdist_group("server")

_ENTITIES = "https://w3id.org/ammtc/graph/entities"
_WRITING = ("PUT", "POST", "DELETE", "PATCH")


def store_address(graph: str) -> str:
    return f"/graph-store?graph={quote(graph, safe='')}"


def canonical(triples: list[Triple]) -> set[Quad]:
    graph = Dataset([Quad(triple.subject, triple.predicate, triple.object) for triple in triples])
    graph.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(graph)


def held(generation: Generation, graph: str | None, version: str = "") -> set[Quad]:
    """What a graph holds, read without the server; of the default graph for clients of a version of RDF."""
    name = DefaultGraph() if graph is None else NamedNode(graph)
    quads = list(generation.store().quads_for_pattern(None, None, None, name))
    return canonical([quad.triple for quad in (quads if version == "1.2" else without_reification(quads))])


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize(
    "graph", [_ENTITIES, "https://w3id.org/ammtc/graph/inferred", "https://w3id.org/ammtc/ontology"]
)
def test_a_named_graph_is_whole(server: ServerProcess, generation: Generation, graph: str, extension: str) -> None:
    """Sections 4.2 and 5.2."""
    syntax = FORMATS[extension]
    reply = server.get(store_address(graph), syntax.media_type)
    assert (reply.status, reply.media_type) == (200, syntax.media_type)
    assert "Accept" in reply.headers["Vary"]
    quads = list(parse(reply.body, syntax))
    assert canonical([quad.triple for quad in quads]) == held(generation, graph)
    name = NamedNode(graph) if syntax.supports_datasets and extension != "jsonld" else DefaultGraph()
    assert {quad.graph_name for quad in quads} == {name}
    assert server.get(f"{store_address(graph)}&format={extension}").body == reply.body


@pytest.mark.parametrize("version", ["", "1.1", "1.2-basic", "1.2"])
def test_the_default_graph_is_whole(server: ServerProcess, generation: Generation, version: str) -> None:
    """Section 4.2; with the justifications of its statements, which have triple terms, for whom asks for RDF 1.2."""
    accept = f"application/n-triples; version={version}" if version else "application/n-triples"
    reply = server.get("/graph-store?default", accept)
    found = canonical([quad.triple for quad in parse(reply.body, RdfFormat.N_TRIPLES)])
    expected = held(generation, None, version)
    assert len(found ^ expected) == 0


def test_the_default_graph_has_several_addresses(server: ServerProcess) -> None:
    reply = server.get("/graph-store?default", "application/n-triples")
    for address in ("/graph-store?default=", "/graph-store/?default"):
        assert server.get(address, "application/n-triples").body == reply.body


def test_the_graph_of_the_address_is_whole(server: ServerProcess, generation: Generation) -> None:
    """Section 4.1: the graph's own IRI leads to its content; a browser is led to its page."""
    reply = server.get("/graph/entities", "application/n-quads")
    assert (reply.status, reply.headers["Location"]) == (303, "/data/graph/entities.nq")
    content = server.get(reply.headers["Location"])
    assert canonical([quad.triple for quad in parse(content.body, RdfFormat.N_QUADS)]) == held(generation, _ENTITIES)
    assert content.body == server.get(store_address(_ENTITIES), "application/n-quads").body
    assert server.get("/graph/entities", "text/html").headers["Location"] == "/page/graph/entities"


@pytest.mark.parametrize("address", [store_address(_ENTITIES), "/graph-store?default", "/data/graph/entities.ttl"])
def test_head_is_get_without_the_body(server: ServerProcess, address: str) -> None:
    """Section 5.6."""
    head, get = server.request("HEAD", address), server.get(address)
    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag"):
        assert head.headers[name] == get.headers[name]
    assert int(head.headers["Content-Length"]) == len(get.body)


def test_a_graph_is_not_sent_twice(server: ServerProcess) -> None:
    first = server.get(store_address(_ENTITIES))
    again = server.get(store_address(_ENTITIES), If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert server.get(store_address(_ENTITIES), "text/html, */*;q=0.1").media_type == "text/turtle"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?graph=https://w3id.org/ammtc/graph/nothing", 404),  # 5.2: no such graph in the store
        ("?graph=http://127.0.0.1:1/elsewhere", 404),
        ("?graph=entities", 400),  # 4.2: the embedded IRI must be absolute
        ("?graph=", 400),
        ("?graph=%3Cno%20IRI%3E", 400),
        ("", 400),  # no graph is identified
        ("?default&graph=https://w3id.org/ammtc/graph/entities", 400),
        ("?graph=https://w3id.org/ammtc/graph/entities&graph=https://w3id.org/ammtc/ontology", 400),
        ("?graph=%FF", 400),
        ("?default&format=pdf", 400),
        ("?default&format=csv", 406),
    ],
)
def test_what_cannot_be_read(server: ServerProcess, method: str, query: str, status: int) -> None:
    reply = server.request(method, f"/graph-store{query}")
    assert reply.status == status
    assert reply.media_type == "application/problem+json"
    if method == "GET":
        assert reply.json["detail"].endswith(".")
        assert reply.json["remedy"].endswith(".")


def test_no_format_is_acceptable(server: ServerProcess) -> None:
    """Section 5.1: 406 where the server cannot make what the client accepts."""
    reply = server.get("/graph-store?default", "image/png")
    assert reply.status == 406
    assert "application/trig" in reply.json["available"]


@pytest.mark.parametrize("method", _WRITING)
@pytest.mark.parametrize("address", [store_address(_ENTITIES), "/graph-store?default", "/graph/entities", "/graph/new"])
def test_writing_is_refused(server: ServerProcess, address: str, method: str) -> None:
    """Section 5.1: 405 for an operation that is not offered."""
    reply = server.request(method, address, {"Content-Type": "text/turtle"}, b"<a:a> <a:b> <a:c> .")
    assert reply.status == 405
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_graph_beyond_the_limit_is_refused_whole(elsewhere: ServerProcess) -> None:
    reply = elsewhere.get("/graph-store?default")
    assert (reply.status, reply.json["code"]) == (422, "result-too-large")
    assert "2,000" in reply.json["detail"]
    assert elsewhere.get(store_address(_ENTITIES)).status == 200


def test_graphs_of_files_are_served(files: ServerProcess) -> None:
    named = files.get("/graph-store?graph=http://example.org/graph", "application/n-triples")
    assert "a named graph of the file" in named.text
    default = files.get("/graph-store?default", "application/n-triples")
    assert "a named graph of the file" not in default.text
    assert "letters beyond ASCII" in default.text
