"""A reader in the browser: a citation, search with suggestions, the views, the keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from support.servers import KbServe

from browser.axe_core import SCHEMES
from browser.kinds import PAGES
from browser.visits import Visit

pytestmark = pytest.mark.xdist_group("browser-pages")

#: Has a style sheet move the heading.
_MOVING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("@keyframes moving { to { opacity: 0.5 } } h1 { animation: moving 9s infinite }");
  document.adoptedStyleSheets = [sheet];
}"""


def note_of(page: Page, value: Locator) -> Locator:
    """Open the citation of a value and return the note that it opens."""
    citation = value.locator("button.ev").first
    citation.click()
    note = page.locator(f"#{citation.get_attribute('popovertarget')}")
    expect(note).to_be_visible()
    return note


def test_a_meeting_shows_its_programme_by_days(visit: Visit) -> None:
    page = visit.go("/page/id/somtc-25")
    day = page.get_by_role("heading", name="Day 2")
    expect(day).to_contain_text("25 June 2025")
    expect(note_of(page, day.locator(".value").first)).to_contain_text("paragraph 16")
    row = page.get_by_role("row").filter(has_text="13th SOMTC + Canada Consultation").first
    expect(row).to_contain_text("Lao PDR")
    expect(row).to_contain_text("Malaysiakini\N{NO-BREAK SPACE}18")


def test_a_series_shows_the_gaps_in_its_ordinals(visit: Visit) -> None:
    page = visit.go("/page/id/somtc")
    expect(page.get_by_text("Nos. 1 to 24: no source here speaks of them.")).to_be_visible()


def test_an_instrument_shows_how_far_it_got_by_source(visit: Visit) -> None:
    page = visit.go("/page/id/plan-of-action-2026-2035")
    steps = page.locator(".ladder .step strong a").all_inner_texts()
    assert steps.index("Proposal") < steps.index("Approval") < steps.index("Adoption")
    source = page.get_by_role("rowheader", name="Malaysiakini announcement of 30 June 2025")
    row = page.get_by_role("row").filter(has=source)
    expect(row).to_contain_text("ASEAN Plan of Action to Combat Transnational Crime (2026")
    expect(row).to_contain_text("development")


def test_a_citation_opens_to_who_says_so_and_who_does_not(visit: Visit) -> None:
    page = visit.go("/page/id/ammtc-19")
    fact = (
        page.locator(".facts .value")
        .filter(has_text="Melaka")
        .filter(has_text="Cong\N{NO-BREAK SPACE}Tuan\N{NO-BREAK SPACE}2")
        .first
    )
    panel = note_of(page, fact)
    expect(panel).to_contain_text("Stated in")
    expect(panel).to_contain_text("Derived, not stated.")
    expect(panel).to_contain_text("The editors follow this.")
    expect(panel).to_contain_text("2 independent origins")
    expect(panel).to_contain_text("Says nothing of it: Daily8 page on Saifuddin Nasution Ismail")
    panel.get_by_role("link", name="Cong Tuan's article of 11 September 2025, paragraph 2").first.click()
    assert page.url.endswith("/page/source/cong-tuan-2025-09-11#p2")
    expect(page.locator("#p2")).to_contain_text("19th ASEAN Ministerial Meeting")


def test_a_note_stands_beside_its_value_and_moves_nothing(visit: Visit) -> None:
    page = visit.go("/page/id/ammtc-19")
    citation = page.locator(".facts button.ev").first
    height = page.evaluate("document.documentElement.scrollHeight")
    place = citation.bounding_box()
    note = note_of(page, page.locator(".facts .value").first).bounding_box()
    assert place is not None
    assert note is not None
    assert abs(note["y"] - place["y"] - place["height"]) < 20
    assert page.evaluate("document.documentElement.scrollHeight") == height


def test_a_copy_is_neither_an_origin_nor_silent(visit: Visit) -> None:
    page = visit.go("/page/id/somtc-25")
    note = note_of(page, page.locator(".facts .value").filter(has_text="Putrajaya").first)
    expect(note).to_contain_text("1 independent origin")
    expect(note).to_contain_text("no origin of its own: Daily8 page on Saifuddin Nasution Ismail")
    silence = note.locator("p").filter(has_text="Says nothing of it")
    expect(silence).to_contain_text("NST report of 12 September 2025")
    expect(silence).not_to_contain_text("Daily8")


def test_what_no_source_states_is_given_by_the_editors(visit: Visit) -> None:
    page = visit.go("/page/id/ammtc-19")
    note = note_of(page, page.locator(".kind .value").first)
    expect(note).to_contain_text("Given by the editors")
    expect(note.get_by_role("link", name="Entities")).to_be_visible()


def test_an_inferred_value_is_explained_and_proven(visit: Visit) -> None:
    page = visit.go("/page/id/measure-drug-free-border-communes")
    note = note_of(page, page.locator(".facts .value").filter(has_text="Viet Nam").filter(has_text="inferred").last)
    expect(note).to_contain_text("chain of properties")
    expect(note).to_contain_text("proposes drug-free border communes")
    note.get_by_role("link", name="The whole proof, step by step").click()
    expect(page.locator("h1")).to_have_text("drug-free border communes proposed by Viet Nam")
    expect(page.locator(".proof .proof .proof")).not_to_have_count(0)
    stated = (
        page.locator(".proof .value")
        .filter(has_text="in ministry of")
        .or_(page.locator(".proof .value").filter(has_text="ministry of Viet Nam"))
    )
    expect(stated.first).to_contain_text("Cong\N{NO-BREAK SPACE}Tuan\N{NO-BREAK SPACE}13")


def test_suggestions_find_a_name_without_its_diacritics(visit: Visit) -> None:
    page = visit.go("/")
    field = page.get_by_role("combobox", name="Search")
    field.press_sequentially("quâng")
    options = page.get_by_role("option")
    expect(options.filter(has_text="Luong Tam Quang").first).to_be_visible()
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(options.first).to_be_hidden()
    field.fill("")
    field.press_sequentially("AMMTC 1")
    choice = options.filter(has_text="19th ASEAN Ministerial Meeting on Transnational Crime").first
    expect(choice).to_contain_text("ministerial meeting")
    choice.click()
    page.wait_for_url("**/page/id/ammtc-19")


def test_a_suggestion_is_taken_by_keyboard(visit: Visit) -> None:
    page = visit.go("/timeline")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    field = page.get_by_role("combobox", name="Search")
    expect(field).to_be_focused()
    page.keyboard.type("melaka decl")
    expect(page.get_by_role("option").first).to_contain_text("Melaka Declaration")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/id/melaka-declaration")


def test_a_citation_opens_and_closes_by_keyboard(visit: Visit) -> None:
    page = visit.go("/page/id/ammtc-19")
    citation = page.locator("button.ev").first
    note = page.locator(f"#{citation.get_attribute('popovertarget')}")
    citation.focus()
    page.keyboard.press("Enter")
    expect(note).to_be_visible()
    page.keyboard.press("Tab")
    expect(note.locator("a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    expect(citation).to_be_focused()


def test_the_timeline_keeps_what_is_expected_apart(visit: Visit) -> None:
    page = visit.go("/timeline")
    months = page.locator(".month > h2").all_inner_texts()
    assert months.index("June 2025") < months.index("September 2025") < months.index("October 2025")
    summit = page.locator(".moments > li").filter(has_text="47th ASEAN Summit").last
    assert "foreseen" in (summit.get_attribute("class") or "")
    meeting = page.locator(".moments > li").filter(has_text="19th ASEAN Ministerial Meeting").first
    assert "done" in (meeting.get_attribute("class") or "")
    page.get_by_role("link", name="As tables, with the queries").click()
    expect(page.locator("#timeline-acts")).to_be_attached()


def test_the_network_is_a_picture_and_a_table(visit: Visit) -> None:
    page = visit.go("/network")
    assert page.locator("svg path.met").count() >= 9
    assert page.locator("svg path.chaired").count() >= 10
    expect(page.get_by_role("row").filter(has_text="Luong Tam Quang").first).to_contain_text("Viet Nam")
    page.locator("svg a").filter(has_text="Malaysia").locator("circle").click()
    page.wait_for_url("**/page/id/malaysia")


def test_sources_stand_side_by_side(visit: Visit) -> None:
    page = visit.go("/compare/id/ammtc-19")
    heads = page.locator(".sides thead th").all_inner_texts()
    row = page.locator(".sides tbody tr").filter(has=page.locator("th", has_text="duration in days"))
    assert row.locator("td").nth(heads.index("NST") - 1).inner_text().startswith("5")
    assert row.locator("td").nth(heads.index("VNA") - 1).inner_text() == ""
    page = visit.go("/compare")
    question = page.locator(".matrix tr").filter(has_text="How far did the ASEAN Plan of Action 2026-2035 get?")
    expect(question).to_contain_text("differs")
    question.get_by_role("link", name="How far did").click()
    expect(page.locator("main")).to_contain_text("Adoption is the stronger act")


def test_what_is_expected_is_listed_with_its_date(visit: Visit) -> None:
    page = visit.go("/expected")
    row = page.get_by_role("listitem").filter(has_text="accession of Timor-Leste to ASEAN as a full member").first
    expect(row).to_contain_text("47th ASEAN Summit")
    expect(row).to_contain_text("October 2025")
    expect(page.locator("main")).not_to_contain_text("adoption of the ASEAN Border Management Cooperation Roadmap")


def test_pages_read_without_script(open_visit: Callable[..., Visit], server: KbServe) -> None:
    visit = open_visit(server, {"java_script_enabled": False})
    page = visit.go("/")
    assert page.locator("[role=combobox], [role=listbox]").count() == 0
    page.locator(".big input[name=q]").fill("bali work plan")
    page.locator(".big button").click()
    page.get_by_role("link", name="Bali Work Plan").first.click()
    expect(page.locator("h1")).to_have_text("Bali Work Plan (2019-2025)")
    note_of(page, page.locator(".value").first)
    for name in ("timeline", "network", "compare", "expected", "meeting"):
        visit.go(PAGES[name])
        assert len(page.locator("main").inner_text()) > 500


def test_dark_mode_is_dark(visit: Visit) -> None:
    page = visit.go("/page/id/ammtc-19")
    brightness = {}
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness[scheme] = sum(map(int, colour[4:-1].split(",")))
    assert brightness["dark"] < 100
    assert brightness["light"] > 700


def test_print_leaves_out_what_paper_cannot_use(visit: Visit) -> None:
    page = visit.go("/page/id/ammtc-19")
    note = note_of(page, page.locator(".facts .value").first)
    page.keyboard.press("Escape")
    page.emulate_media(media="print")
    expect(page.locator(".top nav")).to_be_hidden()
    expect(page.locator(".search").first).to_be_hidden()
    expect(note).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_text("NST\N{NO-BREAK SPACE}5").first).to_be_visible()


def test_paper_lies_across_for_sources_side_by_side(visit: Visit) -> None:
    page = visit.go("/compare/id/ammtc-19")
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", page.pdf(prefer_css_page_size=True))
    assert box
    assert float(box[1]) > float(box[2])


def test_nothing_moves_for_those_who_do_not_want_it(visit: Visit) -> None:
    """No page moves anything; what a style sheet would move stays still for those who ask for less motion."""
    page = visit.go("/page/id/ammtc-19")
    note_of(page, page.locator(".facts .value").first)
    assert page.evaluate("document.getAnimations().length") == 0
    page.evaluate(_MOVING)
    assert page.evaluate("document.getAnimations().length") == 1
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0
