"""Dates as sources give them, of whatever precision: the instants between which they lie, which of two says less."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from kb.namespaces import XSD

__all__ = ["EVER", "Bounds", "bounds", "combined", "says_less"]

#: How many characters of a date count (https://www.w3.org/TR/xmlschema11-2/#built-in-primitive-datatypes). Time zones
#: do not: sources give local times.
_LENGTHS = {XSD.date: 10, XSD.gYearMonth: 7, XSD.gYear: 4}
_YEARLESS = {XSD.gMonth, XSD.gMonthDay}


class Bounds(NamedTuple):
    """Two instants between which something lies, both included, as local time without a zone.

    A day ends at the first instant of the next one, so that no last second is made up.
    """

    earliest: datetime
    latest: datetime

    def precedes(self, other: "Bounds") -> bool:
        """Return whether everything within these bounds is before everything within the others."""
        return self.latest <= other.earliest

    def contains(self, other: "Bounds") -> bool:
        """Return whether the other bounds lie within these."""
        return self.earliest <= other.earliest and other.latest <= self.latest


#: The bounds of what has no date.
EVER = Bounds(datetime.min, datetime.max)  # noqa: DTZ901  local time, as in `Bounds`


def bounds(text: str, datatype: str) -> Bounds | None:
    """Return the bounds of a date, or None where there are none: of a month without a year, or of what is no date.

    A time with no seconds is known to the minute.

    :param text: lexical form, for example ``2025-09``
    :param datatype: IRI: xsd:date, xsd:gYearMonth, xsd:gYear or xsd:dateTime
    """
    try:
        if datatype == XSD.dateTime:
            first = datetime.fromisoformat(text).replace(tzinfo=None)
            exact = first.second or first.microsecond
            return Bounds(first, first + timedelta(**({"seconds": 1} if exact else {"minutes": 1})))
        if datatype not in _LENGTHS:
            return None
        text = text[: _LENGTHS[datatype]]
        first = datetime.fromisoformat(text + "0000-01-01"[len(text) :])
        if datatype == XSD.gYear:
            return Bounds(first, first.replace(year=first.year + 1))
        if datatype == XSD.gYearMonth:
            return Bounds(first, (first + timedelta(days=31)).replace(day=1))
        return Bounds(first, first + timedelta(days=1))
    except (ValueError, OverflowError):
        return None


def combined(found: Iterable[Bounds]) -> Bounds:
    """Return what several bounds of one thing have in common; where they contradict each other, what they span.

    Without any, it is `EVER`.
    """
    several = list(found) or [EVER]
    common = Bounds(max(one.earliest for one in several), min(one.latest for one in several))
    if common.earliest < common.latest:
        return common
    return Bounds(min(one.earliest for one in several), max(one.latest for one in several))


def says_less(less: tuple[str, str], more: tuple[str, str]) -> bool:
    """Return whether a date is a less exact form of another one, or the same, so that both can be true.

    :param less: lexical form and datatype's IRI
    :param more: those of the other date
    """
    first, second = bounds(*less), bounds(*more)
    if first and second:
        return first.contains(second)
    if less[1] not in _YEARLESS or not (second or more[1] in _YEARLESS):
        return False
    return f"-{more[0][more[0].find('-', 1) :]}".startswith(less[0])
