"""RDF 1.2 over HTTP: announced where it is in the reply, refused where the client asks for an older version."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from support.servers import ServerProcess

from kb.config import Project

pytestmark = pytest.mark.xdist_group("server")

_DATA = """PREFIX id: <https://w3id.org/ammtc/id/>
PREFIX graph: <https://w3id.org/ammtc/graph/>
graph:plain { id:plain id:p "a"@en }
graph:directed { id:directed id:p "a"@ar--rtl }
graph:triples { id:triples id:p <<( id:plain id:p "a"@en )>> }
"""
_GRAPH = "https://w3id.org/ammtc/graph/"
#: Content types of replies about what needs RDF 1.2, by the format of the request.
_ANNOUNCED = {
    "text/turtle": "text/turtle; version=1.2; charset=utf-8",
    "application/n-triples": "application/n-triples; version=1.2",
    "application/trig": "application/trig; version=1.2",
    "application/n-quads": "application/n-quads; version=1.2",
    "application/rdf+xml": "application/rdf+xml; version=1.2",
    "application/x-turtle": "application/x-turtle",
}
_ROWS_ANNOUNCED = {
    "application/sparql-results+json": "application/sparql-results+json; version=1.2",
    "application/sparql-results+xml": "application/sparql-results+xml; version=1.2",
    "application/json": "application/json",
    "text/csv": "text/csv; charset=utf-8",
    "text/tab-separated-values": "text/tab-separated-values; charset=utf-8",
}


@pytest.fixture(scope="module")
def mixed(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of graphs of RDF 1.1 and of RDF 1.2."""
    file = tmp_path_factory.mktemp("versions") / "mixed.trig"
    file.write_text(_DATA, encoding="utf-8")
    with ServerProcess({"data": [str(file)], "project": str(project.root)}) as running:
        yield running


def addresses(graph: str) -> tuple[str, ...]:
    """Where a graph can be had as one."""
    construct = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{_GRAPH}{graph}> {{ ?s ?p ?o }} }}"
    return f"/graph-store?graph={quote(_GRAPH + graph, safe='')}", f"/sparql?query={quote(construct)}"


def rows(graph: str) -> str:
    return f"/sparql?query={quote(f'SELECT * {{ GRAPH <{_GRAPH}{graph}> {{ ?s ?p ?o }} }}')}"


@pytest.mark.parametrize("media_type", _ANNOUNCED)
def test_a_graph_is_announced_if_it_needs_to(mixed: ServerProcess, media_type: str) -> None:
    for accept in (media_type, f"{media_type}; version=1.2"):
        for graph in ("directed", "triples"):
            for address in addresses(graph):
                reply = mixed.get(address, accept)
                assert (reply.status, reply.headers["Content-Type"]) == (200, _ANNOUNCED[media_type])
        for address in addresses("plain"):
            reply = mixed.get(address, accept)
            assert reply.headers["Content-Type"] == _ANNOUNCED[media_type].replace("; version=1.2", "")
            assert b"VERSION" not in reply.body


@pytest.mark.parametrize("media_type", _ROWS_ANNOUNCED)
def test_rows_are_announced_if_they_need_to(mixed: ServerProcess, media_type: str) -> None:
    for graph in ("directed", "triples"):
        reply = mixed.get(rows(graph), media_type)
        assert (reply.status, reply.headers["Content-Type"]) == (200, _ROWS_ANNOUNCED[media_type])
    plain = mixed.get(rows("plain"), f"{media_type};version=1.2")
    assert plain.headers["Content-Type"] == _ROWS_ANNOUNCED[media_type].replace("; version=1.2", "")


@pytest.mark.parametrize("media_type", [*_ANNOUNCED, *_ROWS_ANNOUNCED])
def test_an_older_version_is_all_that_a_client_takes(mixed: ServerProcess, media_type: str) -> None:
    has_versions = media_type not in ("text/csv", "text/tab-separated-values")
    offer = "application/sparql-results+json" if media_type in _ROWS_ANNOUNCED else "text/turtle"
    for graph, version, is_refused in (
        ("plain", "1.1", False),
        ("directed", "1.1", True),
        ("directed", "1.2-basic", False),
        ("triples", "1.1", True),
        ("triples", "1.2-basic", True),
    ):
        for address in (rows(graph),) if media_type in _ROWS_ANNOUNCED else addresses(graph):
            reply = mixed.get(address, f"{media_type};version={version}")
            if is_refused and has_versions:
                assert (reply.status, reply.json["code"]) == (406, "not-acceptable")
                assert f"version {version} of RDF" in reply.json["detail"]
                assert offer in reply.json["available"]
            else:
                assert reply.status == 200


@pytest.mark.parametrize("more", ["text/turtle;version=1.2;q=0.1", "text/turtle;q=0.1", "*/*;q=0.1", "text/*"])
def test_a_client_that_takes_an_older_version_and_others(mixed: ServerProcess, more: str) -> None:
    for address in addresses("triples"):
        assert mixed.get(address, f"text/turtle;version=1.1, {more}").media_type == "text/turtle"


def test_json_ld_has_directions_and_no_triple_terms(mixed: ServerProcess) -> None:
    for address in addresses("directed"):
        reply = mixed.get(address, "application/ld+json")
        assert reply.headers["Content-Type"] == "application/ld+json"
        assert '"@direction": "rtl"' in reply.text
    for address in addresses("triples"):
        reply = mixed.get(address, "application/ld+json")
        assert (reply.status, reply.json["code"]) == (406, "not-acceptable")
        assert set(reply.json["available"]) == set(_ANNOUNCED) - {"application/x-turtle"}


def test_a_data_document_is_announced_if_it_needs_to(mixed: ServerProcess) -> None:
    assert mixed.get("/data/id/triples.ttl").headers["Content-Type"] == _ANNOUNCED["text/turtle"]
    assert mixed.get("/data/id/triples.nq").headers["Content-Type"] == _ANNOUNCED["application/n-quads"]
    assert mixed.get("/data/id/plain.nt").headers["Content-Type"] == "application/n-triples"
    assert mixed.get("/data/id/triples.jsonld").status == 406
