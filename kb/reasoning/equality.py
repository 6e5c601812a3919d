"""Equality: terms that are the same, each class of them with one that stands for all."""

from collections.abc import Iterable, Iterator

import numpy as np

from kb.reasoning.columns import Column, Statements, among, column, expanded
from kb.reasoning.facts import KeyLayout
from kb.reasoning.predicates import Predicates

__all__ = ["Equality"]


class Equality:
    """A union-find over the numbers of terms; the least of a class is its representative.

    It stands for eq-sym and eq-trans, and lets eq-rep-s, eq-rep-p and eq-rep-o rewrite a statement once instead of
    copying it for each name (https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules).
    """

    def __init__(self) -> None:
        self._members: dict[int, list[int]] = {}
        self._representative: dict[int, int] = {}
        self._replaced: tuple[Column, Column] | None = None

    def __bool__(self) -> bool:
        return bool(self._members)

    def representative(self, term: int) -> int:
        """Return the term that stands for a term."""
        return self._representative.get(term, term)

    def members(self, term: int) -> list[int]:
        """Return all names of a term, sorted; itself where it has no other."""
        representative = self.representative(term)
        return self._members.get(representative, [representative])

    def classes(self) -> Iterator[list[int]]:
        """Yield the classes with more than one member, sorted."""
        return (self._members[least] for least in sorted(self._members))

    def merge(self, pairs: Iterable[tuple[int, int]]) -> list[int]:
        """Make terms the same; return those that were representatives and are none any more."""
        gone: list[int] = []
        for pair in pairs:
            low, high = sorted(map(self.representative, pair))
            if low != high:
                gone.append(high)
                self._join(low, high)
        if gone:
            self._replaced = None
        for representative in {self.representative(term) for term in gone}:
            self._members[representative].sort()
        return gone

    def canonical(self, keys: Column, layout: KeyLayout, predicates: Predicates) -> Column:
        """Return packed statements with the representative in the place of each term."""
        if not self or len(keys) == 0:
            return keys
        if self._replaced is None:
            terms = dict(sorted(self._representative.items()))
            self._replaced = column(terms), column(terms.values())
        renamed = {
            number: predicates.number(self.representative(term))
            for number, term in enumerate([*predicates.terms()])
            if term in self._representative
        }
        return layout.key(
            _replaced(layout.predicate(keys), column(renamed), column(renamed.values())),
            _replaced(layout.subject(keys), *self._replaced),
            _replaced(layout.object(keys), *self._replaced),
        )

    def under_all_names(self, statements: Statements) -> Statements:
        """Apply eq-rep-s, eq-rep-p and eq-rep-o: repeat statements of representatives for each name of their terms."""
        representatives = column(sorted(self._members))
        names = [self._members[term] for term in representatives.tolist()]
        stops = np.cumsum([len(several) for several in names], dtype=np.intp)
        starts = np.concatenate([np.zeros(1, dtype=np.intp), stops[:-1]])
        flat = np.array([name for several in names for name in several], dtype=np.uint32)
        for place in range(3) if names else ():
            renamed = among(statements[place].astype(np.uint64), representatives)
            several = statements[:, renamed]
            chosen = representatives.searchsorted(several[place].astype(np.uint64))
            rows, places = expanded(starts[chosen], stops[chosen])
            several = several[:, rows]
            several[place] = flat[places]
            statements = np.concatenate([statements[:, ~renamed], several], axis=1)
        return statements

    def _join(self, low: int, high: int) -> None:
        joined = self._members.pop(high, [high])
        self._members.setdefault(low, [low]).extend(joined)
        for term in joined:
            self._representative[term] = low


def _replaced(numbers: Column, old: Column, new: Column) -> Column:
    """Return numbers with others in the place of some, which are given sorted."""
    chosen = among(numbers, old)
    if not chosen.any():
        return numbers
    replaced = numbers.copy()
    replaced[chosen] = new[old.searchsorted(numbers[chosen])]
    return replaced
