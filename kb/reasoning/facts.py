"""Statements as sorted columns of integers: one number per statement, found by binary search.

A statement is packed into one 64-bit number, predicate first, then subject, then object. So the sorted column is an
index by predicate and by predicate and subject; a predicate whose subjects some rule asks for has a second one,
with subject and object exchanged.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from kb.errors import NoRoom
from kb.reasoning.columns import Column, Mask, Places, Ranges, SortedRuns, Tags, among, column, distinct, joined

__all__ = ["Facts", "KeyLayout", "Row", "indexed"]

#: Subject, object and round of a statement.
Row = tuple[int, int, int]

_WORD = 64
_LEAST_BITS = 21


@dataclass(frozen=True)
class KeyLayout:
    """How many bits of a packed statement its subject has, and its object; the predicate has the rest."""

    bits: int

    @classmethod
    def choices(cls, terms: int) -> "tuple[KeyLayout, KeyLayout]":
        """Return a layout with room for the terms and as many again, and one with more room for predicates.

        In the second fewer than 2^27 terms go with 1,023 predicates, fewer than 2^24 with 65,535, those of the
        vocabulary included.
        """
        return cls(max(_LEAST_BITS, terms.bit_length() + 1)), cls(terms.bit_length())

    @cached_property
    def mask(self) -> int:
        """The largest number of a term."""
        return (1 << self.bits) - 1

    @property
    def predicates(self) -> int:
        """The number of predicates for which there is room; the number behind the last one has to fit too."""
        return (1 << max(0, _WORD - 2 * self.bits)) - 1

    def pack(self, p: int, s: int, o: int) -> int:
        """Return a statement as one number.

        :raises NoRoom: when a term has too large a number
        """
        if s > self.mask or o > self.mask:
            raise NoRoom
        return (p << 2 * self.bits) | (s << self.bits) | o

    def unpack(self, key: int) -> tuple[int, int, int]:
        """Return predicate, subject and object."""
        return key >> 2 * self.bits, (key >> self.bits) & self.mask, key & self.mask

    def key(self, p: Column | int, s: Column | int, o: Column | int) -> Column:
        """Return the packed statements of three columns; a number stands for a column that holds nothing else."""
        return cast("Column", (p << 2 * self.bits) | (s << self.bits) | o)  # a number takes the type of the columns

    def predicate(self, keys: Column) -> Column:
        """Return the predicates of packed statements."""
        return keys >> np.uint64(2 * self.bits)

    def subject(self, keys: Column) -> Column:
        """Return the subjects of packed statements."""
        return (keys >> np.uint64(self.bits)) & np.uint64(self.mask)

    def object(self, keys: Column) -> Column:
        """Return the objects of packed statements."""
        return keys & np.uint64(self.mask)

    def part(self, keys: Column, first: int, last: int | None = None) -> Column:
        """Return the statements of a predicate, or of those from one to another, among sorted ones."""
        start, stop = keys.searchsorted(column(self.span(first, last)))
        return keys[start:stop]

    def parts(self, keys: Column, predicates: Column) -> Iterator[tuple[int, Column]]:
        """Yield each of some predicates that has statements among sorted ones, with these."""
        if len(keys) and len(predicates):
            start = keys.searchsorted(predicates << 2 * self.bits)
            stop = keys.searchsorted((predicates + 1) << 2 * self.bits)
            for p, low, high in zip(predicates.tolist(), start.tolist(), stop.tolist(), strict=True):
                if low < high:
                    yield p, keys[low:high]

    def span(self, first: int, last: int | None = None) -> tuple[int, int]:
        """Return the least and the largest packed statement of a predicate, or of those from one to another."""
        return self.pack(first, 0, 0), self.pack(first if last is None else last, self.mask, self.mask)

    def exchange(self, keys: Column) -> Column:
        """Return packed statements with subject and object exchanged."""
        return self.key(self.predicate(keys), self.object(keys), self.subject(keys))


class Facts:
    """A set of packed statements, each with the round in which it was found; 0 for those that are asserted."""

    def __init__(self, layout: KeyLayout) -> None:
        self.layout = layout
        self._facts = SortedRuns()
        self._by_object: dict[int, SortedRuns] = {}

    def __len__(self) -> int:
        return len(self._facts)

    @property
    def keys(self) -> Column:
        """All statements, sorted."""
        return self._facts.items()[0]

    def items(self) -> tuple[Column, Tags]:
        """Return all statements, sorted, and their rounds."""
        return self._facts.items()

    def add(self, keys: Column, found: int) -> None:
        """Add statements that are not in the set, sorted, each once.

        :param found: the round
        """
        self._facts.add(keys, np.full(len(keys), found, dtype=np.uint32))
        for p, part in self.layout.parts(keys, column(sorted(self._by_object))):
            exchanged = np.sort(self.layout.exchange(part))
            self._by_object[p].add(exchanged, np.full(len(part), found, dtype=np.uint32))

    def remove(self, keys: Column) -> tuple[Column, Tags]:
        """Take statements out, and return those that were there, sorted, with their rounds."""
        for p, part in self.layout.parts(keys, column(sorted(self._by_object))):
            self._by_object[p].remove(np.sort(self.layout.exchange(part)))
        return self._facts.remove(keys)

    def missing_from(self, keys: Column) -> Column:
        """Return those of some statements that are not in the set, sorted, each once."""
        candidates = distinct(keys)
        return candidates[~self._facts.contains(candidates)]

    def contains(self, keys: Column) -> Mask:
        """Return which statements are in the set."""
        return self._facts.contains(keys)

    def objects(self, p: int, subjects: Column) -> tuple[Places, Column]:
        """Return the objects of a predicate and some subjects, and for each the place of its subject."""
        rows, found = self.object_ranges(p, subjects).hits()
        return rows, self.layout.object(found)

    def subjects(self, p: int, objects: Column) -> tuple[Places, Column]:
        """Return the subjects of a predicate and some objects, and for each the place of its object."""
        rows, found = self.subject_ranges(p, objects).hits()
        return rows, self.layout.object(found)

    def object_ranges(self, p: int, subjects: Column) -> Ranges:
        """Return where the statements of a predicate and each of some subjects are; they are packed."""
        return self._ranges(self._facts, p, subjects)

    def subject_ranges(self, p: int, objects: Column) -> Ranges:
        """Return where the statements of a predicate and each of some objects are, packed with both exchanged."""
        return self._ranges(self._index(p), p, objects)

    def of_predicate(self, first: int, last: int | None = None) -> Column:
        """Return the statements of a predicate, or of those from one to another."""
        return joined(part for part, _ in self._facts.between(*self.layout.span(first, last)))

    def about(self, terms: Column, predicates: Iterable[int] = ()) -> Column:
        """Return the statements that have one of some terms as subject or object, or one of some predicates, sorted.

        :param terms: sorted, each once
        """
        found = [self.of_predicate(p) for p in predicates]
        for keys, _ in self._facts.between(0, (1 << _WORD) - 1):
            found.append(keys[among(self.layout.subject(keys), terms) | among(self.layout.object(keys), terms)])
        return distinct(joined(found))

    def match(self, p: int, s: int | None, o: int | None) -> Iterator[Row]:
        """Yield subject, object and round of the statements with a predicate, and a subject or object where given."""
        if s is None and o is not None:
            yield from ((x, y, found) for y, x, found in self._match(self._index(p), p, o, None))
        else:
            yield from self._match(self._facts, p, s, o)

    def _index(self, p: int) -> SortedRuns:
        if p not in self._by_object:
            index = self._by_object[p] = SortedRuns()
            for keys, rounds in self._facts.between(*self.layout.span(p)):
                exchanged = self.layout.exchange(keys)
                order = np.argsort(exchanged)
                index.add(exchanged[order], rounds[order])
        return self._by_object[p]

    def _ranges(self, index: SortedRuns, p: int, nodes: Column) -> Ranges:
        low = self.layout.key(p, nodes, 0)
        return index.ranges(low, low | np.uint64(self.layout.mask), self.layout.span(p))

    def _match(self, index: SortedRuns, p: int, s: int | None, o: int | None) -> Iterator[Row]:
        mask = self.layout.mask
        if max(s or 0, o or 0) > mask:  # a term that came later, for which no statement has room
            return
        low = self.layout.pack(p, s or 0, o or 0)
        high = self.layout.pack(p, mask if s is None else s, mask if o is None else o)
        for keys, rounds in index.between(low, high):
            for key, found in zip(keys.tolist(), rounds.tolist(), strict=True):
                _, subject, value = self.layout.unpack(key)
                yield subject, value, found


def indexed(facts: Facts) -> Callable[[int, int | None, int | None], Iterable[Row]]:
    """Return what `Facts.match` does, from an index in Python's memory: faster, but several times as large."""
    index: defaultdict[tuple[int, int | None, int | None], list[Row]] = defaultdict(list)
    keys, rounds = facts.items()
    for key, found in zip(keys.tolist(), rounds.tolist(), strict=True):
        p, s, o = facts.layout.unpack(key)
        for pattern in ((p, s, o), (p, s, None), (p, None, o), (p, None, None)):
            index[pattern].append((s, o, found))
    return lambda p, s, o: index.get((p, s, o), ())
