"""One generated source document: its passages, and what it reports about one meeting."""

import hashlib
import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from benchmarks.terms import A, Statement, ammtc, curie, day, integer, string, text, thing, typed
from benchmarks.world import (
    MEDIA,
    MEMBERS,
    PERSONS_A_MEETING,
    TOPICS,
    Act,
    Meeting,
    individual,
    instrument_class,
    instrument_name,
    person_name,
    post_of,
    state_of,
)

__all__ = ["Report"]

#: Share of the plain statements whose evidence is given, on the axiom that makes them.
_ANNOTATED = 0.5
#: Share of what a source says of a meeting that it names otherwise which rests on the identification too.
_IDENTIFIED = 0.5
_PASSAGES = 12
_ACTS = 8
_STATEMENTS = 5
_TENURES = 3
_WITNESSES = 400

_WORDS = (
    *("partners", "agree", "to", "share", "data", "early", "and", "to", "train", "officers", "for", "work", "across"),
    *("borders", "while", "ministries", "keep", "records", "of", "cases", "funds", "and", "routes", "so", "that"),
    *("courts", "can", "act", "on", "evidence", "in", "time"),
)
_HONORIFICS = ("Excellency", "Honourable", "Right Honourable")
_RANKS = ("colonel", "inspector", "superintendent")


class Report:
    """What one source says about a meeting.

    :param letter: tells the sources about one meeting apart
    :param earlier: another source about it, which names the meeting otherwise; it is read out before this one
    """

    def __init__(self, meeting: Meeting, letter: str, seed: int, earlier: "Report | None" = None) -> None:
        self.name = f"g-{meeting.number}-{letter}"
        self.source = curie(f"source:{self.name}")
        self.graph = curie(f"graph:{self.name}")
        self._meeting = meeting
        self._random = random.Random(f"{seed} {self.name}")
        self._axioms = 0
        self._short = self.name.removeprefix("g-")
        self._in_office = self._random.sample(meeting.persons, _TENURES)
        self._earlier = earlier
        self._naming = thing(f"{self._short}-identification")
        #: Act -> the report of it, and the passage on which that rests.
        self.acts: dict[str, tuple[str, str]] = {}

    def document(self, origin: str) -> Iterator[Statement]:
        """Yield the header of the source's graph, the document and its passages.

        :param origin: name of the release from which it comes
        """
        label = f"report {self._short}"
        yield self.graph, A, curie("owl:Ontology")
        yield self.graph, curie("rdfs:label"), text(label)
        yield self.graph, curie("owl:versionInfo"), string("1")
        yield from individual(self.source, "SourceDocument", label)
        yield from individual(thing(f"origin-{origin}"), "Origin", f"origin of report {origin}")
        published = self._meeting.first_day + timedelta(days=5)
        media = thing(f"media-{self._random.randrange(MEDIA)}")
        yield from self._fact(self.source, "origin", thing(f"origin-{origin}"))
        yield from self._fact(self.source, "headline", string(self._sentence(6)))
        yield from self._fact(self.source, "publishedAt", day(published))
        yield from self._fact(self.source, "publisher", media)
        for number in range(1, _PASSAGES + 1):
            yield from self._described_passage(number)

    def copy_of(self, other: "Report") -> Iterator[Statement]:
        """Yield that the source repeats another one."""
        yield from self._fact(self.source, "copyOf", other.source)

    def contents(self) -> Iterator[Statement]:
        """Yield what the source says."""
        yield from self._about_meeting()
        yield from self._about_parts()
        yield from self._about_instruments()
        yield from self._about_persons()
        yield from self._acts()
        yield from self._utterances()

    def identifications(self) -> Iterator[Statement]:
        """Yield what the editors find to be one, once both sources are read: the meeting, and acts that both report."""
        if self._earlier is None:
            return
        passages = self._some_passage(), *(passage for _, passage in list(self._earlier.acts.values())[:1])
        yield from self._identification(self._naming, self._meeting.iri, passages)
        yield self._naming, ammtc("underName"), string(f"meeting {self._meeting.number}")
        for number, (act, (report, passage)) in enumerate(self.acts.items()):
            if act in self._earlier.acts:
                identification = thing(f"{self._short}-identification-{number}")
                yield from self._identification(identification, act, (passage, self._earlier.acts[act][1]))
                yield report, ammtc("reports"), act
                axiom = f"_:{self.name}-identification-{number}"
                yield from _annotation(axiom, (report, ammtc("reports"), act), identification)

    def _identification(self, iri: str, of: str, passages: Iterable[str]) -> Iterator[Statement]:
        yield from individual(iri, "Identification", f"what report {self._short} means")
        yield iri, ammtc("concerns"), of
        yield iri, ammtc("source"), self.source
        yield iri, ammtc("strength"), curie(f"concept:{self._random.choice(('certain', 'probable'))}")
        yield iri, ammtc("reason"), text(self._sentence(8))
        for passage in passages:
            yield iri, ammtc("restsOn"), passage

    def _described_passage(self, number: int) -> Iterator[Statement]:
        passage = self._passage(number)
        digest = hashlib.sha256(f"{self.name} {number}".encode()).hexdigest()
        yield from individual(passage, "Passage", f"report {self._short}, paragraph {number}")
        yield passage, ammtc("paragraph"), integer(number)
        yield passage, ammtc("source"), self.source
        yield passage, ammtc("sha256"), string(digest)

    def _about_meeting(self) -> Iterator[Statement]:
        meeting, iri, chance = self._meeting, self._meeting.iri, self._random
        first, last = meeting.first_day, meeting.first_day + timedelta(days=2)
        exact = chance.random() < 0.8
        yield from self._fact(iri, "series", meeting.series)
        yield from self._fact(iri, "ordinal", integer(meeting.ordinal))
        yield from self._fact(iri, "host", thing(f"state-{meeting.host}"))
        yield from self._fact(iri, "place", thing(f"place-{meeting.host}"))
        yield from self._fact(iri, "startDate", day(first) if exact else _month(first))
        yield from self._fact(iri, "endDate", day(last) if exact else _month(last))
        yield from self._fact(iri, "delegateCount", integer(chance.randrange(80, 300)))
        yield from self._fact(iri, "status", curie("concept:done"))
        yield from self._fact(iri, "topic", self._topic())
        yield from self._fact(iri, "mainAgenda", meeting.acts[0].iri)
        for state in chance.sample(range(MEMBERS), 4):
            yield from self._fact(iri, "participant", thing(f"state-{state}"))
        yield from self._participation(meeting.persons[0], "chairs", iri, "")

    def _about_parts(self) -> Iterator[Statement]:
        meeting = self._meeting
        first, second, third, fourth = meeting.persons
        opening, plenary, day_1, consultation, bilateral, group, chairmanship = (
            meeting.part(name)
            for name in ("opening", "plenary", "day-1", "consultation", "bilateral", "working-group", "chairmanship")
        )
        yield from self._fact(day_1, "partOf", meeting.iri)
        yield from self._fact(day_1, "programmeDay", integer(1))
        yield from self._fact(opening, "partOf", day_1)
        yield from self._fact(opening, "officiatedBy", thing(f"person-{second}"))
        yield from self._fact(plenary, "partOf", day_1)
        yield from self._participation(first, "chairs", plenary, "")
        for event in (opening, plenary, day_1, consultation, bilateral):
            yield from self._fact(event, "status", curie("concept:done"))
        yield from self._fact(consultation, "partOf", meeting.iri)
        yield from self._fact(consultation, "series", meeting.consultations)
        yield from self._fact(consultation, "ordinal", integer(meeting.ordinal))
        yield from self._fact(consultation, "dialoguePartner", thing(f"state-{meeting.partner}"))
        yield from self._participation(third, "coChairs", consultation, "")
        yield from self._fact(consultation, "coChair", thing(f"state-{meeting.host}"))
        yield from self._fact(bilateral, "heldAlongside", meeting.iri)
        yield from self._fact(bilateral, "side", thing(f"state-{meeting.host}"))
        yield from self._fact(bilateral, "side", thing(f"state-{meeting.partner}"))
        yield from self._participation(fourth, "takesPartIn", bilateral, "attendance")
        yield from self._fact(group, "org:subOrganizationOf", meeting.series)
        yield from self._fact(chairmanship, "org:organization", meeting.series)
        yield from self._fact(chairmanship, "org:member", thing(f"state-{(meeting.host + 1) % MEMBERS}"))

    def _participation(self, person: int, verb: str, event: str, role: str) -> Iterator[Statement]:
        """Yield that somebody takes part in an event; some verbs say the role themselves."""
        participation = thing(f"{self._short}-participation-{event.rpartition('/g-')[2][:-1]}")
        yield from individual(participation, "Participation", f"{person_name(person)}, report {self._short}")
        yield participation, ammtc("actor"), thing(f"person-{person}")
        yield participation, ammtc(verb), event
        if role:
            yield participation, ammtc("role"), curie(f"concept:{role}")
        yield from self._capacity(participation, person)
        yield participation, ammtc("evidence"), self._some_passage()

    def _about_instruments(self) -> Iterator[Statement]:
        for number in self._meeting.instruments:
            instrument = thing(f"instrument-{number}")
            year = self._meeting.first_day.year
            yield from self._fact(instrument, "nameAsGiven", string(instrument_name(number)))
            yield from self._fact(instrument, "topic", curie(f"concept:{TOPICS[number % len(TOPICS)]}"))
            if instrument_class(number) in ("PlanOfAction", "Roadmap", "WorkPlan"):
                yield from self._fact(instrument, "periodStart", typed(year, "gYear"))
                yield from self._fact(instrument, "periodEnd", typed(year + 9, "gYear"))
        for measure in self._meeting.measures:
            yield from self._fact(measure, "topic", self._topic())

    def _about_persons(self) -> Iterator[Statement]:
        for number in self._in_office:
            person, name = thing(f"person-{number}"), person_name(number)
            yield from self._fact(person, "nameAsGiven", string(name))
            yield from self._fact(person, "honorific", string(_HONORIFICS[number % len(_HONORIFICS)]))
            if number % 5 == 0:
                yield from self._fact(person, "rankTitle", string(_RANKS[number % len(_RANKS)]))
            tenure = thing(f"{self._short}-tenure-{number}")
            yield from individual(tenure, "Tenure", f"{name} in office, report {self._short}")
            yield tenure, curie("org:member"), person
            yield tenure, ammtc("post"), post_of(number)
            yield tenure, ammtc("titleAsGiven"), string(self._random.choice(("minister", "secretary", "head")))
            yield tenure, ammtc("evidence"), self._some_passage()

    def _acts(self) -> Iterator[Statement]:
        acts = self._meeting.acts
        told = [number for number, act in enumerate(acts) if self._earlier and act.iri in self._earlier.acts]
        # Between them, the sources report all acts.
        new = [number for number in range(len(acts)) if number not in told] if self._earlier else []
        others = self._random.sample(told or range(len(acts)), _ACTS - len(new))
        for number in sorted([*new, *others]):
            yield from self._report(thing(f"{self._short}-report-{number}"), acts[number])

    def _report(self, report: str, act: Act) -> Iterator[Statement]:
        status = self._random.choices(("done", "foreseen", "under-way"), (6, 3, 1))[0]
        passage = self._some_passage()
        self.acts[act.iri] = report, passage
        yield from individual(report, "ActReport", f"{act.kind.name} reported in {self._short}: {self._sentence(4)}")
        yield report, ammtc("kind"), curie(f"concept:{act.kind.name}")
        yield report, ammtc(act.kind.verb if act.kind.verb and status == "done" else "actsUpon"), act.upon
        yield report, ammtc("status"), curie(f"concept:{status}")
        yield report, ammtc("wording"), string(f"the {act.kind.name}")
        yield report, ammtc("evidence"), passage
        if self._earlier is None or act.iri not in self._earlier.acts:
            yield report, ammtc("reports"), act.iri
        if status == "done":
            yield report, ammtc("atEvent"), self._random.choice((self._meeting.iri, self._meeting.part("plenary")))
        else:
            yield report, ammtc("foreseenAt"), self._meeting.summit
        yield from self._actor(report)
        if act.kind.name == "extension":
            yield report, ammtc("extendedUntil"), typed(self._meeting.first_day.year + 12, "gYear")
        if act.kind.name == "replacement":
            yield report, ammtc("successor"), thing(f"instrument-{self._meeting.instruments[0] + 1}")

    def _actor(self, report: str) -> Iterator[Statement]:
        """Yield by whom something is done."""
        person = self._witness()
        kinds = ("person", "person", "state", "ministry", "delegation")
        kind = self._random.choice(kinds)
        era = f"{self._meeting.era}-" if kind == "delegation" else ""
        yield report, ammtc("actor"), thing(f"{kind}-{era}{person if kind == 'person' else state_of(person)}")
        if kind == "person":
            yield from self._capacity(report, person)

    def _capacity(self, report: str, person: int) -> Iterator[Statement]:
        """Yield in which office somebody acts, where the source says that the person holds one."""
        if person in self._in_office:
            yield report, ammtc("inCapacity"), thing(f"{self._short}-tenure-{person}")

    def _utterances(self) -> Iterator[Statement]:
        for number in range(_STATEMENTS):
            statement = thing(f"{self._short}-statement-{number}")
            yield from individual(statement, "Statement", f"statement {number} in report {self._short}")
            yield statement, ammtc("summary"), text(self._sentence(14))
            yield statement, ammtc("evidence"), self._some_passage()
            yield statement, ammtc("topic"), self._topic()
            yield from self._actor(statement)
            if self._random.random() < 0.7:
                yield statement, ammtc("atEvent"), self._meeting.part("plenary")
            if self._random.random() < 0.3:
                yield statement, ammtc("speaksOf"), thing(f"state-{state_of(self._witness())}")
        assessment = thing(f"{self._short}-assessment")
        yield from individual(assessment, "Assessment", f"judgement of report {self._short}")
        yield assessment, ammtc("summary"), text(self._sentence(10))
        yield assessment, ammtc("evidence"), self._some_passage()
        yield assessment, ammtc("about"), self._meeting.iri

    def _fact(self, subject: str, predicate: str, value: str) -> Iterator[Statement]:
        """Yield a plain statement, and for a share of them the evidence on which it rests."""
        prop = curie(predicate) if ":" in predicate else ammtc(predicate)
        yield subject, prop, value
        if self._random.random() < _ANNOTATED:
            self._axioms += 1
            axiom = f"_:{self.name}-{self._axioms}"
            yield from _annotation(axiom, (subject, prop, value), self._some_passage())
            if self._earlier and subject == self._meeting.iri and self._random.random() < _IDENTIFIED:
                yield axiom, ammtc("evidence"), self._naming

    def _witness(self) -> int:
        """Return the number of a person of this meeting or of one not long before."""
        newest = (self._meeting.number + 1) * PERSONS_A_MEETING
        return newest - 1 - self._random.randrange(min(newest, _WITNESSES))

    def _topic(self) -> str:
        """Return a concept; the first ones come up more often."""
        return curie(f"concept:{TOPICS[int(len(TOPICS) * self._random.random() ** 2)]}")

    def _sentence(self, words: int) -> str:
        return " ".join(self._random.choices(_WORDS, k=words))

    def _passage(self, number: int) -> str:
        return f"{self.source[:-1]}#p{number}>"

    def _some_passage(self) -> str:
        return self._passage(self._random.randrange(1, _PASSAGES + 1))


def _annotation(axiom: str, statement: Statement, evidence: str) -> Iterator[Statement]:
    """Yield that a statement rests on evidence, on the axiom that makes it."""
    parts = ("owl:annotatedSource", "owl:annotatedProperty", "owl:annotatedTarget")
    yield axiom, A, curie("owl:Axiom")
    yield from ((axiom, curie(part), value) for part, value in zip(parts, statement, strict=True))
    yield axiom, ammtc("evidence"), evidence


def _month(value: date) -> str:
    return typed(f"{value:%Y-%m}", "gYearMonth")
