"""Rules about time: parts lie within their meeting, ordinals rise, what is foreseen has not passed, none computed."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations, product

from rdflib import Graph, Literal
from rdflib.term import Node

from kb.checks.context import Context, Finding, Rule
from kb.checks.findings import Severity
from kb.dates import Bounds, bounds
from kb.files.documents import Document
from kb.namespaces import shorten
from kb.rdf.namespaces import AMMTC, CONCEPT

__all__ = ["RULES"]

#: What the build computes from the dates that sources state.
_COMPUTED = (AMMTC.earliest, AMMTC.latest)
#: Statuses of what has begun, however it went on.
_BEGUN = {CONCEPT["under-way"], CONCEPT.done, CONCEPT.failed}


def _within(context: Context) -> Iterator[Finding]:
    for part, whole in sorted(context.closure.subject_objects(AMMTC.partOf), key=str):
        dates = [(document, *found) for document in context.documents for found in _dates(document.graph, part)]
        lasting = ((document, _duration(document.graph, whole)) for document in context.documents)
        for (document, dated, span), (other, duration) in product(dates, lasting if dates else ()):
            if duration and (span.precedes(duration) or duration.precedes(span)):
                name, (first, last) = shorten(str(whole)), _days(duration)
                message = f"is dated {dated}, outside {name}, which lasts from {first} to {last}"
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
            yield from _misdated(context, document, thing, max(published, key=lambda span: span.latest))


def _misdated(context: Context, document: Document, thing: Node, published: Bounds) -> Iterator[Finding]:
    """Yield what is wrong with the dates of an event or a report, and of the events at which the reported act is.

    What has begun has not begun after the source was published; of what is foreseen, nothing was over before. What was
    postponed or cancelled may have any date.
    """
    props = (AMMTC.status, AMMTC.atEvent, AMMTC.foreseenAt)
    statuses, events, foreseen_at = (set(document.graph.objects(thing, prop)) for prop in props)
    if begun := sorted(shorten(str(status)) for status in statuses & _BEGUN):
        for dated, span in _dated(context, document, thing, events, (AMMTC.date, AMMTC.startDate)):
            if published.precedes(span):
                message = f"is {begun[0]}, and dated {dated}, after the source was published ({_days(published)[1]})"
                yield Finding(document.path, thing, message, "Make it concept:foreseen, or correct the date")
    elif CONCEPT.foreseen in statuses:
        for dated, span in _dated(context, document, thing, events | foreseen_at, (AMMTC.date, AMMTC.endDate)):
            if span.precedes(published):
                message = (
                    f"is concept:foreseen, and dated {dated}, before the source was published ({_days(published)[0]})"
                )
                remedy = "Make it concept:done if the source says so, or correct the date"
                yield Finding(document.path, thing, message, remedy)


def _dated(
    context: Context, document: Document, thing: Node, events: Iterable[Node], props: Iterable[Node]
) -> Iterator[tuple[Node, Bounds]]:
    """Yield the dates that a source gives to a thing, and those that any source gives to some events."""
    for prop in props:
        yield from _spans(document.graph, thing, prop)
        for event in events:
            yield from _spans(context.asserted, event, prop)


def _computed(context: Context) -> Iterator[Finding]:
    for document in context.documents:
        for prop in _COMPUTED:
            for thing in sorted(set(document.graph.subjects(prop, None)), key=str):
                message = f"is given {shorten(str(prop))}, which the build computes"
                remedy = "Remove it, and state by ammtc:date, startDate or endDate what the source says"
                yield Finding(document.path, thing, message, remedy)


RULES = (
    Rule("date-within-meeting", "A part of a meeting is dated within the meeting", _within),
    Rule("ordinals-rise", "Ordinals rise with time within a series", _rising),
    Rule("status-and-date", "What is done is not dated after its source, what is foreseen not before", _status),
    Rule("computed-instants", "No file states the instants that the build computes", _computed),
)


def _follows(graph: Graph, earlier: Node, later: Node) -> bool:
    """Return whether all dates of the meeting that should come first are after those of the other one."""
    first = [span for _, span in _dates(graph, earlier)]
    second = [span for _, span in _dates(graph, later)]
    return bool(first and second) and all(b.precedes(a) for a in first for b in second)


def _ordinals(graph: Graph, meeting: Node) -> list[int]:
    values = (str(o) for o in graph.objects(meeting, AMMTC.ordinal) if isinstance(o, Literal))
    return sorted(int(value) for value in values if value.isdecimal())


def _duration(graph: Graph, event: Node) -> Bounds | None:
    """Return the bounds that one source gives to an event: from its first to its last day, or its date."""
    starts, ends = list(_spans(graph, event, AMMTC.startDate)), list(_spans(graph, event, AMMTC.endDate))
    spans = [span for _, span in ([*starts, *ends] if starts and ends else _spans(graph, event, AMMTC.date))]
    return Bounds(min(span.earliest for span in spans), max(span.latest for span in spans)) if spans else None


def _days(span: Bounds) -> tuple[date, date]:
    """Return the first and the last day within bounds."""
    return span.earliest.date(), (span.latest - timedelta(microseconds=1)).date()


def _dates(graph: Graph, event: Node) -> Iterator[tuple[Node, Bounds]]:
    for prop in (AMMTC.date, AMMTC.startDate, AMMTC.endDate):
        yield from _spans(graph, event, prop)


def _spans(graph: Graph, subject: Node | None, prop: Node) -> Iterator[tuple[Node, Bounds]]:
    """Yield the dates that a property has as values, each with its bounds; other values are left out."""
    for value in sorted(graph.objects(subject, prop), key=str):
        if isinstance(value, Literal) and (span := bounds(str(value), str(value.datatype))):
            yield value, span
