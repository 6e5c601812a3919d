"""Citations with the words of the sources in the browser: they open, lead to the paragraph, and print."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from support.quoted_graph import ADDRESS, write_quoted
from support.servers import KbServe

from browser.axe_core import COLOURS, OTHERS, SCHEMES, faults
from browser.visits import Visit

pytestmark = pytest.mark.xdist_group("browser-texts")


@pytest.fixture(scope="module")
def quoting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KbServe]:
    """`kb serve` of a graph with its texts."""
    data, texts = write_quoted(tmp_path_factory.mktemp("quoted"))
    with KbServe(["--data", data, "--texts", texts]) as running:
        yield running


@pytest.mark.parametrize("script", [True, False])
def test_a_citation_opens_to_the_words_and_leads_to_the_paragraph(
    open_visit: Callable[..., Visit], quoting: KbServe, *, script: bool
) -> None:
    page = open_visit(quoting, {} if script else {"java_script_enabled": False}).go("/page/id/meeting")
    citation = page.locator(".facts .value").filter(has_text="42").locator("button.ev")
    citation.focus()
    page.keyboard.press("Enter")
    panel = page.locator(f"#{citation.get_attribute('popovertarget')}")
    expect(panel.locator("mark")).to_have_text(["24 June 2025", "42"])  # one note for both
    expect(panel.get_by_role("link", name="example.org")).to_have_attribute("href", ADDRESS)
    panel.get_by_role("link", name="The first text 1").press("Enter")
    paragraph = page.locator("#cited-one-p1")
    expect(paragraph).to_be_in_viewport()
    expect(paragraph.locator("mark")).to_have_text(["Melaka", "24 June 2025", "42"])
    expect(paragraph.locator("blockquote")).to_contain_text("<script>alert(1)</script>")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    paragraph.get_by_role("link", name="¶ 1").click()
    assert page.url.endswith("/page/source/one#p1")
    expect(page.locator("#p1 blockquote mark")).to_have_count(3)


def test_quotations_are_in_order_for_those_who_do_not_see(
    open_visit: Callable[..., Visit], quoting: KbServe, axe: str
) -> None:
    visit = open_visit(quoting)
    for path in ("/page/id/meeting", "/page/source/one"):
        page = visit.go(path)
        page.evaluate(axe)
        assert faults(page, OTHERS) == []
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert faults(page, COLOURS) == []
        assert visit.open_citation(0)


def test_paper_has_the_paragraphs_and_where_they_were_published(
    open_visit: Callable[..., Visit], quoting: KbServe
) -> None:
    page: Page = open_visit(quoting).go("/page/id/meeting")
    page.emulate_media(media="print")
    expect(page.locator("#cited-one-p1 blockquote")).to_be_visible()
    assert ADDRESS in page.evaluate(
        "getComputedStyle(document.querySelector('.by-source .external'), '::after').content"
    )
    assert page.evaluate("getComputedStyle(document.querySelector('.cited mark')).textDecorationLine") == "underline"
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0
