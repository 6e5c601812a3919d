"""Reaching a remote store: its address, what it asks for, and what is said of its refusals."""

import base64

import pytest
from support.small_store import Fault, serve_store

from kb.errors import BadAddress, RemoteRefused, RemoteUnreachable, UsageError
from kb.remote.access import open_client, read_credentials
from kb.remote.client import Credentials

_ASK = "application/sparql-results+json"


def test_secrets_come_from_the_environment() -> None:
    password = {"KB_STORE_USER": "ada", "KB_STORE_PASSWORD": "sesame"}
    assert read_credentials("", {}) is None
    assert read_credentials("", password) == Credentials("ada", "sesame")
    assert read_credentials("eve", password) == Credentials("eve", "sesame")
    assert read_credentials("", {"KB_STORE_TOKEN": "abc"}) == Credentials(token="abc")
    assert "sesame" not in repr(read_credentials("", password))


@pytest.mark.parametrize(
    "environment",
    [
        {"KB_STORE_PASSWORD": "sesame"},
        {"KB_STORE_USER": "ada"},
        {"KB_STORE_TOKEN": "abc", "KB_STORE_USER": "ada", "KB_STORE_PASSWORD": "sesame"},
    ],
)
def test_half_credentials_are_refused_without_showing_them(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError) as refused:
        read_credentials("", environment)
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["http://ada:sesame@localhost/query", "http://sesame@localhost/query", "ftp://localhost/", "localhost:7878/query"],
)
def test_a_url_with_a_password_or_of_another_protocol_is_refused(url: str) -> None:
    with pytest.raises(BadAddress) as refused:
        open_client(url, engine="other")
    assert "sesame" not in str(refused.value)


def test_a_store_is_recognized_and_basic_credentials_are_sent_when_it_asks() -> None:
    with serve_store(server="Oxigraph/0.5") as store:
        store.faults.extend([None, Fault(401, {"WWW-Authenticate": 'Basic realm="store"'}), None])
        with open_client(store.url, credentials=Credentials("ada", "sesame")) as client:
            assert client.profile.name == "oxigraph"
            client.update("INSERT DATA { <a:> <b:> <c:> }")
            client.query("ASK {}", _ASK)
    assert store.authorizations[:2] == ["", ""]
    assert store.authorizations[2:] == ["Basic " + base64.b64encode(b"ada:sesame").decode()] * 2


def test_a_token_is_sent_with_each_request() -> None:
    with serve_store() as store, open_client(store.url, credentials=Credentials(token="abc")) as client:
        client.query("ASK {}", _ASK)
    assert set(store.authorizations) == {"Bearer abc"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(307, {"Location": "https://x:y@other.example/query"}), "redirects to https://other.example/query"),
        (Fault(401), "KB_STORE_PASSWORD"),
        (Fault(403, body=b"read-only"), "written to"),
        (Fault(500, {"Content-Type": "text/html"}, b"<html><title>x</title><p>No space left on device"), "Make room"),
        (Fault(500, {"Content-Type": "text/plain"}, b"at <urn:x:y>"), "at <urn:x:y>"),
    ],
)
def test_a_refusal_says_what_to_do(fault: Fault, words: str) -> None:
    with serve_store() as store, open_client(store.url, engine="oxigraph") as client:
        store.faults.append(fault)
        with pytest.raises(RemoteRefused, match=words) as refused:
            client.update("CLEAR ALL")
    assert refused.value.status == fault.status
    assert "<p>" not in str(refused.value)
    assert "x:y@" not in str(refused.value)


def test_a_refusal_tells_how_long_to_wait() -> None:
    with serve_store() as store, open_client(store.url, engine="oxigraph") as client:
        for header, wait in (("7", 7.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("soon", None), ("", None)):
            store.faults.append(Fault(503, {"Retry-After": header}))
            with pytest.raises(RemoteRefused) as refused:
                client.update("CLEAR ALL")
            assert refused.value.wait == wait


def test_a_connection_that_ends_is_no_answer() -> None:
    with serve_store() as store, open_client(store.url, engine="oxigraph") as client:
        store.faults.append(Fault(0))
        with pytest.raises(RemoteUnreachable):
            client.update("CLEAR ALL")
