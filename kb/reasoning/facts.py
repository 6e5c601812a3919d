"""Statements as sorted columns of integers: one number a statement, found by binary search or by joins.

A statement is packed into one 64-bit number, predicate first, then subject, then object. So the sorted column is an
index by predicate and by predicate and subject; a second one, with subject and object exchanged, is kept where rules
ask for subjects. New statements are kept apart from the many old ones until there are enough of them to merge.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from kb.errors import DataError

__all__ = ["KEY", "Facts", "Layout"]

#: Name of the column that holds packed statements.
KEY = "k"
_ROUND = "r"
#: Binary search beats a join while there are fewer rows to look for than one in so many.
_SPARSE = 12
#: Recent statements are merged into the old ones when they are more than one in so many.
_MERGED = 6
_WORD = 64
_LEAST_BITS = 21


@dataclass(frozen=True)
class Layout:
    """How many bits of a packed statement its subject has, and its object; the predicate has the rest."""

    bits: int

    @classmethod
    def of(cls, terms: int, predicates: int) -> "Layout":
        """Return a layout with room for the terms and as many again.

        :raises DataError: when there are too many: 2^27 terms with 1,024 predicates fit, 2^24 with 65,536
        """
        bits = max(_LEAST_BITS, terms.bit_length() + 1)
        layout = cls(bits)
        if predicates >= layout.predicates:
            raise DataError(
                f"{terms:,} terms and {predicates:,} predicates are too many", "Reason on parts of the data"
            )
        return layout

    @property
    def mask(self) -> int:
        """The largest number of a term."""
        return (1 << self.bits) - 1

    @property
    def predicates(self) -> int:
        """The number of predicates for which there is room."""
        return 1 << max(0, _WORD - 2 * self.bits)

    def pack(self, p: int, s: int, o: int) -> int:
        """Return a statement as one number."""
        return (p << 2 * self.bits) | (s << self.bits) | o

    def unpack(self, key: int) -> tuple[int, int, int]:
        """Return predicate, subject and object."""
        return key >> 2 * self.bits, (key >> self.bits) & self.mask, key & self.mask

    def key(self, p: pl.Expr | int, s: pl.Expr, o: pl.Expr) -> pl.Expr:
        """Return the packed statements of three columns."""
        first = pl.lit(p << 2 * self.bits, pl.UInt64) if isinstance(p, int) else p * (1 << 2 * self.bits)
        return (first + s * (1 << self.bits) + o).alias(KEY)

    def frame(self, keys: pl.Series) -> pl.DataFrame:
        """Return the columns ``p``, ``s`` and ``o`` of packed statements."""
        return pl.select(
            p=keys // (1 << 2 * self.bits),
            s=(keys // (1 << self.bits)) & self.mask,
            o=keys & self.mask,
        )

    def prefix(self, p: pl.Expr, node: pl.Expr) -> pl.Expr:
        """Return predicate and subject (or object) as one number, as `Facts.objects` takes it."""
        return (p * (1 << self.bits) + node).alias("prefix")

    def exchange(self, keys: pl.Series) -> pl.Series:
        """Return packed statements with subject and object exchanged."""
        frame = self.frame(keys)
        return frame.select(self.key(pl.col("p"), pl.col("o"), pl.col("s")))[KEY]


class Facts:
    """A set of packed statements, each with the round in which it was found; 0 for those that are asserted."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._runs = [_empty(), _empty()]
        self._by_object: tuple[pl.Series, pl.Series] | None = None

    def __len__(self) -> int:
        return sum(run.height for run in self._runs)

    @property
    def keys(self) -> pl.Series:
        """All statements; the order follows from how they were added."""
        return pl.concat([run[KEY] for run in self._runs])

    @property
    def frame(self) -> pl.DataFrame:
        """All statements with their rounds, sorted: the columns ``k`` and ``r``."""
        return self._runs[0].merge_sorted(self._runs[1], KEY)

    def add(self, keys: pl.Series, found: int) -> None:
        """Add statements that are not in the set, sorted, each once.

        :param found: the round
        """
        if len(keys) == 0:
            return
        new = pl.DataFrame({KEY: keys, _ROUND: pl.repeat(found, len(keys), dtype=pl.UInt16, eager=True)})
        self._extend(new)
        if self._by_object is not None:
            old, recent = self._by_object
            self._by_object = _merged_if_many(old, _merge(recent, self.layout.exchange(keys).sort()))

    def remove(self, keys: pl.Series) -> pl.DataFrame:
        """Take statements out and return them with their rounds."""
        gone = pl.concat([self._in_run(run, keys.to_frame(KEY)) for run in self._runs])
        self._runs = [_without(run, keys) for run in self._runs]
        if self._by_object is not None:
            exchanged = self.layout.exchange(keys)
            old, recent = (_without(run.to_frame(KEY), exchanged)[KEY] for run in self._by_object)
            self._by_object = old, recent
        return gone

    def new(self, keys: pl.Series) -> pl.Series:
        """Return those of some statements that are not in the set, sorted, each once."""
        left = keys.unique().sort()
        for run in self._runs:
            left = _absent(left, run[KEY])
        return left

    def known(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a frame whose statement, in the column ``k``, is in the set."""
        return pl.concat([_present(frame, run[KEY]) for run in self._runs])

    def objects(self, probes: pl.DataFrame) -> pl.DataFrame:
        """Return the probes with each object of their predicate and subject, in the column ``hit``.

        :param probes: a frame with the column ``prefix``, see `Layout.prefix`
        """
        return self._all_hits([run[KEY] for run in self._runs], probes)

    def subjects(self, probes: pl.DataFrame) -> pl.DataFrame:
        """Return the probes with each subject of their predicate and object, in the column ``hit``."""
        if probes.height and self._by_object is None:
            self._by_object = self.layout.exchange(self.keys).sort(), _empty()[KEY]
        return self._all_hits(self._by_object or (), probes)

    def of_predicates(self, predicates: Iterable[int]) -> pl.Series:
        """Return the statements of some predicates, each predicate's together."""
        spans = list(_spans(sorted(predicates)))
        parts = [part for run in self._runs for low, high in spans if len(part := self._slice(run[KEY], low, high))]
        return pl.concat(parts) if parts else _empty()[KEY]

    def about(self, terms: pl.Series, predicates: Iterable[int] = ()) -> pl.Series:
        """Return the statements that have one of some terms as subject or object, or one of some predicates."""
        return pl.concat([run[KEY].filter(self._about(run[KEY], terms, predicates)) for run in self._runs])

    def match(self, p: int, s: int | None, o: int | None) -> Iterator[tuple[int, int, int]]:
        """Yield subject, object and round of the statements with a predicate, and a subject or object where given."""
        if s is None and o is not None:
            probe = pl.DataFrame({"prefix": [p << self.layout.bits | o]}, schema={"prefix": pl.UInt64})
            for subject in self.subjects(probe)["hit"]:
                yield from self._range(p, subject, o)
        else:
            yield from self._range(p, s, o)

    def _range(self, p: int, s: int | None, o: int | None) -> Iterator[tuple[int, int, int]]:
        low = self.layout.pack(p, s or 0, o or 0)
        high = self.layout.pack(p, self.layout.mask if s is None else s, self.layout.mask if o is None else o)
        for run in self._runs:
            start, end = bisect_left(run[KEY], low), bisect_right(run[KEY], high)
            for key, found in run.slice(start, end - start).iter_rows():
                _, subject, value = self.layout.unpack(key)
                yield subject, value, found

    def _extend(self, new: pl.DataFrame) -> None:
        old, recent = self._runs
        recent = _merge_frames(recent, new)
        if recent.height * _MERGED > old.height:
            old, recent = _merge_frames(old, recent), _empty()
        self._runs = [old, recent]

    def _in_run(self, run: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        return run.join(wanted, on=KEY, how="semi")

    def _slice(self, run: pl.Series, low: int, high: int) -> pl.Series:
        start, end = (bisect_left(run, self.layout.pack(p, 0, 0)) for p in (low, high + 1))
        return run.slice(start, end - start)

    def _all_hits(self, runs: Iterable[pl.Series], probes: pl.DataFrame) -> pl.DataFrame:
        if probes.height == 0:
            return probes.with_columns(hit=pl.lit(None, pl.UInt64))
        return pl.concat([self._hits(run, probes) for run in runs])

    def _hits(self, run: pl.Series, probes: pl.DataFrame) -> pl.DataFrame:
        if probes.height * _SPARSE < len(run):
            return self._search(run, probes)
        prefix = pl.select(prefix=run // (1 << self.layout.bits), hit=run & self.layout.mask)
        return probes.join(prefix, on="prefix")

    def _search(self, run: pl.Series, probes: pl.DataFrame) -> pl.DataFrame:
        low = probes["prefix"] * (1 << self.layout.bits)
        start, end = run.search_sorted(low, "left"), run.search_sorted(low + self.layout.mask, "right")
        ranged = probes.with_columns(_start=start, _end=end).filter(pl.col("_start") < pl.col("_end"))
        ranged = ranged.with_columns(_at=pl.int_ranges("_start", "_end")).explode("_at")
        hits = run.gather(ranged["_at"]) & self.layout.mask
        return ranged.drop("_start", "_end", "_at").with_columns(hit=hits)

    def _about(self, keys: pl.Series, terms: pl.Series, predicates: Iterable[int]) -> pl.Series:
        wanted, frame = terms.implode(), self.layout.frame(keys)
        chosen = frame["s"].is_in(wanted) | frame["o"].is_in(wanted)
        if named := list(predicates):
            chosen |= frame["p"].is_in(pl.Series(named, dtype=pl.UInt64).implode())
        return chosen


def _spans(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each row of numbers that follow each other."""
    start = 0
    for place, number in enumerate(numbers):
        if place + 1 == len(numbers) or numbers[place + 1] != number + 1:
            yield numbers[start], number
            start = place + 1


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema={KEY: pl.UInt64, _ROUND: pl.UInt16})


def _merge_frames(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    if old.height == 0 or new.height == 0:
        return old if new.height == 0 else new
    return old.merge_sorted(new, KEY)


def _merge(old: pl.Series, new: pl.Series) -> pl.Series:
    return _merge_frames(old.to_frame(KEY), new.to_frame(KEY))[KEY]


def _merged_if_many(old: pl.Series, recent: pl.Series) -> tuple[pl.Series, pl.Series]:
    if len(recent) * _MERGED > len(old):
        return _merge(old, recent), _empty()[KEY]
    return old, recent


def _without(run: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    return run.filter(~run[KEY].is_in(keys.implode()))


def _present(frame: pl.DataFrame, run: pl.Series) -> pl.DataFrame:
    if frame.height * _SPARSE < len(run):
        return frame.filter(_found(frame[KEY], run))
    return frame.join(run.to_frame(KEY), on=KEY, how="semi")


def _absent(keys: pl.Series, run: pl.Series) -> pl.Series:
    if len(run) == 0 or len(keys) == 0:
        return keys
    if len(keys) * _SPARSE < len(run):
        return keys.filter(~_found(keys, run))
    return keys.to_frame(KEY).join(run.to_frame(KEY), on=KEY, how="anti", maintain_order="left")[KEY]


def _found(keys: pl.Series, run: pl.Series) -> pl.Series:
    """Tell for each statement whether it is in a sorted column that is not empty."""
    place = run.search_sorted(keys).clip(0, len(run) - 1)
    return run.gather(place) == keys
