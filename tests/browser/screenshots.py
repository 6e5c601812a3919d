"""Pictures of each kind of page, wide, narrow and dark, in a folder that git ignores: ``make screenshots``."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Page, sync_playwright
from support.servers import KbServe

from browser.conftest import FLAGS, browser_program
from browser.kinds import PAGES

__all__ = ["take"]

_FOLDER = Path(__file__).resolve().parents[2] / "build" / "screenshots"
_WIDE = {"width": 1280, "height": 900}
_NARROW = {"width": 360, "height": 740}
_CONTEXTS: Mapping[str, Mapping[str, Any]] = {
    "wide": {"viewport": _WIDE},
    "narrow": {"viewport": _NARROW},
    "dark": {"viewport": _WIDE, "color_scheme": "dark"},
}
#: Higher pages are cut there; what comes below looks like what is above.
_HIGHEST = 4000


def take(page: Page, base: str, name: str, kind: str) -> Path:
    """Write the picture of one page, its first citation open, and return its file."""
    page.goto(f"{base}{PAGES[kind]}", wait_until="load")
    for citation in page.locator(".facts button.ev:visible, .section button.ev:visible").all()[:1]:
        citation.click()
    height = min(_HIGHEST, page.evaluate("document.documentElement.scrollHeight"))
    width = page.evaluate("document.documentElement.clientWidth")
    path = _FOLDER / f"{kind}-{name}.png"
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    return path


def main() -> None:
    """Take all pictures."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True)
    program = shutil.which(browser_program())
    if program is None:
        sys.exit("Chromium is missing. Install it: apt-get install chromium-headless-shell, or chromium")
    with KbServe() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        for name, settings in _CONTEXTS.items():
            page = browser.new_context(**settings).new_page()
            for kind in PAGES:
                sys.stdout.write(f"{take(page, server.url, name, kind).name}\n")
        browser.close()


if __name__ == "__main__":
    main()
