"""A server in front of remote stores: what it asks them, what it makes of their faults, how it goes on without them."""

import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from pyoxigraph import NamedNode, RdfFormat
from support.engines.faulty import BEHAVIOURS, Faulty
from support.servers import Reply, ServerProcess, eventually
from support.small_store import SmallStore, serve_store

from kb.generations.generation import Generation
from kb.namespaces import GRAPH, INFERRED, PUBLICATION
from kb.remote.record import Entry, State, entry_lines

pytestmark = pytest.mark.xdist_group("remote")

_COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
_TIME = 2.0
#: What a client gets while a store fails that way: status and code.
_OUTCOMES = {
    **dict.fromkeys(("hanging", "hanging-in-the-body", "dripping", "endless-header"), (503, "time-limit")),
    **dict.fromkeys(("closing", "resetting", "short", "unended", "no-http"), (503, "store-unavailable")),
    **dict.fromkeys(("429", "503"), (503, "store-unavailable")),
    **dict.fromkeys(("endless", "bomb"), (422, "result-too-large")),
    "late": (200, ""),
    "good": (200, ""),
}


def record(store: SmallStore, generation: str, state: State = State.WHOLE) -> None:
    """Let a store say which generation it holds."""
    store.store.remove_graph(NamedNode(PUBLICATION))
    lines = "\n".join(entry_lines(PUBLICATION, Entry(generation, 0, state)))
    store.store.load(lines.encode(), RdfFormat.N_TRIPLES, to_graph=NamedNode(PUBLICATION))


@pytest.fixture(scope="module")
def store(small_generation: Generation) -> Iterator[SmallStore]:
    with serve_store() as running:
        running.store.extend(small_generation.store().quads_for_pattern(None, None, None, None))
        record(running, small_generation.manifest.hash)
        yield running


@pytest.fixture(scope="module")
def faulty(store: SmallStore) -> Iterator[Faulty]:
    with Faulty(store.url.removesuffix("/query"), delay=0.5) as running:
        yield running


@pytest.fixture(scope="module")
def settings(small: dict[str, Any]) -> dict[str, Any]:
    limits = {"workers": 2, "page_workers": 2, "query_seconds": _TIME, "result_bytes": 1 << 20, "cache_mib": 0}
    return {**small, "limits": limits}


@pytest.fixture(scope="module")
def server(settings: dict[str, Any], faulty: Faulty) -> Iterator[ServerProcess]:
    with ServerProcess({**settings, "endpoints": [f"{faulty.url}/query"]}) as running:
        yield running


@pytest.fixture(autouse=True)
def well_again(faulty: Faulty, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    faulty.behave()
    if "server" in request.fixturenames:
        running: ServerProcess = request.getfixturevalue("server")
        eventually(lambda: running.get("/health").json["status"] == "ok")


def _code(reply: Reply) -> tuple[int, str]:
    return reply.status, "" if reply.status == 200 else reply.json["code"]


def _queries(faulty: Faulty) -> list[bytes]:
    """Return the bodies of the requests that came, but for those by which the server sees what is there."""
    return [found.body for found in faulty.received if b"graph%2Fpublication" not in found.body]


def test_a_query_is_answered_by_the_store(server: ServerProcess, store: SmallStore) -> None:
    reply = server.query(_COUNT)
    assert reply.json["results"]["bindings"][0]["n"]["value"] == str(store.size(None))
    assert server.query("ASK { ?s ?p 'nothing of that' }").json["boolean"] is False
    assert server.query("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 3", "application/n-triples").body.count(b"\n") == 3
    table = server.query("SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 2", "text/csv")
    assert table.body.count(b"\r\n") == 3


@pytest.mark.parametrize("graph", [INFERRED, GRAPH["nowhere"]])
def test_the_graphs_that_a_request_names_are_those_of_the_store(
    server: ServerProcess, store: SmallStore, graph: str
) -> None:
    reply = server.query(_COUNT, **{"default-graph-uri": graph})
    if graph == INFERRED:
        assert reply.json["results"]["bindings"][0]["n"]["value"] == str(store.size(graph))
    else:
        assert _code(reply) == (400, "unknown-graph")


def test_several_default_graphs_are_merged_here(server: ServerProcess, faulty: Faulty, store: SmallStore) -> None:
    """A store may count a triple once for each graph that has it."""
    before = len(_queries(faulty))
    graphs = [name.value for name in store.store.named_graphs()][:2]
    query = f"SELECT (COUNT(*) AS ?n) FROM <{graphs[0]}> FROM <{graphs[1]}> {{ ?s ?p ?o }}"
    assert server.query(query).status == 200
    assert len(_queries(faulty)) == before


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", (400, "query-refused")),
        ("SELECT * { ?s ?p ?o . FILTER EXISTS { service silent ?s { ?a ?b ?c } } }", (400, "query-refused")),
        ("INSERT DATA { <urn:x:a> <urn:x:b> <urn:x:c> }", (403, "read-only")),
        ("DROP ALL", (403, "read-only")),
        ("LOAD <http://127.0.0.1:9/>", (403, "read-only")),
        ("SELECT * { ?s ?p }", (400, "query-syntax")),
        ("SELECT (<urn:x:own>(?s) AS ?x) { ?s ?p ?o }", (400, "query-refused")),
        ("SELECT * FROM <http://127.0.0.1:9/> { ?s ?p ?o }", (400, "unknown-graph")),
    ],
)
def test_what_is_refused_never_leaves(server: ServerProcess, faulty: Faulty, query: str, code: tuple[int, str]) -> None:
    before = len(_queries(faulty))
    reply = server.query(query)
    assert _code(reply) == code
    assert code[1] != "query-syntax" or (reply.json["line"], reply.json["column"]) == (1, 12)
    assert len(_queries(faulty)) == before


def test_the_store_is_asked_with_the_results_of_a_service(settings: dict[str, Any], faulty: Faulty) -> None:
    """What is fetched elsewhere is a part of the query that the store gets; it has no SERVICE clause to carry out."""
    with serve_store() as other:
        other.store.load(b'<urn:x:s> <urn:x:p> "elsewhere" .', RdfFormat.N_TRIPLES)
        services = {**settings, "endpoints": [f"{faulty.url}/query"], "services": [other.url]}
        with ServerProcess(services) as both:
            query = f"SELECT ?o {{ SERVICE <{other.url}> {{ ?s <urn:x:p> ?o }} ?class a owl:Class }} LIMIT 1"
            before = len(_queries(faulty))
            found = both.query(query).json["results"]["bindings"]
    assert [row["o"]["value"] for row in found] == ["elsewhere"]
    assert [b"SERVICE" in body for body in _queries(faulty)[before:]] == [False]


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_store_that_fails_gives_no_wrong_answer(server: ServerProcess, faulty: Faulty, behaviour: str) -> None:
    """A right answer or an honest problem, for a program and on a page; the pages that ask nothing go on."""
    right = server.query(_COUNT).body
    faulty.behave(behaviour)
    reply = server.query(_COUNT)
    # The server may have seen already that the store is not well; a busy machine may take too long for an answer.
    others = (503, "store-unavailable"), (503, "time-limit")
    assert _code(reply) in (_OUTCOMES.get(behaviour, (502, "store-failed")), *others)
    if reply.status == 200:
        assert reply.body == right
    else:
        assert reply.status != 503 or reply.headers["Retry-After"]
        assert "127.0.0.1" not in reply.text
    page = server.get(f"/sparql?query={quote(_COUNT)}", "text/html")
    assert page.status in (200, 422, 502, 503)
    assert page.status != 200 or behaviour in ("good", "late")
    assert server.get("/search?q=meeting", "text/html").status == 200
    health = server.get("/health")
    assert health.status == 200
    faulty.behave()
    eventually(lambda: server.query(_COUNT).body == right)


def test_pages_without_queries_go_on_while_the_store_is_away(server: ServerProcess, faulty: Faulty) -> None:
    faulty.behave("closing")
    eventually(lambda: server.get("/health").json["status"] == "degraded")
    state = server.get("/health").json["stores"][0]
    assert state["status"] == "down"
    assert state["reason"]
    assert state["url"] == f"{faulty.url}/query"
    assert server.metric("kb_store_up", store=state["url"]) == 0
    assert server.get("/search?q=meeting", "text/html").status == 200
    assert server.get("/openapi.json").status == 200
    home = server.get("/", "text/html")
    assert home.status == 503
    assert home.headers["Retry-After"]
    assert home.headers.get_content_type() == "text/html"
    before = time.monotonic()
    assert _code(server.query(_COUNT)) == (503, "store-unavailable")
    assert time.monotonic() - before < _TIME
    faulty.behave()
    eventually(lambda: server.get("/health").json["status"] == "ok")
    assert server.query(_COUNT).status == 200
    assert server.get("/", "text/html").status == 200


def test_a_query_goes_to_the_next_replica(settings: dict[str, Any], faulty: Faulty, store: SmallStore) -> None:
    endpoints = [f"{faulty.url}/query", store.url]
    with ServerProcess({**settings, "endpoints": endpoints}) as server:
        right = server.query(_COUNT).body
        store.requests.clear()
        before = len(_queries(faulty))
        assert [server.query(f"{_COUNT} # {number}").status for number in range(6)] == [200] * 6
        assert len(store.requests) >= 3
        assert len(_queries(faulty)) - before == 3
        for behaviour in ("closing", "500", "other-type", "short", "other-rows"):
            faulty.behave(behaviour)
            assert {server.query(_COUNT).body for _ in range(4)} == {right}
        faulty.behave("hanging")
        eventually(lambda: server.get("/health").json["stores"][0]["status"] == "down")
        assert {server.query(_COUNT).body for _ in range(4)} == {right}
        assert server.get("/health").json["status"] == "degraded"
        assert server.get("/", "text/html").status == 200


def test_a_store_with_other_content_is_not_asked(
    settings: dict[str, Any], store: SmallStore, small_generation: Generation
) -> None:
    """Not while it is being published, and not after another generation was; then again."""
    whole = small_generation.manifest.hash
    with ServerProcess({**settings, "endpoints": [store.url]}) as server:
        for generation, state, words in (
            (whole, State.WRITTEN, "is just being published"),
            ("0" * 64, State.WHOLE, "the generation 000000000000"),
        ):
            record(store, generation, state)
            assert _code(server.query(_COUNT)) == (503, "store-unavailable")
            eventually(lambda: server.get("/health").json["stores"][0]["status"] == "other-content")
            assert words in server.get("/health").json["stores"][0]["reason"]
            assert _code(server.query(_COUNT)) == (503, "store-unavailable")
            record(store, whole)
            eventually(lambda: server.get("/health").json["status"] == "ok")
            assert server.query(_COUNT).status == 200


def test_a_change_while_a_query_is_answered_is_noticed(
    settings: dict[str, Any], faulty: Faulty, store: SmallStore, small_generation: Generation
) -> None:
    with ServerProcess({**settings, "endpoints": [f"{faulty.url}/query"]}) as server:
        faulty.behave("late")
        replies: list[Reply] = []
        asking = threading.Thread(target=lambda: replies.append(server.query(_COUNT)))
        before = len(_queries(faulty))
        asking.start()
        eventually(lambda: len(_queries(faulty)) > before)
        record(store, small_generation.manifest.hash, State.WRITTEN)
        asking.join()
        record(store, small_generation.manifest.hash)
        assert _code(replies[0]) == (503, "store-unavailable")


def test_a_store_without_a_record_is_asked_only_if_the_operator_says_so(
    settings: dict[str, Any], small_generation: Generation
) -> None:
    with serve_store() as bare:
        bare.store.extend(small_generation.store().quads_for_pattern(None, None, None, None))
        with ServerProcess({**settings, "endpoints": [bare.url]}) as server:
            assert _code(server.query(_COUNT)) == (503, "store-unavailable")
            assert "kb publish" in server.get("/health").json["stores"][0]["reason"]
        with ServerProcess({**settings, "endpoints": [bare.url], "unverified": True}) as server:
            assert server.query(_COUNT).status == 200
            record(bare, "0" * 64)
            assert _code(server.query(f"{_COUNT} #")) == (503, "store-unavailable")
