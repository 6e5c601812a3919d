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

pytestmark = pytest.mark.xdist_group("browser")

_FILES = Path(__file__).parent / "axe"
_HOW = "On Debian and Ubuntu: apt-get install nodejs npm"
_TELEPHONE = {"width": 360, "height": 740}
_RUN = "rules => axe.run(document, {resultTypes: ['violations'], ...(rules ? {runOnly: rules} : {})})"
#: In the dark scheme the colours alone are different.
_OF_COLOURS = ["color-contrast", "link-in-text-block"]


@pytest.fixture(scope="session")
def axe(project: Project, requires: Callable[[str, str], Path]) -> str:
    """The text of axe-core, installed on first use into a folder that git ignores."""
    folder = install(requires("npm", _HOW), _FILES, project.root / "build" / "accessibility")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def faults(visit: Visit, axe: str, rules: list[str] | None = None) -> list[str]:
    """Return the serious and critical faults of the page that is open, each with its places.

    :param rules: names of the rules of axe-core; None for all
    """
    visit.page.evaluate(axe)
    found: dict[str, Any] = visit.page.evaluate(_RUN, rules)
    return [
        f"{fault['id']} ({fault['impact']}): {json.dumps([place['html'][:160] for place in fault['nodes'][:3]])}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault(
    open_visit: Callable[..., Visit], server: KbServe, axe: str, scheme: str, subtests: pytest.Subtests
) -> None:
    visit = open_visit(server, color_scheme=scheme)
    for name, address in PAGES.items():
        with subtests.test(name):
            visit.go(address)
            if name != "missing":
                for citation in visit.page.locator("button.ev:visible").all()[:1]:
                    citation.click()
            assert faults(visit, axe, _OF_COLOURS if scheme == "dark" else None) == []
    visit.complaints[:] = [complaint for complaint in visit.complaints if "404" not in complaint]


def test_a_telephone_shows_it_without_a_serious_fault(
    open_visit: Callable[..., Visit], server: KbServe, axe: str, subtests: pytest.Subtests
) -> None:
    visit = open_visit(server, viewport=_TELEPHONE)
    for name in ("home", "meeting", "instrument", "timeline", "network", "side-by-side"):
        with subtests.test(name):
            visit.go(PAGES[name])
            assert faults(visit, axe) == []
