"""The notes of a page: what is behind its values, each once, with what stands in the superscript that opens it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from server.provenance.evidence import Citation
from server.provenance.support import Backing

__all__ = ["Note", "Notes"]

_MOST_NAMED = 3
_NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Note:
    """A note.

    :param number: from 1
    :param label: what stands in the superscript: sources with their paragraphs, or in a word what else it is
    :param marks: classes of the style sheet
    """

    number: int
    backing: Backing
    label: str
    marks: str


class Notes:
    """The notes of one page, in the order in which their superscripts stand there."""

    def __init__(self) -> None:
        self._notes: dict[Backing, Note] = {}
        self._known: dict[int, tuple[Backing, Note | None]] = {}

    def of(self, backing: Backing) -> Note | None:
        """Return the note for a backing, or None where there is nothing to say."""
        known = self._known.get(id(backing))
        if known is None:
            known = self._known[id(backing)] = (backing, self._note(backing))
        return known[1]

    def __iter__(self) -> Iterator[Note]:
        return iter(list(self._notes.values()))

    def _note(self, backing: Backing) -> Note | None:
        if not (backing.citations or backing.documents or backing.inferred):
            return None
        if backing not in self._notes:
            self._notes[backing] = Note(len(self._notes) + 1, backing, _label(backing), _marks(backing))
        return self._notes[backing]


def _label(backing: Backing) -> str:
    if not backing.citations:
        return "inferred" if backing.inferred else "editors"
    stated = [citation for citation in backing.citations if not citation.derived]
    parts = list(_named(stated[:_MOST_NAMED]))
    parts += [f"+{len(stated) - _MOST_NAMED}"] if len(stated) > _MOST_NAMED else []
    parts += ["derived"] if len(stated) < len(backing.citations) else []
    return ", ".join(parts) + (" · sources differ" if backing.differs else "")


def _named(stated: Iterable[Citation]) -> Iterator[str]:
    """Yield each source with its paragraphs that are cited, ``NST 3, 5``, to stay on one line."""
    for cited in groupby(stated, lambda citation: citation.source):
        source, found = cited[0], list(cited[1])
        if source is None:
            yield from (citation.node.text for citation in found)
        else:
            numbers = ", ".join(citation.number for citation in found if citation.number)
            yield f"{found[0].short} {numbers}".strip().replace(" ", _NO_BREAK)


def _marks(backing: Backing) -> str:
    marks = ["differs"] if backing.differs else []
    return " ".join(marks + (["concluded"] if backing.derived or backing.inferred else []))
