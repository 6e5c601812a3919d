"""Sets of numbers as sorted runs: they do what Python's own sets do, and hold no more work than they must."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kb.reasoning.columns import SortedRuns, among, column, distinct, expanded
from kb.reasoning.facts import Facts, KeyLayout

NUMBERS = st.integers(0, 40)
#: Numbers that are added (True) or removed.
STEPS = st.lists(st.tuples(st.booleans(), st.sets(NUMBERS)), max_size=12)


@given(STEPS, st.sets(NUMBERS), st.tuples(NUMBERS, NUMBERS).map(sorted))
def test_sorted_runs_are_a_dictionary(steps: list[tuple[bool, set[int]]], asked: set[int], span: list[int]) -> None:
    ours, reference = SortedRuns(), dict[int, int]()
    for tag, (adding, numbers) in enumerate(steps):
        new = column(sorted(numbers - reference.keys()))
        if adding:
            ours.add(new, np.full(len(new), tag, dtype=np.uint32))
            reference |= dict.fromkeys(new.tolist(), tag)
        else:
            gone, tags = ours.remove(column(sorted(numbers)))
            assert list(zip(gone.tolist(), tags.tolist(), strict=True)) == [
                (number, reference.pop(number)) for number in sorted(numbers & reference.keys())
            ]
    assert len(ours) == len(reference)
    assert ours.contains(column(sorted(asked))).tolist() == [number in reference for number in sorted(asked)]
    low, high = span
    within = [pair for parts in ours.between(low, high) for pair in zip(*(p.tolist() for p in parts), strict=True)]
    assert sorted(within) == sorted((n, tag) for n, tag in reference.items() if low <= n <= high)
    _, hits = ours.ranges(column([low]), column([high]), (0, 40)).hits()
    assert sorted(hits.tolist()) == sorted(number for number, _ in within)
    assert list(zip(*(part.tolist() for part in ours.items()), strict=True)) == sorted(reference.items())


@given(st.lists(NUMBERS), st.sets(NUMBERS))
def test_columns_are_sorted_and_looked_up_as_sets_are(numbers: list[int], wanted: set[int]) -> None:
    assert distinct(column(numbers)).tolist() == sorted(set(numbers))
    assert among(column(numbers), column(sorted(wanted))).tolist() == [number in wanted for number in numbers]


def test_ranges_are_expanded_into_their_places() -> None:
    rows, places = expanded(np.array([3, 5, 9]), np.array([5, 5, 10]))
    assert (rows.tolist(), places.tolist()) == ([0, 0, 2], [3, 4, 9])


@given(st.lists(st.tuples(st.integers(0, 3), NUMBERS, NUMBERS)), st.sets(NUMBERS, min_size=1))
def test_statements_about_terms_are_found(rows: list[tuple[int, int, int]], terms: set[int]) -> None:
    layout = KeyLayout.choices(50)[0]
    facts = Facts(layout)
    filler = [(0, number, number + 1000) for number in range(100, 5000)]
    facts.add(distinct(column(layout.pack(*row) for row in [*rows, *filler])), 0)
    found = {layout.unpack(key) for key in facts.about(column(sorted(terms)), [2]).tolist()}
    assert found == {(p, s, o) for p, s, o in rows if s in terms or o in terms or p == 2}
    for p in range(4):
        _, subjects = facts.subjects(p, column(sorted(terms)))
        assert set(subjects.tolist()) == {s for q, s, o in rows if q == p and o in terms}
