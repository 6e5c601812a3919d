"""A thing with thousands of statements in the browser: its page stays readable, its lists are gone through by hand."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from support.large_graph import large_graph
from support.servers import KbServe

from browser.visits import Visit

pytestmark = pytest.mark.xdist_group("browser-pages")

_MANY = 3000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KbServe]:
    """`kb serve` of a meeting with thousands of values, participants and acts."""
    path = tmp_path_factory.mktemp("large") / "large.ttl"
    path.write_text(large_graph(_MANY), encoding="utf-8")
    with KbServe(["--data", path]) as running:
        yield running


def test_its_page_is_no_wider_and_not_endless(open_visit: Callable[..., Visit], large: KbServe) -> None:
    page = open_visit(large).go("/page/id/large")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, width
        expect(page.get_by_role("link", name=f"All values, {_MANY - 40:,} more").first).to_be_visible()
    assert page.locator("main *").count() < 6000


def test_its_sections_are_paged(open_visit: Callable[..., Visit], large: KbServe) -> None:
    page = open_visit(large).go("/page/id/large")
    acts = page.get_by_role("region", name="What was done, and what is foreseen", exact=False).first
    expect(acts).to_contain_text(f"Page 1 of {_MANY // 50}")
    expect(acts.get_by_role("listitem").first).to_contain_text("id:a00000")
    acts.get_by_role("link", name="Next").click()
    expect(acts).to_contain_text(f"Page 2 of {_MANY // 50}")
    expect(acts.get_by_role("listitem").first).to_contain_text("id:a00050")
    expect(page.locator("#meeting-acts")).to_be_in_viewport()
    citation = acts.locator("button.ev").first
    citation.click()
    expect(page.locator(f"#{citation.get_attribute('popovertarget')}")).to_contain_text("paragraph 1")
    page.keyboard.press("Escape")
    acts.get_by_role("link", name="Previous").click()
    expect(acts.get_by_role("listitem").first).to_contain_text("id:a00000")


def test_all_values_are_listed_page_by_page(open_visit: Callable[..., Visit], large: KbServe) -> None:
    page = open_visit(large, {"java_script_enabled": False}).go("/page/id/large")
    values = page.locator(".facts > div").filter(has=page.locator("dt", has_text="value"))
    values.get_by_role("link", name="All values").click()
    expect(page.locator(".list li")).to_have_count(100)
    expect(page.locator(".list li").first).to_have_text("value 00000")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".list li").first).to_have_text("value 00100")
    page.go_back()
    expect(page.locator(".list li").first).to_have_text("value 00000")


def test_one_of_thousands_is_found_by_its_name(open_visit: Callable[..., Visit], large: KbServe) -> None:
    page = open_visit(large).go("/")
    page.get_by_role("combobox", name="Search").press_sequentially("participant 02999")
    page.get_by_role("option").filter(has_text="participant 02999").first.click()
    expect(page.locator("h1")).to_have_text("participant 02999")
