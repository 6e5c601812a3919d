"""The SPARQL 1.1 Protocol over HTTP: one table of protocol.toml a case, and what takes more than one request."""

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from support.servers import Reply, ServerProcess

from server.config import Limits
from server.problems import Problem
from server.sparql.protocol import read_parameters

pytestmark = pytest.mark.xdist_group("server")

_CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("protocol.toml").read_text(encoding="utf-8"))[
    "case"
]


def send(server: ServerProcess, case: dict[str, Any]) -> Reply:
    method = case.get("method", "GET")
    body = (case.get("body", "") + case.get("repeat", "") * case.get("times", 0)).encode(case.get("encoding", "utf-8"))
    target = case.get("target", "/sparql")
    headers = {"Content-Type": case["type"]} if "type" in case else {}
    headers |= {"Accept": case["accept"]} if "accept" in case else {}
    headers |= {"Content-Encoding": case["coding"]} if "coding" in case else {}
    if method != "POST":
        target += case.get("repeat", "") * case.get("times", 0)
        body = case.get("body", "").encode()
    pieces = [body[start : start + 4096] for start in range(0, len(body), 4096)]
    return server.request(method, target, headers, pieces if case.get("chunked") else body)


def test_no_case_is_lost() -> None:
    assert len(_CASES) == 112
    assert len({case["name"] for case in _CASES}) == len(_CASES)
    assert len({case["suite"] for case in _CASES if "suite" in case}) == 34


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case['clause']}: {case['name']}")
def test_protocol(request: pytest.FixtureRequest, case: dict[str, Any]) -> None:
    reply = send(request.getfixturevalue("files" if "suite" in case else "server"), case)
    assert reply.status == case["status"], reply.text
    assert case.get("contains", "") in reply.text
    if "media_type" in case:
        assert reply.media_type == case["media_type"]
    if "code" in case:
        assert reply.media_type == "application/problem+json"
        assert reply.json["code"] == case["code"]
        assert reply.json["status"] == case["status"]
        assert reply.json["detail"].endswith(".")
    if "line" in case:
        assert (reply.json["line"], reply.json["column"]) == (case["line"], case["column"])


def test_head_has_the_headers_of_get_and_no_body(server: ServerProcess) -> None:
    target = "/sparql?query=ASK%20%7B%7D"
    head, get = server.request("HEAD", target), server.get(target)
    assert head.body == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.body))


def test_a_result_is_not_sent_twice(server: ServerProcess) -> None:
    target = "/sparql?query=SELECT%20%3Fx%20%7B%20id:ammtc-19%20ammtc:place%20%3Fx%20%7D"
    first = server.get(target)
    again = server.get(target, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Accept" in again.headers["Vary"]
    for other in (f"{target}%20LIMIT%200", f"{target}&named-graph-uri=https://w3id.org/ammtc/graph/entities"):
        assert server.get(other, If_None_Match=first.headers["ETag"]).status == 200
    assert server.get(target, "text/csv", If_None_Match=first.headers["ETag"]).status == 200
    assert server.get(target, "text/html", If_None_Match=first.headers["ETag"]).status == 200
    assert server.get(target, If_None_Match="*").status == 304


@pytest.mark.parametrize("call", ["RAND()", "uuid()", "STRUUID ()", "NOW#\n()"])
def test_what_changes_is_always_sent(server: ServerProcess, call: str) -> None:
    reply = server.get(f"/sparql?query={quote(f'SELECT ({call} AS ?x) {{}}')}")
    assert (reply.status, reply.headers["ETag"]) == (200, None)


def test_a_wrong_query_is_an_error_whatever_the_client_has(server: ServerProcess) -> None:
    assert server.get("/sparql?query=SELECT", If_None_Match="*").status == 400


def test_preflight(server: ServerProcess) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    reply = server.request("OPTIONS", "/sparql", asked | {"Access-Control-Request-Headers": "content-type"})
    assert reply.status == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in reply.headers["Access-Control-Allow-Headers"]
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(reply.headers["Allow"].split(", "))


@pytest.mark.parametrize("target", ["/sparql?query=ASK%20%7B%7D", "/sparql?query=ASK", "/id/nothing", "/nothing"])
def test_any_site_may_read_answers_and_errors(server: ServerProcess, target: str) -> None:
    assert server.get(target).headers["Access-Control-Allow-Origin"] == "*"


def test_refused_methods_name_the_allowed_ones(server: ServerProcess) -> None:
    reply = server.request("PUT", "/sparql")
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(reply.headers["Allow"].split(", "))


def test_relative_iris_resolve_against_the_endpoint(server: ServerProcess) -> None:
    reply = server.query("SELECT (IRI('x') AS ?a) (<y> AS ?b) {}", accept="text/csv")
    assert reply.text.splitlines()[1] == f"{server.url}/x,{server.url}/y"


def test_spreadsheet_formats_are_exact_and_attached(server: ServerProcess) -> None:
    reply = server.query("SELECT ('=1+1' AS ?formula) {}", accept="text/csv")
    assert reply.body == b"formula\r\n=1+1\r\n"
    assert reply.headers["Content-Disposition"].startswith("attachment")


def test_service_description_says_what_is_served(server: ServerProcess) -> None:
    reply = server.get("/sparql", "application/n-triples")
    triples = [quad.triple for quad in parse(reply.body, format=RdfFormat.N_TRIPLES)]
    terms = {triple.predicate.value.rpartition("#")[2] for triple in triples}
    assert {"endpoint", "supportedLanguage", "resultFormat", "defaultGraph", "namedGraph", "triples"} <= terms
    objects = {getattr(triple.object, "value", "") for triple in triples}
    assert "https://w3id.org/ammtc/graph/entities" in objects
    size = server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").json["results"]["bindings"][0]["n"]["value"]
    assert size in objects


def test_the_row_limit_is_announced(server: ServerProcess) -> None:
    assert server.query("ASK {}").headers["SPARQL-Row-Limit"] == str(Limits().rows)


def test_logs_hold_no_query(server: ServerProcess) -> None:
    server.get("/sparql?query=ASK%20%7B%20%3Fxyzzy%20%3Fp%20%3Fo%20%7D")
    server.query("ASK { ?xyzzy ?p ?o }")
    log = server.log_text()
    assert '"path": "/sparql"' in log
    assert "xyzzy" not in log


_PIECES = st.sampled_from(
    [b"%", b"%41", b"%3d", b"%C3%A4", b"%2", b"=", b"+", b"\n", b"\r\n", b" ", b"~", b"A", b"\xff"]
)


@given(st.one_of(st.binary(), st.lists(_PIECES).map(b"".join)).filter(lambda text: b"&" not in text))
@example(b"%%41")
@example(b"%\n")
@example(b"%=41")
@example(b"% \r\n%41")
def test_escapes_are_decoded_as_the_standard_library_does(value: bytes) -> None:
    expected = unquote_to_bytes(value.replace(b"+", b" "))
    try:
        assert read_parameters(b"query=" + value) == [("query", expected.decode())]
    except (Problem, UnicodeDecodeError):
        with pytest.raises(UnicodeDecodeError):
            expected.decode()
