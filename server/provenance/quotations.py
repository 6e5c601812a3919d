"""What a page quotes: each cited paragraph once, with the words marked that carry the values of the page."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from kb.files.words import Span
from server.presentation.nodes import Node
from server.provenance.evidence import Citation, Justification
from server.provenance.paragraphs import Paragraph, Paragraphs, is_number
from server.provenance.support import Support

__all__ = ["Piece", "Quotation", "Quotations"]

#: Characters of an excerpt on either side of marked words, excerpts of one footnote,
#: marks of one excerpt; characters that are worth leaving out.
_AROUND = 60
_MOST_EXCERPTS = 4
_MOST_MARKED = 6
_LEAST_LEFT_OUT = 20


@dataclass(frozen=True)
class Piece:
    """A part of a quotation.

    :param marked: it carries a value
    """

    text: str
    marked: bool


@dataclass(frozen=True)
class Quotation:
    """A passage in its own words, or in part of them.

    :param anchor: of the whole paragraph on the page
    :param pieces: the words; none where the operator has no such paragraph
    :param differs: the operator's copy has other words
    :param length: characters of a paragraph of which these are only the beginning, or 0
    """

    citation: Citation
    anchor: str
    pieces: tuple[Piece, ...] = ()
    differs: bool = False
    length: int = 0


class Quotations:
    """The quotations of one page: it says which values rest on what, and gets the paragraphs with their marks.

    :ivar given: the operator has texts
    """

    def __init__(self, paragraphs: Paragraphs) -> None:
        self.given = paragraphs.given
        self._paragraphs = paragraphs
        self._spans: dict[str, set[Span]] = defaultdict(set)
        self._citations: dict[str, Citation] = {}
        self._anchors: dict[str, str] = {}  # of the paragraphs that the page shows in its body

    def excerpts(self, support: Support, values: Iterable[Node]) -> list[Quotation]:
        """Note what some values rest on, and return the words around those that carry them, passage by passage."""
        found: dict[str, set[Span]] = defaultdict(set)
        for citation, spans in self._grounds(support, tuple(values)):
            self._citations.setdefault(citation.node.iri or "", citation)
            found[citation.node.iri or ""].update(spans)
        for iri, spans in found.items():
            self._spans[iri] |= spans
        return [
            Quotation(self._citations[iri], self._anchor(iri), _excerpt(paragraph.text, spans))
            for iri, spans in found.items()
            if (paragraph := self._paragraphs.known.get(iri))
        ][:_MOST_EXCERPTS]

    def here(self, citation: Citation, resting: Iterable[tuple[Node, Support]]) -> Quotation:
        """Return a passage that the page shows in its body, under the anchor of its IRI, with all that rests on it."""
        iri = citation.node.iri or ""
        self._anchors[iri] = iri.partition("#")[2]
        grounds = chain.from_iterable(self._grounds(support, (value,)) for value, support in resting)
        return self._quotation(citation, {span for cited, spans in grounds if cited == citation for span in spans})

    def cited(self) -> list[tuple[Node, list[Quotation]]]:
        """Return the sources that the page cites, each with its passages that are not in the body, in their order."""
        found: dict[Node, list[Quotation]] = defaultdict(list)
        for citation in sorted(self._citations.values(), key=lambda citation: citation.order):
            iri = citation.node.iri or ""
            if citation.source and iri not in self._anchors:
                found[citation.source].append(self._quotation(citation, self._spans[iri]))
        return list(found.items())

    def _quotation(self, citation: Citation, spans: Iterable[Span]) -> Quotation:
        iri = citation.node.iri or ""
        paragraph = self._paragraphs.known.get(iri)
        if paragraph is None:
            return Quotation(citation, self._anchor(iri), differs=iri in self._paragraphs.other)
        pieces = tuple(_pieces(paragraph.text, _merged(spans)))
        return Quotation(citation, self._anchor(iri), pieces, length=paragraph.length)

    def _anchor(self, iri: str) -> str:
        return self._anchors.get(iri) or f"cited-{re.sub('[^a-zA-Z0-9]+', '-', iri.rpartition('/')[2])}"

    def _grounds(self, support: Support, values: tuple[Node, ...]) -> Iterator[tuple[Citation, Iterable[Span]]]:
        """Yield the passages in a support, each with the words in it that carry the values."""
        for justification in support.alternatives:
            yield from self._within(justification, values)
        for citation in support.choice.rests_on if support.choice else ():
            yield citation, ()
        for parts, alternatives in support.inferred.premises if support.inferred else ():
            for justification in alternatives:
                yield from self._within(justification, parts[2:])

    def _within(
        self, justification: Justification, values: Sequence[Node]
    ) -> Iterator[tuple[Citation, Iterable[Span]]]:
        """Yield the passages of a justification; a number that several together give need not stand in one of them."""
        names = {piece.name for piece in justification.identifications if piece.name}
        for piece in justification.pieces:
            passages = (piece, *piece.rests_on) if piece.source else piece.rests_on
            sought = values if len(passages) == 1 else [value for value in values if not is_number(value)]
            for citation in passages:
                paragraph = self._paragraphs.known.get(citation.node.iri or "")
                yield citation, _found(paragraph, sought, names) if paragraph else ()


def _found(paragraph: Paragraph, values: Iterable[Node], names: Iterable[str]) -> Sequence[Span]:
    """Return where values stand, or else the names by which editors take a thing for another one."""
    found = [span for value in values for span in paragraph.spans(value)]
    return found or [span for name in names for span in paragraph.spans_of_words(name)]


def _merged(spans: Iterable[Span], gap: int = 0) -> Iterator[Span]:
    """Yield spans in their order, those as one that overlap or have less than some characters between them."""
    begun: Span | None = None
    for start, end in sorted(spans):
        if begun and start < begun[1] + gap:
            begun = (begun[0], max(begun[1], end))
        else:
            if begun:
                yield begun
            begun = (start, end)
    if begun:
        yield begun


def _pieces(text: str, spans: Iterable[Span], start: int = 0, end: int | None = None) -> Iterator[Piece]:
    """Yield the parts of a text between two places, those that are marked and those between them."""
    end = len(text) if end is None else end
    for first, last in spans:
        if start < first:
            yield Piece(text[start:first], marked=False)
        yield Piece(text[first:last], marked=True)
        start = last
    if start < end:
        yield Piece(text[start:end], marked=False)


def _excerpt(text: str, spans: Iterable[Span]) -> tuple[Piece, ...]:
    """Return the words around the first marked ones, cut between words; nothing where none are marked."""
    marked = list(_merged(spans))[:_MOST_MARKED]
    windows = list(_merged(((_left(text, start), _right(text, end)) for start, end in marked), _LEAST_LEFT_OUT))
    pieces: list[Piece] = []
    for start, end in windows:
        if start:
            pieces.append(Piece(" … " if pieces else "… ", marked=False))
        pieces += _pieces(text, [span for span in marked if start <= span[0] < end], start, end)
    if windows and windows[-1][1] < len(text):
        pieces.append(Piece(" …", marked=False))
    return tuple(pieces)


def _left(text: str, place: int) -> int:
    """Return where an excerpt begins that has some words before a place."""
    start = max(0, place - _AROUND)
    return (text.find(" ", start, place) + 1 or place) if start else 0


def _right(text: str, place: int) -> int:
    """Return where an excerpt ends that has some words after a place."""
    end = min(len(text), place + _AROUND)
    return max(text.rfind(" ", place, end), place) if end < len(text) else end
