"""The dataset's description: every number in it is what the endpoint counts, every file what the dump is.

It is the dataset without the graph of discovery, which describes it in turn.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse
from pyshacl import validate
from rdflib import DCTERMS, FOAF, RDF, SDO, VOID, Graph, Literal, Namespace, URIRef
from support.servers import ServerProcess

from kb.generations.merged import MERGED

pytestmark = pytest.mark.xdist_group("server")

DCAT = Namespace("http://www.w3.org/ns/dcat#")  # rdflib has the terms of DCAT 2
SPDX = Namespace("http://spdx.org/rdf/terms#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
_DATA = "?s ?p ?o FILTER NOT EXISTS { GRAPH graph:discovery { ?s ?p ?o } }"
_FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
}


def canonical(body: bytes, syntax: RdfFormat) -> set[Quad]:
    quads = Dataset(parse(body, syntax))
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(quads)


@pytest.fixture(scope="module")
def described(server: ServerProcess) -> Graph:
    return Graph().parse(data=server.get("/.well-known/void", "text/turtle").body, format="turtle")


@pytest.fixture(scope="module")
def dataset(described: Graph, server: ServerProcess) -> URIRef:
    (topic,) = described.objects(URIRef(f"{server.url}/.well-known/void"), FOAF.primaryTopic)
    assert isinstance(topic, URIRef)
    return topic


def count(server: ServerProcess, pattern: str) -> int:
    rows = server.query(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}").json["results"]["bindings"]
    return int(rows[0]["n"]["value"])


def number(graph: Graph, subject: URIRef, predicate: URIRef) -> int:
    (value,) = graph.objects(subject, predicate)
    assert isinstance(value, Literal)
    return int(value)


def parts(graph: Graph, link: URIRef, of: URIRef) -> Iterator[tuple[URIRef, URIRef]]:
    """Yield the partitions with what each is about."""
    for part in graph.objects(None, link):
        (about,) = graph.objects(part, of)
        assert isinstance(part, URIRef)
        assert isinstance(about, URIRef)
        yield part, about


@pytest.mark.parametrize("media_type", _FORMATS)
@pytest.mark.parametrize("address", ["/.well-known/void", "/sparql"])
def test_each_format_says_the_same(server: ServerProcess, media_type: str, address: str) -> None:
    reply = server.get(address, media_type)
    assert reply.media_type == media_type
    assert "Accept" in reply.headers["Vary"]
    turtle = server.get(address, "text/turtle")
    assert canonical(reply.body, _FORMATS[media_type]) == canonical(turtle.body, RdfFormat.TURTLE)
    short = _FORMATS[media_type].file_extension
    assert server.get(f"{address}?format={short}").media_type == media_type


def test_a_reader_gets_a_page(server: ServerProcess) -> None:
    for reply in (server.get("/.well-known/void", "text/html"), server.get("/.well-known/void?format=html")):
        assert reply.media_type == "text/html"
        assert "<h1>What the data are made of</h1>" in reply.text
        assert ">person</a>" in reply.text


def test_what_is_not_offered_is_refused(server: ServerProcess) -> None:
    assert server.get("/.well-known/void", "text/csv").status == 406
    assert server.get("/.well-known/void?format=csv").json["code"] == "not-acceptable"
    assert server.get("/.well-known/void?format=pdf").json["code"] == "unknown-format"


def test_the_short_address_leads_there(server: ServerProcess) -> None:
    reply = server.get("/void")
    assert (reply.status, reply.headers["Location"]) == (308, "/.well-known/void")


def test_it_is_not_sent_twice(server: ServerProcess) -> None:
    first = server.get("/.well-known/void")
    assert server.get("/.well-known/void", If_None_Match=first.headers["ETag"]).status == 304
    other = server.get("/.well-known/void", "application/ld+json", If_None_Match=first.headers["ETag"])
    assert other.status == 200


def test_the_size_is_what_the_endpoint_counts(server: ServerProcess, described: Graph, dataset: URIRef) -> None:
    assert number(described, dataset, VOID.triples) == count(server, _DATA)
    assert number(described, dataset, VOID.distinctSubjects) == count(server, f"SELECT DISTINCT ?s {{ {_DATA} }}")
    assert number(described, dataset, VOID.distinctObjects) == count(server, f"SELECT DISTINCT ?o {{ {_DATA} }}")


def test_each_class_has_as_many_things_as_the_endpoint_counts(server: ServerProcess, described: Graph) -> None:
    rows = server.query(
        "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c "
        "FILTER (ISIRI(?c) && NOT EXISTS { GRAPH graph:discovery { ?s a ?c } }) } GROUP BY ?c"
    ).json
    counted = {URIRef(row["c"]["value"]): int(row["n"]["value"]) for row in rows["results"]["bindings"]}
    found = dict(parts(described, VOID.classPartition, VOID["class"]))
    assert {about: number(described, part, VOID.entities) for part, about in found.items()} == counted
    assert URIRef("https://w3id.org/ammtc/ontology#MinisterialMeeting") in counted


def test_each_property_is_used_as_often_as_the_endpoint_counts(server: ServerProcess, described: Graph) -> None:
    rows = server.query(f"SELECT ?p (COUNT(*) AS ?n) {{ {_DATA} }} GROUP BY ?p").json["results"]["bindings"]
    counted = {URIRef(row["p"]["value"]): int(row["n"]["value"]) for row in rows}
    found = dict(parts(described, VOID.propertyPartition, VOID.property))
    assert {about: number(described, part, VOID.triples) for part, about in found.items()} == counted
    assert URIRef("https://w3id.org/ammtc/ontology#place") in counted


def test_each_named_graph_is_a_part(server: ServerProcess, described: Graph, dataset: URIRef) -> None:
    rows = server.query("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g").json["results"]["bindings"]
    counted = {URIRef(row["g"]["value"]): int(row["n"]["value"]) for row in rows}
    subsets = set(described.objects(dataset, VOID.subset)) - set(described.subjects(RDF.type, VOID.Linkset))
    assert {graph: number(described, graph, VOID.triples) for graph in subsets if isinstance(graph, URIRef)} == counted
    assert all((graph, DCTERMS.title, None) in described for graph in counted)


def test_the_linksets_are_what_the_endpoint_counts(server: ServerProcess, described: Graph) -> None:
    linksets = set(described.subjects(RDF.type, VOID.Linkset))
    assert linksets
    for linkset in linksets:
        assert isinstance(linkset, URIRef)
        (predicate,) = described.objects(linkset, VOID.linkPredicate)
        (target,) = described.objects(linkset, VOID.objectsTarget)
        (site,) = described.objects(target, VOID.uriSpace)
        pattern = f"?s <{predicate}> ?o FILTER(ISIRI(?s) && STRSTARTS(STR(?o), '{site}'))"
        assert number(described, linkset, VOID.triples) == count(server, pattern)


def test_licence_version_and_vocabularies(described: Graph, dataset: URIRef, server: ServerProcess) -> None:
    licence = URIRef("https://creativecommons.org/licenses/by/4.0/")
    assert set(described.objects(dataset, DCTERMS.license)) == {licence}
    said = server.query("SELECT ?v { <https://w3id.org/ammtc/ontology> owl:versionInfo ?v }").json["results"][
        "bindings"
    ]
    assert [str(value) for value in described.objects(dataset, DCAT.version)] == [said[0]["v"]["value"]]
    vocabularies = {str(iri) for iri in described.objects(dataset, VOID.vocabulary)}
    assert {"https://w3id.org/ammtc/ontology#", "http://www.w3.org/2004/02/skos/core#"} <= vocabularies
    assert str(described.value(dataset, DCTERMS.identifier)) == server.get("/health").json["generation"]


def test_each_distribution_is_the_file_it_says(described: Graph, server: ServerProcess) -> None:
    distributions = list(described.subjects(RDF.type, DCAT.Distribution))
    dumps = {urlsplit(str(address)).path for address in described.objects(None, VOID.dataDump)}
    addresses = {urlsplit(str(address)).path for address in described.objects(None, DCAT.downloadURL)}
    assert len(distributions) == len(addresses)
    contents = {address.removesuffix(".gz") for address in dumps if address.endswith(".gz")}
    assert addresses - dumps == contents | {f"/dump/{name}" for name in MERGED}
    assert len(dumps) > 10
    for distribution in distributions:
        address = urlsplit(str(described.value(distribution, DCAT.downloadURL))).path
        reply = server.get(address)
        assert int(str(described.value(distribution, DCAT.byteSize))) == len(reply.body)
        checksum = described.value(described.value(distribution, SPDX.checksum), SPDX.checksumValue)
        assert str(checksum) == (hashlib.sha256(reply.body).hexdigest() if address in dumps else "None")
        compressed = described.value(distribution, DCAT.compressFormat) is not None
        media_type = "application/gzip" if compressed else reply.media_type
        assert media_type == reply.media_type
        assert compressed == address.endswith(".gz")


def test_the_dumps_of_rdf_1_2_say_so(described: Graph) -> None:
    said = {
        str(media_type): str(described.value(distribution, DCTERMS.conformsTo))
        for distribution, media_type in described.subject_objects(SDO.encodingFormat)
    }
    assert said == {
        "application/n-quads; version=1.2": "https://www.w3.org/TR/rdf12-n-quads/",
        "application/trig; version=1.2": "https://www.w3.org/TR/rdf12-trig/",
    }
    holding = [str(text) for text in described.objects(None, DCTERMS.description) if "graph/justifications" in text]
    assert len(holding) == 6  # each compressed, and as what is in it


def test_it_keeps_to_dcat_ap(described: Graph) -> None:
    """Its own shapes are read too where AMMTC_DCAT_AP names a folder with them: those of 3.0, by class and by range."""
    shapes = [Path(__file__).parent / "dcat-ap.ttl"]
    if folder := os.environ.get("AMMTC_DCAT_AP"):
        shapes += [Path(folder) / name for name in ("shapes.ttl", "range.ttl")]
    for path in shapes:
        conforms, _, text = validate(described, shacl_graph=Graph().parse(path))
        assert conforms, text[:2000]
    assert len(set(described.subjects(RDF.type, DCAT.Dataset))) > 15
    assert not set(described.objects(None, DCTERMS.publisher)) - set(described.subjects(RDF.type, FOAF.Agent))


def test_the_shapes_find_what_is_missing(described: Graph, dataset: URIRef) -> None:
    lacking = Graph() + described
    lacking.remove((dataset, DCTERMS.description, None))
    assert not validate(lacking, shacl_graph=Graph().parse(Path(__file__).parent / "dcat-ap.ttl"))[0]


def test_others_publish_their_own(files: ServerProcess) -> None:
    """Who publishes other data is unknown, and so are their themes: nothing of this project's is said of them."""
    body = files.get("/.well-known/void", "text/turtle").body
    described = Graph().parse(data=body, format="turtle")
    assert (None, DCTERMS.publisher, None) not in described
    assert (None, DCAT.theme, None) not in described
    assert (None, DCAT.keyword, None) not in described


def test_each_service_is_where_it_says(described: Graph, dataset: URIRef, server: ServerProcess) -> None:
    services = {
        str(described.value(service, DCTERMS.conformsTo)): urlsplit(
            str(described.value(service, DCAT.endpointURL))
        ).path
        for service in described.subjects(DCAT.servesDataset, dataset)
    }
    assert server.get(f"{services['https://www.w3.org/TR/sparql11-protocol/']}?query=ASK%7B%7D").json["boolean"] is True
    assert server.get(f"{services['https://www.w3.org/TR/sparql11-http-rdf-update/']}?default").status == 200
    assert str(described.value(dataset, VOID.sparqlEndpoint)) == f"{server.url}/sparql"


def test_files_are_described_as_all_their_graphs_together(files: ServerProcess) -> None:
    described = Graph().parse(data=files.get("/.well-known/void").body, format="turtle")
    (dataset,) = described.objects(URIRef(f"{files.url}/.well-known/void"), FOAF.primaryTopic)
    assert isinstance(dataset, URIRef)
    assert number(described, dataset, VOID.triples) == count(files, "{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }")
    assert set(described.objects(dataset, DCTERMS.license)) == set()
    assert (dataset, VOID.subset, URIRef("http://example.org/graph")) in described


# The service description


@pytest.fixture(scope="module")
def service(server: ServerProcess) -> Graph:
    return Graph().parse(data=server.get("/sparql", "text/turtle").body, format="turtle")


def test_each_result_format_is_really_there(server: ServerProcess, service: Graph) -> None:
    names = {str(iri).rpartition("/")[2] for iri in service.objects(None, SD.resultFormat)}
    rows = {"SPARQL_Results_JSON": "json", "SPARQL_Results_XML": "xml", "SPARQL_Results_CSV": "csv"}
    rows["SPARQL_Results_TSV"] = "tsv"
    graphs = {"Turtle": "turtle", "N-Triples": "nt", "RDF_XML": "rdf", "JSON-LD": "jsonld", "TriG": "trig"}
    graphs["N-Quads"] = "nq"
    assert names == {*rows, *graphs}
    for short in rows.values():
        assert server.get(f"/sparql?query=ASK%7B%7D&format={short}").status == 200
    construct = quote("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 1")
    for short in graphs.values():
        assert server.get(f"/sparql?query={construct}&format={short}").status == 200


def test_each_graph_is_described_with_its_size(server: ServerProcess, service: Graph) -> None:
    rows = server.query("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g").json["results"]["bindings"]
    counted = {row["g"]["value"]: int(row["n"]["value"]) for row in rows}
    (dataset,) = service.objects(None, SD.defaultDataset)
    found = {
        str(service.value(named, SD.name)): int(str(service.value(service.value(named, SD.graph), VOID.triples)))
        for named in service.objects(dataset, SD.namedGraph)
    }
    assert found == counted
    default = service.value(dataset, SD.defaultGraph)
    assert int(str(service.value(default, VOID.triples))) == count(server, "?s ?p ?o")
    assert "ammtc:Justification" in str(service.value(default, DCTERMS.description))


def test_the_union_is_not_claimed_where_it_is_none(server: ServerProcess, service: Graph, files: ServerProcess) -> None:
    """The default graph of a built generation has all that the named graphs have, and who says so."""
    outside = "?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } }"
    assert (None, SD.feature, SD.UnionDefaultGraph) not in service
    reified = (
        "FILTER (!ISIRI(?s) || !STRSTARTS(STR(?s), STR(statement:))) FILTER (?p NOT IN (ammtc:passage, ammtc:basis))"
    )
    assert count(server, outside) > 0
    assert count(server, f"{outside} {reified}") == 0
    assert count(server, "SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o } }") == 0
    of_files = Graph().parse(data=files.get("/sparql", "text/turtle").body, format="turtle")
    assert (None, SD.feature, SD.UnionDefaultGraph) not in of_files
    assert count(files, outside) > 0


def test_nothing_is_claimed_that_is_refused(service: Graph, server: ServerProcess) -> None:
    """Federation and dereferencing of graphs are refused; there are no functions beyond the recommendation's."""
    features = set(service.objects(None, SD.feature))
    assert not features & {SD.BasicFederatedQuery, SD.DereferencesURIs, SD.RequiresDataset}
    assert server.query("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }").status == 400
    assert (None, SD.extensionFunction, None) not in service
    assert set(service.objects(None, SD.supportedLanguage)) == {SD.SPARQL10Query, SD.SPARQL11Query}


@pytest.mark.parametrize("address", ["/sparql", "/sparql/"])
def test_the_endpoint_names_itself(server: ServerProcess, address: str) -> None:
    found = Graph().parse(data=server.get(address).body, format="turtle")
    endpoint = URIRef(f"{server.url}/sparql")
    assert (endpoint, SD.endpoint, endpoint) in found
    assert (endpoint, RDF.type, SD.Service) in found
