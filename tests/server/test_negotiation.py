"""Content negotiation over HTTP: one row of negotiation.csv a case."""

import csv
from pathlib import Path
from urllib.parse import quote

import pytest
from serving import ServerProcess

from server.negotiation import Offer, best, parse_accept

pytestmark = pytest.mark.xdist_group("server")

_TABLE = Path(__file__).with_name("negotiation.csv").read_text(encoding="utf-8")
_CASES = list(csv.DictReader(_TABLE.splitlines()))
_PATHS = {
    "thing": "/id/ammtc-19",
    "rows": f"/sparql?query={quote('SELECT ?s { ?s ?p ?o } LIMIT 1')}",
    "boolean": f"/sparql?query={quote('ASK { }')}",
    "graph": f"/sparql?query={quote('CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 1')}",
    "description": "/sparql",
}


def test_no_case_is_lost() -> None:
    assert len(_CASES) == 67
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
    assert len(parse_accept("a/b;q=0.1," * 10_000)) == 100
    assert best('"' * 100_000, [Offer("x", ("text/x",))]) is not None
    assert best("text/x;a=" + "\\" * 100_000, [Offer("x", ("text/x",))]) is not None
