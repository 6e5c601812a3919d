"""Pages on a telephone against the rules of axe-core, and the check itself: faint text is found."""

from collections.abc import Callable

import pytest
from support.servers import KbServe

from browser.axe_core import COLOURS, OTHERS, SCHEMES, faults, leave_new, thin
from browser.kinds import PAGES
from browser.visits import Visit

pytestmark = pytest.mark.xdist_group("browser-pages")

_TELEPHONE = {"width": 360, "height": 740}


def test_a_telephone_shows_it_without_a_serious_fault(
    open_visit: Callable[..., Visit], server: KbServe, axe: str, subtests: pytest.Subtests
) -> None:
    visit = open_visit(server, viewport=_TELEPHONE)
    seen: list[str] = []
    for name in ("home", "meeting", "instrument", "timeline", "network", "side-by-side", "vocabulary"):
        with subtests.test(name):
            visit.go(PAGES[name])
            visit.page.evaluate(axe)
            thin(visit.page)
            assert faults(visit.page, OTHERS) == []
            seen = leave_new(visit.page, seen)
            assert faults(visit.page, COLOURS) == []


def test_faint_text_is_found_in_both_schemes(open_visit: Callable[..., Visit], server: KbServe, axe: str) -> None:
    visit = open_visit(server)
    page = visit.go("/page/id/ammtc-19")
    seen = leave_new(page, [])
    visit.go("/page/id/ammtc-19")
    page.evaluate(axe)
    page.evaluate("document.querySelector('main p').style.color = '#888'")
    seen = leave_new(page, seen)
    for scheme, background in zip(SCHEMES, ("#999", "#777"), strict=True):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(f"document.querySelector('main p').style.backgroundColor = '{background}'")
        assert [fault.partition(" ")[0] for fault in faults(page, COLOURS)] == ["color-contrast"]
    visit.go("/page/id/ammtc-19")
    leave_new(page, seen)
    assert page.locator("main p").count() == 0
