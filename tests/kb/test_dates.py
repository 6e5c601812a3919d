"""The one place that knows how exact a date is: its bounds, what several have in common, which says less."""

from datetime import datetime

import pytest

from kb.dates import EVER, Bounds, bounds, combined, says_less
from kb.namespaces import XSD


def between(earliest: str, latest: str) -> Bounds:
    return Bounds(datetime.fromisoformat(earliest), datetime.fromisoformat(latest))


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (("2025", XSD.gYear), between("2025-01-01", "2026-01-01")),
        (("2025-12", XSD.gYearMonth), between("2025-12-01", "2026-01-01")),
        (("2024-02", XSD.gYearMonth), between("2024-02-01", "2024-03-01")),
        (("2025-09-30", XSD.date), between("2025-09-30", "2025-10-01")),
        (("2025-09-30+08:00", XSD.date), between("2025-09-30", "2025-10-01")),
        (("2025-06-30T15:37:00", XSD.dateTime), between("2025-06-30T15:37", "2025-06-30T15:38")),
        (("2025-06-30T15:37:20Z", XSD.dateTime), between("2025-06-30T15:37:20", "2025-06-30T15:37:21")),
        (("--10", XSD.gMonth), None),
        (("--10-05", XSD.gMonthDay), None),
        (("07:47:00", XSD.time), None),
        (("2025-02-30", XSD.date), None),
        (("9999", XSD.gYear), None),
        (("next month", XSD.string), None),
    ],
)
def test_a_date_lies_between_two_instants_and_no_second_is_made_up(
    date: tuple[str, str], expected: Bounds | None
) -> None:
    assert bounds(*date) == expected


def test_what_agrees_in_part_is_narrowed_and_what_contradicts_is_spanned() -> None:
    month, week = between("2025-09-01", "2025-10-01"), between("2025-09-08", "2025-09-13")
    late, other = between("2025-09-12", "2025-09-20"), between("2025-10-01", "2025-10-02")
    assert combined([month, week]) == week
    assert combined([week, late]) == between("2025-09-12", "2025-09-13")
    assert combined([week, other]) == between("2025-09-08", "2025-10-02")
    assert combined([month, other]) == between("2025-09-01", "2025-10-02")
    assert combined([]) == EVER


def test_bounds_precede_and_contain() -> None:
    month, day, next_day = (bounds(*date) or EVER for date in (_MONTH, _DAY, ("2025-09-11", XSD.date)))
    assert day.precedes(next_day)
    assert not next_day.precedes(day)
    assert month.contains(day)
    assert not day.contains(month)


_YEAR, _MONTH, _DAY = ("2025", XSD.gYear), ("2025-09", XSD.gYearMonth), ("2025-09-10", XSD.date)
_MINUTE, _NO_YEAR, _NO_YEAR_DAY = (
    *(("2025-09-10T23:59:00", XSD.dateTime), ("--09", XSD.gMonth)),
    ("--09-10", XSD.gMonthDay),
)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        *((_YEAR, _MONTH), (_MONTH, _DAY), (_YEAR, _DAY), (_DAY, _MINUTE), (_DAY, _DAY)),
        *(
            (_NO_YEAR, _MONTH),
            (_NO_YEAR, _DAY),
            (_NO_YEAR, _NO_YEAR_DAY),
            (_NO_YEAR_DAY, _DAY),
            (_NO_YEAR_DAY, _MINUTE),
        ),
    ],
)
def test_a_less_exact_date_says_less(less: tuple[str, str], more: tuple[str, str]) -> None:
    assert says_less(less, more)
    assert less == more or not says_less(more, less)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_DAY, ("2025-09-11", XSD.date)),
        (_MONTH, ("2025-10-01", XSD.date)),
        (_NO_YEAR, ("2025-10", XSD.gYearMonth)),
        (_NO_YEAR, ("--10-09", XSD.gMonthDay)),
        (_NO_YEAR, _YEAR),
        (_YEAR, ("20250", XSD.integer)),
        (_NO_YEAR, ("-09", XSD.string)),
    ],
)
def test_dates_that_cannot_both_be_true_do_not(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert not says_less(one, other)
    assert not says_less(other, one)
