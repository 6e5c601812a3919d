"""What a page says of itself to other programs: schema.org as JSON-LD, a description, how to cite it.

https://schema.org/docs/gs.html and https://ogp.me/.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.dates import bounds
from kb.namespaces import AMMTC, CONCEPT, OWL, expand
from kb.sparql.labels import cut
from server.addresses import is_web_address
from server.page_models.things import Thing
from server.presentation.nodes import Node

__all__ = ["Metadata", "linked_data", "metadata", "types_in_use"]

_LONGEST_DESCRIPTION = 280
#: Concept that `ammtc:kind` gives -> type of schema.org.
_KINDS = {
    CONCEPT[name]: type_
    for name, type_ in (
        ("company", "Corporation"),
        ("media-organisation", "NewsMediaOrganization"),
        ("academic-institution", "EducationalOrganization"),
        ("government-agency", "GovernmentOrganization"),
        ("police-force", "GovernmentOrganization"),
        ("town", "City"),
        ("convention", "Legislation"),
    )
}
#: Class -> type of schema.org, more specific classes first: as the alignments and mappings of the ontology have them
#: (ontology/alignments.ttl, alignments.sssom.tsv), and what they cannot say of classes that are not the ontology's.
_TYPES = {
    AMMTC.Event: "Event",
    AMMTC.Act: "Action",
    AMMTC.Statement: "Claim",
    AMMTC.Figure: "QuantitativeValue",
    AMMTC.State: "Country",
    expand("foaf:Person"): "Person",
    AMMTC.Convention: "Legislation",
    AMMTC.Instrument: "CreativeWork",
    AMMTC.Photograph: "Photograph",
    AMMTC.SourceDocument: "NewsArticle",
    AMMTC.Source: "CreativeWork",
    AMMTC.Publication: "CreativeWork",
    AMMTC.ReferenceWork: "CreativeWork",
    AMMTC.Ministry: "GovernmentOrganization",
    expand("org:Organization"): "Organization",
    expand("foaf:Group"): "Organization",
    AMMTC.MeetingSeries: "EventSeries",
    AMMTC.Place: "Place",
    expand("skos:Concept"): "DefinedTerm",
    expand("skos:ConceptScheme"): "DefinedTermSet",
    OWL.Class: "DefinedTerm",
    OWL.ObjectProperty: "DefinedTerm",
    OWL.DatatypeProperty: "DefinedTerm",
    OWL.AnnotationProperty: "DefinedTerm",
    OWL.Ontology: "Dataset",
}
#: Types of which a kind is known that schema.org has a type for; the kinds of acts and events have none.
_WITH_KINDS = frozenset(("Organization", "GovernmentOrganization", "Place", "CreativeWork", "Legislation"))
_DESCRIBED_BY = (
    *(expand("skos:definition"), expand("dcterms:description"), expand("rdfs:comment")),
    *(AMMTC.summary, AMMTC.question, AMMTC.purpose, AMMTC.headline),
)
_UPON = (AMMTC.adopts, AMMTC.approves, AMMTC.endorses, AMMTC.proposes, AMMTC.releases, AMMTC.replaces, AMMTC.actsUpon)
#: Property of schema.org -> predicates with that meaning, and its values' form: a thing, its address, text or date.
_SAID_BY = {
    "alternateName": ((expand("skos:altLabel"), AMMTC.nameAsGiven, AMMTC.abbreviation), "text"),
    "startDate": ((AMMTC.startDate, AMMTC.date), "date"),
    "endDate": ((AMMTC.endDate,), "date"),
    "datePublished": ((AMMTC.publishedAt,), "date"),
    "headline": ((AMMTC.headline,), "text"),
    "location": ((AMMTC.place,), "thing"),
    "organizer": ((AMMTC.host, AMMTC.organizer), "thing"),
    "superEvent": ((AMMTC.partOf,), "thing"),
    "about": ((AMMTC.topic,), "thing"),
    "agent": ((AMMTC.actor,), "thing"),
    "object": (_UPON, "thing"),
    "author": ((AMMTC.author,), "thing"),
    "publisher": ((AMMTC.publisher,), "thing"),
    "containedInPlace": ((AMMTC.within,), "thing"),
    "inDefinedTermSet": ((expand("skos:inScheme"),), "address"),
    "url": ((expand("schema:url"),), "address"),
    "sameAs": ((expand("schema:sameAs"), OWL.sameAs), "address"),
}
_WORK = frozenset(("datePublished", "headline", "author", "publisher", "about"))
_OF_TYPE = {
    "Event": {"startDate", "endDate", "location", "organizer", "superEvent", "about"},
    "Action": {"agent", "object", "location"},
    **dict.fromkeys(("NewsArticle", "CreativeWork", "Legislation", "Photograph", "Claim"), _WORK),
    **dict.fromkeys(("Place", "City"), frozenset(("containedInPlace",))),
    "DefinedTerm": {"inDefinedTermSet"},
}
#: Statuses, the one that counts most first -> their nearest https://schema.org/ActionStatusType and
#: https://schema.org/EventStatusType.
_STATUS_OF = {"Action": "actionStatus", "Event": "eventStatus"}
_STATUSES = {
    "done": ("CompletedActionStatus", "EventScheduled"),
    "cancelled": ("FailedActionStatus", "EventCancelled"),
    "failed": ("FailedActionStatus", "EventCancelled"),
    "postponed": ("PotentialActionStatus", "EventPostponed"),
    "under-way": ("ActiveActionStatus", "EventScheduled"),
    "foreseen": ("PotentialActionStatus", "EventScheduled"),
}
#: What https://schema.org/Date and https://schema.org/DateTime take of ISO 8601: a year, a month of one, a day, a time.
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?)?)?)?")
_ALWAYS = frozenset(("alternateName", "sameAs", "url"))


@dataclass(frozen=True)
class Metadata:
    """What a page says of itself.

    :param title: short title
    :param description: one or two sentences
    :param address: public address of the page
    :param linked_data: JSON-LD for a script element, in which ``<`` is escaped
    """

    title: str
    description: str
    address: str
    linked_data: str


def metadata(thing: Thing, address: str, type_name: str, *, cited: bool) -> Metadata:
    """Return the metadata of a thing's page.

    :param address: public address of the page
    :param type_name: what the thing is, in a word, for things without a description
    :param cited: each statement has a source and a paragraph
    """
    iri = thing.node.iri or ""
    described = next((text for predicate in _DESCRIBED_BY for text in thing.texts(predicate)), "")
    description = described or _plain_description(thing, type_name, cited=cited)
    if len(description) > _LONGEST_DESCRIPTION:
        description = description[: _LONGEST_DESCRIPTION - 1].rsplit(" ", 1)[0] + "…"
    content = {"name": thing.node.text, "description": description, "url": address, **_statements(thing)}
    return Metadata(thing.node.text, description, address, linked_data(iri, _type(thing), content))


def linked_data(iri: str, type_: str, content: Mapping[str, Any]) -> str:
    """Return a description in schema.org's terms as JSON that may stand inside a script element."""
    document = {"@context": "https://schema.org", "@type": type_, "@id": iri, **content}
    text = json.dumps(document, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def types_in_use() -> dict[str, frozenset[str]]:
    """Return the types of schema.org that things may have, with the properties that each may be described with."""
    types = {*_TYPES.values(), *_KINDS.values(), "Thing"}
    common = _ALWAYS | {"name", "description"}
    status = {type_: {_STATUS_OF[type_]} for type_ in _STATUS_OF}
    return {type_: frozenset(common | _OF_TYPE.get(type_, set()) | status.get(type_, set())) for type_ in types}


def _type(thing: Thing) -> str:
    kinds = [node.iri for node in _nodes(thing, AMMTC.kind)]
    type_ = next((name for iri, name in _TYPES.items() if iri in thing.classes), "Thing")
    narrower = next((_KINDS[kind] for kind in kinds if kind in _KINDS), type_)
    return narrower if type_ in _WITH_KINDS else type_


def _statements(thing: Thing) -> dict[str, Any]:
    type_ = _type(thing)
    wanted = _ALWAYS | _OF_TYPE.get(type_, set())
    found = {}
    for name, (predicates, form) in _SAID_BY.items():
        values = _values(thing, predicates, form) if name in wanted else []
        if values:
            found[name] = values[0] if len(values) == 1 else values
    given = {node.iri for node in _nodes(thing, AMMTC.status)}
    status = next((names for status, names in _STATUSES.items() if CONCEPT[status] in given), None)
    if status and type_ in _STATUS_OF:
        found[_STATUS_OF[type_]] = f"https://schema.org/{dict(zip(_STATUS_OF, status, strict=True))[type_]}"
    return found


def _values(thing: Thing, predicates: tuple[str, ...], form: str) -> list[Any]:
    """Return the values of the first of some predicates that has any in this form."""
    for predicate in predicates:
        nodes = _nodes(thing, predicate)
        if form in ("thing", "address"):
            found = [(node.iri, node.text) for node in nodes if node.iri and is_web_address(node.iri)]
            values = [iri if form == "address" else _reference(iri, text) for iri, text in found]
        else:
            texts = (
                cut(node.text, _LONGEST_DESCRIPTION)
                for node in nodes
                if form == "text" or (_DATE.fullmatch(node.text) and bounds(*node.date))
            )
            values = list(dict.fromkeys(texts))
        if values:
            return values
    return []


def _nodes(thing: Thing, predicate: str) -> list[Node]:
    return [value.node for group in thing.groups if group.predicate.iri == predicate for value in group.values]


def _reference(iri: str, text: str) -> str | dict[str, str]:
    return iri if text == iri or ":" in text.partition(" ")[0] else {"@id": iri, "name": text}


def _plain_description(thing: Thing, type_name: str, *, cited: bool) -> str:
    said = sum(len(group.values) for group in (*thing.groups, *thing.incoming))
    what = f"{thing.node.text}: {type_name}" if type_name else thing.node.text
    statements = f"{said} statement{'s' if said != 1 else ''}"
    return f"{what}. {statements}{', each with the source and the paragraph that it rests on' if cited else ''}."
