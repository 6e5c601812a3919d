"""Each query of the corpus gets its reply, the long ones at the deadline, and the server is as it was before.

A few clients send the corpus together: about half of it runs until the deadline.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from html import escape
from urllib.parse import urlencode

import pytest
from support.servers import HANG_SECONDS, Reply, ServerProcess

from hostile.conftest import Listener, left_unharmed
from hostile.corpus import QUERIES, HostileQuery

pytestmark = pytest.mark.xdist_group("hostile")

_CLIENTS = 4

Replies = dict[str, Reply]


@pytest.fixture(scope="module")
def replies(tight: ServerProcess, listener: Listener) -> Replies:
    """The reply to each query, by its name."""
    with left_unharmed(tight, listener), ThreadPoolExecutor(_CLIENTS) as clients:
        sent = [clients.submit(send_some, tight, listener, client) for client in range(_CLIENTS)]
        return {name: reply for some in sent for name, reply in some.result().items()}


def send_some(server: ServerProcess, listener: Listener, client: int) -> Replies:
    """Return the replies to one client's share of the corpus."""
    return {query.name: send(server, listener, query, f"127.0.5.{client}") for query in QUERIES[client::_CLIENTS]}


def send(server: ServerProcess, listener: Listener, query: HostileQuery, source: str) -> Reply:
    """Return the reply to a query; one that the load of the machine made late is sent again."""
    headers = {"Content-Type": "application/sparql-query", "Accept": query.accept}
    limit = time.monotonic() + HANG_SECONDS
    while True:
        reply = server.request("POST", "/sparql", headers, query.text(listener.address).encode(), source=source)
        if reply.status != 503 or outcome(reply) in query.codes or time.monotonic() > limit:
            return reply


def outcome(reply: Reply) -> str:
    """Return the code of the problem that a reply is, or ``ok``."""
    code: str = "ok" if reply.status == 200 else reply.json["code"]
    return code


def test_no_query_is_lost() -> None:
    assert len(QUERIES) == 84
    assert len({query.name for query in QUERIES}) == len(QUERIES)


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_hostile_query(replies: Replies, query: HostileQuery) -> None:
    reply = replies[query.name]
    assert outcome(reply) in query.codes, reply.text
    if reply.status != 200:
        assert 400 <= reply.status <= 503
        assert (reply.status == 503) == ("Retry-After" in reply.headers)
        assert query.contains in reply.json["detail"]
        assert "Traceback" not in reply.text


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize("target", ["{listener}", "file:///etc/passwd", "/etc/passwd"])
def test_graph_parameters_connect_to_nothing(
    tight: ServerProcess, listener: Listener, parameter: str, target: str
) -> None:
    named = target.replace("{listener}", listener.address)
    reply = tight.query("SELECT * { ?s ?p ?o }", **{parameter: named})
    assert reply.status == 400
    assert reply.json["code"] in ("unknown-graph", "bad-request")


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_shows_the_query_that_reached_a_limit(tight: ServerProcess, method: str) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } # <shown>"
    form = urlencode({"query": query})
    if method == "GET":
        reply = tight.request("GET", f"/sparql?{form}", {"Accept": "text/html", "kb-problem": "{}"})
    else:
        headers = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
        reply = tight.request("POST", "/sparql", headers, form.encode())
    assert (reply.status, reply.media_type) == (503, "text/html")
    assert int(reply.headers["Retry-After"]) > 0
    assert "reached the time limit of 1 seconds" in reply.text
    assert escape(query) in reply.text
