"""Rules about time: parts lie within their meeting, ordinals rise, what is only foreseen has not passed."""

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import combinations, product
from typing import NamedTuple

from rdflib import Graph, Literal
from rdflib.namespace import XSD
from rdflib.term import Node

from kb.checks.context import Context, Finding, Rule
from kb.checks.findings import Severity
from kb.files.documents import Document
from kb.namespaces import shorten
from kb.rdf.namespaces import AMMTC, CONCEPT

__all__ = ["RULES"]

#: How many characters of a date count (https://www.w3.org/TR/xmlschema11-2/#built-in-primitive-datatypes). Times and
#: time zones do not: sources give days.
_LENGTHS = {XSD.date: 10, XSD.dateTime: 10, XSD.gYearMonth: 7, XSD.gYear: 4}
#: Statuses of what has begun, however it went on.
_BEGUN = {CONCEPT["under-way"], CONCEPT.done, CONCEPT.failed}


class Span(NamedTuple):
    """The days that a date of any precision may mean, both ends included."""

    first: dt.date
    last: dt.date

    def precedes(self, other: "Span") -> bool:
        """Return whether every day of this span is before every day of the other."""
        return self.last < other.first


def _within(context: Context) -> Iterator[Finding]:
    for part, whole in sorted(context.closure.subject_objects(AMMTC.partOf), key=str):
        dates = [(document, *dated) for document in context.documents for dated in _dates(document.graph, part)]
        lasting = ((document, _duration(document.graph, whole)) for document in context.documents)
        for (document, date, span), (other, duration) in product(dates, lasting if dates else ()):
            if duration and (span.precedes(duration) or duration.precedes(span)):
                name = shorten(str(whole))
                message = f"is dated {date}, outside {name}, which lasts from {duration.first} to {duration.last}"
                remedy = f"Correct the date, the dates of {name}, or ammtc:partOf"
                # Two sources may differ, and both stay: only a source that contradicts itself is an error.
                severity: Severity = "error" if other is document else "warning"
                yield Finding(document.path, part, message, remedy, severity=severity)


def _rising(context: Context) -> Iterator[Finding]:
    for series in sorted(set(context.closure.objects(None, AMMTC.series)), key=str):
        meetings = sorted(context.closure.subjects(AMMTC.series, series), key=str)
        for one, other in combinations(meetings, 2):
            yield from _out_of_order(context, one, other)


def _out_of_order(context: Context, one: Node, other: Node) -> Iterator[Finding]:
    graph = context.asserted
    for first in _ordinals(graph, one):
        for second in _ordinals(graph, other):
            if first == second:
                message = f"has the ordinal {first} of {shorten(str(other))}, of the same series"
                yield Finding(context.home(one), one, message, "Correct one of the ordinals, or merge the meetings")
            earlier, later = (one, other) if first < second else (other, one)
            if first != second and _follows(graph, earlier, later):
                message = f"has the lower ordinal, and comes after {shorten(str(later))}, of the same series"
                yield Finding(context.home(earlier), earlier, message, "Correct an ordinal or a date")


def _status(context: Context) -> Iterator[Finding]:
    for document in context.documents:
        graph = document.graph
        published = [span for _, span in _spans(graph, None, AMMTC.publishedAt)]
        for thing in sorted(set(graph.subjects(AMMTC.status, None)), key=str) if published else ():
            yield from _misdated(context, document, thing, max(published, key=lambda span: span.last))


def _misdated(context: Context, document: Document, thing: Node, published: Span) -> Iterator[Finding]:
    """Yield what is wrong with the dates of an event or a report, and of the events at which the reported act is.

    What has begun has not begun after the source was published; of what is foreseen, nothing was over before. What was
    postponed or cancelled may have any date.
    """
    props = (AMMTC.status, AMMTC.atEvent, AMMTC.foreseenAt)
    statuses, events, foreseen_at = (set(document.graph.objects(thing, prop)) for prop in props)
    if begun := sorted(shorten(str(status)) for status in statuses & _BEGUN):
        for date, span in _dated(context, document, thing, events, (AMMTC.date, AMMTC.startDate)):
            if published.precedes(span):
                message = f"is {begun[0]}, and dated {date}, after the source was published ({published.last})"
                yield Finding(document.path, thing, message, "Make it concept:foreseen, or correct the date")
    elif CONCEPT.foreseen in statuses:
        for date, span in _dated(context, document, thing, events | foreseen_at, (AMMTC.date, AMMTC.endDate)):
            if span.precedes(published):
                message = f"is concept:foreseen, and dated {date}, before the source was published ({published.first})"
                remedy = "Make it concept:done if the source says so, or correct the date"
                yield Finding(document.path, thing, message, remedy)


def _dated(
    context: Context, document: Document, thing: Node, events: Iterable[Node], props: Iterable[Node]
) -> Iterator[tuple[Node, Span]]:
    """Yield the dates that a source gives to a thing, and those that any source gives to some events."""
    for prop in props:
        yield from _spans(document.graph, thing, prop)
        for event in events:
            yield from _spans(context.asserted, event, prop)


RULES = (
    Rule("date-within-meeting", "A part of a meeting is dated within the meeting", _within),
    Rule("ordinals-rise", "Ordinals rise with time within a series", _rising),
    Rule("status-and-date", "What is done is not dated after its source, what is foreseen not before", _status),
)


def _follows(graph: Graph, earlier: Node, later: Node) -> bool:
    """Return whether all dates of the meeting that should come first are after those of the other one."""
    first = [span for _, span in _dates(graph, earlier)]
    second = [span for _, span in _dates(graph, later)]
    return bool(first and second) and all(b.precedes(a) for a in first for b in second)


def _ordinals(graph: Graph, meeting: Node) -> list[int]:
    values = (str(o) for o in graph.objects(meeting, AMMTC.ordinal) if isinstance(o, Literal))
    return sorted(int(value) for value in values if value.isdecimal())


def _duration(graph: Graph, event: Node) -> Span | None:
    """Return the days that one source gives to an event: from its first to its last day, or its date."""
    starts, ends = list(_spans(graph, event, AMMTC.startDate)), list(_spans(graph, event, AMMTC.endDate))
    days = [span for _, span in ([*starts, *ends] if starts and ends else _spans(graph, event, AMMTC.date))]
    return Span(min(span.first for span in days), max(span.last for span in days)) if days else None


def _dates(graph: Graph, event: Node) -> Iterator[tuple[Node, Span]]:
    for prop in (AMMTC.date, AMMTC.startDate, AMMTC.endDate):
        yield from _spans(graph, event, prop)


def _spans(graph: Graph, subject: Node | None, prop: Node) -> Iterator[tuple[Node, Span]]:
    """Yield the dates that a property has as values, each with its days; other values are left out."""
    for date in sorted(graph.objects(subject, prop), key=str):
        if isinstance(date, Literal) and date.datatype in _LENGTHS:
            text = str(date)[: _LENGTHS[date.datatype]]
            try:
                first = dt.date.fromisoformat(text + "0000-01-01"[len(text) :])
            except ValueError:
                continue
            month = first.month if len(text) > len("0000") else 12
            day = first.day if len(text) > len("0000-00") else calendar.monthrange(first.year, month)[1]
            yield date, Span(first, first.replace(month=month, day=day))
