"""The timeline: events with the acts done or foreseen at them, by month."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kb.dates import EVER, Bounds, bounds
from server.page_models.sections import Table
from server.presentation.nodes import Node
from server.provenance.support import Value

__all__ = ["Moment", "months"]


@dataclass(frozen=True)
class Moment:
    """An event, or an act that has a date of its own; each value with what it rests on.

    :param about: the event or the act
    :param kind: its class or concept, or None
    :param dates: what the sources give as its date, as exact as they do
    :param until: its last day, where that is given
    :param expected: some source foresees it or sees it under way, and none reports it as done
    :param acts: the acts at an event: done, then expected ones
    :param parts: the events that belong to it
    :param status: how far an act or an event got by all sources
    """

    about: Value
    kind: Value | None
    dates: tuple[Value, ...]
    until: tuple[Value, ...]
    expected: bool
    acts: tuple["Moment", ...] = ()
    parts: tuple["Moment", ...] = ()
    status: Value | None = None

    @property
    def first(self) -> Value | None:
        """The earliest of the most exact dates: those with a year come before those without."""
        return min(self.dates, key=lambda date: _exactness(date.node), default=None)

    @property
    def earliest(self) -> datetime:
        """The first instant of that date, for sorting; without one, or without a year, the last that there is."""
        return _bounds(self.first.node).earliest if self.first else EVER.latest

    @property
    def month(self) -> str:
        """The month or the year of that date as the sources give it: ``2025-10``, ``2025``, ``--10``, or ``""``."""
        text = self.first.node.text if self.first else ""
        return text[: len("--10" if text.startswith("-") else "2025-10")]


def months(events: Table, acts: Table) -> list[tuple[Node | None, list[Moment]]]:
    """Return the timeline from the results of the queries ``timeline-events`` and ``timeline-acts``.

    Moments stand under their month or year, or None where no date is given.
    """
    found = _moments(events, "part of")
    known = {moment.about.node.iri or "": (moment, set(containing)) for moment, containing in found}
    at: dict[str, list[Moment]] = defaultdict(list)
    for act, occasions in _moments(acts, "occasion"):
        for occasion in [occasion for occasion in occasions if occasion in known] or [""]:
            at[occasion].append(act)
    top = [act for act in at.pop("", []) if act.dates]
    roots = {iri for iri, (_, containing) in known.items() if not containing & known.keys() - {iri}}
    parts: dict[str, list[Moment]] = defaultdict(list)
    for iri, (moment, containing) in known.items():
        full = _with(moment, at.get(iri, []), ())
        for root in containing & roots - {iri}:
            parts[root].append(full)
        if iri in roots or not containing & roots:
            top.append(full)
    return _by_month(_with(moment, moment.acts, parts.get(moment.about.node.iri or "", [])) for moment in top)


def _moments(table: Table, link: str) -> Iterable[tuple[Moment, tuple[str, ...]]]:
    for entry in table.rows:
        cells = dict(zip(table.columns, entry.cells, strict=True))
        linked = tuple(cell.node.iri or "" for cell in cells.get(link, ()))
        statuses, kind = cells.get("status", ()), next(iter(cells.get("kind", ())), None)
        done = next((cell for cell in statuses if cell.node.mark == "done"), None)
        dates, until = cells.get("date", ()), cells.get("until", ())
        status = done or next(iter(statuses), None)
        yield Moment(entry.about, kind, dates, until, bool(statuses) and done is None, status=status), linked


def _with(moment: Moment, acts: Iterable[Moment], parts: Iterable[Moment]) -> Moment:
    in_order = tuple(sorted(acts, key=lambda act: act.expected))
    return replace(moment, acts=in_order, parts=tuple(sorted(parts, key=lambda part: part.earliest)))


def _by_month(moments: Iterable[Moment]) -> list[tuple[Node | None, list[Moment]]]:
    found: dict[str, list[Moment]] = defaultdict(list)
    for moment in sorted(moments, key=lambda moment: (moment.earliest, moment.about.node.text)):
        found[moment.month].append(moment)
    starts = sorted(found, key=lambda start: (not start or start.startswith("-"), start))  # without a year last
    datatypes = {4: "xsd:gYear", 7: "xsd:gYearMonth"}
    return [
        (
            Node(start, datatype="xsd:gMonth" if start.startswith("-") else datatypes.get(len(start), ""))
            if start
            else None,
            found[start],
        )
        for start in starts
    ]


def _exactness(date: Node) -> tuple[bool, timedelta, datetime]:
    earliest, latest = _bounds(date)
    return earliest == EVER.latest, latest - earliest, earliest


def _bounds(date: Node) -> Bounds:
    """Return the bounds of a date; of one without a year, those of what comes last."""
    return bounds(*date.date) or Bounds(EVER.latest, EVER.latest)
