"""The paragraphs that the graph cites, in the words of the texts that the operator has, each proven by its digest.

Only cited paragraphs are kept: they are what shows that a statement is right, as a quotation does, and a text as a
whole is its publisher's to give. Nothing of them is in the generation, so they reach neither queries nor data.
"""

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from kb.errors import KbError
from kb.files.texts import Passage, proven_lines, read_texts
from kb.files.words import Span, folded, is_name, spans_of_date, spans_of_number
from server.presentation.nodes import Node
from server.stored_queries.lookups import LookUp, Row, text_of

__all__ = ["Paragraph", "Paragraphs", "is_number", "read_paragraphs"]

#: Characters of a paragraph that pages show.
_LONGEST = 20_000
_MOST_LOGGED = 20
_WORD = re.compile(r"\w+")
_NUMBERS = ("xsd:integer", "xsd:decimal")
_DATES = ("xsd:date", "xsd:dateTime", "xsd:time", "xsd:gYear", "xsd:gYearMonth", "xsd:gMonth", "xsd:gMonthDay")

_log = logging.getLogger("server.provenance.paragraphs")


class Paragraph:
    """The words of a passage.

    :param line: the words
    :param mentions: IRI of a thing -> where its names stand in `text`
    :ivar text: the paragraph, or its beginning, with single spaces between words
    :ivar length: characters of a paragraph of which the text is only the beginning, or 0
    """

    def __init__(self, line: str, mentions: Callable[[str], Mapping[str, Sequence[Span]]]) -> None:
        whole = " ".join(line.split())
        self.text = whole[:_LONGEST]
        self.length = len(whole) if len(whole) > _LONGEST else 0
        self._folded = folded(self.text)
        self._mentions = mentions(self._folded)
        self._spans: dict[Node, Sequence[Span]] = {}

    def spans(self, node: Node) -> Sequence[Span]:
        """Return where the words stand that carry a value; nowhere where that is not certain.

        Names of things and dates are what they are wherever they stand. A number, or the words of a source, may stand
        there for something else as well: only where they stand once are they the ones.
        """
        if node.iri:
            return self._mentions.get(node.iri, ())
        if node not in self._spans:
            self._spans[node] = self._find(node)
        return self._spans[node]

    def spans_of_words(self, words: str) -> Sequence[Span]:
        """Return where some words stand, letter by letter."""
        pattern = rf"(?<!\w){re.escape(folded(words))}(?!\w)"
        return [found.span() for found in re.finditer(pattern, self._folded)]

    def _find(self, node: Node) -> Sequence[Span]:
        if node.datatype in _DATES:
            return spans_of_date(self._folded, node.text)
        if is_number(node):
            found: Sequence[Span] = spans_of_number(self._folded, Decimal(node.text))
        else:
            plain = node.text.strip() and not (node.datatype or node.language or node.length or node.says)
            found = self.spans_of_words(node.text) if plain else ()
        return found if len(found) == 1 else ()


@dataclass(frozen=True)
class Paragraphs:
    """What the operator's texts have of a generation's passages.

    :param given: the operator has texts
    :param known: IRI of a passage -> its paragraph
    :param other: IRIs of the passages that the operator's copy of their source has in other words, or not at all
    """

    given: bool = False
    known: Mapping[str, Paragraph] = field(default_factory=dict)
    other: frozenset[str] = frozenset()


def is_number(node: Node) -> bool:
    """Return whether a node is a whole or decimal number, which may stand in a text by chance."""
    return node.datatype in _NUMBERS


def read_paragraphs(folder: Path | None, look_up: LookUp) -> Paragraphs:
    """Read the paragraphs of all passages that stand in the texts of a folder; the log says which others do not.

    :param folder: of texts, or None where the operator has none
    """
    if folder is None:
        return Paragraphs()
    cited = list(_cited(look_up.rows("passages")))
    try:
        lines, wrong = proven_lines(cited, read_texts(folder))
    except KbError as error:  # it was there when the server started
        _log.error("the texts are not shown: %s", error)
        return Paragraphs()
    for iri, (problem, _) in list(wrong.items())[:_MOST_LOGGED]:
        _log.warning("not shown: %s: %s", iri, problem)
    if len(wrong) > _MOST_LOGGED:
        _log.warning("not shown: %d more passages", len(wrong) - _MOST_LOGGED)
    _log.info("%d of %d cited paragraphs are shown in the words of the texts", len(lines), len(cited))
    names = _Names(look_up.rows("names-in-texts"))
    known = {iri: Paragraph(line, partial(names.mentions, iri)) for iri, line in lines.items()}
    return Paragraphs(given=True, known=known, other=frozenset(wrong))


def _cited(rows: Iterable[Row]) -> Iterator[Passage]:
    for row in rows:
        number = text_of(row["paragraph"]) if "paragraph" in row else ""
        if number.isdecimal() and "sha256" in row:
            yield Passage(text_of(row["source"]), int(number), text_of(row["passage"]), text_of(row["sha256"]))


class _Names:
    """The names of things, found in texts: of those that begin at one word the longest, and none inside another.

    "ASEAN" in "ASEAN Senior Officials Meeting" names the meeting, and not ASEAN.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        general: dict[str, set[str]] = defaultdict(set)
        given: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for row in rows:
            thing, name = row["thing"], row["name"]
            if isinstance(thing, NamedNode) and isinstance(name, Literal):
                names = given[text_of(row["passage"])] if "passage" in row else general
                names[folded(name.value)].add(thing.value)
        self._general = _by_first_word(general)
        self._given = {passage: _by_first_word(names) for passage, names in given.items()}

    def mentions(self, passage: str, text: str) -> dict[str, list[Span]]:
        """Return where a passage, its text folded, names things: IRI of a thing -> the places."""
        found: dict[str, list[Span]] = defaultdict(list)
        given, end = self._given.get(passage, {}), 0
        for word in _WORD.finditer(text):
            if word.start() < end:
                continue
            first = word[0].lower()
            named = [*given.get(first, ()), *self._general.get(first, ())]
            here = [(len(name), things) for name, things in named if is_name(text, word.start(), name)]
            longest = max((length for length, _ in here), default=0)
            end = word.start() + longest
            for thing in {thing for length, things in here if length == longest for thing in things}:
                found[thing].append((word.start(), end))
        return dict(found)


def _by_first_word(names: Mapping[str, set[str]]) -> dict[str, list[tuple[str, frozenset[str]]]]:
    found: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for name, things in names.items():
        if first := _WORD.match(name):
            found[first[0].lower()].append((name, frozenset(things)))
    return found
