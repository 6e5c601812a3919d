"""Comunica asks the endpoint, joins it with other data, and follows the links of the documents.

What it answers is compared with what `kb.sparql.query` answers in this process.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, QueryTriples, Store
from support.servers import KbServe
from w3c.results import Rows, differences, read

from clients.comunica_client import COMUNICA, TRAVERSAL, Comunica, ComunicaError, Engine
from kb.generations.generation import Generation
from kb.namespaces import BASE
from kb.rdf.reading import load_files
from kb.sparql.annotations import in_sparql_1_1
from kb.sparql.query import evaluate, serialize
from kb.sparql.scan import Scanned

pytestmark = pytest.mark.xdist_group("clients")

_HERE = Path(__file__).parent
_NOTES = _HERE / "notes.ttl"
_COMPETENCY = sorted((_HERE.parents[1] / "ontology" / "competency").glob("*.rq"))
_QUERIES = sorted((_HERE / "queries" / "endpoint").glob("*.rq"))
_JSON, _NTRIPLES = "application/sparql-results+json", "application/n-triples"


@pytest.fixture(scope="session")
def store(generation: Generation) -> Store:
    """The store of the shipped graph."""
    return generation.store()


@pytest.fixture(scope="session")
def with_notes(store: Store) -> Store:
    """The default graph of the shipped graph, and somebody else's notes on it."""
    both = load_files([_NOTES])
    both.bulk_extend(store.quads_for_pattern(None, None, None, DefaultGraph()))
    return both


def text_of(name: str) -> str:
    return (_HERE / "queries" / f"{name}.rq").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [*_QUERIES, *_COMPETENCY], ids=lambda path: path.stem)
def test_endpoint_is_found_by_its_description_and_asked(
    comunica: Comunica, server: KbServe, store: Store, path: Path
) -> None:
    """Comunica is told an address only: that a SPARQL endpoint is there it learns from the service description.

    It knows no annotations of SPARQL 1.2.
    """
    query = path.read_text(encoding="utf-8")
    assert_same(store, in_sparql_1_1(Scanned(query)), comunica, [f"{server.url}/sparql"])


def test_there_are_queries_of_each_form() -> None:
    forms = {word for path in _QUERIES for word in path.read_text(encoding="utf-8").split()}
    assert {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "GRAPH", "OPTIONAL", "UNION"} <= forms
    assert len(_COMPETENCY) > 90


def test_endpoint_is_joined_with_other_data(comunica: Comunica, server: KbServe, with_notes: Store) -> None:
    """The two sources are joined by Comunica itself, which sends the endpoint many small queries."""
    other = {"type": "serialized", "mediaType": "text/turtle", "value": _NOTES.read_text(), "baseIRI": _NOTES.as_uri()}
    assert_same(with_notes, text_of("join-with-notes"), comunica, [f"{server.url}/sparql", other])


def test_endpoint_is_joined_with_another_endpoint(comunica: Comunica, server: KbServe, with_notes: Store) -> None:
    with KbServe(["--data", _NOTES]) as second:
        sources = [f"{server.url}/sparql", f"{second.url}/sparql"]
        assert_same(with_notes, text_of("join-with-notes"), comunica, sources)


@pytest.mark.parametrize(
    "sources",
    [
        ["/data/id/ammtc-19.ttl", "/data/id/melaka.ttl"],
        ["/data/id/ammtc-19.rdf", "/data/id/melaka.jsonld"],
        ["/data/id/ammtc-19.nt", "/sparql"],
        ["/id/ammtc-19", "/id/melaka"],
        ["/dump/nst-2025-09-12.ttl", "/dump/cong-tuan-2025-09-11.ttl"],
    ],
    ids=" and ".join,
)
def test_documents_are_joined(comunica: Comunica, server: KbServe, store: Store, sources: list[str]) -> None:
    """Also by following the redirect from a thing's address to the document that suits Comunica.

    It prefers N-Quads there, in which the statements are in named graphs, and finds them without looking into these.
    """
    addresses = [f"{server.url}{source}" for source in sources]
    assert_same(store, text_of("join-of-documents"), comunica, addresses)


def test_documents_with_named_graphs_are_joined(comunica: Comunica, server: KbServe, store: Store) -> None:
    addresses = [f"{server.url}/data/id/ammtc-19.nq", f"{server.url}/data/id/melaka.trig"]
    assert_same(store, text_of("join-of-documents"), comunica, addresses, unionDefaultGraph=True)


def test_a_thing_is_asked_at_its_address(comunica: Comunica, server: KbServe, store: Store) -> None:
    assert_same(store, text_of("one-thing"), comunica, [f"{server.url}/id/ammtc-19"])


def test_links_are_followed_from_document_to_document(traversal: Comunica, server: KbServe, store: Store) -> None:
    """From one meeting to all that is reported of it and its kinds: each document comes from its IRI.

    As w3id.org will redirect them, see docs/w3id.md; Comunica is told of no other address.
    """
    query, redirect = text_of("links-from-a-meeting"), (BASE, f"{server.url}/")
    result, documents = traversal.follow(query, _JSON, [f"{BASE}id/ammtc-19"], redirect)
    wanted = read(serialize(evaluate(store, query), "json"), "srj", "urn:base:")
    assert differences(wanted, read(result.encode(), "srj", "urn:base:")) == ""
    assert isinstance(wanted, Rows)
    assert len(wanted.rows) > 100
    assert len(documents) > 100
    assert all(document.startswith(f"{server.url}/data/") for document in documents)


@pytest.mark.parametrize("engine", [COMUNICA, TRAVERSAL], ids=lambda engine: engine.files.name)
def test_the_lock_file_names_no_place_to_download_from(engine: Engine) -> None:
    locked = json.loads((engine.files / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    packages = {name: package for name, package in locked.items() if name}
    assert packages
    assert {name for name, package in packages.items() if "resolved" in package or "integrity" not in package} == set()


def test_what_does_not_exist_is_an_error(comunica: Comunica, server: KbServe) -> None:
    with pytest.raises(ComunicaError, match="404"):
        comunica.ask("ASK { ?s ?p ?o }", _JSON, [f"{server.url}/data/id/nothing-of-this-name.ttl"])


def assert_same(store: Store, query: str, comunica: Comunica, sources: list[Any], **context: bool) -> None:
    expected = evaluate(store, query)
    formats = ("ntriples", "nt", _NTRIPLES) if isinstance(expected, QueryTriples) else ("json", "srj", _JSON)
    wanted = read(serialize(expected, formats[0]), formats[1], "urn:base:")
    found = read(comunica.ask(query, formats[2], sources, **context).encode(), formats[1], "urn:base:")
    assert differences(wanted, found) == ""
    assert not isinstance(wanted, Rows) or wanted.rows
