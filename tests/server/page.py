"""A page as a client without a browser sees it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

__all__ = ["Page"]


class Page(HTMLParser):
    """What a browser would find in a page: elements with their attributes, and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._main = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "main":
            self._main = len(self.words)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))

    @property
    def main(self) -> str:
        """The text below the head of the page."""
        return re.sub(r"\s+", " ", "".join(self.words[self._main :]))

    def inline_scripts(self) -> list[dict[str, str | None]]:
        """The script elements besides those that fetch a file of this server and those that hold data."""
        scripts = [attributes for tag, attributes in self.elements if tag == "script"]
        return [
            attributes
            for attributes in scripts
            if not (attributes.get("src") or "").startswith("/static/")
            and attributes.get("type") != "application/ld+json"
        ]

    def links(self) -> Iterator[str]:
        for _, attributes in self.elements:
            for name in ("href", "src", "action"):
                if attributes.get(name):
                    yield attributes[name] or ""
