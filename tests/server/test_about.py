"""What the server says of files that were not built: what they state of themselves, as in about.toml, and no more."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page import Page
from rdflib import DCTERMS, FOAF, VOID, Graph, URIRef
from support.examples import sample
from support.servers import ServerProcess

#: All files in a thorough run.
pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("about")]

_TABLE = Path(__file__).with_name("about.toml")
_CASES: list[dict[str, Any]] = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["case"]
_PREFIXES = """\
PREFIX ex: <http://example.org/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
"""
_LONG = "x" * 10_000
_THING = "/resource?iri=http://example.org/a"
_PAGES = ("/", _THING, "/dump/", "/browse", "/search?q=house", "/sparql", "/.well-known/void", "/nothing", "/timeline")
#: Of this project's own graph.
_OURS = ("AMMTC", "ASEAN", "contributors", "paragraph that", "CC BY 4.0", "licenses/by/4.0")


def _filled(value: Any) -> Any:
    text = json.dumps(value).replace("{long}", _LONG).replace("{cut}", "x" * 199 + "…")
    return json.loads(text)


@pytest.fixture(scope="module", params=sample(_CASES), ids=lambda case: case["name"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, Any], ServerProcess]]:
    case = _filled(request.param)
    path = tmp_path_factory.mktemp("about") / "data.trig"
    path.write_text(_PREFIXES + case["data"], encoding="utf-8")
    with ServerProcess({"data": [str(path)]}) as running:
        yield case, running


def linked_data(page: str) -> Any:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert found is not None
    return json.loads(found[1])


def test_pages(served: tuple[dict[str, Any], ServerProcess]) -> None:
    case, server = served
    for address in _PAGES:
        text = server.get(address, "text/html").text
        for word in (*_OURS, *case.get("hidden", ())):
            assert word not in text, address
        page = Page(text)
        brand = next(attributes for _, attributes in page.elements if attributes.get("class") == "brand")
        assert brand.get("lang") == case.get("language", None if "language" in case else brand.get("lang"))
        assert case["title"] in page.text or len(case["title"]) > 60
        if "licence_name" in case:
            assert f"Data: {case['licence_name']}." in page.text
        for licence in case.get("licences", {}).values():
            assert f"{licence.rpartition('/')[2]} on example.org" in page.text
        assert ("Data:" in page.text) == ("licence" in case)
    assert "There are none" in server.get("/dump/", "text/html").text


def test_the_home_page(served: tuple[dict[str, Any], ServerProcess]) -> None:
    case, server = served
    content = linked_data(server.get("/", "text/html").text)
    assert (content["@type"], content["name"]) == ("Dataset", case["title"])
    assert content.get("license") == case.get("licence")
    assert sorted(creator["name"] for creator in content.get("creator", ())) == sorted(case.get("creators", ()))
    assert len(content["description"]) <= 280
    if "description" in case:
        assert content["description"] == case["description"]


def test_how_to_cite(served: tuple[dict[str, Any], ServerProcess]) -> None:
    case, server = served
    reply = server.get(_THING, "text/html")
    if not case["data"]:
        assert reply.status == 404
        return
    page = Page(reply.text)
    found = re.search(r"How to cite\s*Footnote Copy (.*?)generation", page.text)
    assert found is not None
    creators, thing, title = re.fullmatch(r"(?:(.*): )?“(.*)”\. (.*), ", found[1].strip() + " ").groups()  # type: ignore[union-attr]
    assert sorted((creators or "").split(", ")) == sorted(case.get("creators", [""]))
    assert (thing, title) == (case.get("thing", "House"), case["title"])
    assert case.get("page", "") in page.text


def test_openapi(served: tuple[dict[str, Any], ServerProcess]) -> None:
    case, server = served
    reply = server.get("/openapi.json")
    info = reply.json["info"]
    assert info["title"] == case["title"]
    assert ("license" in info) == ("licence" in case)
    if "licence" in case:
        web = case["licence"].startswith("http")
        assert info["license"] == {
            "name": f"Data: {case['licence_name']}",
            **({"url": case["licence"]} if web else {}),
        }
    assert not any(word in reply.text for word in _OURS[1:])


def test_the_description_as_data(served: tuple[dict[str, Any], ServerProcess]) -> None:
    case, server = served
    body = server.get("/.well-known/void", "text/turtle").body
    graph = Graph().parse(data=body, format="turtle")
    (dataset,) = graph.objects(URIRef(f"{server.url}/.well-known/void"), FOAF.primaryTopic)
    assert [str(title) for title in graph.objects(dataset, DCTERMS.title)] == [case["title"]]
    assert [str(licence) for licence in graph.objects(dataset, DCTERMS.license)] == (
        [case["licence"]] if "licence" in case else []
    )
    parts = {
        str(part): str(licence)
        for part in graph.objects(dataset, VOID.subset)
        for licence in graph.objects(part, DCTERMS.license)
    }
    assert parts == case.get("licences", {})
    assert not any(word in body.decode() for word in _OURS)


@pytest.mark.xdist_group("server")
def test_this_project_states_its_own(server: ServerProcess) -> None:
    """The documents of the graph state one licence; pages that the web process makes itself read nothing of it."""
    home = server.get("/", "text/html").text
    content = linked_data(home)
    assert (content["name"], content["license"]) == (
        "AMMTC knowledge graph",
        "https://creativecommons.org/licenses/by/4.0/",
    )
    assert content["creator"] == [{"@type": "Organization", "name": "AMMTC knowledge graph contributors"}]
    assert "Data: CC BY 4.0." in Page(home).text
    assert server.get("/openapi.json").json["info"]["license"]["name"] == "Data: CC BY 4.0"
    problem = server.request("GET", "/sparql?query=SELECT", {"Accept": "text/html;q=0.5, application/json;q=0.1"})
    assert "AMMTC knowledge graph" in problem.text


@pytest.mark.xdist_group("server")
@pytest.mark.parametrize(
    ("thing", "address"),
    [
        ("source/nst-2025-09-12", "https://prwire.my/feeds/19th-ammtc-concludes-boost-asean-security-cooperation"),
        ("id/budapest-convention", "https://www.coe.int/en/web/cybercrime/the-budapest-convention"),
    ],
)
def test_a_text_that_can_be_read_elsewhere_says_where(server: ServerProcess, thing: str, address: str) -> None:
    text = server.get(f"/page/{thing}", "text/html").text
    assert linked_data(text)["url"] == address
    assert address in set(Page(text).links())
