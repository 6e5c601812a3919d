"""Each kind of page, loaded once: wide, narrow, on paper, for other programs, and against the rules of axe-core."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, ViewportSize

from browser.axe_core import COLOURS, OTHERS, SCHEMES, faults, leave_new
from browser.kinds import PAGES
from browser.visits import WIDE, Visit

pytestmark = pytest.mark.xdist_group("browser-kinds")

_DESCRIBED = ("meeting", "state", "instrument", "topic", "source", "ontology")
_WITH_QUERIES = ("timeline", "network", "expected", "compare", "side-by-side", "instrument", "state")
#: A4 between margins of 15 mm, upright; across where sources stand side by side.
_PAPER = {"home": 680, "meeting": 680, "instrument": 680, "expected": 680, "compare": 1009, "side-by-side": 1009}
_TELEPHONE = ViewportSize(width=360, height=740)
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_READ = f"""() => ({{
  headings: document.querySelectorAll("h1").length,
  overflow: {_OVERFLOW},
  title: document.title,
  words: [...document.querySelectorAll("main > :not(.about)")].flatMap((part) => part.innerText.split(/\\s+/)),
}})"""
_WIDER_BOXES = "[...document.querySelectorAll('.scroll')].filter((box) => box.scrollWidth > box.clientWidth).length"


@pytest.fixture(scope="module")
def looks() -> list[str]:
    """The looks whose colours were checked, on whichever page."""
    return []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_each_kind(visit: Visit, axe: str, looks: list[str], name: str, subtests: pytest.Subtests) -> None:
    page = visit.go(PAGES[name])
    if name == "missing":
        visit.complaints[:] = [complaint for complaint in visit.complaints if "404" not in complaint]
    else:
        with subtests.test(f"{name} can be read"):
            can_be_read(page)
    if name in (*_DESCRIBED, "class", "home"):
        with subtests.test(f"{name} says what it is to other programs"):
            says_what_it_is(page, name)
    if name in _WITH_QUERIES:
        with subtests.test(f"{name} leads to its queries"):
            leads_to_its_queries(visit)
    if name in _PAPER:
        with subtests.test(f"{name} fits paper"):
            fits_paper(page, _PAPER[name])
    visit.open_citation(0)
    page.evaluate(axe)
    with subtests.test(f"{name} has no serious fault"):
        assert faults(page, OTHERS) == []
    page.keyboard.press("Escape")
    if name != "missing":
        with subtests.test(f"{name} fits a telephone"):
            fits_a_telephone(visit)
    page.set_viewport_size(WIDE)
    looks[:] = leave_new(page, looks)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        with subtests.test(f"{name} has no serious fault in its colours", scheme=scheme):
            assert faults(page, COLOURS) == []


def can_be_read(page: Page) -> None:
    read = page.evaluate(_READ)
    assert read["headings"] == 1
    assert read["title"].endswith("AMMTC knowledge graph")
    assert read["overflow"] <= 0
    assert "None" not in read["words"]
    assert not [
        word for word in read["words"] if re.match("https://w3id.org/ammtc/(id|concept|source|ontology#\\w)", word)
    ]


def says_what_it_is(page: Page, name: str) -> None:
    content = json.loads(page.locator("script[type='application/ld+json']").inner_text())
    assert content["@context"] == "https://schema.org"
    assert content["name"] == page.locator("meta[property='og:title']").get_attribute("content")
    assert content["description"] == page.locator("meta[name=description]").get_attribute("content")
    assert page.locator("meta[property='og:description']").get_attribute("content") == content["description"]
    if name in _DESCRIBED:
        assert page.locator("link[rel=alternate][type='text/turtle']").count() == 1
        assert content["@id"] in page.locator("#about + dl").inner_text()
        assert f"{content['@id']}. CC BY 4.0." in page.locator(".cite-as").inner_text()


def leads_to_its_queries(visit: Visit) -> None:
    accepted = {"Accept": "application/sparql-results+json, text/turtle"}
    links: list[str] = visit.page.locator("main a.run").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert links
    for link in links:
        query = parse_qs(urlsplit(link).query)["query"][0]
        reply = visit.page.request.get(f"{visit.base}{link}", headers=accepted)
        assert reply.ok, query
        assert len(reply.body()) > 100, query


def fits_paper(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate(_OVERFLOW) <= 0
    assert page.evaluate(_WIDER_BOXES) == 0
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")
    page.emulate_media(media="null")
    page.set_viewport_size(WIDE)


def fits_a_telephone(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size(_TELEPHONE)
    assert page.evaluate(_OVERFLOW) <= 0
    for number in range(3):
        if visit.open_citation(number):
            assert page.evaluate(_OVERFLOW) <= 0
