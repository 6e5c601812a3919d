"""Versions of RDF: which one a document needs, and which ones a reader takes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pyoxigraph import Literal, Quad, Triple

from kb.errors import TermNotInFormat

__all__ = ["RDF_1_2", "Features", "Inspected", "newest", "refuse_features"]

#: The label by which a document announces that it is RDF 1.2 (https://www.w3.org/TR/rdf12-concepts/).
RDF_1_2 = "1.2"
#: Label of a version that lacks something -> the features that it has.
_OLDER = {"1.1": 0, "1.2-basic": 1}
_NAMES = ("", "literals with a base direction", "triple terms")

#: What of RDF 1.2 is in a document: 0 nothing, 1 base directions at most, 2 triple terms.
Features = int


class Inspected:
    """Statements that are passed on.

    :param accepted: label of the newest version that the reader takes, or ""
    :param others: names of formats to propose
    :ivar features: what of RDF 1.2 was in those that are passed on
    """

    def __init__(
        self, statements: Iterable[Triple] | Iterable[Quad], accepted: str = "", others: Sequence[str] = ()
    ) -> None:
        self._statements = statements
        self._accepted = accepted
        self._others = others
        self.features: Features = 0

    def __iter__(self) -> Iterator[Any]:
        """Yield the statements.

        :raises TermNotInFormat: for one that the reader's version of RDF does not have
        """
        for statement in self._statements:
            features = _features(statement.object)
            if features > self.features:
                refuse_features(features, self._accepted, self._others)
                self.features = features
            yield statement


def newest(labels: Iterable[str]) -> str:
    """Return the newest of some versions, or "" where none is named: a reader who says nothing may take anything."""
    given = list(labels)
    if RDF_1_2 in given:
        return RDF_1_2
    if not given or any(label not in _OLDER for label in given):
        return ""
    return max(given, key=_OLDER.__getitem__)


def refuse_features(features: Features, accepted: str, others: Sequence[str]) -> None:
    """Check that a version of RDF has what is in a document.

    :param accepted: label of the version, or "" for any
    :param others: names of the formats that have it
    :raises TermNotInFormat: if it has not
    """
    if features > _OLDER.get(accepted, features):
        problem = (
            f"The result has {_NAMES[features]}, which version {accepted} of RDF lacks; version {RDF_1_2} has them"
        )
        raise TermNotInFormat(problem, others)


def _features(term: object) -> Features:
    if isinstance(term, Triple):
        return 2
    return 1 if isinstance(term, Literal) and term.direction is not None else 0
