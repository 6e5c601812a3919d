"""A page of the browser, and a record of what it does besides showing something."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

__all__ = ["Visit"]


@dataclass
class Visit:
    """A page of the browser.

    :ivar strangers: addresses of other origins that it asked for
    :ivar complaints: warnings and errors on its console, refused scripts among them, and errors that no script caught
    """

    page: Page
    base: str
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._requested)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path: str) -> Page:
        """Open a path of the server and wait until it is loaded."""
        self.page.goto(f"{self.base}{path}", wait_until="load")
        return self.page

    def _requested(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and f"{address.scheme}://{address.netloc}" != self.base:
            self.strangers.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("warning", "error"):
            self.complaints.append(message.text)
