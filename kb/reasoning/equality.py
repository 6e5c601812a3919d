"""Equality: terms that are the same, each class of them with one that stands for all."""

from collections.abc import Iterable, Iterator

import polars as pl

from kb.reasoning.facts import KEY, Layout
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
        for representative in {self.representative(term) for term in gone}:
            self._members[representative].sort()
        return gone

    def canonical(self, keys: pl.Series, layout: Layout, predicates: Predicates) -> pl.Series:
        """Return packed statements with the representative in the place of each term."""
        if not self or len(keys) == 0:
            return keys
        frame = layout.frame(keys).with_columns(pl.col("s", "o").replace(self._representative))
        renamed = {p: predicates.number(r) for p, r in self._renamed(predicates)}
        return frame.select(
            layout.key(pl.col("p").replace(renamed) if renamed else pl.col("p"), pl.col("s"), pl.col("o"))
        )[KEY]

    def renamed(self, terms: Iterable[int], predicates: Predicates) -> list[int]:
        """Return the numbers as predicates of terms, where they have one."""
        return [number for term in terms if (number := predicates.find(term)) is not None]

    def table(self) -> pl.DataFrame:
        """Return each representative, in the column ``term``, with each name of it, in the column ``name``."""
        pairs = [(least, name) for least, names in sorted(self._members.items()) for name in names]
        return pl.DataFrame(pairs, schema={"term": pl.UInt64, "name": pl.UInt64}, orient="row")

    def _renamed(self, predicates: Predicates) -> Iterator[tuple[int, int]]:
        for term, representative in self._representative.items():
            if (number := predicates.find(term)) is not None and term != representative:
                yield number, representative

    def _join(self, low: int, high: int) -> None:
        joined = self._members.pop(high, [high])
        self._members[low] = [*self._members.get(low, [low]), *joined]
        for term in joined:
            self._representative[term] = low
