"""Citing in the browser: from a footnote to the page of its statement, and a button that copies, by keyboard."""

import datetime as dt
import json
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from support.servers import KbServe

from browser.axe_core import COLOURS, OTHERS, SCHEMES, faults
from browser.visits import Visit

pytestmark = pytest.mark.xdist_group("browser-pages")

_CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
_READ = "navigator.clipboard.readText()"


def test_a_reader_cites_a_statement_by_keyboard(open_visit: Callable[..., Visit], server: KbServe, axe: str) -> None:
    visit = open_visit(server, _CLIPBOARD)
    page = visit.go("/page/id/melaka-declaration")
    note = page.locator(".panel:has(p.to-cite)").first.get_attribute("id")
    page.locator(f"button.ev[popovertarget={note}]").first.press("Enter")
    page.locator(f"#{note} .to-cite a").press("Enter")
    expect(page.get_by_text("A statement, and who says so")).to_be_visible()
    page.evaluate(axe)
    page.get_by_role("button", name="Copy Footnote").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    today = dt.datetime.now().astimezone().date()
    assert page.evaluate(_READ).endswith(f"CC BY 4.0. Read on {today.isoformat()}.")
    page.get_by_text("BibTeX and CSL JSON").press("Enter")
    page.get_by_role("button", name="Copy BibTeX").press(" ")
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_have_count(2)
    assert f"urldate = {{{today.isoformat()}}}" in page.evaluate(_READ)
    page.get_by_role("button", name="Copy CSL JSON").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_have_count(3)
    (item,) = json.loads(page.evaluate(_READ))
    assert item["accessed"] == {"date-parts": [[today.year, today.month, today.day]]}
    page.get_by_role("button", name="Copy the permanent address").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_have_count(4)
    assert page.evaluate(_READ) == item["URL"]
    assert faults(page, OTHERS) == []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert faults(page, COLOURS) == []
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_a_text_that_cannot_be_copied_is_selected(open_visit: Callable[..., Visit], server: KbServe) -> None:
    page = open_visit(server).go("/page/id/melaka")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy Footnote").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Selected: copy it with the keyboard.")).to_be_visible()
    assert "https://w3id.org/ammtc/id/melaka" in page.evaluate("getSelection().toString()")


def test_without_script_the_texts_are_there(open_visit: Callable[..., Visit], server: KbServe) -> None:
    page = open_visit(server, {"java_script_enabled": False}).go("/page/id/melaka")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.get_by_text("BibTeX and CSL JSON").click()
    expect(page.locator("#cite-bibtex")).to_contain_text("@misc{ammtc-id-melaka-")
    expect(page.locator("#cite-bibtex")).not_to_contain_text("urldate")
