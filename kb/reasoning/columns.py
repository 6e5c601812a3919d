"""Columns of integers: sorted arrays, and sets of numbers that are made of a few of them.

numpy, since most columns of a round are short: a call costs a microsecond or two, a fiftieth of one of Polars.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

__all__ = ["Column", "Mask", "Places", "Tagged", "Tags", "among", "column", "distinct", "expanded", "firsts", "joined"]

Column = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
Tags = npt.NDArray[np.uint32]

#: A run is so many times as long as the next one at least.
_GROWTH = 4
_GONE = (1 << 32) - 1


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
    return ordered[_changes(ordered)]


def among(numbers: Column, wanted: Column) -> Mask:
    """Tell which numbers are among some sorted ones."""
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


class Tagged:
    """A set of numbers, each with a tag, as sorted runs of which each is much shorter than the one before.

    So adding costs a logarithm of the size for each number, and finding a binary search in each run: the logarithmic
    method (Bentley and Saxe 1980, https://doi.org/10.1016/0196-6774(80)90015-2). What is removed keeps its place until
    its run is merged.
    """

    def __init__(self, numbers: Column | None = None, tags: Tags | None = None) -> None:
        self._runs: list[tuple[Column, Tags]] = []
        self._gone = 0
        if numbers is not None:
            self.add(numbers, np.zeros(len(numbers), dtype=np.uint32) if tags is None else tags)

    def __len__(self) -> int:
        return sum(len(numbers) for numbers, _ in self._runs) - self._gone

    def add(self, numbers: Column, tags: Tags) -> None:
        """Add numbers that are not in the set, sorted, each once."""
        if len(numbers) == 0:
            return
        self._runs.append((numbers, tags))
        while len(self._runs) > 1 and len(self._runs[-1][0]) * _GROWTH > len(self._runs[-2][0]):
            self._merge()

    def remove(self, numbers: Column) -> tuple[Column, Tags]:
        """Take numbers out, and return those that were there, sorted, with their tags."""
        taken = [(run[places], tags[places], tags, places) for run, tags, places in self._places(numbers)]
        for _, _, tags, places in taken:
            tags[places] = _GONE
            self._gone += len(places)
        if self._gone > len(self):
            self._compact()
        gone = joined(part for part, _, _, _ in taken)
        rounds = np.concatenate([*(part for _, part, _, _ in taken), np.zeros(0, dtype=np.uint32)])
        order = np.argsort(gone, kind="stable")  # each run has its own part
        return gone[order], rounds[order]

    def contains(self, numbers: Column) -> Mask:
        """Tell which numbers are in the set."""
        found = np.zeros(len(numbers), dtype=np.bool_)
        for run, tags in self._runs:
            places = run.searchsorted(numbers)
            places[places == len(run)] = 0
            found |= run[places] == numbers if self._gone == 0 else (run[places] == numbers) & (tags[places] != _GONE)
        return found

    def between(self, low: int, high: int) -> Iterator[tuple[Column, Tags]]:
        """Yield the numbers from one to another, both included, with their tags, in sorted parts."""
        return (self._present(*part) for part in self._parts(low, high))

    def hits(self, low: Column, high: Column, span: tuple[int, int]) -> tuple[Places, Column]:
        """Return the numbers in some ranges, and for each the number of its range.

        :param low: the first number of each range
        :param high: the last
        :param span: numbers that all ranges lie between
        """
        parts = [self._hits_in(run, tags, low, high) for run, tags in self._parts(*span)]
        if len(parts) == 1:
            return parts[0]
        rows = [rows for rows, _ in parts]
        return np.concatenate([*rows, np.zeros(0, dtype=np.intp)]), joined(found for _, found in parts)

    def items(self) -> tuple[Column, Tags]:
        """Return all numbers, sorted, with their tags."""
        self._compact()
        return self._runs[0] if self._runs else (column(()), np.zeros(0, dtype=np.uint32))

    def largest(self) -> int:
        """Return the largest number in the runs, also one that was taken out since they were merged, or -1."""
        return max((int(run[-1]) for run, _ in self._runs), default=-1)

    def _parts(self, low: int, high: int) -> Iterator[tuple[Column, Tags]]:
        bounds = column((low, high))
        for run, tags in self._runs:
            start, stop = run.searchsorted(bounds[:1])[0], run.searchsorted(bounds[1:], "right")[0]
            if start < stop:
                yield run[start:stop], tags[start:stop]

    def _hits_in(self, run: Column, tags: Tags, low: Column, high: Column) -> tuple[Places, Column]:
        rows, places = expanded(run.searchsorted(low), run.searchsorted(high, "right"))
        if self._gone:
            kept = tags[places] != _GONE
            rows, places = rows[kept], places[kept]
        return rows, run[places]

    def _places(self, numbers: Column) -> Iterator[tuple[Column, Tags, Places]]:
        for run, tags in self._runs:
            places = run.searchsorted(numbers)
            places[places == len(run)] = 0
            yield run, tags, places[(run[places] == numbers) & (tags[places] != _GONE)]

    def _present(self, numbers: Column, tags: Tags) -> tuple[Column, Tags]:
        if self._gone == 0:
            return numbers, tags
        kept = tags != _GONE
        return numbers[kept], tags[kept]

    def _merge(self) -> None:
        (new, new_tags), (old, old_tags) = self._runs.pop(), self._runs.pop()
        if self._gone:
            size = len(new) + len(old)
            (new, new_tags), (old, old_tags) = self._present(new, new_tags), self._present(old, old_tags)
            self._gone -= size - len(new) - len(old)
        if len(new) and len(old):
            places = old.searchsorted(new)
            old, old_tags = np.insert(old, places, new), np.insert(old_tags, places, new_tags)
        if len(merged := old if len(old) else new):
            self._runs.append((merged, old_tags if len(old) else new_tags))

    def _compact(self) -> None:
        while len(self._runs) > 1:
            self._merge()
        present = (self._present(*run) for run in self._runs)
        self._runs, self._gone = [run for run in present if len(run[0])], 0


def _changes(ordered: Column) -> Mask:
    """Tell where a sorted column has a number for the first time."""
    changed = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=changed[1:])
    return changed
