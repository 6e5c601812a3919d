"""Content negotiation over HTTP: one row of negotiation.csv a case."""

import csv
from pathlib import Path
from urllib.parse import quote

import pytest
from support.servers import ServerProcess

from kb.rdf.formats import Format
from server.representations.negotiation import best

_FORMAT = Format(name="x", media_types=("text/x",), iri="", extension="x")

pytestmark = pytest.mark.xdist_group("server")

_TABLE = Path(__file__).with_name("negotiation.csv").read_text(encoding="utf-8")
_CASES = list(csv.DictReader(_TABLE.splitlines()))
_PATHS = {
    "thing": "/id/ammtc-19",
    "rows": f"/sparql?query={quote('SELECT ?s { ?s ?p ?o } LIMIT 1')}",
    "boolean": f"/sparql?query={quote('ASK { }')}",
    "graph": f"/sparql?query={quote('CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 1')}",
    "description": "/sparql",
    "dataset": "/.well-known/void",
    "default": "/graph-store?default",
    "store": "/graph-store?graph=https://w3id.org/ammtc/graph/entities",
}


def test_no_case_is_lost() -> None:
    assert len(_CASES) == 102
    assert {case["about"] for case in _CASES} == set(_PATHS)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case['about']} {case['accept'] or 'no Accept'}")
def test_negotiation(server: ServerProcess, case: dict[str, str]) -> None:
    reply = server.get(_PATHS[case["about"]], case["accept"] or None)
    assert reply.status == int(case["status"])
    assert "Accept" in reply.headers["Vary"]
    if reply.status == 406:
        assert reply.media_type == "application/problem+json"
        assert case["answer"] in reply.json["available"]
    else:
        assert case["answer"] == (reply.headers["Location"] if reply.status == 303 else reply.media_type)


def test_repeated_headers_count_as_one(server: ServerProcess) -> None:
    connection = server.request("GET", "/id/ammtc-19", {"Accept": "image/png", "accept": "application/rdf+xml"})
    assert connection.headers["Location"] == "/data/id/ammtc-19.rdf"


def test_a_long_header_is_read_in_a_moment() -> None:
    assert best("a/b;q=0.1," * 10_000, [_FORMAT]) is None
    assert best("text/x;" + "a=b;" * 20_000, [_FORMAT]) is not None
    assert best('"' * 100_000, [_FORMAT]) is not None
    assert best("text/x;a=" + "\\" * 100_000, [_FORMAT]) is not None


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("ttl", "/data/id/ammtc-19.ttl"),
        ("json-ld", "/data/id/ammtc-19.jsonld"),
        ("xml", "/data/id/ammtc-19.rdf"),
        ("nq", "/data/id/ammtc-19.nq"),
        ("application/trig", "/data/id/ammtc-19.trig"),
        ("html", "/page/id/ammtc-19"),
    ],
)
def test_a_name_comes_before_the_header(server: ServerProcess, name: str, document: str) -> None:
    reply = server.get(f"/id/ammtc-19?format={quote(name, safe='')}", "application/n-triples")
    assert (reply.status, reply.headers["Location"]) == (303, document)


@pytest.mark.parametrize(("name", "status", "code"), [("pdf", 400, "unknown-format"), ("csv", 406, "not-acceptable")])
@pytest.mark.parametrize("path", ["/id/ammtc-19", "/ontology", "/.well-known/void", "/sparql"])
def test_a_name_that_fits_nothing(server: ServerProcess, path: str, name: str, status: int, code: str) -> None:
    reply = server.get(f"{path}?format={name}")
    assert (reply.status, reply.json["code"]) == (status, code)
    assert "turtle" in reply.json["remedy"]
