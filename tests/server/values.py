"""What a page shows of the graph: values of statements with their notes, names, and what is neither."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["ValuesPage"]

_VOID = frozenset(("br", "hr", "img", "input", "link", "meta"))
#: Where a name may stand, about which nothing is said there. A dot stands before classes.
_PLACES_OF_NAMES = frozenset(
    ("h1", "h3", "dt", "th", ".lead", ".hint", ".hits", ".kinds", ".list", ".compared", ".passage")
)
#: Where no values stand: answers to any query, figures about the data, ready questions, notes, proofs, pictures.
_NO_VALUES = frozenset(
    (".answers", ".made-of", ".topics", ".panel", ".support", ".cited", ".conclusion", "figure", "nav", "h1")
)
_OWN_WORDS = _NO_VALUES | {".value", ".name", ".cite-as", ".iri", "dt", "thead", "pre"}
_THING = re.compile("/(page/(id|concept|source|graph|ontology)|resource|term)")


@dataclass
class Shown:
    """An element of the class ``value`` or ``name``.

    :ivar around: the tags and classes that it stands in
    :ivar notes: ids of the notes that its superscripts open
    """

    classes: frozenset[str]
    around: frozenset[str]
    text: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass
class _Element:
    tag: str
    around: frozenset[str]
    shown: Shown | None
    note: str


class ValuesPage(HTMLParser):
    """A page, taken apart.

    :ivar values: elements of the class ``value``
    :ivar names: elements of the class ``name``
    :ivar loose: links to things, dates and texts of the graph that are in none of them
    :ivar notes: id -> text
    :ivar own: the page's own words
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: list[Shown] = []
        self.names: list[Shown] = []
        self.loose: list[str] = []
        self.notes: dict[str, str] = {}
        self.own = ""
        self._open = [_Element("", frozenset(), None, "")]
        self.feed(text)

    def faults(self) -> Iterator[str]:
        """Yield what is wrong."""
        for value in self.values:
            cited = any(self.notes.get(note, "").strip() for note in value.notes)
            if not cited and "defined" not in value.classes and not value.around & _NO_VALUES:
                yield f"the value {value.text!r} has no citation"
        for name in self.names:
            if not name.around & (_PLACES_OF_NAMES | _NO_VALUES):
                yield f"the name {name.text!r} stands where a value should"
        for loose in self.loose:
            yield f"{loose} is neither a value nor a name"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        classes = frozenset(attributes.get("class", "").split())
        around = self._open[-1].around
        if _is_of_graph(tag, attributes) and "main" in around and not (around | _dotted(classes)) & _OWN_WORDS:
            self.loose.append(f"<{tag}> {attributes}")
        for element in self._open:
            if element.shown is not None and "popovertarget" in attributes:
                element.shown.notes.append(attributes["popovertarget"])
        if tag not in _VOID:
            note = attributes.get("id", "") if "panel" in classes else ""
            self._open.append(_Element(tag, around | {tag} | _dotted(classes), self._shown(classes), note))

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1 and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        around = self._open[-1].around
        for element in self._open:
            if element.shown is not None:
                element.shown.text += data
            if element.note:
                self.notes[element.note] = self.notes.get(element.note, "") + data
        if "main" in around and not around & _OWN_WORDS:
            self.own += f"{data} "

    def _shown(self, classes: frozenset[str]) -> Shown | None:
        if not classes & {"value", "name"}:
            return None
        shown = Shown(classes, self._open[-1].around)
        (self.values if "value" in classes else self.names).append(shown)
        return shown


def _is_of_graph(tag: str, attributes: dict[str, str]) -> bool:
    linked = tag == "a" and bool(_THING.match(attributes.get("href", ""))) and attributes.get("class") != "anchor"
    return linked or tag == "time" or (tag == "span" and "dir" in attributes)


def _dotted(classes: frozenset[str]) -> frozenset[str]:
    return frozenset(f".{name}" for name in classes)
