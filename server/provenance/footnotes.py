"""The footnotes of a page: the support of its values, each once, with the label of the superscript that opens it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from server.provenance.evidence import Citation
from server.provenance.support import Support

__all__ = ["Footnote", "Footnotes"]

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
    """

    def __init__(self, *, built: bool) -> None:
        self._word = "editors" if built else "graph"
        self._footnotes: dict[Support, Footnote] = {}
        self._known: dict[int, tuple[Support, Footnote | None]] = {}  # the hash of a support takes long

    def of(self, support: Support) -> Footnote | None:
        """Return the footnote for a support, or None if there is nothing to say."""
        known = self._known.get(id(support))
        if known is None:
            known = self._known[id(support)] = (support, self._footnote(support))
        return known[1]

    def __iter__(self) -> Iterator[Footnote]:
        return iter(list(self._footnotes.values()))

    def _footnote(self, support: Support) -> Footnote | None:
        if not (support.citations or support.documents or support.inferred):
            return None
        if support not in self._footnotes:
            number = len(self._footnotes) + 1
            marks = {"differs": support.differs, "concluded": support.derived or support.inferred}
            self._footnotes[support] = Footnote(
                number, support, self._label(support), " ".join(mark for mark, given in marks.items() if given)
            )
        return self._footnotes[support]

    def _label(self, support: Support) -> str:
        if not support.citations:
            return "inferred" if support.inferred else self._word
        stated = [citation for citation in support.citations if not citation.derived]
        parts = list(_named(stated[:_MOST_NAMED]))
        parts += [f"+{len(stated) - _MOST_NAMED}"] if len(stated) > _MOST_NAMED else []
        parts += ["derived"] if len(stated) < len(support.citations) else []
        return ", ".join(parts) + (" · sources differ" if support.differs else "")


def _named(stated: Iterable[Citation]) -> Iterator[str]:
    """Yield each source with its cited paragraphs, ``NST 3, 5``, to stay on one line."""
    for cited in groupby(stated, lambda citation: citation.source):
        source, found = cited[0], list(cited[1])
        if source is None:
            yield from (citation.node.text for citation in found)
        else:
            numbers = ", ".join(citation.number for citation in found if citation.number)
            yield f"{found[0].short} {numbers}".strip().replace(" ", _NO_BREAK)
