"""Composing two relations: what is reached from a term by one and then by the other, without a place for each way.

In a chain or a cluster a pair is reached by as many ways as there are terms between its ends. Where the ways are many
and the terms few, a row of bits for each term says what the second relation reaches from it, and the union of rows
takes the place of the ways.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from kb.reasoning.columns import Column, Places, Ranges
from kb.reasoning.facts import KeyLayout

__all__ = ["composed"]

#: Ways that are written out at a time.
_WAYS = 1 << 22
#: Ways for which rows of bits are made at a time: more where the second relation is large, to read it less often.
_BLOCK, _USES = 1 << 27, 128
#: Bytes that the rows of bits may take.
_ROWS = 1 << 28
#: Bytes of such rows that are read in the time that one way takes to be written out and sorted.
_BYTES_A_WAY = 100
#: Numbers of terms that a table has room for.
_SPAN = 1 << 25
_BITS = 64

_Words = npt.NDArray[np.uint64]


def composed(starts: Column, middles: Column, onwards: Ranges, layout: KeyLayout) -> Iterator[tuple[Column, Column]]:
    """Yield what is reached from some starts, in parts: starts and ends of the same length.

    A pair may come several times, but where there are many ways in all, far less often than there are ways to it.

    :param starts: with `middles`, the pairs of the first relation
    :param onwards: for each of these pairs, where the ends are in the second relation, as `kb.reasoning.facts.Facts`
        packs them, the end last
    """
    counts = onwards.counts()
    if counts.sum() <= _WAYS:
        rows, found = onwards.hits()
        yield starts[rows], layout.object(found)
        return
    order = np.argsort(starts, kind="stable")
    most = max(_BLOCK, int(counts[np.unique(middles, return_index=True)[1]].sum()) * _USES)
    for block in _blocks(order, counts[order], most):
        bits = _reachable(middles[block], onwards.taken(block), layout, int(counts[block].sum()))
        if bits is not None:
            yield from _unions(starts[block], *bits)
            continue
        for part in _blocks(block, counts[block], _WAYS):
            rows, found = onwards.taken(part).hits()
            yield starts[part][rows], layout.object(found)


def _blocks(rows: Places, counts: Places, most: int) -> Iterator[Places]:
    """Yield rows in parts with no more than this many ways together, or with one row."""
    total = np.cumsum(counts)
    start = 0
    while start < len(rows):
        before = int(total[start] - counts[start])
        stop = max(start + 1, int(total.searchsorted(before + most, "right")))
        yield rows[start:stop]
        start = stop


def _reachable(middles: Column, onwards: Ranges, layout: KeyLayout, ways: int) -> tuple[Places, _Words, Column] | None:
    """Return rows of bits, the place of each middle's row, and the term of each bit; None where that is no gain.

    :param ways: how many there are from all middles
    """
    _, first, place = np.unique(middles, return_index=True, return_inverse=True)
    onwards = onwards.taken(first)
    parts = list(_blocks(np.arange(len(first)), onwards.counts(), _WAYS))
    ends = _ends(onwards, parts, layout)
    if ends is None:
        return None
    width = -(-len(ends) // _BITS)
    size = width * _BITS // 8
    if len(first) * size > _ROWS or (len(middles) + len(first)) * size > ways * _BYTES_A_WAY:
        return None
    column_of = np.zeros(int(ends[-1] - ends[0]) + 1, dtype=np.uint32)
    column_of[ends - ends[0]] = np.arange(len(ends))
    bits = np.zeros((len(first), width), dtype=np.uint64)
    for part in _cut(parts, max(1, _WAYS * 8 // (width * _BITS))):
        rows, found = onwards.taken(part).hits()
        reached = np.zeros((len(part), width * _BITS), dtype=np.bool_)
        reached[rows, column_of[layout.object(found) - ends[0]]] = True
        bits[part] = np.packbits(reached, axis=1, bitorder="little").view(np.uint64)
    return place, bits, ends


def _cut(parts: list[Places], most: int) -> Iterator[Places]:
    """Yield parts in pieces with no more than this many rows."""
    for part in parts:
        for start in range(0, len(part), most):
            yield part[start : start + most]


def _ends(onwards: Ranges, parts: list[Places], layout: KeyLayout) -> Column | None:
    """Return the ends of some ranges, sorted, each once; None where their numbers are too far apart for a table."""
    bounds = [(int(found.min()), int(found.max())) for found in _found(onwards, parts, layout)]
    least = min(low for low, _ in bounds)
    span = max(high for _, high in bounds) - least + 1
    if span > _SPAN:
        return None
    seen = np.zeros(span, dtype=np.bool_)
    for found in _found(onwards, parts, layout):
        seen[found - np.uint64(least)] = True
    return np.flatnonzero(seen).astype(np.uint64) + np.uint64(least)


def _found(onwards: Ranges, parts: list[Places], layout: KeyLayout) -> Iterator[Column]:
    found = (layout.object(onwards.taken(part).hits()[1]) for part in parts)
    return (ends for ends in found if len(ends))


def _unions(starts: Column, place: Places, bits: _Words, ends: Column) -> Iterator[tuple[Column, Column]]:
    """Yield each start with the ends in the rows of its middles; the starts are sorted."""
    bounds = [0, *(np.flatnonzero(starts[1:] != starts[:-1]) + 1).tolist(), len(starts)]
    most = max(1, _WAYS // (bits.shape[1] * _BITS))
    for begin in range(0, len(bounds) - 1, most):
        pieces = bounds[begin : begin + most + 1]
        union = np.empty((len(pieces) - 1, bits.shape[1]), dtype=np.uint64)
        for row, (start, stop) in enumerate(pairwise(pieces)):
            np.bitwise_or.reduce(bits[place[start:stop]], axis=0, out=union[row])
        words = np.flatnonzero(union)
        reached = np.unpackbits(union.ravel()[words].view(np.uint8), bitorder="little").view(np.bool_)
        places, columns = np.divmod(np.flatnonzero(reached), _BITS)
        rows, words = np.divmod(words, union.shape[1])
        yield starts[np.array(pieces[:-1])][rows[places]], ends[words[places] * _BITS + columns]
