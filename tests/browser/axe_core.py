"""axe-core in the browser: the serious and critical faults of the page that is open."""

from typing import Any, Literal

from playwright.sync_api import Page

__all__ = ["COLOURS", "OTHERS", "SCHEMES", "faults", "leave_new", "thin"]

#: Only what is at fault is written down: axe-core would copy the text of each element that is in order.
_RUN = """async options => {
  axe.configure({noHtml: true});
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...options });
  const place = ({ target: [selector] }) => `${selector} ${document.querySelector(selector)?.outerHTML.slice(0, 160)}`;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.slice(0, 3).map(place).join("; ")}`);
}"""
_OF_COLOURS = ["color-contrast", "link-in-text-block"]
#: What breaks these is no serious fault, says axe-core, and finding it takes time.
_MODERATE = ["heading-order", "landmark-unique", "region", "skip-link"]
#: Rules about colours take nine tenths of the time, since they look at each element; the others take one pass for all.
OTHERS: dict[str, Any] = {"rules": {rule: {"enabled": False} for rule in (*_OF_COLOURS, *_MODERATE)}}
COLOURS: dict[str, Any] = {"runOnly": _OF_COLOURS}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
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
_NOTE_LOOKS = """() => {
  window.looks ??= new Map();
  const note = (element, ground, opacity, above) => {
    const style = getComputedStyle(element);
    const own = `${style.backgroundColor} ${style.backgroundImage}`;
    ground = own === "rgba(0, 0, 0, 0) none" ? ground : `${ground} ${own}`;
    opacity *= style.opacity;
    const says = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const look = [element.localName, says, element.checkVisibility(), ground, opacity, style.color, style.fill,
      style.font, style.textDecoration, style.border, style.textShadow].join();
    looks.set(element, `${looks.get(element) ?? ""}${look} in ${above};`);
    for (const child of element.children) note(child, ground, opacity, look);
  };
  note(document.body, "", 1, "");
}"""
_LEAVE_NEW = """seen => {
  const known = new Set(seen);
  for (const [element, look] of [...looks].reverse()) {
    if (element.childElementCount === 0 && known.has(look)) element.remove();
    known.add(look);
  }
  return [...known];
}"""


def thin(page: Page) -> None:
    """Leave three of each run of siblings that have the same tag, class and state."""
    page.evaluate(_THIN)


def leave_new(page: Page, seen: list[str]) -> list[str]:
    """Leave only elements of looks that were not seen yet, in the light scheme, and return all looks seen so far.

    A look is what the rules about colours go by, in both schemes, except what lies over an element without
    being around it.
    """
    thin(page)
    for scheme in reversed(SCHEMES):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(_NOTE_LOOKS)
    looks: list[str] = page.evaluate(_LEAVE_NEW, seen)
    return looks


def faults(page: Page, options: dict[str, Any]) -> list[str]:
    """Return the serious and critical faults of a page that has axe-core, each with its places.

    :param options: of axe-core, which rules it runs
    """
    found: list[str] = page.evaluate(_RUN, options)
    return found
