"""The cache of results: what is kept, what never is, and that a kept answer is the answer."""

from typing import Any
from urllib.parse import urlencode

import pytest
from support.servers import Reply, ServerProcess

pytestmark = pytest.mark.xdist_group("core")

_ROWS = ("application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values")
_GRAPHS = (
    "text/turtle",
    "application/trig",
    "application/n-triples",
    "application/n-quads",
    "application/rdf+xml",
    "application/ld+json",
)
_MOST_BYTES = 2 * 1024 * 1024  # of the cache of the server `core`


def target(query: str, **parameters: str) -> str:
    return f"/sparql?{urlencode({'query': query, **parameters})}"


def hits(server: ServerProcess) -> float:
    return server.metric("kb_cache_requests_total", outcome="hit")


def content(reply: Reply) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in reply.headers.items() if name != "date"}
    return reply.status, reply.body, headers


@pytest.mark.parametrize("accept", _ROWS + _GRAPHS)
def test_a_kept_answer_is_the_answer(core: ServerProcess, accept: str) -> None:
    form = "SELECT ?s ?label" if accept in _ROWS else "CONSTRUCT { ?s rdfs:label ?label }"
    asked = target(f"{form} {{ ?s rdfs:label ?label }} ORDER BY ?s ?label LIMIT 200 # kept as {accept}")
    before = hits(core)
    replies = [core.get(asked, accept) for _ in range(4)]
    assert hits(core) >= before + 2  # the first time it is evaluated; a quick one is kept when it is asked for again
    assert replies[0].status == 200
    assert replies[0].media_type == accept
    assert all(content(reply) == content(replies[0]) for reply in replies)
    head = core.request("HEAD", asked, {"Accept": accept})
    assert content(head) == (200, b"", content(replies[0])[2])
    assert hits(core) >= before + 3


def test_a_kept_answer_is_sent_as_each_client_wants_it(core: ServerProcess) -> None:
    asked = target("SELECT ?s ?label { ?s rdfs:label ?label } ORDER BY ?s ?label LIMIT 201")
    tag = core.get(asked, _ROWS[0]).headers["ETag"]
    wishes = [
        (method, {"Accept": accept, "Accept-Encoding": coding, **known})
        for method in ("GET", "HEAD")
        for accept in ("application/json", _ROWS[0])
        for coding in ("identity", "gzip", "zstd")
        for known in ({}, {"If-None-Match": tag}, {"If-None-Match": tag + " " * 300})
    ]
    rounds = [[content(core.request(method, asked, sent)) for method, sent in wishes] for _ in range(3)]
    assert rounds[0] == rounds[1] == rounds[2]
    for (method, sent), (status, body, headers) in zip(wishes, rounds[0], strict=True):
        assert (status == 304) == (sent.get("If-None-Match", "").strip() == headers["etag"])
        assert bool(body) == (method == "GET" and status == 200)
        if status == 200:
            assert headers["content-type"].startswith(sent["Accept"])
            assert headers.get("content-encoding", "identity") == sent["Accept-Encoding"]


def test_what_takes_time_is_kept_at_once(core: ServerProcess) -> None:
    asked = target("SELECT (COUNT(*) AS ?n) { ?a a ?c . ?b a ?c }")
    before = hits(core)
    first, again = core.get(asked), core.get(asked)
    assert hits(core) == before + 1
    assert content(first) == content(again)


def test_answers_are_kept_apart_by_all_that_they_depend_on(core: ServerProcess) -> None:
    query = "SELECT (IRI('x') AS ?base) (COUNT(*) AS ?n) { ?s ?p ?o }"
    entities = "https://w3id.org/ammtc/graph/entities"
    variants = [
        (target(query), {}),
        (target(query), {"Host": "example.org"}),
        (target(query), {"Accept": "text/csv"}),
        (target(query, format="xml"), {}),
        (target(query, **{"default-graph-uri": entities}), {}),
        (target(query, **{"named-graph-uri": entities}), {}),
        (target(f"{query} # the same"), {}),
    ]
    first = [core.request("GET", path, headers).body for path, headers in variants]
    assert [core.request("GET", path, headers).body for path, headers in variants for _ in range(2)][::2] == first
    assert len(set(first)) == len(variants) - 1
    assert b"http://example.org/x" in first[1]


@pytest.mark.parametrize("call", ["NOW()", "rand()", "UUID()", "StrUUID()"])
def test_what_changes_is_not_kept(core: ServerProcess, call: str) -> None:
    asked = target(f"SELECT ({call} AS ?x) {{}}")
    before = core.metric("kb_cache_requests_total")
    replies = [core.get(asked) for _ in range(3)]
    assert len({reply.body for reply in replies}) == 3
    assert core.metric("kb_cache_requests_total") == before
    assert {reply.headers["Cache-Control"] for reply in replies} == {"no-store"}
    assert {reply.headers["ETag"] for reply in replies} == {None}
    assert core.get(asked, If_None_Match="*").status == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT # never right", 400),
        ("ASK { SERVICE <http://127.0.0.1:9/> {} } # refused", 400),
        ("SELECT * FROM <http://example.org/unknown> { ?s ?p ?o }", 400),
        ("SELECT ?x ?s { VALUES ?x { 1 2 3 4 } ?s ?p ?o } # too many rows", 422),
    ],
)
def test_what_is_refused_is_not_kept(core: ServerProcess, query: str, status: int) -> None:
    entries, before = core.metric("kb_cache_entries"), hits(core)
    replies = [core.get(target(query)) for _ in range(2)]
    assert [reply.status for reply in replies] == [status] * 2
    assert {reply.headers["ETag"] for reply in replies} == {None}
    assert (core.metric("kb_cache_entries"), hits(core)) == (entries, before)


def test_the_memory_of_the_cache_is_bounded(core: ServerProcess) -> None:
    query = "SELECT ?label {{ ?s rdfs:label ?label }} ORDER BY ?label LIMIT 300 OFFSET {}"
    sizes = set()
    for offset in range(120):
        asked = target(query.format(offset), format="csv")
        assert core.get(asked).status == core.get(asked, Accept_Encoding="gzip").status == 200
        if offset % 20 == 0:
            sizes.add(core.metric("kb_cache_bytes"))
    assert 0 < max(sizes) <= _MOST_BYTES
    assert core.metric("kb_cache_bytes") > _MOST_BYTES * 3 / 4
    last = hits(core)
    assert core.get(asked).status == 200  # what was asked for last is there, what was asked for first is not
    assert hits(core) == last + 1
    assert core.get(target(query.format(0), format="csv")).status == 200
    assert hits(core) == last + 1


def test_a_result_that_would_fill_the_cache_is_not_kept(core: ServerProcess) -> None:
    entries = core.metric("kb_cache_entries")
    for _ in range(2):
        assert len(core.get(target("SELECT * { ?s ?p ?o } LIMIT 3000")).body) > _MOST_BYTES / 8
    assert core.metric("kb_cache_entries") == entries


def test_a_server_without_a_cache_evaluates_each_time(small: dict[str, Any]) -> None:
    asked = target("SELECT (COUNT(*) AS ?n) { ?a a ?c . ?b a ?c }")
    with ServerProcess({**small, "limits": {"cache_mib": 0, "workers": 1}}) as server:
        replies = [server.get(asked) for _ in range(3)]
        assert replies[0].status == 200
        assert all(content(reply) == content(replies[0]) for reply in replies)
        assert (hits(server), server.metric("kb_cache_entries")) == (0, 0)
