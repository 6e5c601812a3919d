"""The workbench as somebody at a browser uses it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, expect

from browser.visits import Visit

__all__ = ["Workbench"]


@dataclass
class Workbench:
    """The page for queries, in a visit of a server."""

    visit: Visit

    def open(self, query: str = "", view: str = "") -> "Workbench":
        """Open the page, with a query in its address that it runs, and wait for the terms."""
        parameters = f"?query={quote(query)}&view={view}" if query else ""
        with self.visit.page.expect_response("**/sparql/terms.json"):
            self.visit.go(f"/sparql{parameters}")
        expect(self.editor).to_be_visible()
        return self

    @property
    def editor(self) -> Locator:
        return self.visit.page.get_by_role("textbox", name="SPARQL query")

    @property
    def status(self) -> Locator:
        return self.part("status")

    @property
    def view(self) -> Locator:
        return self.visit.page.get_by_role("tabpanel")

    @property
    def suggestions(self) -> Locator:
        return self.visit.page.get_by_role("option")

    def part(self, name: str) -> Locator:
        return self.visit.page.locator(f"[data-part={name}]")

    def button(self, name: str) -> Locator:
        return self.visit.page.get_by_role("button", name=name, exact=True)

    def tab(self, name: str) -> Locator:
        return self.visit.page.get_by_role("tab", name=name)

    def choose(self, label: str, option: str) -> None:
        self.visit.page.get_by_role("combobox", name=label).select_option(option)

    def pick(self, name: str) -> None:
        """Take the first suggestion, which must have that name.

        The editor takes a key for a suggestion only where a reader can have seen it.
        """
        expect(self.suggestions.first).to_contain_text(name)
        self.visit.page.wait_for_timeout(200)
        self.press("Enter")

    @property
    def text(self) -> str:
        """What stands in the editor."""
        return "\n".join(line.rstrip("\n") for line in self.visit.page.locator(".cm-line").all_inner_texts())

    def clear(self) -> None:
        self.editor.click()
        self.press("Control+a", "Delete")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.visit.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.visit.page.keyboard.type(text)

    def run(self, query: str) -> None:
        """Write a query in place of what is there, and run it."""
        self.clear()
        self.visit.page.keyboard.insert_text(query)
        self.press("Control+Enter")

    def rows(self) -> list[list[str]]:
        """Return the cells of the table that is shown."""
        lines = self.view.locator("tbody tr").all()
        return [line.locator("td").all_inner_texts() for line in lines]

    def evaluate(self, script: str) -> Any:
        return self.visit.page.evaluate(script)
