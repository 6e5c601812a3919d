"""Every value on every page has a citation: what sources, editors or a proof say for it, in a note that opens."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from browser.kinds import PAGES
from support.examples import sample
from support.servers import ServerProcess
from values import ValuesPage

pytestmark = pytest.mark.xdist_group("values")

_THINGS = """
SELECT DISTINCT ?thing {
  GRAPH ?graph { ?thing ?property ?value }
  FILTER (ISIRI(?thing) && !CONTAINS(STR(?thing), "#") && REGEX(STR(?thing), "/ammtc/(id|concept|source)/"))
}
"""
#: Texts that no page could have by chance.
_TEXTS = """
SELECT DISTINCT ?text {
  { ?thing rdfs:label ?text }
  UNION { ?fact ammtc:summary|ammtc:nameAsGiven|ammtc:titleAsGiven|ammtc:missing|ammtc:reason ?text }
  FILTER (ISIRI(?thing) || BOUND(?fact))
  FILTER (REGEX(STR(?text), "^\\\\S+ \\\\S+ \\\\S+"))
}
"""
_DATE = re.compile(
    r"\b\d{1,2} (January|February|March|April|May|June|July|August|September|October|November|December)\b"
)


def rows(server: ServerProcess, query: str) -> list[str]:
    bindings = server.query(query).json["results"]["bindings"]
    return [value["value"] for row in bindings for value in row.values()]


@pytest.fixture(scope="module")
def things(server: ServerProcess) -> dict[str, ValuesPage]:
    """Pages of things, by their addresses: of all in a thorough run."""
    found = sorted(rows(server, _THINGS))
    assert len(found) > 500
    paths = [f"/page{quote(urlsplit(iri).path.removeprefix('/ammtc'))}" for iri in sample(found)]
    return {path: opened(server, path) for path in paths}


def opened(server: ServerProcess, path: str) -> ValuesPage:
    reply = server.get(path, "text/html")
    assert reply.status == 200, (path, reply.text)
    return ValuesPage(reply.text)


@pytest.mark.parametrize("name", [name for name in PAGES if name != "missing"])
def test_a_kind_of_page_cites_every_value(server: ServerProcess, name: str) -> None:
    page = opened(server, PAGES[name])
    assert list(page.faults()) == []
    assert page.values or page.names or name in ("downloads", "question")


@pytest.mark.thorough
def test_the_page_of_every_thing_cites_every_value(things: dict[str, ValuesPage]) -> None:
    assert {path: found for path, page in things.items() if (found := list(page.faults()))} == {}
    assert sum(len(page.values) for page in things.values()) > 15 * len(things)


@pytest.mark.thorough
def test_nothing_of_the_graph_stands_among_the_own_words_of_a_page(
    server: ServerProcess, things: dict[str, ValuesPage]
) -> None:
    """What is left of a page without its values and names is what its template says, for whatever thing."""
    texts = rows(server, _TEXTS)
    assert len(texts) > 500
    known = re.compile("|".join(map(re.escape, sorted(texts, key=len, reverse=True))))
    views = {name: opened(server, PAGES[name]) for name in ("home", "timeline", "expected", "compare", "side-by-side")}
    for path, page in (things | views).items():
        assert not list(_foreign(re.sub(r"\s+", " ", page.own), known)), path


def _foreign(own: str, known: re.Pattern[str]) -> Iterator[str]:
    yield from (found[0] for pattern in (known, _DATE) for found in pattern.finditer(own))


def test_the_class_of_what_is_defined_by_equivalence_is_proven(server: ServerProcess) -> None:
    page = opened(server, "/page/id/saifuddin-nasution-ismail")
    note = next(value.notes[0] for value in page.values if value.text.startswith("official") and value.notes)
    assert "Saifuddin Nasution Ismail" in page.notes[note]
    assert "The whole proof" in page.notes[note]


def test_every_inferred_value_leads_to_its_whole_proof(server: ServerProcess) -> None:
    reply = server.get("/page/id/saifuddin-nasution-ismail", "text/html")
    links = sorted({link.replace("&amp;", "&") for link in re.findall(r'href="(/explain[^"]*)"', reply.text)})
    assert len(links) >= 3
    for link in links:
        page = opened(server, link)
        assert list(page.faults()) == []
        assert page.values, link


@pytest.mark.parametrize(
    "query", ["", "?subject=x", "?subject=https://w3id.org/ammtc/id/malaysia&property=https://w3id.org/x&value=%22"]
)
def test_what_does_not_hold_has_no_proof(server: ServerProcess, query: str) -> None:
    assert server.get(f"/explain{query}", "text/html").status == 404
