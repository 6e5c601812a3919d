"""Crowds that ask for the dearest pages: other clients have their turn, and what nobody waits for is not made."""

import statistics
from collections.abc import Iterator

import pytest
from support.servers import ServerProcess, eventually

from hostile.crowd import crowd
from hostile.dear_pages import DEAR, READ, read
from hostile.soak import memory
from kb.config import Project
from kb.namespaces import OWL, RDF

pytestmark = pytest.mark.xdist_group("hostile pages")

_ROUNDS = 5
#: Pages of others that are made while a reader waits for one: what is under way, and what the next workers begin.
_MOST_BEFORE = 12
_CROWDS = pytest.mark.parametrize(("connections", "addresses"), [(4, 1), (50, 1), (200, 4)])


def made(server: ServerProcess) -> float:
    """Return how many requests have been answered, by the way."""
    return server.metric("kb_http_requests_total", status="200")


@_CROWDS
def test_a_crowd_does_not_come_before_a_reader(
    served: tuple[str, ServerProcess], connections: int, addresses: int
) -> None:
    kind, server = served
    passed = []
    with crowd(server.port, DEAR[kind], connections=connections, addresses=addresses):
        for path in READ[kind] * _ROUNDS:
            before = made(server)
            reply = read(server, path)
            assert reply.status == 200, reply.text
            passed.append(made(server) - before - 2)  # the page itself, and the first look at the metrics
        assert server.get("/health").status == server.query("ASK {}").status == 200
    assert statistics.median(passed) <= _MOST_BEFORE


def test_pages_of_clients_that_have_left_are_not_made(served: tuple[str, ServerProcess]) -> None:
    kind, server = served
    with crowd(server.port, DEAR[kind], connections=100, drop=True):
        for path in READ[kind]:
            assert read(server, path).status == 200
    eventually(lambda: server.metrics("kb_pages_running", "kb_pages_waiting") == [0, 0])


def test_dear_pages_are_whole(served: tuple[str, ServerProcess]) -> None:
    kind, server = served
    for path in DEAR[kind]:
        reply = read(server, path)
        assert (reply.status, len(reply.body) < 500_000) == (200, True), path


@pytest.fixture(scope="module")
def long_names(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Iterator[ServerProcess]:
    """A server of a thing whose label, comment and values are ten megabytes long, and of one with a long IRI."""
    file = tmp_path_factory.mktemp("long") / "long.nt"
    long, home = "A" * 10_000_000, "http://example.org/"
    rdfs = "http://www.w3.org/2000/01/rdf-schema#"
    properties = (f"{rdfs}label", f"{rdfs}comment", "http://www.w3.org/2004/02/skos/core#altLabel", f"{home}value")
    with file.open("w", encoding="ascii") as lines:
        lines.write(f"<{home}long> <{RDF.type}> <{OWL.Class}> .\n")
        lines.writelines(f'<{home}long> <{prop}> "{place} {long}" .\n' for place, prop in enumerate(properties))
        lines.writelines(f'<{home}long> <{home}value> "{number:03} {long[:300_000]}" .\n' for number in range(150))
        lines.write(f"<{home}{long[:100_000]}> <{home}value> <{home}long> .\n")
    with ServerProcess({"data": [str(file)], "project": str(project.root)}) as running:
        eventually(lambda: read(running, "/").status == 200)
        yield running


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/suggest?q=0", "/search?q=0", "/browse", "/.well-known/void", "/sparql/terms.json", "/openapi.json"),
        "/resource?iri=http://example.org/long",
        "/statements?thing=http://example.org/long&property=http://www.w3.org/2000/01/rdf-schema%23label",
        "/statements?thing=http://example.org/long&property=http://example.org/value",
        "/statements?thing=http://example.org/long&property=http://example.org/value&with=object",
    ],
)
def test_long_names_are_cut(long_names: ServerProcess, path: str) -> None:
    reply = read(long_names, path)
    assert reply.status == 200
    assert len(reply.body) < 1_500_000
    assert max(map(len, reply.headers.values())) < 10_000


def test_long_lists_of_long_values_can_be_gone_through(long_names: ServerProcess) -> None:
    address = "/statements?thing=http://example.org/long&property=http://example.org/value"
    first = read(long_names, address).text
    assert "the beginning of 300,004 characters" in first
    link = first.partition('<a rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert len(link) < 1000
    second = read(long_names, link).text
    assert first.count("the beginning of") + second.count("the beginning of") == 151
    assert 'rel="next"' not in second


def test_memory_after_long_names(long_names: ServerProcess) -> None:
    for number in range(8):
        assert read(long_names, f"/resource?iri=http://example.org/long&number={number}").status == 200
    assert memory([long_names.web_pid]) < 200
