"""Hostile data in the browser: nothing of it runs, and nothing of it breaks the layout; any graph gets pages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from support.servers import KbServe

from browser.visits import Visit

pytestmark = pytest.mark.xdist_group("browser-workbench")

_ADDRESSES = [
    "/",
    "/page/id/trap",
    "/page/id/trap-act",
    "/page/id/no-label",
    "/page/source/trap",
    "/compare/id/trap",
    "/compare",
    "/timeline",
    "/network",
    "/expected",
    "/browse",
    "/browse/meetings",
    "/search?q=script",
    "/resource?iri=http%3A%2F%2Fexample.org%2Fthings%2F1",
    "/page/id/gr%C3%B6%C3%9Fe",
]


@pytest.mark.parametrize("address", _ADDRESSES)
def test_nothing_runs_and_nothing_is_too_wide(open_visit: Callable[..., Visit], traps: KbServe, address: str) -> None:
    visit = open_visit(traps)
    page = visit.go(address)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        for number in range(5):
            visit.open_citation(number)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.locator("script:not([src^='/static/']):not([type='application/ld+json'])").count() == 0
    assert page.locator("[onmouseover], [onerror], [onclick], img").count() == 0
    assert page.locator("a[href^='javascript:'], a[href^='data:']").count() == 0
    assert visit.complaints == []


def test_hostile_text_is_shown_as_it_is(open_visit: Callable[..., Visit], traps: KbServe) -> None:
    page = open_visit(traps).go("/page/id/trap")
    expect(page.locator("h1")).to_have_text("<script>alert(1)</script>")
    for text in ("</script><script>alert(3)</script>", "javascript:alert(1)", "{{ 7 * 7 }}{% raw %}", "שלום עולם"):
        expect(page.locator("main")).to_contain_text(text)


def test_suggestions_show_hostile_names_as_they_are(open_visit: Callable[..., Visit], traps: KbServe) -> None:
    page = open_visit(traps).go("/")
    page.get_by_role("combobox", name="Search").press_sequentially("script")
    expect(page.get_by_role("option").first).to_contain_text("<script>")


def test_a_graph_of_another_vocabulary_has_pages(open_visit: Callable[..., Visit], traps: KbServe) -> None:
    page = open_visit(traps).go("/")
    page.locator("[name=q]").fill("another site")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="a thing of another site", exact=True).click()
    expect(page.locator("h1")).to_have_text("a thing of another site")
    page.get_by_role("link", name="another thing of another site").click()
    expect(page.locator("#about + dl")).to_contain_text("http://example.org/things/2")
