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
_TYPE, _STATUS = NamedNode(RDF.type), NamedNode(AMMTC.status)
_DONE, _UNDER_WAY = NamedNode(CONCEPT.done), NamedNode(CONCEPT["under-way"])
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
        self._having: dict[Term, set[Term]] = {_DONE: set(), _UNDER_WAY: set()}
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
        elif p == _STATUS and o in self._having:
            self._having[o].add(s)

    def _instants(self, thing: Term) -> _Instants:
        if thing not in self._found:
            self._found[thing] = _Instants(EVER, ())  # what a circle of parts comes back to
            self._found[thing] = self._compute(thing)
        return self._found[thing]

    def _compute(self, thing: Term) -> _Instants:
        reports = self._told_by(thing)
        within, premises = self._own(thing, reports)
        wholes = list(self._wholes(thing, reports))
        if not premises:
            within = combined(whole for whole, _ in wholes)
            for _, links in wholes:
                premises |= links
        else:
            for whole, links in wholes:
                apart = whole.precedes(within) or within.precedes(whole)
                if not apart and not whole.contains(within):
                    within = combined((within, whole))
                    premises |= links
        return _Instants(within, tuple(_concluded(thing, within, tuple(premises.values()))))

    def _told_by(self, thing: Term) -> list[Term]:
        """Return the reports of an act: those that have it done, if there are any."""
        reports = sorted(self._reports[thing], key=str)
        return [report for report in reports if report in self._having[_DONE]] or reports

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

    def _wholes(self, thing: Term, reports: Sequence[Term]) -> Iterator[tuple[Bounds, _Premises]]:
        """Yield the bounds of each event to which a thing belongs, with the statements that say so.

        What was done was done where a report has it; where none does, it is foreseen. What is under way has begun, and
        only its end is foreseen there.
        """
        begun = False
        found: defaultdict[Term, _Premises] = defaultdict(dict)
        for whole in self._stated.get((thing, _PART_OF), ()):
            found[whole] |= _by_statement([self._leaf(thing, _PART_OF, whole)])
        for place in (_AT_EVENT, _FORESEEN_AT):
            placed = {(report, event) for report in reports for event in self._stated.get((report, place), ())}
            for report, event in sorted(placed, key=str):
                found[event] |= _by_statement([self._leaf(report, _REPORTS, thing), self._leaf(report, place, event)])
            if placed:
                begun = place == _FORESEEN_AT and not self._having[_UNDER_WAY].isdisjoint(reports)
                break
        for whole in sorted(found, key=str):
            within, proofs = self._instants(whole)
            if begun:
                within = Bounds(EVER.earliest, within.latest)
                proofs = tuple(proof for proof in proofs if proof.statement[1] == _LATEST)
            if proofs:
                yield within, found[whole] | _by_statement(proofs)

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
