"""Who says so: from each value in a result that is the object of a statement to what the statement rests on."""

import re
from html import unescape
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from page import Page
from support.examples import sample
from support.servers import ServerProcess

from kb.namespaces import AMMTC, expand

pytestmark = pytest.mark.xdist_group("server")

_ID = "https://w3id.org/ammtc/id/"


def asked(server: ServerProcess, path: str) -> list[str]:
    """Return the links of a page from values to who says so."""
    reply = server.get(path, "text/html")
    assert reply.status == 200, reply.text
    return [unescape(link) for link in re.findall(r'<a class="who" href="([^"]+)"', reply.text)]


def result(query: str) -> str:
    return f"/sparql?query={quote(query)}"


def said(server: ServerProcess, address: str) -> Page:
    reply = server.get(address, "text/html")
    assert reply.status == 200, reply.text
    return Page(reply.text)


def of(*statements: tuple[str, str], value: str) -> str:
    pairs = [pair for subject, prop in statements for pair in (("subject", subject), ("property", prop))]
    return f"/who-says-so?{urlencode([*pairs, ('value', value)])}"


def test_a_stated_value_has_its_paragraphs_and_its_page(server: ServerProcess) -> None:
    (link,) = asked(server, result("SELECT ?m ?place { ?m a ammtc:MinisterialMeeting ; ammtc:place ?place }"))
    assert parse_qs(urlsplit(link).query) == {
        "subject": [f"{_ID}ammtc-19"],
        "property": [AMMTC.place],
        "value": [f"{_ID}melaka"],
    }
    page = said(server, link)
    assert "Stated in" in page.main
    links = list(page.links())
    assert any(re.fullmatch(r"/page/source/[a-z0-9-]+#p\d+", found) for found in links)
    assert any(found.startswith("/page/statement/") for found in links)


def test_an_inferred_value_has_what_it_follows_from_and_its_proof(server: ServerProcess) -> None:
    links = asked(server, result("SELECT ?m ?of { ?m ammtc:proposedBy ?of }"))
    page = next(page for page in (said(server, link) for link in links) if "Viet Nam" in page.main)
    assert "Inferred." in page.main
    assert "paragraph" in page.main
    assert {link.partition("?")[0].rpartition("/")[0] for link in page.links()} >= {"/page/statement", ""}
    assert any(link.startswith("/explain?") for link in page.links())


@pytest.mark.parametrize(
    ("subject", "prop", "value", "told"),
    [
        (f"{_ID}melaka", "rdfs:label", '"Melaka"@en', "No source: none is given for it.Given by the editors"),
        (AMMTC.Meeting, "rdfs:label", '"meeting"@en', "No source: the ontology says it of itself."),
        (f"{_ID}ammtc-19", "ammtc:place", f"{_ID}hanoi", "No source: the graph does not hold this statement."),
        (f"{_ID}ammtc-19", "ammtc:place", '"Melaka"', "No source: the graph does not hold this statement."),
    ],
)
def test_what_no_source_says_is_told(server: ServerProcess, subject: str, prop: str, value: str, told: str) -> None:
    assert told in said(server, of((subject, expand(prop)), value=value)).main


def test_of_several_possible_statements_those_that_hold_are_shown(server: ServerProcess) -> None:
    query = "SELECT ?x ?y { { ?x ammtc:place ?y } UNION { ?x ammtc:country ?y } VALUES ?x { id:ammtc-19 } }"
    links = asked(server, result(query))
    assert len(links) > 1
    assert all(parse_qs(urlsplit(link).query)["property"] == [AMMTC.place, AMMTC.country] for link in links)
    page = next(page for page in (said(server, link) for link in links) if "Melaka" in page.main)
    assert [tag for tag, attributes in page.elements if attributes.get("class") == "said"] == ["section"]


def test_the_rows_of_a_graph_are_statements(server: ServerProcess) -> None:
    links = asked(server, result("CONSTRUCT { ?m ammtc:place ?p } { VALUES ?m { id:ammtc-19 } ?m ammtc:place ?p }"))
    assert links
    assert "Stated in" in said(server, links[0]).main


def test_each_value_of_ready_questions_leads_to_its_statement(server: ServerProcess) -> None:
    questions = [example["name"] for example in server.get("/sparql/examples.json").json]
    links = {link for name in sample(questions) for link in asked(server, f"/question/{name}")}
    assert links
    for link in sample(sorted(links)):
        assert "does not hold" not in said(server, link).main, link


@pytest.mark.parametrize("query", ["", "?subject=x", "?subject=http://e/&property=http://e/", "?value=http://e/"])
def test_what_names_no_statement_is_told(server: ServerProcess, query: str) -> None:
    reply = server.get(f"/who-says-so{query}", "text/html")
    assert reply.status == 404
    assert "Follow the question mark" in reply.text


def test_other_data_name_the_graph_that_says_it(files: ServerProcess) -> None:
    links = asked(files, result("SELECT * { ?s ?p ?o }"))
    assert links
    pages = [said(files, link).main for link in links]
    assert any("Stated in" in page for page in pages)


def test_the_workbench_is_told_the_patterns(server: ServerProcess) -> None:
    header = {"Content-Type": "application/sparql-query"}
    query = b"SELECT * { ?m ammtc:place ?p ; <relative> ?q }"
    reply = server.request("POST", "/sparql/objects", header, query)
    assert reply.json["p"] == [["?m", AMMTC.place]]
    assert reply.json["q"][0][1].endswith("/relative")
    assert server.request("POST", "/sparql/objects", header, b"SELECT \xff {").json == {}
    assert server.request("POST", "/sparql/objects", header, query + b" " * 2**16).json == {}
    assert server.request("POST", "/sparql/objects", {"Content-Type": "text/plain"}, query).status == 415
