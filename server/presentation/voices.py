"""Whose words the values of a property are: a source's own, or the editors', which pages never set like a quotation."""

from collections.abc import Iterable

from kb.files.words import AS_GIVEN
from kb.namespaces import AMMTC, expand

__all__ = ["EDITORS", "SOURCE", "voice"]

#: The two voices; ``""`` is for what nobody words, such as a number or a thing.
EDITORS, SOURCE = "editors", "source"

_OF_EDITORS = frozenset(
    (
        *(AMMTC[name] for name in ("summary", "purpose", "reason", "question", "missing")),
        *(expand(f"rdfs:{name}") for name in ("label", "comment")),
        *(expand(f"skos:{name}") for name in ("prefLabel", "altLabel", "hiddenLabel", "definition", "scopeNote")),
        *(expand(f"skos:{name}") for name in ("example", "note", "editorialNote", "changeNote", "historyNote")),
        *(expand(f"dcterms:{name}") for name in ("title", "description")),
    )
)
_OF_SOURCES = frozenset((*AS_GIVEN, AMMTC.underName))


def voice(properties: Iterable[str]) -> str:
    """Return whose words the values of some properties are, given by their IRIs."""
    given = set(properties)
    if given & _OF_EDITORS:
        return EDITORS
    return SOURCE if given & _OF_SOURCES else ""
