"""SERVICE for endpoints that the operator allows: fetched within limits, joined as usual; no other one is asked."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from pyoxigraph import RdfFormat
from rdflib import Graph, URIRef
from support.engines.faulty import BEHAVIOURS, Faulty
from support.servers import Reply, ServerProcess, descendants, eventually, process_count
from support.small_store import SmallStore, serve_store

from server.config import Limits

pytestmark = pytest.mark.xdist_group("services")

_SD = "http://www.w3.org/ns/sparql-service-description#"
_JSON = "application/sparql-results+json"
_MEMBERS = """
<https://w3id.org/ammtc/id/melaka> <http://o.example/capital> "Kuala Lumpur" .
<https://w3id.org/ammtc/id/melaka> <http://o.example/capital> "Putrajaya"@en .
<https://w3id.org/ammtc/id/nowhere> <http://o.example/capital> "None" .
_:b <http://o.example/blank> "yes" .
"""
_SLOW = frozenset({"time-limit", "service-failed"})
_OUTCOMES = {
    **dict.fromkeys(("hanging", "hanging-in-the-body", "dripping", "endless-header"), _SLOW),
    "bomb": _SLOW,  # it takes long to see how large it is
    "late": {""},
    "good": {""},
}


@pytest.fixture(scope="module")
def other() -> Iterator[SmallStore]:
    with serve_store() as running:
        running.store.load(_MEMBERS.encode(), RdfFormat.N_TRIPLES)
        yield running


@pytest.fixture(scope="module")
def faulty(other: SmallStore) -> Iterator[Faulty]:
    with Faulty(other.url.removesuffix("/query"), delay=0.3) as running:
        yield running


@pytest.fixture(scope="module")
def server(small: dict[str, Any], other: SmallStore, faulty: Faulty) -> Iterator[ServerProcess]:
    limits = {"query_seconds": 2.0, "service_rows": 50, "service_bytes": 100_000}
    allowed = [other.url, f"{faulty.url}/query", "http://127.0.0.1:9/nobody"]
    with ServerProcess({**small, "limits": limits, "services": allowed}) as running:
        yield running


def joined(url: str, *, silent: bool = False) -> str:
    word = "SERVICE SILENT" if silent else "SERVICE"
    return (
        f"SELECT ?label ?capital {{ {word} <{url}> {{ ?state <http://o.example/capital> ?capital }} "
        "?state rdfs:label ?label } ORDER BY ?capital"
    )


def rows(reply: Reply) -> list[dict[str, str]]:
    assert reply.status == 200, reply.text
    return [{name: cell["value"] for name, cell in row.items()} for row in reply.json["results"]["bindings"]]


def test_results_of_another_endpoint_are_joined(server: ServerProcess, other: SmallStore) -> None:
    reply = server.query(joined(other.url))
    assert rows(reply) == [
        {"label": "Melaka", "capital": "Kuala Lumpur"},
        {"label": "Melaka", "capital": "Putrajaya"},
    ]
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["ETag"] is None


def test_nothing_is_kept(server: ServerProcess, other: SmallStore) -> None:
    before = len(other.requests)
    for _ in range(3):
        rows(server.query(joined(other.url)))
    assert len(other.requests) == before + 3


def test_other_parts_of_a_query_do_not_leave(server: ServerProcess, other: SmallStore) -> None:
    rows(server.query(f"SELECT * {{ SERVICE <{other.url}> {{ ?s ?p 'None' }} BIND('private' AS ?mine) }}"))
    assert b"private" not in other.bodies[-1]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?capital { OPTIONAL { SERVICE <URL> { ?state <http://o.example/capital> ?capital } } }",
        "SELECT ?capital { { SERVICE <URL> { ?state <http://o.example/capital> ?capital } } UNION { } }",
        "SELECT ?capital { { SELECT * { SERVICE <URL> { ?state <http://o.example/capital> ?capital } } } }",
        "CONSTRUCT { ?state a ?capital } { SERVICE <URL> { ?state <http://o.example/capital> ?capital } }",
        "ASK { FILTER EXISTS { SERVICE <URL> { ?state <http://o.example/capital> ?capital } } }",
    ],
)
def test_a_clause_may_stand_anywhere(server: ServerProcess, other: SmallStore, query: str) -> None:
    assert server.query(query.replace("URL", other.url), "*/*").status == 200


def test_the_page_shows_the_query_as_it_was_written(server: ServerProcess, other: SmallStore) -> None:
    query = joined(other.url)
    for reply in (
        server.get(f"/sparql?query={quote(query)}", "text/html"),
        server.request(
            "POST",
            "/sparql",
            {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"},
            f"query={quote(query)}".encode(),
        ),
    ):
        assert reply.status == 200
        assert "Putrajaya" in reply.text
        assert "SERVICE" in reply.text
        assert "VALUES (" not in reply.text
        assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "problem", "words"),
    [
        ("ASK { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", (400, "query-refused"), "is not allowed here"),
        ("ASK { SERVICE ?anything { ?s ?p ?o } }", (400, "query-refused"), "names no endpoint"),
        ("ASK { SERVICE <URL> { SERVICE <http://127.0.0.1:1/> {} } }", (400, "query-refused"), "is in another one"),
        ("ASK { SERVICE <URL> ?s ?p ?o }", (400, "query-syntax"), "no group"),
        ("ASK { SERVICE:x { ?s ?p ?o } }", (400, "query-refused"), "SERVICE is not available"),
        ("ASK { SERVICE <URL> { ?s <http://o.example/blank> ?o } }", (400, "query-refused"), "blank node"),
        ("ASK { SERVICE <URL> { ?s ?p } }", (502, "service-failed"), "status 400"),
        ("ASK { SERVICE <http://127.0.0.1:9/nobody> { ?s ?p ?o } }", (502, "service-failed"), "cannot be reached"),
        (f"ASK {{ {'SERVICE <URL> {} ' * 9} }}", (400, "query-refused"), "9 SERVICE clauses"),
        (
            "ASK { SERVICE <URL> { { SELECT ?x ?p ?q { ?s ?o ?x . ?t ?p ?u . ?v ?q ?w } } } }",
            (422, "result-too-large"),
            "50 rows",
        ),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }", (403, "read-only"), "INSERT"),
    ],
)
def test_what_cannot_be_fetched_is_told(
    server: ServerProcess, other: SmallStore, query: str, problem: tuple[int, str], words: str
) -> None:
    text = query.replace("URL", other.url)
    reply = server.query(text)
    assert (reply.status, reply.json.get("code")) == problem, reply.text
    assert words in reply.text
    page = server.get(f"/sparql?query={quote(text)}", "text/html")
    assert page.status == reply.status
    assert "<title>" in page.text


def test_a_failure_is_silent_where_the_query_says_so(server: ServerProcess) -> None:
    query = joined("http://127.0.0.1:9/nobody", silent=True)
    assert len(rows(server.query(query.replace("ORDER BY ?capital", "LIMIT 2")))) == 2


@pytest.mark.parametrize("behaviour", sorted(BEHAVIOURS))
def test_a_faulty_endpoint_is_never_half_an_answer(server: ServerProcess, faulty: Faulty, behaviour: str) -> None:
    faulty.behave(behaviour, standing=True)
    reply = server.query(joined(f"{faulty.url}/query"))
    faulty.behave()
    code = "" if reply.status == 200 else reply.json["code"]
    assert code in _OUTCOMES.get(behaviour, {"service-failed"}), reply.text
    if reply.status == 200:
        assert len(rows(reply)) == 2
    assert len(rows(server.query(joined(f"{faulty.url}/query")))) == 2


def test_the_processes_are_those_of_a_server_and_the_workers_that_fetch(server: ServerProcess) -> None:
    fetching = 1 + Limits().page_workers
    eventually(lambda: len(descendants(server.pid)) == process_count() + fetching)
    assert "kb_fetch_workers" in server.get("/metrics").text


def test_the_service_description_says_so(server: ServerProcess) -> None:
    graph = Graph().parse(data=server.get("/sparql", "text/turtle").body, format="turtle")
    assert URIRef(f"{_SD}BasicFederatedQuery") in set(graph.objects(None, URIRef(f"{_SD}feature")))


def test_the_header_of_the_web_process_is_taken_from_no_client(server: ServerProcess) -> None:
    sent = {"Accept": "text/html", "kb-fetched": json.dumps("SELECT ('stolen' AS ?x) {}")}
    reply = server.request("GET", f"/sparql?query={quote('ASK {}')}", sent)
    assert reply.status == 200
    assert "stolen" not in reply.text
