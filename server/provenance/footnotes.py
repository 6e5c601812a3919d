"""The footnotes of a page: the support of its values, each once, with the label of the superscript that opens it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from server.presentation.nodes import Node
from server.provenance.evidence import Citation, Justification
from server.provenance.paragraphs import Paragraphs
from server.provenance.quotations import Quotation, Quotations
from server.provenance.support import Quotable, Support

__all__ = ["Footnote", "Footnotes"]

#: Ranks that the editors give, in words.
_RANKS = {"preferred": "the editors follow this", "deprecated": "the editors hold this for a mistake"}
_MOST_NAMED = 3
_NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Footnote:
    """A footnote.

    :param number: from 1
    :param label: the text of the superscript: sources with their paragraphs, or in a word what else it is
    :param marks: classes of the style sheet
    """

    number: int
    support: Support
    label: str
    marks: str


class Footnotes:
    """The footnotes of one page, in the order in which their superscripts stand there.

    :param built: editors made the documents; of other files it is only known which graph makes a statement
    :param paragraphs: the words of the passages
    :ivar quotations: what the page quotes
    """

    def __init__(self, *, built: bool, paragraphs: Paragraphs) -> None:
        self.quotations = Quotations(paragraphs)
        self._word = "editors" if built else "graph"
        self._footnotes: dict[Support, Footnote] = {}
        self._known: dict[int, tuple[Support, Footnote | None]] = {}  # the hash of a support takes long
        self._values: dict[int, dict[Node, None]] = defaultdict(dict)
        self._quotable: dict[int, dict[Quotable, None]] = defaultdict(dict)

    def of(self, support: Support, *values: Node, quotable: Iterable[Quotable] = ()) -> Footnote | None:
        """Return the footnote for the support of some values, or None if there is nothing to say.

        :param quotable: the statements that give them
        """
        known = self._known.get(id(support))
        if known is None:
            known = self._known[id(support)] = (support, self._footnote(support))
        if known[1]:
            self._values[known[1].number].update(dict.fromkeys(values))
            self._quotable[known[1].number].update(dict.fromkeys(quotable))
        return known[1]

    def excerpts(self, note: Footnote) -> list[Quotation]:
        """Return the words of the sources around those that carry the values of a footnote."""
        return self.quotations.excerpts(note.support, self._values[note.number])

    def quotable(self, note: Footnote) -> list[Quotable]:
        """Return the statements that a footnote is for and that can be cited."""
        return list(self._quotable[note.number])

    def __iter__(self) -> Iterator[Footnote]:
        return iter(list(self._footnotes.values()))

    def _footnote(self, support: Support) -> Footnote | None:
        if not (support.alternatives or support.documents or support.inferred):
            return None
        if support not in self._footnotes:
            number = len(self._footnotes) + 1
            concluded = support.inferred or (support.alternatives and not support.stated)
            marks = {"differs": support.differs, "concluded": concluded, "followed": support.rank == "preferred"}
            self._footnotes[support] = Footnote(
                number, support, self._label(support), " ".join(mark for mark, given in marks.items() if given)
            )
        return self._footnotes[support]

    def _label(self, support: Support) -> str:
        if not support.alternatives:
            return "inferred" if support.inferred else self._word
        stated = [found for found in support.alternatives if found.quotes]
        parts = list(_named(stated[:_MOST_NAMED]))
        parts += [f"+{len(stated) - _MOST_NAMED}"] if len(stated) > _MOST_NAMED else []
        parts += dict.fromkeys(_in_words(found) for found in support.alternatives if not found.quotes)
        remarks = [", ".join(parts)] + (["sources differ"] if support.differs else [])
        ranked = support.rank in _RANKS and any(support.choice not in found.pieces for found in support.alternatives)
        return " · ".join([*remarks, _RANKS[support.rank]] if ranked else remarks)


def _named(stated: Iterable[Justification]) -> Iterator[str]:
    """Yield each source with its cited paragraphs, ``NST 3, 5``; those that are needed together say so."""
    for cited in groupby(stated, lambda found: (found.grounds[0].source, len(found.pieces) > 1)):
        found = list(cited[1])
        if cited[0][1]:
            yield from map(_together, found)
        else:
            yield _paragraphs([one.pieces[0] for one in found])


def _together(justification: Justification) -> str:
    """Return the evidence that is needed together: ``NST 14 and 22 together``, ``VNA 9 as identified (probable)``."""
    grounds = justification.grounds
    listed = _listed(grounds) + (" together" if len(grounds) > 1 else "")
    identified = [_strong("as identified", found.strength) for found in justification.identifications]
    return " ".join([listed, *dict.fromkeys(identified)])


def _listed(citations: Sequence[Citation]) -> str:
    """Return passages as a list, the source of each named once: ``Cong Tuan 5, 21 and NST 6``."""
    named = [_named_paragraph(cited) for cited in citations[:_MOST_NAMED]]
    for place, (before, cited) in enumerate(pairwise(citations[:_MOST_NAMED]), 1):
        if cited.source and cited.source == before.source:
            named[place] = cited.paragraph
    named += [f"{len(citations) - _MOST_NAMED} more"] if len(citations) > _MOST_NAMED else []
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _named_paragraph(citation: Citation) -> str:
    """Return a source and a paragraph, to stay on one line."""
    return f"{citation.short or citation.node.text} {citation.paragraph}".strip().replace(" ", _NO_BREAK)


def _paragraphs(citations: Sequence[Citation]) -> str:
    """Return the paragraphs of one source, each enough by itself, to stay on one line."""
    numbers = ", ".join(citation.paragraph for citation in citations if citation.paragraph)
    return f"{citations[0].short or citations[0].node.text} {numbers}".strip().replace(" ", _NO_BREAK)


def _in_words(justification: Justification) -> str:
    """Return what no text states in a few words, with its strength where it is less than certain."""
    first = justification.grounds[0]
    match justification.basis:
        case "derived":
            rests_on = next((found.rests_on for found in justification.grounds if found.rests_on), ())
            passages = f" from {_listed(rests_on)}" if rests_on else ""
            return _strong(f"derived{passages}", next((found.strength for found in justification.grounds), ""))
        case "editorial":
            return _strong("identified" if first.identifies else "editors' choice", first.strength)
        case "reference":
            return f"reference: {first.node.text}"
        case _:
            return first.node.text


def _strong(word: str, strength: str) -> str:
    return f"{word} ({strength})" if strength not in ("", "certain") else word
