"""Numbers of predicates, which are fewer than terms and are packed into fewer bits."""

from collections.abc import Iterable

from kb.errors import NoRoom
from kb.reasoning.vocabulary import TERMS

__all__ = ["Predicates"]


class Predicates:
    """Terms as predicates, numbered in the order in which they are met; the vocabulary has the numbers of its terms.

    Inside a chain of more than two properties there are predicates that stand for its beginnings, without a term.

    :param room: how many there can be
    :raises NoRoom: as every method that gives a number, when there are more
    """

    def __init__(self, room: int) -> None:
        if room < len(TERMS):
            raise NoRoom
        self._room = room
        self._numbers = {number: number for number in range(len(TERMS))}
        self._terms: list[int | None] = list(range(len(TERMS)))
        self._inside: dict[tuple[int, int], int] = {}

    def number(self, term: int) -> int:
        """Return the number of a term as a predicate."""
        if term not in self._numbers:
            self._numbers[term] = self._next(term)
        return self._numbers[term]

    def find(self, term: int) -> int | None:
        """Return the number of a term, or None when it was never a predicate."""
        return self._numbers.get(term)

    def used(self, terms: Iterable[int]) -> list[int]:
        """Return the numbers of those terms that were a predicate."""
        return [self._numbers[term] for term in terms if term in self._numbers]

    def terms(self) -> list[int | None]:
        """Return the terms, in the order of their numbers; None for a predicate inside a chain."""
        return self._terms

    def inside(self, first: int, second: int) -> int:
        """Return the predicate for two that follow each other."""
        if (first, second) not in self._inside:
            self._inside[first, second] = self._next(None)
        return self._inside[first, second]

    def _next(self, term: int | None) -> int:
        if len(self._terms) >= self._room:
            raise NoRoom
        self._terms.append(term)
        return len(self._terms) - 1
