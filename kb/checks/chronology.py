"""Rules about time: parts lie within their meeting, ordinals rise, what is only expected has not passed."""

from collections.abc import Iterator
from itertools import combinations

from rdflib import Graph, Literal
from rdflib.term import Node

from kb.checks.context import Context, Problem, Rule
from kb.checks.dates import Span, span_of
from kb.checks.findings import Severity
from kb.files.documents import Document
from kb.namespaces import shorten
from kb.rdf.namespaces import AMMTC

__all__ = ["RULES"]


def _within(context: Context) -> Iterator[Problem]:
    for part, whole in sorted(context.closure.subject_objects(AMMTC.partOf), key=str):
        for document in context.documents:
            for date, span in _dates(document.graph, part):
                yield from _outside(context, document, (part, date, span), whole)


def _outside(context: Context, document: Document, dated: tuple[Node, Node, Span], whole: Node) -> Iterator[Problem]:
    part, date, span = dated
    for other in context.documents:
        duration = _duration(other.graph, whole)
        if duration and (span.precedes(duration) or duration.precedes(span)):
            name = shorten(str(whole))
            message = f"is dated {date}, outside {name}, which lasts from {duration.first} to {duration.last}"
            remedy = f"Correct the date, the dates of {name}, or ammtc:partOf"
            # Two sources may differ, and both stay: only a source that contradicts itself is an error.
            severity: Severity | None = None if other is document else "warning"
            yield Problem(document.path, part, message, remedy, severity=severity)


def _rising(context: Context) -> Iterator[Problem]:
    for series in sorted(set(context.closure.objects(None, AMMTC.series)), key=str):
        meetings = sorted(context.closure.subjects(AMMTC.series, series), key=str)
        for one, other in combinations(meetings, 2):
            yield from _out_of_order(context, one, other)


def _out_of_order(context: Context, one: Node, other: Node) -> Iterator[Problem]:
    graph = context.asserted
    for first in _ordinals(graph, one):
        for second in _ordinals(graph, other):
            if first == second:
                message = f"has the ordinal {first} of {shorten(str(other))}, of the same series"
                yield Problem(context.home(one), one, message, "Correct one of the ordinals, or merge the meetings")
            earlier, later = (one, other) if first < second else (other, one)
            if first != second and _follows(graph, earlier, later):
                message = f"has the lower ordinal, and comes after {shorten(str(later))}, of the same series"
                yield Problem(context.home(earlier), earlier, message, "Correct an ordinal or a date")


def _modality(context: Context) -> Iterator[Problem]:
    for document in context.documents:
        graph = document.graph
        published = [span for _, span in _spans(graph, None, AMMTC.publishedAt)]
        for act in sorted(set(graph.subjects(AMMTC.modality, None)), key=str) if published else ():
            yield from _misdated(context, document, act, max(published, key=lambda span: span.last))


def _misdated(context: Context, document: Document, act: Node, published: Span) -> Iterator[Problem]:
    done = (act, AMMTC.modality, AMMTC.done) in document.graph
    spans = list(_spans(document.graph, act, AMMTC.date))
    spans += [dated for at in document.graph.objects(act, AMMTC.occasion) for dated in _dates(context.asserted, at)]
    for date, span in spans:
        if done and published.precedes(span):
            message = f"is done, and dated {date}, after the source was published ({published.last})"
            yield Problem(document.path, act, message, "Make it ammtc:expected, or correct the date")
        elif not done and span.precedes(published):
            message = f"is not done, and dated {date}, before the source was published ({published.first})"
            yield Problem(document.path, act, message, "Make it ammtc:done if the source says so, or correct the date")


def _follows(graph: Graph, earlier: Node, later: Node) -> bool:
    """Whether all dates of the meeting that should come first are after those of the other one."""
    first = [span for _, span in _dates(graph, earlier)]
    second = [span for _, span in _dates(graph, later)]
    return bool(first and second) and all(b.precedes(a) for a in first for b in second)


def _ordinals(graph: Graph, meeting: Node) -> list[int]:
    values = (str(o) for o in graph.objects(meeting, AMMTC.ordinal) if isinstance(o, Literal))
    return sorted(int(value) for value in values if value.isdecimal())


def _dates(graph: Graph, event: Node) -> Iterator[tuple[Node, Span]]:
    for prop in (AMMTC.date, AMMTC.startDate, AMMTC.endDate):
        yield from _spans(graph, event, prop)


def _spans(graph: Graph, subject: Node | None, prop: Node) -> Iterator[tuple[Node, Span]]:
    for date in sorted(graph.objects(subject, prop), key=str):
        span = span_of(date)
        if span is not None:
            yield date, span


def _duration(graph: Graph, event: Node) -> Span | None:
    """Return the days that one source gives to an event: its date, or the days from its first to its last."""
    starts = [span for _, span in _spans(graph, event, AMMTC.startDate)]
    ends = [span for _, span in _spans(graph, event, AMMTC.endDate)]
    if starts and ends:
        return Span(min(span.first for span in starts), max(span.last for span in ends))
    dates = [span for _, span in _spans(graph, event, AMMTC.date)]
    return Span(min(s.first for s in dates), max(s.last for s in dates)) if dates else None


RULES: tuple[Rule, ...] = (
    Rule("date-within-meeting", "A part of a meeting is dated within the meeting", _within),
    Rule("ordinals-rise", "Ordinals rise with time within a series", _rising),
    Rule("modality-and-date", "What is done is not dated after its source, what is expected not before", _modality),
)
