"""Dates of any precision as spans of days, to compare what sources give as a day, a month or a year."""

import calendar
import datetime as dt
from dataclasses import dataclass

from rdflib import Literal
from rdflib.namespace import XSD
from rdflib.term import Node

__all__ = ["Span", "span_of"]


@dataclass(frozen=True)
class Span:
    """The days that a date may mean, both ends included."""

    first: dt.date
    last: dt.date

    def precedes(self, other: "Span") -> bool:
        """Whether every day of this span is before every day of the other."""
        return self.last < other.first


def span_of(node: Node) -> Span | None:
    """Return the days that a literal may mean, or None where it names no year or is ill-typed.

    Understood are xsd:date, xsd:dateTime, xsd:gYearMonth and xsd:gYear
    (https://www.w3.org/TR/xmlschema11-2/#built-in-primitive-datatypes). A time zone is ignored: sources give days.
    """
    if not isinstance(node, Literal) or node.datatype not in _READERS:
        return None
    try:
        return _READERS[node.datatype](str(node))
    except ValueError:
        return None


def _day(text: str) -> Span:
    day = dt.date.fromisoformat(text[:10])
    return Span(day, day)


def _month(text: str) -> Span:
    year, month = int(text[:4]), int(text[5:7])
    return Span(dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1]))


def _year(text: str) -> Span:
    return Span(dt.date(int(text[:4]), 1, 1), dt.date(int(text[:4]), 12, 31))


_READERS = {XSD.date: _day, XSD.dateTime: _day, XSD.gYearMonth: _month, XSD.gYear: _year}
