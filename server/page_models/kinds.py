"""Kinds of pages: what a page shows of a meeting, a state, an instrument and so on, by the classes of the thing."""

from collections.abc import Iterable
from dataclasses import dataclass

from kb.namespaces import expand
from server.page_models.sections import Section
from server.page_models.things import Group

__all__ = ["KINDS", "OTHER", "Kind", "by_heading", "kind_of"]


@dataclass(frozen=True)
class Kind:
    """A kind of page.

    :param name: its name in an address, ``meetings``
    :param title: what the things are called together
    :param classes: IRIs of the classes whose things have such a page
    :param sections: what it shows besides the statements about the thing
    :param covered: IRIs of the predicates whose statements the sections show better
    :param covered_with: those whose statements with the thing as the object the sections show better
    :param listed: there is a list of all such things
    """

    name: str
    title: str
    classes: frozenset[str]
    sections: tuple[Section, ...] = ()
    covered: frozenset[str] = frozenset()
    covered_with: frozenset[str] = frozenset()
    listed: bool = True


def _iris(names: str) -> list[str]:
    """Return the IRIs of terms: local names of this ontology's, CURIEs of others."""
    return [expand(name if ":" in name else f"ammtc:{name}") for name in names.split()]


def _set(names: str) -> frozenset[str]:
    return frozenset(_iris(names))


_ROLES = _set(
    "attendee chair chairBody chairPerson chairState coChair coChairPerson coChairState dialoguePartner officiatedBy "
    "participant participatesIn participatingState"
)
_SIDES = _set("heldBy heldWith met")
_ACTING = _set("actor actingBody actingPerson actingState")
_UPON = _set(
    "accedesTo acknowledges actsUpon adopts approves develops endorses establishes extends handsOver highlights issues "
    "proposes raises recommends releases replaces signs submits supports tables welcomes subjectOfAct successor"
)

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
        _set("Event"),
        (
            Section("meeting-programme", "Programme", "days"),
            Section("meeting-acts", "What was done, and what is foreseen"),
            Section("meeting-participants", "Who took part"),
            Section("meeting-bilaterals", "Bilateral meetings on the sidelines"),
            Section("meeting-statements", "What was said", "quotes"),
        ),
        covered=_ROLES | _set("hasPart"),
        covered_with=_set("atMeeting foreseenAt occasion hasPart partOf onSidelinesOf"),
    ),
    Kind(
        "series",
        "Meeting series",
        _set("MeetingSeries"),
        (
            Section("series-meetings", "Meetings of the series", "ordinals"),
            Section("chairmanships-of", "Chairmanships"),
        ),
        covered=_set("seriesMeeting"),
        covered_with=_set("series chairmanshipOf adoptedInSeries"),
    ),
    Kind(
        "states",
        "States",
        _set("State"),
        (Section("state-officials", "Officials"), _EVENTS, _MET, _ACTS, _SAID),
        covered=_ROLES | _SIDES,
        covered_with=_ROLES | _SIDES | _ACTING | _set("actsFor affiliatedWith proposedBy"),
    ),
    Kind(
        "officials",
        "People",
        _set("foaf:Person"),
        (
            Section("official-posts", "Posts, and what each source calls them"),
            _EVENTS,
            _MET,
            Section("agent-acts", "Acts"),
            Section("agent-statements", "Statements", "quotes"),
        ),
        covered=_ROLES | _SIDES | _set("tenure org:holds"),
        covered_with=_ROLES | _SIDES | _ACTING | _set("org:member org:heldBy proposedBy"),
    ),
    Kind(
        "instruments",
        "Instruments",
        _set("Instrument"),
        (_LADDER, _BY_SOURCE),
        covered=_set("subjectOfAct"),
        covered_with=_UPON,
    ),
    Kind(
        "bodies",
        "Bodies and groups",
        _set("org:Organization foaf:Group CooperationProgramme"),
        (
            Section("group-members", "Whom it comprises"),
            Section("body-posts", "Posts and who holds them"),
            _EVENTS,
            _ACTS,
            _SAID,
            Section("acts-upon", "What was done about it", "ladder"),
            Section("chairmanships-of", "Chairmanships"),
        ),
        covered=_ROLES | _set("comprises represents subjectOfAct org:hasMember"),
        covered_with=_ROLES | _ACTING | _UPON | _set("org:postIn chairmanshipOf proposedBy"),
    ),
    Kind(
        "topics",
        "Topics",
        _set("skos:Concept"),
        (Section("topic-things", "What is about it"),),
        covered_with=_set("topic inTopicArea skos:broader skos:narrower"),
    ),
    Kind(
        "schemes",
        "Schemes of topics",
        _set("skos:ConceptScheme"),
        (Section("scheme-concepts", "Topics"),),
        covered=_set("skos:hasTopConcept"),
        covered_with=_set("skos:inScheme skos:topConceptOf"),
    ),
    Kind(
        "measures",
        "Measures",
        _set("Measure"),
        (Section("acts-upon", "Who put it forward", "ladder"), _BY_SOURCE),
        covered=_set("subjectOfAct"),
        covered_with=_UPON,
    ),
    Kind(
        "comparisons",
        "Comparisons",
        _set("Comparison"),
        (Section("findings", "What each source answers"),),
        covered=_set("finding"),
        covered_with=_set("finding"),
        listed=False,
    ),
    Kind(
        "acts",
        "Acts",
        _set("Act"),
        (Section("acts-upon", "What was done about this act"),),
        covered=_set("subjectOfAct actsUpon occasion actor"),
        covered_with=_UPON,
    ),
    Kind(
        "sources",
        "Sources",
        _set("Source"),
        (
            Section("source-layers", "Its texts: whom they copy, who carries them, with whose voice they speak"),
            Section("source-lacunae", "What is missing from it"),
        ),
        covered_with=_set("passageOf lacunaIn partOfSource inSource textOf"),
    ),
)
OTHER = Kind("things", "Other things", frozenset(), listed=False)

#: Heading -> predicates below it, in the order in which they stand there; the others follow under the last heading.
_HEADINGS = {
    "What it is": (
        "question skos:definition rdfs:comment dcterms:description gist purpose theme reason missing topic inTopicArea "
        "series ordinal modality"
    ),
    "When and where": (
        "date startDate endDate durationDays programmeDay dateAsGiven publishedAt updatedAt periodStart periodEnd "
        "extendedUntil place country host locatedIn"
    ),
    "What became of it": (
        "mainAgenda outcome proposedBy approvedAt endorsedAt adoptedAt adoptedInSeries releasedAt submissionForeseenAt "
        "adoptionForeseenAt replaces dcterms:replaces dcterms:isReplacedBy"
    ),
    "Who": (
        "heldBy heldWith actingPerson actingBody actingState attributedTo organizer incomingChair party recipient "
        "actsFor ministryOf delegateCount"
    ),
    "Names": (
        "rdfs:label skos:prefLabel skos:altLabel nameAsGiven titleAsGiven headline abbreviation honorific rank iso3166 "
        "byline pageName section"
    ),
}
_REST = "Also stated"


def kind_of(classes: Iterable[str]) -> Kind:
    """Return the kind of page that things of some classes have."""
    given = frozenset(classes)
    return next((kind for kind in KINDS if given & kind.classes), OTHER)


def by_heading(groups: Iterable[Group]) -> dict[str, tuple[Group, ...]]:
    """Return the statements about a thing under headings; one without statements is left out."""
    order = {iri: (heading, place) for heading, names in _HEADINGS.items() for place, iri in enumerate(_iris(names))}
    found: dict[str, list[Group]] = {heading: [] for heading in (*_HEADINGS, _REST)}
    for group in groups:
        found[order.get(group.predicate.iri or "", (_REST, 0))[0]].append(group)
    return {
        heading: tuple(sorted(shown, key=lambda group: order.get(group.predicate.iri or "", ("", 0))[1]))
        for heading, shown in found.items()
        if shown
    }
