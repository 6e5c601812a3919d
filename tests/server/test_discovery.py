"""What programs that know nothing of the dataset ask its endpoint first: prefixes, queries, classes with properties.

The queries ask for what agents of the kind of sparql-llm look for, in the default graph.
"""

from pathlib import Path

import pytest
from page import Page
from support.servers import ServerProcess

from kb.config import Project
from kb.namespaces import AMMTC, DISCOVERY, PREFIXES, XSD
from kb.sparql.questions import load_questions

pytestmark = pytest.mark.xdist_group("server")

_QUERIES = Path(__file__).parent / "discovery"


def ask(server: ServerProcess, name: str) -> list[dict[str, str]]:
    found = server.query((_QUERIES / f"{name}.rq").read_text(encoding="utf-8")).json
    return [{key: term["value"] for key, term in row.items()} for row in found["results"]["bindings"]]


def test_the_prefixes(server: ServerProcess) -> None:
    assert {row["prefix"]: row["namespace"] for row in ask(server, "prefixes")} == PREFIXES


def test_the_queries_can_be_asked_as_they_are(server: ServerProcess, project: Project) -> None:
    found = {row["comment"]: row["query"] for row in ask(server, "queries")}
    assert sorted(found) == sorted(question.title for question in load_questions(project))
    for text in list(found.values())[::20]:
        assert server.query(text).status == 200


def test_the_classes_with_their_properties(server: ServerProcess) -> None:
    found = [tuple(map(row.get, ("class", "property", "value", "datatype"))) for row in ask(server, "classes")]
    assert (AMMTC.MinisterialMeeting, AMMTC.host, AMMTC.State, None) in found
    assert (AMMTC.MinisterialMeeting, AMMTC.startDate, None, XSD.date) in found
    assert len(found) == len(set(found)) > 1000


def test_readers_of_a_term_do_not_see_it(server: ServerProcess) -> None:
    """The partitions of a class have it as object; neither its pages nor its document show them."""
    for path in ("/term/Meeting", "/resource?iri=http%3A%2F%2Fxmlns.com%2Ffoaf%2F0.1%2FPerson"):
        assert "discovery" not in server.get(path, "text/html").text
    assert b"discovery" not in server.get("/data/ontology.nt").body
    assert "SPARQLExecutable" not in server.get("/browse", "text/html").text


def test_the_graph_has_a_page_and_a_name(server: ServerProcess) -> None:
    page = Page(server.get("/page/graph/discovery", "text/html").text)
    assert "Discovery" in page.text
    assert server.get(f"/graph-store?graph={DISCOVERY}", "text/turtle").status == 200
    assert server.get("/data/graph/discovery.ttl").status == 200
    assert server.get("/dump/discovery.ttl").status == 200
