"""Dereferencing: every class of IRI leads to its page and its data, which say something about it."""

from urllib.parse import quote

import pytest
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, parse
from rdflib import Graph, URIRef
from support.formats import FORMATS
from support.servers import ServerProcess

from kb.generations.generation import Generation
from kb.namespaces import OWL

pytestmark = pytest.mark.xdist_group("server")

_BASE = "https://w3id.org/ammtc"
_SOURCE, _RESTS_ON, _REASON = (URIRef(f"{_BASE}/ontology#{name}") for name in ("source", "restsOn", "reason"))
_THINGS = [
    "/id/ammtc-19",
    "/id/melaka",
    "/ontology",
    "/ontology/concepts",
    "/ontology/0.1.0",
    "/ontology/0.2.0",
    "/concept/money-laundering",
    "/source/nst-2025-09-12",
    "/graph/nst-2025-09-12",
    "/graph/nst-2025-09-12/0.1.0",
    "/graph/nst-2025-09-12/0.2.0",
    "/graph/inferred",
]


@pytest.mark.parametrize("path", _THINGS)
def test_a_thing_leads_to_its_page(server: ServerProcess, path: str) -> None:
    reply = server.get(path, "text/html")
    assert reply.status == 303
    assert reply.headers["Location"] == f"/page{path}"
    assert reply.headers["Vary"] == "Accept"
    page = server.get(reply.headers["Location"], "text/html")
    assert page.status == 200
    assert page.media_type == "text/html"
    assert f"{_BASE}{path}" in page.text


@pytest.mark.parametrize("path", _THINGS)
@pytest.mark.parametrize("extension", FORMATS)
def test_a_thing_leads_to_its_data(server: ServerProcess, path: str, extension: str) -> None:
    media_type = FORMATS[extension].media_type
    reply = server.get(path, media_type)
    assert reply.status == 303
    assert reply.headers["Location"] == f"/data{path}.{extension}"
    data = server.get(reply.headers["Location"])
    assert data.status == 200
    assert data.media_type == media_type
    quads = list(parse(data.body, format=FORMATS[extension], base_iri="http://example.org/"))
    thing = NamedNode(f"{_BASE}{path}")
    if path != "/graph/inferred":  # that graph describes other things, not itself
        assert any(thing in (quad.subject, quad.object) for quad in quads)
    assert quads


def test_the_formats_hold_the_same_graph(server: ServerProcess) -> None:
    graphs = [
        {quad.triple for quad in parse(server.get(f"/data/id/melaka.{extension}").body, format=syntax)}
        for extension, syntax in FORMATS.items()
    ]
    named = [{triple for triple in graph if "_:" not in str(triple)} for graph in graphs]
    assert all(graph == named[0] for graph in named[1:])
    assert {len(graph) for graph in graphs} == {len(graphs[0])}


def test_data_is_useful_alone(server: ServerProcess) -> None:
    """Labels of the neighbours, incoming statements, evidence: read here by another parser than the one that wrote."""
    reply = server.get("/data/id/measure-drug-free-border-communes.ttl")
    graph = Graph().parse(data=reply.body, format="turtle")
    measure = URIRef(f"{_BASE}/id/measure-drug-free-border-communes")
    label = URIRef("http://www.w3.org/2000/01/rdf-schema#label")
    assert graph.value(URIRef(f"{_BASE}/id/viet-nam"), label) is not None
    assert (None, URIRef(f"{_BASE}/ontology#proposes"), measure) in graph
    assert (None, URIRef(f"{_BASE}/ontology#source"), URIRef(f"{_BASE}/source/cong-tuan-2025-09-11")) in graph


def test_datasets_tell_which_graph_says_what(server: ServerProcess) -> None:
    """As the endpoint tells it; what is said in a named graph is not repeated outside."""
    quads = set(parse(server.get("/data/id/ammtc-19.nq").body, format=RdfFormat.N_QUADS))
    assert quads == set(parse(server.get("/data/id/ammtc-19.trig").body, format=RdfFormat.TRIG))
    assert DefaultGraph() not in {quad.graph_name for quad in quads}
    meeting, place = NamedNode(f"{_BASE}/id/ammtc-19"), NamedNode(f"{_BASE}/ontology#place")
    said = {quad.graph_name.value for quad in quads if (quad.subject, quad.predicate) == (meeting, place)}
    rows = server.query("SELECT ?g { GRAPH ?g { id:ammtc-19 ammtc:place ?place } }").json["results"]["bindings"]
    assert said == {row["g"]["value"] for row in rows}
    assert len(said) > 1


def test_evidence_is_there_down_to_the_passages(server: ServerProcess) -> None:
    """Each piece of evidence for a statement about the thing or with it, and what derivations rest on."""
    graph = Graph().parse(data=server.get("/data/id/ammtc-19.nt").body, format="nt")
    pieces = {*graph.objects(None, URIRef(f"{_BASE}/ontology#evidence")), *graph.objects(None, _RESTS_ON)}
    assert len(pieces) > 10
    for piece in pieces:
        assert (piece, _SOURCE, None) in graph or (piece, _REASON, None) in graph, piece
    assert any(graph.objects(None, _RESTS_ON))


@pytest.mark.parametrize(
    "path",
    ["/", "/sparql", "/id/ammtc-19", "/ontology", "/data/id/ammtc-19.ttl", "/page/id/ammtc-19", "/graph-store",
     "/dump/", "/dump/ammtc.nq.gz", "/.well-known/void", "/openapi.json", "/health", "/question/x", "/static/icon.svg"],
)  # fmt: skip
def test_every_address_says_what_it_can_do(server: ServerProcess, path: str) -> None:
    preflight = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    reply = server.request("OPTIONS", path, preflight)
    assert (reply.status, reply.body) == (200, b"")
    assert {"GET", "HEAD", "OPTIONS"} <= set(reply.headers["Allow"].split(", "))
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Access-Control-Allow-Methods"] == reply.headers["Allow"]


def test_head_answers_like_get(server: ServerProcess) -> None:
    paths = [
        "/id/ammtc-19",
        "/data/id/ammtc-19.ttl",
        "/page/id/ammtc-19",
        "/",
        "/dump/ammtc.trig.gz",
        "/dump/",
        "/void",
    ]
    for path in (*paths, "/.well-known/void", "/openapi.json", "/graph/entities", "/sparql", "/id/nothing"):
        head, get = server.request("HEAD", path), server.get(path)
        assert (head.status, head.body) == (get.status, b"")
        assert head.headers.get("Location") == get.headers.get("Location")
        assert head.headers.get("Content-Length") == get.headers.get("Content-Length")


@pytest.mark.parametrize("path", ["/id/ammtc-19", "/page/id/ammtc-19", "/data/id/ammtc-19.ttl"])
def test_links_to_the_alternates(server: ServerProcess, path: str) -> None:
    link = server.get(path).headers["Link"]
    assert '</data/id/ammtc-19.jsonld>; rel="alternate"; type="application/ld+json"' in link
    assert '</.well-known/void#dataset>; rel="http://rdfs.org/ns/void#inDataset"' in link
    assert f"<{path}>" not in link


def test_data_link_to_the_page_and_the_thing(server: ServerProcess) -> None:
    link = server.get("/data/id/ammtc-19.trig").headers["Link"]
    assert '</page/id/ammtc-19>; rel="alternate"; type="text/html"' in link
    assert '</id/ammtc-19>; rel="describes"' in link


@pytest.mark.parametrize(
    "path",
    [
        "/id/no-such-thing",
        "/page/id/no-such-thing",
        "/data/id/no-such-thing.ttl",
        "/data/id/ammtc-19",
        "/data/id/ammtc-19.exe",
        "/data/ammtc-19.ttl",
        "/concept/nothing",
        "/source/nothing",
        "/graph/nothing",
        "/ontology/nothing",
        "/id/",
        "/id",
        "/id/a%20b%3C%3E",
        "/id/%FF",
        "/id/..%2F..%2Fetc%2Fpasswd",
        "/question/nothing",
        "/dump/nothing",
        "/dump/..%2Fmanifest.json",
        "/static/..%2F..%2Fmain.py",
        "/nothing",
    ],
)
def test_what_is_not_there(server: ServerProcess, path: str) -> None:
    reply = server.get(path)
    assert reply.status == 404
    assert reply.media_type == "application/problem+json"
    page = server.get(path, "text/html")
    assert page.status == 404
    assert page.media_type == "text/html"
    assert "<h1>Not Found</h1>" in page.text


def test_data_is_not_sent_twice(server: ServerProcess) -> None:
    first = server.get("/data/id/ammtc-19.ttl")
    again = server.get("/data/id/ammtc-19.ttl", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert server.get("/data/id/ammtc-19.nt").headers["ETag"] != first.headers["ETag"]


def test_dumps(server: ServerProcess) -> None:
    listing = server.get("/dump/", "text/html").text
    for name, media_type in (
        ("ammtc.trig.gz", "application/gzip"),
        ("ammtc.nq.gz", "application/gzip"),
        ("ammtc-rdf12.trig.gz", "application/gzip"),
        ("ammtc-reified.nq.gz", "application/gzip"),
        ("nst-2025-09-12.ttl", "text/turtle"),
    ):
        assert f'href="/dump/{name}"' in listing
        reply = server.get(f"/dump/{name}")
        assert reply.status == 200
        assert reply.media_type == media_type
        assert int(reply.headers["Content-Length"]) == len(reply.body)
        assert server.get(f"/dump/{name}", If_None_Match=reply.headers["ETag"]).status == 304
        part = server.get(f"/dump/{name}", Range="bytes=5-9")
        assert (part.status, part.body) == (206, reply.body[5:10])


@pytest.mark.parametrize("name", ["ontology/merged", "ontology/merged/0.2.0", "graph/all/merged"])
def test_merged_documents_are_where_their_iris_say(server: ServerProcess, generation: Generation, name: str) -> None:
    for media_type, extension in (("text/turtle", "ttl"), ("application/rdf+xml", "rdf"), ("*/*", "ttl")):
        reply = server.get(f"/{name}", media_type)
        assert (reply.status, reply.headers["Location"]) == (303, f"/data/{name}.{extension}")
        found = parse(server.get(reply.headers["Location"]).body, format=FORMATS[extension])
        ontologies = [quad.subject for quad in found if quad.object == NamedNode(OWL.Ontology)]
        assert ontologies == [NamedNode(f"{_BASE}/{name.removesuffix('/0.2.0')}")]
    file = "ontology" if name.startswith("ontology") else "ammtc"
    assert server.get(f"/data/{name}.ttl").body == generation.dumps[f"{file}-merged.ttl"].read_bytes()
    assert server.get(f"/dump/{file}-merged.owl").media_type == "application/rdf+xml"


@pytest.mark.parametrize("name", ["größe", "trap\r\nSet-Cookie: a=b"])
def test_odd_letters_in_iris(files: ServerProcess, name: str) -> None:
    reply = files.get(f"/id/{quote(quote(name, safe=':= ')) if name.startswith('trap') else quote(name)}", "text/html")
    assert reply.headers["Set-Cookie"] is None
    assert reply.status in (303, 404)
    if reply.status == 303:
        assert files.get(reply.headers["Location"]).status == 200
