"""Each query of the corpus gets its reply, the long ones at the deadline, and the server is as it was before."""

import pytest
from support.servers import ServerProcess

from hostile.conftest import Listener
from hostile.corpus import QUERIES, HostileQuery

pytestmark = pytest.mark.xdist_group("hostile")


def test_no_query_is_lost() -> None:
    assert len(QUERIES) == 84
    assert len({query.name for query in QUERIES}) == len(QUERIES)


@pytest.mark.parametrize("query", QUERIES, ids=str)
@pytest.mark.usefixtures("unharmed")
def test_hostile_query(tight: ServerProcess, listener: Listener, query: HostileQuery) -> None:
    reply = tight.query(query.text(listener.address), accept=query.accept)
    outcome = "ok" if reply.status == 200 else reply.json["code"]
    assert outcome in query.codes, reply.text
    if outcome != "ok":
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
