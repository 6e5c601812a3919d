"""Pages of the browser, each with a record of what it does besides showing something."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, ViewportSize
from support.servers import HANG_SECONDS

__all__ = ["WIDE", "Visit", "Visits"]

#: The window of most visits.
WIDE = ViewportSize(width=1280, height=900)

_FOCUS = """number => {
  const citation = [...document.querySelectorAll("button.ev")].filter((button) => button.checkVisibility())[number];
  citation?.focus();
  return citation !== undefined;
}"""


@dataclass
class Visit:
    """A page of the browser, which visits one server after another.

    :ivar base: address of the server, without a slash at its end
    :ivar requests: method and address of everything that the page asked for
    :ivar complaints: warnings and errors on its console, refused scripts among them, errors that no script caught, and
        what dialogs said
    """

    page: Page
    base: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._requested)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._opened)

    @property
    def asked(self) -> list[str]:
        """Methods and paths of the requests: ``GET /sparql``."""
        return [f"{method} {urlsplit(url).path}" for method, url in self.requests]

    @property
    def strangers(self) -> list[str]:
        """Addresses of other origins that the page asked for."""
        return [url for _, url in self.requests if not url.startswith((f"{self.base}/", "data:", "blob:", "about:"))]

    def begin(
        self,
        base: str,
        viewport: Any = None,
        color_scheme: Any = "light",
        reduced_motion: Any = "no-preference",
    ) -> None:
        """Turn to a server, in a window of that size, for a reader with these wishes."""
        self.base = base
        self.page.set_viewport_size(viewport or WIDE)
        self.page.emulate_media(media="null", color_scheme=color_scheme, reduced_motion=reduced_motion)
        self.requests.clear()
        self.complaints.clear()

    def end(self) -> None:
        """Leave the server: nothing goes on, and the mouse is where it is in a new window."""
        self.page.goto("about:blank")
        self.page.mouse.move(0, 0)

    def go(self, path: str) -> Page:
        """Open a path of the server and wait until it is loaded."""
        self.page.goto(f"{self.base}{path}", wait_until="load")
        return self.page

    def open_citation(self, number: int) -> bool:
        """Open, by keyboard, that one of the citations that can be seen, counted from 0; return whether it is there."""
        found: bool = self.page.evaluate(_FOCUS, number)
        if found:
            self.page.keyboard.press("Enter")
        return found

    def _requested(self, request: Request) -> None:
        self.requests.append((request.method, request.url))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("warning", "error"):
            self.complaints.append(message.text)

    def _opened(self, dialog: Dialog) -> None:
        self.complaints.append(dialog.message)
        dialog.dismiss()


class Visits:
    """The visits of a browser: one that has ended begins again, since a new page costs more than most tests do in it.

    The server's pages keep nothing in the browser, so that none of it reaches the next test.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._ended: defaultdict[str, list[Visit]] = defaultdict(list)

    def open(self, context: Mapping[str, Any]) -> Visit:
        """Return a visit whose context has these settings, those of ``Browser.new_context``."""
        if ended := self._ended[repr(context)]:
            return ended.pop()
        page = self._browser.new_context(**context).new_page()
        page.context.set_default_timeout(HANG_SECONDS * 1000)
        return Visit(page)

    def end(self, context: Mapping[str, Any], visit: Visit) -> None:
        """End a visit that was opened with these settings."""
        visit.end()
        self._ended[repr(context)].append(visit)
