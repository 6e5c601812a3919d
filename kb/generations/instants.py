"""The instants between which events, acts, tenures and sources lie, computed from the dates that sources state.

Each comes with a proof by one rule, `INSTANTS`, whose premises are all that it was computed from. What is stated of a
thing itself goes before where it belongs: the event that it is part of, or at which it was done, bounds it only as far
as that agrees.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from kb.dates import EVER, Bounds, bounds, combined
from kb.namespaces import AMMTC, CONCEPT, RDF, XSD
from kb.rdf.proofs import Proof
from kb.rdf.terms import Rdf11Statement, Statement, Term

__all__ = ["INSTANTS", "compute_instants"]

#: Name of the rule, in proofs.
INSTANTS = "instants"

_EARLIEST, _LATEST, _DATE_TIME = NamedNode(AMMTC.earliest), NamedNode(AMMTC.latest), NamedNode(XSD.dateTime)
_TYPE, _STATUS, _DONE = NamedNode(RDF.type), NamedNode(AMMTC.status), NamedNode(CONCEPT.done)
_REPORTS, _PART_OF = NamedNode(AMMTC.reports), NamedNode(AMMTC.partOf)
_AT_EVENT, _FORESEEN_AT = NamedNode(AMMTC.atEvent), NamedNode(AMMTC.foreseenAt)
_ACT, _TENURE = NamedNode(AMMTC.Act), NamedNode(AMMTC.Tenure)
_DATED = (NamedNode(AMMTC.Event), _ACT, NamedNode(AMMTC.Source), _TENURE)
_START, _END, _END_NOT_AFTER = (NamedNode(AMMTC[name]) for name in ("startDate", "endDate", "endNotAfter"))
#: What bounds the whole of a thing. A tenure's date is a day within it, and bounds nothing.
_WHOLE = (NamedNode(AMMTC.date), NamedNode(AMMTC.publishedAt))
_USED = {_TYPE, _STATUS, _REPORTS, _PART_OF, _AT_EVENT, _FORESEEN_AT, _START, _END, _END_NOT_AFTER, *_WHOLE}

Step = Proof[Term]
#: Premises by their statements.
_Premises = dict[Statement, Step]


class _Instants(NamedTuple):
    """Where a thing lies, and what says so."""

    within: Bounds
    proofs: tuple[Step, ...]


def compute_instants(asserted: Sequence[Quad], inferred: Iterable[Rdf11Statement]) -> list[Proof[Term]]:
    """Return a proof of each instant, by subject, the earliest before the latest.

    :param asserted: what the files state, in named graphs
    :param inferred: what follows from it by OWL
    """
    return _Computation(asserted, inferred).proofs()


class _Computation:
    def __init__(self, asserted: Sequence[Quad], inferred: Iterable[Rdf11Statement]) -> None:
        self._stated: defaultdict[tuple[Term, Term], dict[Term, None]] = defaultdict(dict)
        self._reports: defaultdict[Term, list[Term]] = defaultdict(list)
        self._classes: dict[Term, Term] = {}
        self._done: set[Term] = set()
        self._found: dict[Term, _Instants] = {}
        self._leaves: dict[Statement, Step] = {}
        for quad in asserted:
            if (p := quad.predicate) in _USED:
                self._stated[quad.subject, p][quad.object] = None
                if p == _REPORTS and quad.subject not in self._reports[quad.object]:
                    self._reports[quad.object].append(quad.subject)
                self._read(quad.subject, p, quad.object)
        for statement in inferred:
            self._read(*statement)

    def proofs(self) -> list[Step]:
        return [proof for thing in sorted(self._classes, key=str) for proof in self._instants(thing).proofs]

    def _read(self, s: Term, p: Term, o: Term) -> None:
        if p == _TYPE and o in _DATED:
            self._classes[s] = o
        elif p == _STATUS and o == _DONE:
            self._done.add(s)

    def _instants(self, thing: Term) -> _Instants:
        if thing not in self._found:
            self._found[thing] = _Instants(EVER, ())  # what a circle of parts comes back to
            self._found[thing] = self._compute(thing)
        return self._found[thing]

    def _compute(self, thing: Term) -> _Instants:
        reports = self._told_by(thing)
        within, premises = self._own(thing, reports)
        wholes = [(self._instants(whole), links) for whole, links in self._wholes(thing, reports).items()]
        wholes = [(whole, links) for whole, links in wholes if whole.proofs]
        if not premises:
            within = combined(whole.within for whole, _ in wholes)
            for whole, links in wholes:
                premises |= links | _by_statement(whole.proofs)
        else:
            for whole, links in wholes:
                apart = whole.within.precedes(within) or within.precedes(whole.within)
                if not apart and not whole.within.contains(within):
                    within = combined((within, whole.within))
                    premises |= links | _by_statement(whole.proofs)
        return _Instants(within, tuple(_concluded(thing, within, tuple(premises.values()))))

    def _told_by(self, thing: Term) -> list[Term]:
        """Return the reports of an act: those that have it done, if there are any."""
        reports = sorted(self._reports[thing], key=str)
        return [report for report in reports if report in self._done] or reports

    def _own(self, thing: Term, reports: Sequence[Term]) -> tuple[Bounds, _Premises]:
        """Return the bounds that are stated of a thing, or of the act by its reports, and what states them."""
        premises: _Premises = {}
        found: Mapping[str, list[Bounds]] = {"whole": [], "start": [], "end": []}
        for subject in (thing, *reports):
            for place, prop, value, span in self._dates(subject):
                if place != "whole" or self._classes.get(thing) != _TENURE:
                    found[place].append(span)
                    told = () if subject == thing else (self._leaf(subject, _REPORTS, thing),)
                    premises |= _by_statement((*told, self._leaf(subject, prop, value)))
        lasting = Bounds(combined(found["start"]).earliest, combined(found["end"]).latest)
        given = lasting != EVER and lasting.earliest < lasting.latest
        return combined([*found["whole"], *([lasting] if given else [])]), premises

    def _dates(self, subject: Term) -> Iterator[tuple[str, Term, Literal, Bounds]]:
        properties = [*(("whole", prop) for prop in _WHOLE), ("start", _START), ("end", _END), ("end", _END_NOT_AFTER)]
        for place, prop in properties:
            for value in sorted(self._stated.get((subject, prop), ()), key=str):
                if isinstance(value, Literal) and (span := bounds(value.value, value.datatype.value)):
                    not_after = Bounds(datetime.min, span.earliest)  # noqa: DTZ901  local time, as in `Bounds`
                    yield place, prop, value, not_after if prop == _END_NOT_AFTER else span

    def _wholes(self, thing: Term, reports: Sequence[Term]) -> Mapping[Term, _Premises]:
        """Return the events to which a thing belongs, each with the statements that say so.

        What was done was done where a report has it; where none does, it is foreseen.
        """
        found: defaultdict[Term, _Premises] = defaultdict(dict)
        for whole in self._stated.get((thing, _PART_OF), ()):
            found[whole] |= _by_statement([self._leaf(thing, _PART_OF, whole)])
        for place in (_AT_EVENT, _FORESEEN_AT):
            placed = {(report, event) for report in reports for event in self._stated.get((report, place), ())}
            for report, event in sorted(placed, key=str):
                found[event] |= _by_statement([self._leaf(report, _REPORTS, thing), self._leaf(report, place, event)])
            if placed:
                break
        return {whole: found[whole] for whole in sorted(found, key=str)}

    def _leaf(self, s: Term, p: Term, o: Term) -> Step:
        return self._leaves.setdefault((s, p, o), Proof((s, p, o), None))


def _by_statement(steps: Iterable[Step]) -> _Premises:
    return {step.statement: step for step in steps}


def _concluded(thing: Term, within: Bounds, premises: tuple[Step, ...]) -> Iterator[Step]:
    for prop, instant, unbounded in (
        (_EARLIEST, within.earliest, EVER.earliest),
        (_LATEST, within.latest, EVER.latest),
    ):
        if instant != unbounded:
            literal = Literal(instant.isoformat(), datatype=_DATE_TIME)
            yield Proof((thing, prop, literal), INSTANTS, premises)
