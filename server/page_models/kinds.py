"""Kinds of pages: what a page shows of a meeting, a state, an instrument and so on, by the classes of the thing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kb.namespaces import expand
from server.page_models.sections import Section
from server.page_models.things import Group

__all__ = ["KINDS", "OTHER", "Kind", "by_heading", "kinds_of", "page_kind"]


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


_ROLES = _set("participant chair coChair side aseanSide dialoguePartner officiatedBy host organizer")
_ACTING = _set("actor onBehalfOf")
_UPON = _set("actsUpon adopts approves endorses proposes releases replaces successor")
_OF_ACTS = _UPON | _ACTING | _set("kind status atEvent foreseenAt occasion comprisesAct place date toBeCarriedOutBy")

_ACTS = Section("agent-acts", "What it did, and what is expected of it", "ladder")
_SAID = Section("agent-statements", "What it said", "said")
_EVENTS = Section("agent-events", "Meetings and roles")
_MET = Section("agent-met", "Bilateral meetings", hint="With whom, at which meeting, and who says so.")
_LADDER = Section("acts-upon", "From proposal to adoption", "ladder")
_BY_SOURCE = Section(
    "reports-by-source", "What each source calls it, and how far it got", hint="Silence of a source is not denial."
)
_CHAIRMANSHIPS = Section("chairmanships-of", "Chairmanships")

#: The kinds in the order in which lists show them. A thing of several kinds, such as a body that meets as a series, has
#: the sections of all of them.
KINDS = (
    Kind(
        "meetings",
        "Meetings and events",
        _set("Event"),
        (
            Section("meeting-programme", "Programme", "days"),
            Section("meeting-acts", "What was done, and what is foreseen", "ladder"),
            Section("meeting-participants", "Who took part"),
            Section(
                "meeting-alongside",
                "Held alongside it",
                hint="Not part of its programme: bilateral and other meetings.",
            ),
            Section("meeting-statements", "What was said", "said"),
        ),
        covered=_ROLES - _set("host organizer"),
        covered_with=_set("atEvent foreseenAt occasion partOf heldAlongside takesPartIn chairs coChairs"),
    ),
    Kind(
        "series",
        "Meeting series",
        _set("MeetingSeries"),
        (
            Section("series-meetings", "Meetings of the series", "ordinals"),
            Section("series-acts", "What was done at its meetings, and what is foreseen for them", "ladder"),
        ),
        covered_with=_set("series"),
    ),
    Kind(
        "states",
        "States",
        _set("State"),
        (Section("state-officials", "Officials"), _EVENTS, _MET, _ACTS, _SAID),
        covered=_ROLES,
        covered_with=_ROLES | _ACTING | _set("actsFor affiliatedWith proposedBy"),
    ),
    Kind(
        "officials",
        "People",
        _set("foaf:Person"),
        (
            Section("official-posts", "Posts, and what each source calls them"),
            _EVENTS,
            _MET,
            Section("agent-acts", "Acts", "ladder"),
            Section("agent-statements", "Statements", "said"),
        ),
        covered=_set("heldPost"),
        covered_with=_ROLES | _ACTING | _set("org:member proposedBy"),
    ),
    Kind(
        "instruments",
        "Instruments",
        _set("Instrument"),
        (_LADDER, _BY_SOURCE),
        covered_with=_UPON,
    ),
    Kind(
        "bodies",
        "Bodies and groups",
        _set("org:Organization foaf:Group"),
        (
            Section("group-members", "Whom it comprises"),
            Section("body-posts", "Posts and who held them"),
            _EVENTS,
            _ACTS,
            _SAID,
            Section("acts-upon", "What was done about it", "ladder"),
            _CHAIRMANSHIPS,
        ),
        covered=_set("comprises represents delegationOf org:hasMember"),
        covered_with=_ROLES
        | _ACTING
        | _UPON
        | _set("org:postIn org:organization org:memberOf org:subOrganizationOf proposedBy"),
    ),
    Kind(
        "measures",
        "Measures",
        _set("Measure"),
        (Section("acts-upon", "Who put it forward", "ladder"), _BY_SOURCE),
        covered_with=_UPON,
    ),
    Kind(
        "acts",
        "Acts",
        _set("Act"),
        (
            Section("act", "What was done", "summary"),
            Section("act-reports", "How each source reports it"),
            Section("acts-upon", "What was done about this act", "ladder"),
        ),
        covered=_OF_ACTS,
        covered_with=_UPON | _set("reports"),
    ),
    Kind("reports", "Reports", _set("Report")),
    Kind(
        "topics",
        "Topics and kinds",
        _set("skos:Concept"),
        (Section("topic-things", "What is about it"), Section("concept-things", "What it is said of")),
        covered_with=_set("topic inTopicArea kind level format status skos:broader skos:narrower owl:hasValue"),
    ),
    Kind(
        "schemes",
        "Schemes of topics and kinds",
        _set("skos:ConceptScheme"),
        (Section("scheme-concepts", "Concepts"),),
        covered=_set("skos:hasTopConcept"),
        covered_with=_set("skos:inScheme skos:topConceptOf"),
    ),
    Kind(
        "places",
        "Places",
        _set("Place"),
        (Section("place-events", "What took place there"),),
        covered_with=_set("place"),
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
        "sources",
        "Sources",
        _set("Source"),
        (
            Section("source-layers", "Its texts: whom they copy, who carries them, where they come from"),
            Section("source-lacunae", "What is missing from it"),
        ),
        covered_with=_set("source partOfSource textOf"),
    ),
)
OTHER = Kind("things", "Other things", frozenset(), listed=False)

#: Heading -> predicates below it, in the order in which they stand there; the others follow under the last heading.
_HEADINGS = {
    "What it is": (
        "question skos:definition skos:scopeNote skos:example owl:equivalentClass rdfs:subClassOf rdfs:subPropertyOf "
        "rdfs:comment dcterms:description skos:broader skos:inScheme underName concerns strength reports kind level "
        "format status summary wording aimAsGiven "
        "purpose theme reason missing actsUpon adopts approves endorses proposes releases replaces successor "
        "comprisesAct amount value unit approximation topic inTopicArea series frequency ordinal"
    ),
    "When and where": (
        "date startDate endDate durationDays programmeDay dateAsGiven publishedAt updatedAt periodStart periodEnd "
        "extendedUntil atEvent foreseenAt occasion place within country host mode partOf heldAlongside prepares"
    ),
    "What became of it": (
        "mainAgenda proposedBy approvedAt endorsedAt adoptedAt releasedAt supersedes dcterms:replaces "
        "dcterms:isReplacedBy"
    ),
    "Who": (
        "actor onBehalfOf inCapacity role takesPartIn chairs coChairs org:member post org:organization org:role "
        "accordingTo toBeCarriedOutBy organizer party actsFor affiliatedWith authorityOf ministryOf org:memberOf "
        "org:subOrganizationOf delegateCount"
    ),
    "Names": (
        "rdfs:label skos:prefLabel skos:altLabel nameAsGiven titleAsGiven headline abbreviation honorific rankTitle "
        "iso3166 skos:notation byline pageName section schema:url retrievedOn"
    ),
}
_REST = "Also stated"


def kinds_of(classes: Iterable[str]) -> tuple[Kind, ...]:
    """Return the kinds that things of some classes are of."""
    given = frozenset(classes)
    return tuple(kind for kind in KINDS if given & kind.classes)


def page_kind(kinds: Sequence[Kind]) -> Kind:
    """Return the kind of page that a thing of some kinds has: the first one, with the sections of all."""
    if len(kinds) < 2:  # noqa: PLR2004  nothing to join
        return kinds[0] if kinds else OTHER
    sections = {section.query: section for kind in reversed(kinds) for section in reversed(kind.sections)}
    return replace(
        kinds[0],
        sections=tuple(reversed(sections.values())),
        covered=frozenset().union(*(kind.covered for kind in kinds)),
        covered_with=frozenset().union(*(kind.covered_with for kind in kinds)),
    )


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
