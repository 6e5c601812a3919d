"""A remote store that fails, in all the ways of `support.engines.faulty`: an error in time, never a wrong answer."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pyoxigraph import QuerySolutions
from support.engines.faulty import BEHAVIOURS, Faulty

from kb.errors import RemoteError, RemoteWrongAnswer
from kb.remote.client import Client
from kb.remote.evaluation import evaluate
from kb.remote.profiles import find_profile

pytestmark = pytest.mark.xdist_group("remote-faults")

_SECONDS = 2.0
_MOST_BYTES = 4_000_000
#: What still gives the right answer.
_HARMLESS = {"good", "late", "dripping"}
#: What a client cannot know to be wrong: the rows of another query.
_UNKNOWABLE = {"other-rows"}


@pytest.fixture(scope="module")
def faulty() -> Iterator[Faulty]:
    with Faulty(delay=0.5, pause=0.001) as running:
        yield running


@pytest.fixture
def client(faulty: Faulty) -> Iterator[Client]:
    profile = find_profile("oxigraph")
    with Client(
        profile.addresses(f"{faulty.url}/query"), profile, seconds=_SECONDS, most_bytes=_MOST_BYTES
    ) as connected:
        yield connected


def _answer(client: Client) -> list[str]:
    result = evaluate(client, "SELECT ?x { ?x ?y ?z }")
    assert isinstance(result, QuerySolutions)
    return [row["x"].value for row in result]


@pytest.mark.parametrize("behaviour", sorted(set(BEHAVIOURS) - _HARMLESS - _UNKNOWABLE))
def test_a_fault_is_an_error_in_time_and_the_next_answer_is_right(
    faulty: Faulty, client: Client, behaviour: str
) -> None:
    faulty.behave(behaviour)
    begin = time.monotonic()
    with pytest.raises(RemoteError):
        _answer(client)
    assert time.monotonic() - begin < _SECONDS + 2
    faulty.behave()
    assert _answer(client) == ["good"]
    assert not any(request.path.startswith("/elsewhere") for request in faulty.received)


@pytest.mark.parametrize("behaviour", sorted(_HARMLESS))
def test_what_only_takes_time_is_answered(faulty: Faulty, client: Client, behaviour: str) -> None:
    faulty.behave(behaviour)
    assert _answer(client) == ["good"]


@pytest.mark.parametrize("behaviour", ["dripping", "late"])
def test_what_takes_too_long_is_an_error_in_time(client: Client, faulty: Faulty, behaviour: str) -> None:
    faulty.behave(behaviour)
    faulty.pause, faulty.delay, before = 0.2, 30.0, (faulty.pause, faulty.delay)
    begin = time.monotonic()
    try:
        with pytest.raises(RemoteError):
            _answer(client)
    finally:
        faulty.pause, faulty.delay = before
        faulty.behave()
    assert time.monotonic() - begin < _SECONDS + 2


def test_nobody_listens() -> None:
    with Faulty() as gone:
        url = gone.url
    profile = find_profile("oxigraph")
    with Client(profile.addresses(f"{url}/query"), profile) as connected, pytest.raises(RemoteError):
        _answer(connected)


def test_behaviours_come_one_request_each_and_by_method(faulty: Faulty, client: Client) -> None:
    faulty.behave("500", "short")
    for _ in range(2):
        with pytest.raises(RemoteError):
            _answer(client)
    assert _answer(client) == ["good"]
    faulty.behave("500", methods=("PUT",))
    assert _answer(client) == ["good"]
    with pytest.raises(RemoteError):
        client.put_graph("urn:x:graph", iter([b"<urn:x:a> <urn:x:b>", b" <urn:x:c> ."]))
    assert faulty.received[-1].body == b"<urn:x:a> <urn:x:b> <urn:x:c> ."
    faulty.behave()


class _WithoutLength(BaseHTTPRequestHandler):
    """Ends its replies by closing the connection, as HTTP/1.0 does."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/n-triples")
        self.end_headers()
        self.wfile.write(b"<urn:x:a> <urn:x:b> <urn:x:c> .\n")

    def log_message(self, *_: object) -> None:
        pass


def test_triples_that_may_be_cut_off_between_two_lines_are_no_result() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _WithoutLength) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        profile = find_profile("oxigraph")
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        with Client(profile.addresses(url), profile) as client, pytest.raises(RemoteWrongAnswer, match="cut off"):
            evaluate(client, "CONSTRUCT WHERE { ?s ?p ?o }")
        server.shutdown()
        thread.join()
