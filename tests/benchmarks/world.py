"""What the generated sources speak of: states, series, posts, meetings, persons, instruments, acts, by number.

Everything follows from a number by arithmetic, so that a report can name a person introduced a million statements
earlier without keeping anybody in memory. Meetings are numbered from 0; two hundred of them are an era, which has
series, posts and a summit of its own, so that no series grows with the size of the data.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from benchmarks.terms import A, Statement, ammtc, curie, string, text, thing

__all__ = [
    "INSTRUMENTS",
    "MEETINGS_AN_ERA",
    "MEMBERS",
    "PERSONS_A_MEETING",
    "STATES",
    "TOPICS",
    "Act",
    "Kind",
    "Meeting",
    "base",
    "era",
    "individual",
    "instrument_name",
    "person_name",
    "post_of",
    "state_of",
]

STATES = 24
#: The first states are members of the organisation, the others its dialogue partners.
MEMBERS = 10
MEDIA = 6
MEETINGS_AN_ERA = 200
PERSONS_A_MEETING = 4

_SERIES = (
    "MinisterialMeeting",
    "SeniorOfficialsMeeting",
    "MinisterialMeeting",
    "SeniorOfficialsMeeting",
    "MinisterialMeeting",
    "SeniorOfficialsMeeting",
    "SeniorOfficialsMeeting",
    "MinisterialMeeting",
)

#: What an instrument is, by its number modulo the number of these: a class, or a kind of `_KIND_OF`.
INSTRUMENTS = (
    "Declaration",
    "PlanOfAction",
    "Roadmap",
    "Convention",
    "JointStatement",
    "MemorandumOfUnderstanding",
    "LeadersDeclaration",
    "WorkPlan",
)

#: Concepts of ``ontology/concepts.ttl``.
TOPICS = (
    "transnational-crime",
    "cybercrime",
    "trafficking-in-persons",
    "money-laundering",
    "terrorism",
    "cooperation",
    "drug-trafficking",
    "border-management",
    "capacity-building",
    "cybersecurity",
    "law-enforcement",
    "ai-against-crime",
    "data-analysis",
    "radicalisation",
    "violent-extremism",
    "crime-prevention",
)

#: What has no class of its own -> its class, and the concept that tells its kind.
_KIND_OF = {
    "Roadmap": ("Instrument", "roadmap"),
    "JointStatement": ("Instrument", "joint-statement"),
    "MemorandumOfUnderstanding": ("Instrument", "memorandum-of-understanding"),
    "WorkPlan": ("Instrument", "work-plan"),
    "MediaOrganization": ("org:Organization", "media-organisation"),
    "OpeningCeremony": ("Session", "opening-ceremony"),
}

_GIVEN = ("Anara", "Béla", "Chiêu", "Dewi", "Eiji", "Farah", "Gwen", "Hồng", "Intan", "Jun", "Kosal", "Léa", "Mayu")
_FAMILY = ("Aldoro", "Brandt", "Çelik", "Đặng", "Ekwall", "Faizal", "Gómez", "Hsu", "Iskandar", "Jansen", "Kuroda")


class Kind(NamedTuple):
    """A kind of act.

    :param name: of the concept
    :param verb: the property that says that an act of this kind is done, or empty
    :param upon: what such an act acts upon
    """

    name: str
    verb: str
    upon: str


class Act(NamedTuple):
    """One act, whoever reports it.

    :param upon: IRI of what it acts upon
    """

    iri: str
    kind: Kind
    upon: str


#: Acts upon acts come last, so that there are others for them.
_KINDS = (
    Kind("adoption", "adopts", "instrument"),
    Kind("endorsement", "endorses", "instrument"),
    Kind("approval", "approves", "instrument"),
    Kind("release", "releases", "instrument"),
    Kind("signature", "", "instrument"),
    Kind("submission", "", "instrument"),
    Kind("development", "", "instrument"),
    Kind("issuance", "", "instrument"),
    Kind("replacement", "replaces", "instrument"),
    Kind("accession", "", "Convention"),
    Kind("extension", "", "PlanOfAction"),
    Kind("proposal", "proposes", "measure"),
    Kind("highlighting", "", "measure"),
    Kind("intervention", "", "measure"),
    Kind("establishment", "", "working-group"),
    Kind("handover", "", "chairmanship"),
    Kind("proposal", "proposes", "act"),
    Kind("tabling", "", "act"),
    Kind("support", "", "act"),
    Kind("recommendation", "", "act"),
    Kind("welcome", "", "act"),
    Kind("acknowledgement", "", "act"),
)
#: How many acts there are about a meeting, and the step, without a common divisor, by which their kinds are chosen.
_ACTS, _STEP = 12, 5


class Meeting:
    """One meeting and what is introduced with it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.era, place = divmod(number, MEETINGS_AN_ERA)
        self.ordinal = place // len(_SERIES) + 1
        self.kind = _SERIES[number % len(_SERIES)]
        self.series = thing(f"series-{self.era}-{number % len(_SERIES)}")
        self.consultations = thing(f"consultations-{self.era}-{number % len(_SERIES)}")
        self.iri = thing(f"meeting-{number}")
        self.first_day = date(2000 + self.ordinal, 1 + number % 12, 1 + number * 7 % 25)
        self.host = number * 5 % MEMBERS
        self.partner = MEMBERS + number * 3 % (STATES - MEMBERS)
        self.persons = range(number * PERSONS_A_MEETING, (number + 1) * PERSONS_A_MEETING)
        self.instruments = (2 * number, 2 * number + 1)
        self.measures = tuple(self.part(f"measure-{letter}") for letter in "ab")
        self.summit = thing(f"summit-{self.era}")
        self.acts = tuple(self._acts())

    def part(self, name: str) -> str:
        """Return the IRI of something that belongs to the meeting, for example ``plenary``."""
        return thing(f"meeting-{self.number}-{name}")

    def identities(self) -> Iterator[Statement]:
        """Yield type and label of what the meeting introduces."""
        label = f"meeting {self.ordinal} of series {self.era}-{self.number % len(_SERIES)}"
        yield from individual(self.iri, self.kind, label)
        yield self.iri, curie("skos:altLabel"), text(f"M{self.ordinal}/{self.era}")
        for name, kind in _PARTS.items():
            yield from individual(self.part(name), kind, f"{name.replace('-', ' ')} of {label}")
        for letter, measure in zip("ab", self.measures, strict=True):
            yield from individual(measure, "Measure", f"measure {letter} put forward at {label}")
        for number in self.instruments:
            yield from individual(thing(f"instrument-{number}"), instrument_class(number), instrument_name(number))
        for person in self.persons:
            yield from individual(thing(f"person-{person}"), "foaf:Person", person_name(person))
        for number, act in enumerate(self.acts):
            yield from individual(act.iri, "Act", f"{act.kind.name} {number} at {label}")

    def _acts(self) -> Iterator[Act]:
        """Yield the acts that sources report, each after what it acts upon; some act upon what is older."""
        before: list[str] = []
        for place in sorted((self.number * 7 + step * _STEP) % len(_KINDS) for step in range(_ACTS)):
            upon = self._object(_KINDS[place].upon, before)
            if upon is not None:
                act = Act(self.part(f"act-{len(before)}"), _KINDS[place], upon)
                yield act
                before.append(act.iri)

    def _object(self, upon: str, before: list[str]) -> str | None:
        """Return something that an act acts upon, or None where there is nothing of the kind yet."""
        turn = self.number + len(before)
        if upon == "instrument":
            return thing(f"instrument-{self.instruments[turn % len(self.instruments)]}")
        if upon == "measure":
            return self.measures[turn % len(self.measures)]
        if upon == "act":
            return before[turn % len(before)] if before else None
        if upon in INSTRUMENTS:
            newest = self.instruments[-1]
            number = newest - (newest - INSTRUMENTS.index(upon)) % len(INSTRUMENTS)
            return thing(f"instrument-{number}") if number >= 0 else None
        return self.part(upon)


#: Name of a part of each meeting -> what it is.
_PARTS = {
    "opening": "OpeningCeremony",
    "plenary": "PlenarySession",
    "day-1": "MeetingDay",
    "consultation": "Consultation",
    "bilateral": "BilateralMeeting",
    "working-group": "WorkingGroup",
    "chairmanship": "Chairmanship",
}


def base() -> Iterator[Statement]:
    """Yield what is there before the first meeting: states, their ministries and towns, the organisation, the media."""
    yield from individual(thing("organisation"), "IntergovernmentalOrganization", "the organisation")
    for number in range(STATES):
        code = "A" + chr(ord("A") + number)
        state, ministry, place = (thing(f"{kind}-{number}") for kind in ("state", "ministry", "place"))
        yield from individual(state, "State", f"State {code}")
        yield state, ammtc("iso3166"), string(code)
        yield state, _TIES[number >= MEMBERS], thing("organisation")
        yield from individual(ministry, "Ministry", f"Ministry of the Interior of State {code}")
        yield ministry, ammtc("ministryOf"), state
        yield from individual(place, "Place", f"Port {code}")
        yield place, ammtc("country"), state
    for number in range(MEDIA):
        yield from individual(thing(f"media-{number}"), "MediaOrganization", f"News agency {number}")


def era(number: int) -> Iterator[Statement]:
    """Yield what an era begins with: series of meetings and of consultations, posts, delegations, a summit."""
    yield from individual(thing(f"summit-{number}"), "SummitMeeting", f"summit of era {number}")
    yield thing(f"summit-{number}"), ammtc("status"), curie("concept:foreseen")
    for series in range(len(_SERIES)):
        for name in ("series", "consultations"):
            yield from individual(thing(f"{name}-{number}-{series}"), "MeetingSeries", f"{name} {number}-{series}")
        yield thing(f"series-{number}-{series}"), A, ammtc("SectoralBody")
    for state in range(STATES):
        minister, secretary = (thing(f"post-{number}-{state}-{office}") for office in range(2))
        yield from individual(minister, "OfficialPost", f"minister of state {state}, era {number}")
        yield minister, curie("org:postIn"), thing(f"ministry-{state}")
        yield from individual(secretary, "OfficialPost", f"secretary of state {state}, era {number}")
        yield secretary, ammtc("postOfState"), thing(f"state-{state}")
        delegation = thing(f"delegation-{number}-{state}")
        yield from individual(delegation, "Delegation", f"delegation of state {state}, era {number}")
        yield delegation, ammtc("delegationOf"), thing(f"state-{state}")


def individual(iri: str, kind: str, label: str) -> Iterator[Statement]:
    """Yield that there is a named individual of a class, or of a kind of `_KIND_OF`, with its English label."""
    kind, concept = _KIND_OF.get(kind, (kind, ""))
    yield iri, A, curie("owl:NamedIndividual")
    yield iri, A, curie(kind) if ":" in kind else ammtc(kind)
    yield iri, curie("rdfs:label"), text(label)
    if concept:
        yield iri, ammtc("kind"), curie(f"concept:{concept}")


def instrument_class(number: int) -> str:
    """Return what an instrument is, one of `INSTRUMENTS`."""
    return INSTRUMENTS[number % len(INSTRUMENTS)]


def instrument_name(number: int) -> str:
    """Return the name of an instrument."""
    return f"{instrument_class(number)} {number} on {TOPICS[number % len(TOPICS)].replace('-', ' ')}"


def person_name(number: int) -> str:
    """Return a person's name, without honorific or rank."""
    rest, given = divmod(number, len(_GIVEN))
    number, family = divmod(rest, len(_FAMILY))
    return f"{_GIVEN[given]} {_FAMILY[family]}" + (f" {number}" if number else "")


def state_of(person: int) -> int:
    """Return the number of the state that a person acts for."""
    return person % STATES


def post_of(person: int) -> str:
    """Return the post that a person holds."""
    number = person // PERSONS_A_MEETING // MEETINGS_AN_ERA
    return thing(f"post-{number}-{state_of(person)}-{person // STATES % 2}")


_TIES = (curie("org:memberOf"), ammtc("dialoguePartnerOf"))
