"""`kb serve --endpoint`: which stores are served, and what is said of the others."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad
from support.commands import KB
from support.servers import HANG_SECONDS, KbServe
from support.small_store import SmallStore, serve_store

from kb.generations.generation import Generation
from kb.namespaces import RDF, expand
from kb.rdf.namespaces import ID
from kb.remote.access import open_client
from kb.remote.publish import Publisher

pytestmark = pytest.mark.xdist_group("remote")

_SMALL = Path(__file__).parent.parent / "kb" / "small"
_NOWHERE = "http://127.0.0.1:9/query"


@pytest.fixture
def store(small_generation: Generation) -> Iterator[SmallStore]:
    with serve_store(server="oxigraph") as running:
        with open_client(running.url) as client:
            publisher = Publisher(client, small_generation)
            publisher.run(publisher.plan())
        yield running


@pytest.fixture
def general(small_generation: Generation) -> list[str | Path]:
    return ["--project", _SMALL, "--build-dir", small_generation.folder.parent]


def _run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*KB, *arguments], capture_output=True, text=True, check=False, timeout=HANG_SECONDS)


def test_a_store_that_answers_alike_is_served(general: list[str | Path], store: SmallStore) -> None:
    """One that cannot be reached now is left for later."""
    with KbServe(["--endpoint", store.url, "--endpoint", _NOWHERE], general=general) as server:
        assert _NOWHERE in server.log_text()
        assert server.query("ASK { ?s ?p ?o }").json["boolean"]
        assert [found["status"] for found in server.get("/health").json["stores"]] == ["ok", "down"]


def test_a_store_that_answers_otherwise_is_not_served(general: list[str | Path], store: SmallStore) -> None:
    thing, person = NamedNode(ID["somebody-else"]), NamedNode(expand("ammtc:Person"))
    store.store.add(Quad(thing, NamedNode(RDF.type), person))
    done = _run(*general, "serve", "--port", "0", "--endpoint", store.url)
    assert done.returncode == 1
    assert "do not answer as the embedded engine does" in done.stderr
    assert "--unverified" in done.stderr
    assert "somebody-else" in done.stdout
    with KbServe(["--endpoint", store.url, "--unverified"], general=general) as server:
        assert "answers otherwise than the embedded engine: " in server.log_text()
        assert server.query("ASK { ?s ?p ?o }").json["boolean"]


def test_a_store_without_the_generation_is_not_served(general: list[str | Path]) -> None:
    with serve_store() as empty:
        done = _run(*general, "serve", "--port", "0", "--endpoint", empty.url)
    assert done.returncode == 1
    assert "nothing that `kb publish` wrote" in done.stderr
    assert "No store holds the generation" in done.stderr


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--endpoint", _NOWHERE], 1, "cannot be reached"),
        (["--endpoint", "ftp://store.example/"], 2, "is no URL of HTTP"),
        (["--endpoint", "http://me:secret@store.example/"], 2, "has a user or a password in it"),
        (["--endpoint", _NOWHERE, "--data", str(_SMALL / "graph" / "entities.ttl")], 2, "exclude each other"),
        (["--endpoint", _NOWHERE, "--engine", "nothing"], 2, "oxigraph"),
    ],
)
def test_what_cannot_be_served_is_said(general: list[str | Path], options: list[str], status: int, words: str) -> None:
    done = _run(*general, "serve", "--port", "0", *options)
    assert done.returncode == status
    assert words in done.stderr
    assert "secret" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
