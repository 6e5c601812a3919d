"""Columns of integers: sorted arrays, and sets of numbers that are made of a few of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "Column",
    "Mask",
    "Places",
    "Ranges",
    "SortedRuns",
    "Statements",
    "Tags",
    "among",
    "column",
    "distinct",
    "expanded",
    "firsts",
    "joined",
]

Column = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
Tags = npt.NDArray[np.uint32]
#: Numbers of terms in three rows: subjects, predicates, objects.
Statements = npt.NDArray[np.uint32]

#: Each run is at least this many times longer than the next.
_GROWTH = 4


def column(numbers: Iterable[int]) -> Column:
    """Return numbers as a column."""
    return np.fromiter(numbers, dtype=np.uint64)


def joined(parts: Iterable[Column]) -> Column:
    """Return columns one after the other."""
    filled = [part for part in parts if len(part)]
    if len(filled) == 1:
        return filled[0]
    return np.concatenate(filled) if filled else column(())


def distinct(numbers: Column) -> Column:
    """Return numbers sorted, each once."""
    if len(numbers) < 2:  # noqa: PLR2004  nothing to sort
        return numbers
    return firsts(np.sort(numbers, kind="stable"))  # conclusions come in sorted runs, which the stable sort merges


def firsts(ordered: Column) -> Column:
    """Return sorted numbers, each once."""
    changed = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=changed[1:])
    return ordered[changed]


def among(numbers: Column, wanted: Column) -> Mask:
    """Return which numbers are among some sorted ones."""
    if len(wanted) == 0:
        return np.zeros(len(numbers), dtype=np.bool_)
    places = wanted.searchsorted(numbers)
    places[places == len(wanted)] = 0
    return np.asarray(wanted[places] == numbers)


def expanded(start: Places, stop: Places) -> tuple[Places, Places]:
    """Return all places in some ranges, and for each the number of its range."""
    counts = stop - start
    rows = np.repeat(np.arange(len(counts)), counts)
    shift = start - (np.cumsum(counts) - counts)
    return rows, np.arange(len(rows)) + shift[rows]


@dataclass(frozen=True)
class Ranges:
    """Ranges of numbers in some sorted runs; the numbers themselves are not taken out before they are asked for.

    :param parts: runs, each with the places where the ranges start and stop in it
    """

    length: int
    parts: Sequence[tuple[Column, Places, Places]]

    def counts(self) -> Places:
        """Return how many numbers each range has."""
        return sum((stop - start for _, start, stop in self.parts), np.zeros(self.length, dtype=np.intp))

    def taken(self, rows: Places | slice) -> "Ranges":
        """Return some of the ranges."""
        parts = [(run, start[rows], stop[rows]) for run, start, stop in self.parts]
        return Ranges(len(parts[0][1]) if parts else 0, parts)

    def hits(self) -> tuple[Places, Column]:
        """Return the numbers in all ranges, and for each the place of its range."""
        rows, found = [np.zeros(0, dtype=np.intp)], [column(())]
        for run, start, stop in self.parts:
            row, places = expanded(start, stop)
            rows.append(row)
            found.append(run[places])
        return (rows[1], found[1]) if len(rows) == 2 else (np.concatenate(rows), np.concatenate(found))  # noqa: PLR2004


class SortedRuns:
    """A set of numbers, each with a tag, as sorted runs, each much shorter than the one before.

    So adding costs a logarithm of the size for each number, and finding a binary search in each run: the logarithmic
    method (Bentley and Saxe 1980, https://doi.org/10.1016/0196-6774(80)90015-2). Removing copies the runs that lose
    numbers.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[Column, Tags]] = []

    def __len__(self) -> int:
        return sum(len(numbers) for numbers, _ in self._runs)

    def add(self, numbers: Column, tags: Tags) -> None:
        """Add numbers that are not in the set, sorted, each once."""
        if len(numbers) == 0:
            return
        self._runs.append((numbers, tags))
        while len(self._runs) > 1 and len(self._runs[-1][0]) * _GROWTH > len(self._runs[-2][0]):
            self._merge()

    def remove(self, numbers: Column) -> tuple[Column, Tags]:
        """Take numbers out, and return those that were there, sorted, with their tags."""
        gone, gone_tags, kept = [column(())], [np.zeros(0, dtype=np.uint32)], []
        for run, tags in self._runs:
            places = run.searchsorted(numbers)
            places[places == len(run)] = 0
            places = places[run[places] == numbers]
            gone.append(run[places])
            gone_tags.append(tags[places])
            kept.append((np.delete(run, places), np.delete(tags, places)) if len(places) else (run, tags))
        self._runs = [part for part in kept if len(part[0])]
        order = np.argsort(np.concatenate(gone), kind="stable")  # each run has its own part
        return np.concatenate(gone)[order], np.concatenate(gone_tags)[order]

    def contains(self, numbers: Column) -> Mask:
        """Return which numbers are in the set."""
        found = np.zeros(len(numbers), dtype=np.bool_)
        for run, _ in self._runs:
            found |= among(numbers, run)
        return found

    def between(self, low: int, high: int) -> Iterator[tuple[Column, Tags]]:
        """Yield the numbers from one to another, both included, with their tags, in sorted parts."""
        bounds = column((low, high))
        for run, tags in self._runs:
            start, stop = run.searchsorted(bounds[:1])[0], run.searchsorted(bounds[1:], "right")[0]
            if start < stop:
                yield run[start:stop], tags[start:stop]

    def ranges(self, low: Column, high: Column, span: tuple[int, int]) -> Ranges:
        """Return where the numbers of some ranges are.

        :param low: the first number of each range
        :param high: the last
        :param span: numbers that all ranges lie between
        """
        parts = [(run, run.searchsorted(low), run.searchsorted(high, "right")) for run, _ in self.between(*span)]
        return Ranges(len(low), parts)

    def items(self) -> tuple[Column, Tags]:
        """Return all numbers, sorted, with their tags."""
        while len(self._runs) > 1:
            self._merge()
        return self._runs[0] if self._runs else (column(()), np.zeros(0, dtype=np.uint32))

    def _merge(self) -> None:
        (new, new_tags), (old, old_tags) = self._runs.pop(), self._runs.pop()
        places = old.searchsorted(new)
        self._runs.append((np.insert(old, places, new), np.insert(old_tags, places, new_tags)))
