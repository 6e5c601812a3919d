"""One generated source document: its passages, and what it reports about one meeting."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.terms import A, Statement, ammtc, curie, day, integer, string, text, thing, typed
from benchmarks.world import (
    INSTRUMENTS,
    MEDIA,
    MEMBERS,
    PERSONS_A_MEETING,
    TOPICS,
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


@dataclass(frozen=True)
class _Kind:
    """A kind of act.

    :param verb: the property that says what the act acts upon
    :param upon: what that is
    """

    name: str
    verb: str
    upon: str


_KINDS = (
    _Kind("Adoption", "adopts", "instrument"),
    _Kind("Endorsement", "endorses", "instrument"),
    _Kind("Approval", "approves", "instrument"),
    _Kind("Release", "releases", "instrument"),
    _Kind("Signature", "signs", "instrument"),
    _Kind("Submission", "submits", "instrument"),
    _Kind("Development", "develops", "instrument"),
    _Kind("Issuance", "issues", "instrument"),
    _Kind("Replacement", "replaces", "instrument"),
    _Kind("Accession", "accedesTo", "Convention"),
    _Kind("Extension", "extends", "PlanOfAction"),
    _Kind("Proposal", "proposes", "measure"),
    _Kind("Highlighting", "highlights", "measure"),
    _Kind("Intervention", "raises", "measure"),
    _Kind("Establishment", "establishes", "working-group"),
    _Kind("Handover", "handsOver", "chairmanship"),
    _Kind("Proposal", "proposes", "act"),
    _Kind("Tabling", "tables", "act"),
    _Kind("Support", "supports", "act"),
    _Kind("Recommendation", "recommends", "act"),
    _Kind("Welcome", "welcomes", "act"),
    _Kind("Acknowledgement", "acknowledges", "act"),
)


class Report:
    """What one source says about a meeting.

    :param letter: tells the sources about one meeting apart
    """

    def __init__(self, meeting: Meeting, letter: str, seed: int) -> None:
        self.name = f"g-{meeting.number}-{letter}"
        self.source = curie(f"source:{self.name}")
        self.graph = curie(f"graph:{self.name}")
        self._meeting = meeting
        self._random = random.Random(f"{seed} {self.name}")
        self._axioms = 0
        self._short = self.name.removeprefix("g-")

    def document(self, voice: str) -> Iterator[Statement]:
        """Yield the header of the source's graph, the document and its passages.

        :param voice: name of the origin that speaks in it
        """
        label = f"report {self._short}"
        yield self.graph, A, curie("owl:Ontology")
        yield self.graph, curie("rdfs:label"), text(label)
        yield self.graph, curie("owl:versionInfo"), string("1")
        yield from individual(self.source, "SourceDocument", label)
        yield from individual(thing(f"voice-{voice}"), "Voice", f"origin of report {voice}")
        published = self._meeting.first_day + timedelta(days=5)
        media = thing(f"media-{self._random.randrange(MEDIA)}")
        yield from self._fact(self.source, "voice", thing(f"voice-{voice}"))
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

    def _described_passage(self, number: int) -> Iterator[Statement]:
        passage = self._passage(number)
        digest = hashlib.sha256(f"{self.name} {number}".encode()).hexdigest()
        yield from individual(passage, "Passage", f"report {self._short}, paragraph {number}")
        yield passage, ammtc("number"), integer(number)
        yield passage, ammtc("passageOf"), self.source
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
        yield from self._fact(iri, "incomingChair", thing(f"state-{(meeting.host + 1) % MEMBERS}"))
        yield from self._fact(iri, "chairPerson", thing(f"person-{meeting.persons[0]}"))
        yield from self._fact(iri, "topic", self._topic())
        yield from self._fact(iri, "outcome", thing(f"instrument-{meeting.instruments[0]}"))
        for state in chance.sample(range(MEMBERS), 4):
            yield from self._fact(iri, "participatingState", thing(f"state-{state}"))

    def _about_parts(self) -> Iterator[Statement]:
        meeting = self._meeting
        first, second, third, fourth = (thing(f"person-{person}") for person in meeting.persons)
        opening, plenary, day_1, consultation, bilateral, group, chairmanship = (
            meeting.part(name)
            for name in ("opening", "plenary", "day-1", "consultation", "bilateral", "working-group", "chairmanship")
        )
        yield from self._fact(day_1, "partOf", meeting.iri)
        yield from self._fact(day_1, "programmeDay", integer(1))
        yield from self._fact(opening, "partOf", day_1)
        yield from self._fact(opening, "officiatedBy", second)
        yield from self._fact(plenary, "partOf", day_1)
        yield from self._fact(plenary, "chairPerson", first)
        yield from self._fact(consultation, "partOf", meeting.iri)
        yield from self._fact(consultation, "series", meeting.consultations)
        yield from self._fact(consultation, "ordinal", integer(meeting.ordinal))
        yield from self._fact(consultation, "dialoguePartner", thing(f"state-{meeting.partner}"))
        yield from self._fact(consultation, "coChairPerson", third)
        yield from self._fact(consultation, "coChairState", thing(f"state-{meeting.host}"))
        yield from self._fact(bilateral, "onSidelinesOf", meeting.iri)
        yield from self._fact(bilateral, "heldBy", thing(f"state-{meeting.host}"))
        yield from self._fact(bilateral, "heldWith", thing(f"state-{meeting.partner}"))
        yield from self._fact(bilateral, "attendee", fourth)
        yield from self._fact(group, "workingGroupOf", meeting.series)
        yield from self._fact(chairmanship, "chairmanshipOf", meeting.series)
        yield from self._fact(chairmanship, "chairmanshipHolder", thing(f"state-{meeting.host}"))

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
        for number in self._random.sample(self._meeting.persons, _TENURES):
            person, name = thing(f"person-{number}"), person_name(number)
            yield from self._fact(person, "nameAsGiven", string(name))
            yield from self._fact(person, "honorific", string(_HONORIFICS[number % len(_HONORIFICS)]))
            if number % 5 == 0:
                yield from self._fact(person, "rank", string(_RANKS[number % len(_RANKS)]))
            tenure = thing(f"{self._short}-tenure-{number}")
            yield from individual(tenure, "Tenure", f"{name} in office, report {self._short}")
            yield tenure, curie("org:member"), person
            yield tenure, ammtc("post"), post_of(number)
            yield tenure, ammtc("titleAsGiven"), string(self._random.choice(("minister", "secretary", "head")))
            yield tenure, ammtc("evidence"), self._some_passage()

    def _acts(self) -> Iterator[Statement]:
        before: list[str] = []
        for number, kind in enumerate(sorted(self._random.sample(_KINDS, _ACTS), key=_KINDS.index)):
            upon = self._object(kind.upon, before)
            if upon is not None:
                act = thing(f"{self._short}-act-{number}")
                yield from self._act(act, kind, upon)
                before.append(act)

    def _object(self, upon: str, acts: list[str]) -> str | None:
        """Return something that an act acts upon, or None where there is nothing of the kind yet."""
        if upon == "instrument":
            return thing(f"instrument-{self._random.choice(self._meeting.instruments)}")
        if upon == "measure":
            return self._random.choice(self._meeting.measures)
        if upon == "act":
            return self._random.choice(acts) if acts else None
        if upon in INSTRUMENTS:
            newest = self._meeting.instruments[-1]
            number = newest - (newest - INSTRUMENTS.index(upon)) % len(INSTRUMENTS)
            return thing(f"instrument-{number}") if number >= 0 else None
        return self._meeting.part(upon)

    def _act(self, act: str, kind: _Kind, upon: str) -> Iterator[Statement]:
        modality = self._random.choices(("done", "expected", "proposed"), (6, 3, 1))[0]
        yield from individual(act, kind.name, f"{kind.name.lower()} reported in {self._short}: {self._sentence(4)}")
        yield act, ammtc(kind.verb), upon
        yield act, ammtc("modality"), ammtc(modality)
        yield act, ammtc("evidence"), self._some_passage()
        if modality == "done":
            yield act, ammtc("atMeeting"), self._random.choice((self._meeting.iri, self._meeting.part("plenary")))
        else:
            yield act, ammtc("foreseenAt"), self._meeting.summit
        yield act, *self._actor()
        if kind.name == "Handover":
            yield act, ammtc("recipient"), thing(f"state-{(self._meeting.host + 1) % MEMBERS}")
        if kind.name == "Extension":
            yield act, ammtc("extendedUntil"), typed(self._meeting.first_day.year + 12, "gYear")
        if kind.name == "Replacement":
            yield act, ammtc("successor"), thing(f"instrument-{self._meeting.instruments[0] + 1}")

    def _actor(self) -> tuple[str, str]:
        """Return by whom something is done: a predicate and an object."""
        person = self._witness()
        return self._random.choice(
            (
                (ammtc("actingPerson"), thing(f"person-{person}")),
                (ammtc("actingPerson"), thing(f"person-{person}")),
                (ammtc("actingState"), thing(f"state-{state_of(person)}")),
                (ammtc("actingBody"), thing(f"ministry-{state_of(person)}")),
                (ammtc("actingBody"), thing(f"delegation-{self._meeting.era}-{state_of(person)}")),
            )
        )

    def _utterances(self) -> Iterator[Statement]:
        for number in range(_STATEMENTS):
            statement = thing(f"{self._short}-statement-{number}")
            yield from individual(statement, "Statement", f"statement {number} in report {self._short}")
            yield statement, ammtc("gist"), text(self._sentence(14))
            yield statement, ammtc("evidence"), self._some_passage()
            yield statement, ammtc("topic"), self._topic()
            yield statement, *self._actor()
            if self._random.random() < 0.7:
                yield statement, ammtc("atMeeting"), self._meeting.part("plenary")
            if self._random.random() < 0.3:
                yield statement, ammtc("speaksOf"), thing(f"state-{state_of(self._witness())}")
        assessment = thing(f"{self._short}-assessment")
        yield from individual(assessment, "Assessment", f"judgement of report {self._short}")
        yield assessment, ammtc("gist"), text(self._sentence(10))
        yield assessment, ammtc("evidence"), self._some_passage()
        yield assessment, ammtc("about"), self._meeting.iri

    def _fact(self, subject: str, predicate: str, value: str) -> Iterator[Statement]:
        """Yield a plain statement, and for a share of them the passage it rests on."""
        yield subject, ammtc(predicate), value
        if self._random.random() < _ANNOTATED:
            self._axioms += 1
            axiom = f"_:{self.name}-{self._axioms}"
            yield axiom, A, curie("owl:Axiom")
            yield axiom, curie("owl:annotatedSource"), subject
            yield axiom, curie("owl:annotatedProperty"), ammtc(predicate)
            yield axiom, curie("owl:annotatedTarget"), value
            yield axiom, ammtc("evidence"), self._some_passage()

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


def _month(value: date) -> str:
    return typed(f"{value:%Y-%m}", "gYearMonth")
