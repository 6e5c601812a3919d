"""Every kind of page against the rules of axe-core, light and dark: no serious or critical fault."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.npm_packages import install
from support.servers import KbServe

from browser.kinds import PAGES
from browser.visits import Visit
from kb.config import Project

pytestmark = pytest.mark.xdist_group("browser-accessibility")

_FILES = Path(__file__).parent / "axe"
_HOW = "On Debian and Ubuntu: apt-get install nodejs npm"
_TELEPHONE = {"width": 360, "height": 740}
_RUN = "options => axe.run(document, {resultTypes: ['violations'], ...options})"
#: Rules about colours take nine tenths of the time, since they look at each element; the others take one pass for all.
_OF_COLOURS = ["color-contrast", "link-in-text-block"]
_OTHERS = {"rules": {rule: {"enabled": False} for rule in _OF_COLOURS}}
_COLOURS = {"runOnly": _OF_COLOURS}
#: Leaves three of each run of siblings that have the same tag, class and state: the others have the same colours.
_THIN = """() => {
  for (const parent of document.querySelectorAll("tbody, ol, ul, dl, nav, main, section, td, dd, div, p")) {
    const seen = new Map();
    for (const child of [...parent.children]) {
      const kind = `${child.tagName} ${child.className} ${child.getAttribute("aria-expanded")}`;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      if (seen.get(kind) > 3) child.remove();
    }
  }
}"""


@pytest.fixture(scope="session")
def axe(project: Project, requires: Callable[[str, str], Path]) -> str:
    """The text of axe-core, installed on first use into a folder that git ignores."""
    folder = install(requires("npm", _HOW), _FILES, project.root / "build" / "accessibility")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def faults(visit: Visit, options: dict[str, Any]) -> list[str]:
    """Return the serious and critical faults of the page that is open, each with its places.

    :param options: of axe-core, which rules it runs
    """
    found: dict[str, Any] = visit.page.evaluate(_RUN, options)
    return [
        f"{fault['id']} ({fault['impact']}): {json.dumps([place['html'][:160] for place in fault['nodes'][:3]])}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


def test_no_page_has_a_serious_fault(
    open_visit: Callable[..., Visit], server: KbServe, axe: str, subtests: pytest.Subtests
) -> None:
    visit = open_visit(server, color_scheme="light")
    for name, address in PAGES.items():
        visit.go(address)
        if name != "missing":
            for citation in visit.page.locator("button.ev:visible").all()[:1]:
                citation.click()
        visit.page.evaluate(axe)
        with subtests.test(name, scheme="light"):
            assert faults(visit, _OTHERS) == []
            visit.page.evaluate(_THIN)
            assert faults(visit, _COLOURS) == []
        with subtests.test(name, scheme="dark"):
            visit.page.emulate_media(color_scheme="dark")
            assert faults(visit, _COLOURS) == []
        visit.page.emulate_media(color_scheme="light")
    visit.complaints[:] = [complaint for complaint in visit.complaints if "404" not in complaint]


def test_a_telephone_shows_it_without_a_serious_fault(
    open_visit: Callable[..., Visit], server: KbServe, axe: str, subtests: pytest.Subtests
) -> None:
    visit = open_visit(server, viewport=_TELEPHONE)
    for name in ("home", "meeting", "instrument", "timeline", "network", "side-by-side"):
        with subtests.test(name):
            visit.go(PAGES[name])
            visit.page.evaluate(axe)
            assert faults(visit, _OTHERS) == []
            visit.page.evaluate(_THIN)
            assert faults(visit, _COLOURS) == []


def test_faint_text_is_found_in_both_schemes(open_visit: Callable[..., Visit], server: KbServe, axe: str) -> None:
    visit = open_visit(server)
    visit.go("/")
    visit.page.evaluate(axe)
    visit.page.evaluate("document.querySelector('main p').style.color = '#888'")
    for scheme, background in (("light", "#999"), ("dark", "#777")):
        visit.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        visit.page.evaluate(f"document.querySelector('main p').style.backgroundColor = '{background}'")
        assert [fault.partition(" ")[0] for fault in faults(visit, _COLOURS)] == ["color-contrast"]
