"""axe-core in the browser: the serious and critical faults of the page that is open."""

import json
from typing import Any

from playwright.sync_api import Page

__all__ = ["COLOURS", "OTHERS", "faults", "thin"]

_RUN = "options => axe.run(document, {resultTypes: ['violations'], ...options})"
_OF_COLOURS = ["color-contrast", "link-in-text-block"]
#: Rules about colours take nine tenths of the time, since they look at each element; the others take one pass for all.
OTHERS: dict[str, Any] = {"rules": {rule: {"enabled": False} for rule in _OF_COLOURS}}
COLOURS: dict[str, Any] = {"runOnly": _OF_COLOURS}
_THIN = """() => {
  for (const parent of document.querySelectorAll("tbody, ol, ul, dl, nav, main, section, td, dd, div, p, svg, g")) {
    const seen = new Map();
    for (const child of [...parent.children]) {
      const kind = `${child.tagName} ${child.getAttribute("class")} ${child.getAttribute("aria-expanded")}`;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      if (seen.get(kind) > 3) child.remove();
    }
  }
}"""


def thin(page: Page) -> None:
    """Leave three of each run of siblings that have the same tag, class and state: the others have the same colours."""
    page.evaluate(_THIN)


def faults(page: Page, options: dict[str, Any]) -> list[str]:
    """Return the serious and critical faults of a page that has axe-core, each with its places.

    :param options: of axe-core, which rules it runs
    """
    found: dict[str, Any] = page.evaluate(_RUN, options)
    return [
        f"{fault['id']} ({fault['impact']}): {json.dumps([place['html'][:160] for place in fault['nodes'][:3]])}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
