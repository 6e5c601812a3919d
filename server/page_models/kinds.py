"""Kinds of pages: what a page shows of a meeting, a state, an instrument and so on, by the classes of the thing."""

from collections.abc import Iterable
from dataclasses import dataclass

from kb.namespaces import AMMTC, PREFIXES
from server.page_models.sections import Section
from server.page_models.things import Group

__all__ = ["KINDS", "OTHER", "Kind", "by_heading", "kind_of"]


@dataclass(frozen=True)
class Kind:
    """A kind of page.

    :param name: its name in an address, ``meetings``
    :param title: what the things are called together
    :param classes: local names of the classes, or CURIEs, whose things have such a page
    :param sections: what it shows besides the statements about the thing
    :param covered: predicates, as local names or CURIEs, whose statements the sections show better
    :param covered_with: likewise, for statements with the thing as the object
    :param listed: there is a list of all such things
    """

    name: str
    title: str
    classes: tuple[str, ...]
    sections: tuple[Section, ...] = ()
    covered: frozenset[str] = frozenset()
    covered_with: frozenset[str] = frozenset()
    listed: bool = True


def _iris(*names: str) -> frozenset[str]:
    """Return the IRIs of terms: local names of this ontology's, CURIEs of others."""
    return frozenset(_iri(name) for name in names)


def _iri(name: str) -> str:
    prefix, colon, local = name.partition(":")
    return PREFIXES[prefix] + local if colon else AMMTC[name]


_ROLES = _iris(
    *("attendee", "chair", "chairBody", "chairPerson", "chairState", "coChair", "coChairPerson", "coChairState"),
    *("dialoguePartner", "officiatedBy", "participant", "participatesIn", "participatingState"),
)
_SIDES = _iris("heldBy", "heldWith", "met")
_ACTING = _iris("actor", "actingBody", "actingPerson", "actingState")
_UPON = _iris(
    *("accedesTo", "acknowledges", "actsUpon", "adopts", "approves", "develops", "endorses", "establishes", "extends"),
    *("handsOver", "highlights", "issues", "proposes", "raises", "recommends", "releases", "replaces", "signs"),
    *("submits", "supports", "tables", "welcomes", "subjectOfAct", "successor"),
)
_OCCASIONS = _iris("atMeeting", "foreseenAt", "occasion")
_PARTS = _iris("hasPart", "partOf", "onSidelinesOf")

_ACTS = Section("agent-acts", "What it did, and what is expected of it")
_SAID = Section("agent-statements", "What it said", "quotes")
_EVENTS = Section("agent-events", "Meetings and roles")
_MET = Section("agent-met", "Bilateral meetings", hint="With whom, at which meeting, and who says so.")
_LADDER = Section("acts-upon", "From proposal to adoption", "ladder")
_BY_SOURCE = Section(
    "reports-by-source", "What each source calls it, and how far it got", hint="Silence of a source is not denial."
)

KINDS = (
    Kind(
        "meetings",
        "Meetings and events",
        ("Event",),
        (
            Section("meeting-programme", "Programme", "days"),
            Section("meeting-acts", "What was done, and what is foreseen"),
            Section("meeting-participants", "Who took part"),
            Section("meeting-bilaterals", "Bilateral meetings on the sidelines"),
            Section("meeting-statements", "What was said", "quotes"),
        ),
        covered=_ROLES | _iris("hasPart"),
        covered_with=_OCCASIONS | _PARTS,
    ),
    Kind(
        "series",
        "Meeting series",
        ("MeetingSeries",),
        (
            Section("series-meetings", "Meetings of the series", "ordinals"),
            Section("chairmanships-of", "Chairmanships"),
        ),
        covered=_iris("seriesMeeting"),
        covered_with=_iris("series", "chairmanshipOf", "adoptedInSeries"),
    ),
    Kind(
        "states",
        "States",
        ("State",),
        (Section("state-officials", "Officials"), _EVENTS, _MET, _ACTS, _SAID),
        covered=_ROLES | _SIDES,
        covered_with=_ROLES | _SIDES | _ACTING | _iris("actsFor", "affiliatedWith", "proposedBy"),
    ),
    Kind(
        "officials",
        "People",
        ("foaf:Person",),
        (
            Section("official-posts", "Posts, and what each source calls them"),
            _EVENTS,
            _MET,
            Section("agent-acts", "Acts"),
            Section("agent-statements", "Statements", "quotes"),
        ),
        covered=_ROLES | _SIDES | _iris("tenure", "org:holds"),
        covered_with=_ROLES | _SIDES | _ACTING | _iris("org:member", "org:heldBy", "proposedBy"),
    ),
    Kind(
        "instruments",
        "Instruments",
        ("Instrument",),
        (_LADDER, _BY_SOURCE),
        covered=_iris("subjectOfAct"),
        covered_with=_UPON,
    ),
    Kind(
        "bodies",
        "Bodies and groups",
        ("org:Organization", "foaf:Group", "CooperationProgramme"),
        (
            Section("group-members", "Whom it comprises"),
            Section("body-posts", "Posts and who holds them"),
            _EVENTS,
            _ACTS,
            _SAID,
            Section("acts-upon", "What was done about it", "ladder"),
            Section("chairmanships-of", "Chairmanships"),
        ),
        covered=_ROLES | _iris("comprises", "represents", "subjectOfAct", "org:hasMember"),
        covered_with=_ROLES | _ACTING | _UPON | _iris("org:postIn", "chairmanshipOf", "proposedBy"),
    ),
    Kind(
        "topics",
        "Topics",
        ("skos:Concept",),
        (Section("topic-things", "What is about it"),),
        covered_with=_iris("topic", "inTopicArea", "skos:broader", "skos:narrower"),
    ),
    Kind(
        "schemes",
        "Schemes of topics",
        ("skos:ConceptScheme",),
        (Section("scheme-concepts", "Topics"),),
        covered=_iris("skos:hasTopConcept"),
        covered_with=_iris("skos:inScheme", "skos:topConceptOf"),
    ),
    Kind(
        "measures",
        "Measures",
        ("Measure",),
        (Section("acts-upon", "Who put it forward", "ladder"), _BY_SOURCE),
        covered=_iris("subjectOfAct"),
        covered_with=_UPON,
    ),
    Kind(
        "comparisons",
        "Comparisons",
        ("Comparison",),
        (Section("findings", "What each source answers"),),
        covered=_iris("finding"),
        covered_with=_iris("finding"),
        listed=False,
    ),
    Kind(
        "acts",
        "Acts",
        ("Act",),
        (Section("acts-upon", "What was done about this act"),),
        covered=_iris("subjectOfAct", "actsUpon", "occasion", "actor"),
        covered_with=_UPON,
    ),
    Kind(
        "sources",
        "Sources",
        ("Source",),
        (
            Section("source-layers", "Its texts: whom they copy, who carries them, with whose voice they speak"),
            Section("source-lacunae", "What is missing from it"),
        ),
        covered_with=_iris("passageOf", "lacunaIn", "partOfSource", "inSource", "textOf"),
    ),
)
OTHER = Kind("things", "Other things", (), (), listed=False)

#: Heading -> predicates below it, in the order in which they stand there; the others follow under the last heading.
_HEADINGS = {
    "What it is": (
        *("question", "skos:definition", "rdfs:comment", "dcterms:description", "gist", "purpose", "theme", "reason"),
        *("missing", "topic", "inTopicArea", "series", "ordinal", "modality"),
    ),
    "When and where": (
        *("date", "startDate", "endDate", "durationDays", "programmeDay", "dateAsGiven", "publishedAt", "updatedAt"),
        *("periodStart", "periodEnd", "extendedUntil", "place", "country", "host", "locatedIn"),
    ),
    "What became of it": (
        *("mainAgenda", "outcome", "proposedBy", "approvedAt", "endorsedAt", "adoptedAt", "adoptedInSeries"),
        *("releasedAt", "submissionForeseenAt", "adoptionForeseenAt", "replaces", "dcterms:replaces"),
        *("dcterms:isReplacedBy",),
    ),
    "Who": (
        *("heldBy", "heldWith", "actingPerson", "actingBody", "actingState", "attributedTo", "organizer"),
        *("incomingChair", "party", "recipient", "actsFor", "ministryOf", "delegateCount"),
    ),
    "Names": (
        *("rdfs:label", "skos:prefLabel", "skos:altLabel", "nameAsGiven", "titleAsGiven", "headline", "abbreviation"),
        *("honorific", "rank", "iso3166", "byline", "pageName", "section"),
    ),
}
_REST = "Also stated"


def kind_of(classes: Iterable[str]) -> Kind:
    """Return the kind of page that things of some classes have."""
    given = frozenset(classes)
    return next((kind for kind in KINDS if given & _iris(*kind.classes)), OTHER)


def by_heading(groups: Iterable[Group]) -> dict[str, tuple[Group, ...]]:
    """Return the statements about a thing under headings; one without statements is left out."""
    order = {_iri(name): (heading, place) for heading, names in _HEADINGS.items() for place, name in enumerate(names)}
    found: dict[str, list[Group]] = {heading: [] for heading in (*_HEADINGS, _REST)}
    for group in groups:
        found[order.get(group.predicate.iri or "", (_REST, 0))[0]].append(group)
    return {
        heading: tuple(sorted(shown, key=lambda group: order.get(group.predicate.iri or "", ("", 0))[1]))
        for heading, shown in found.items()
        if shown
    }
