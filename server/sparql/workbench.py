"""The workbench's script, and what it asks besides queries: terms, examples, names, patterns of objects."""

import json
from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Response, current_app, request
from pyoxigraph import Literal, NamedNode

from kb.namespaces import AMMTC, OWL, PREFIXES, RDF, expand, is_passage
from kb.sparql.labels import cut
from kb.sparql.objects import objects
from kb.sparql.scan import Scanned
from server.addresses import is_iri
from server.openapi.documented import JSON, TEXT, Json, documented
from server.problems import Problem
from server.site import Site, current_site
from server.sparql.protocol import read_parameters
from server.stored_queries.texts import written

__all__ = ["blueprint"]

blueprint = Blueprint("workbench", __name__)

#: Names in one reply.
_MOST_NAMES = 500
_MOST_TERMS = 10_000
_LONGEST_IRI = 1000
_LONGEST_DEFINITION = 1000
_JSON = "application/json"
_IRIS: Json = {"type": "array", "items": TEXT, "maxItems": _MOST_NAMES}
_QUERY = "application/sparql-query"
_FORM = "application/x-www-form-urlencoded"
_TYPE = NamedNode(RDF.type)
#: What a place lies in, the nearest first.
_AROUND = (NamedNode(AMMTC.within), NamedNode(AMMTC.country))
_PLACES = frozenset(
    NamedNode(iri)
    for iri in (
        *(AMMTC.Place, AMMTC.State, "https://schema.org/Place", "http://schema.org/Place"),
        "http://purl.org/dc/terms/Location",
    )
)
#: Properties that give a definition; the later one takes precedence.
_DEFINITIONS = (expand("rdfs:comment"), expand("skos:definition"))
_KINDS: Mapping[str, str] = {
    expand("rdfs:Class"): "class",
    OWL.Class: "class",
    **dict.fromkeys((RDF.Property, OWL.AnnotationProperty, OWL.DatatypeProperty, OWL.ObjectProperty), "property"),
}
_ORDER = ("class", "property", "thing")


@blueprint.get("/static/workbench/workbench.js")
@documented(name="workbench", content={"text/javascript": {"schema": TEXT}}, direct=True)
def script() -> Response:
    """Return the workbench itself; unlike other static files it is large enough to be worth compressing."""
    return Response(current_site().once(_script), content_type="text/javascript; charset=utf-8")


@blueprint.get("/sparql/terms.json")
@documented(content=JSON)
def terms() -> Response:
    """List the prefixes and the terms of the graph: classes and properties first, each with its label."""
    return Response(current_site().once(_terms), content_type=_JSON)


@blueprint.get("/sparql/examples.json")
@documented(content={"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}})
def examples() -> Response:
    """List the competency questions with their queries."""
    return Response(current_site().once(_examples), content_type=_JSON)


@blueprint.post("/sparql/names")
@documented(
    content=JSON, problems=(400,), body=lambda _: {_FORM: {"schema": {"type": "object", "properties": {"iri": _IRIS}}}}
)
def names() -> Response:
    """Return what to show for IRIs, the form's values of ``iri``: an object with a member for each of them."""
    site = current_site()
    return Response(_encoded({iri: _name(site, iri) for iri in _requested()}), content_type=_JSON)


@blueprint.post("/sparql/objects")
@documented(content=JSON, problems=(413, 415), body=lambda _: {_QUERY: {"schema": TEXT}})
def patterns() -> Response:
    """Return the patterns by which values of a query's result are objects: column -> subject and predicate of each."""
    if request.mimetype != _QUERY:
        raise Problem("unsupported-media-type", "The request holds no query", f"Send the text as {_QUERY}")
    site, text = current_site(), request.get_data()
    is_query = len(text) <= site.config.limits.query_bytes
    query = Scanned(text.decode(errors="replace") if is_query else "")
    return Response(_encoded(objects(query, site.addresses.endpoint(request.host_url))), content_type=_JSON)


def _script(_site: Site) -> bytes:
    return (Path(current_app.root_path) / "static" / "workbench" / "workbench.js").read_bytes()


def _terms(site: Site) -> bytes:
    """Return classes, then properties, then things, by use and name; nobody asks for passages by name."""
    kinds = _kinds(site)
    uses = {
        **{iri: use.triples for iri, use in site.statistics.usage.properties.items()},
        **site.statistics.usage.classes,
    }
    definitions = _definitions(site, kinds)
    found = [
        (kinds.get(iri, "thing"), uses.get(iri, 0), name, iri)
        for iri in {**site.labels, **kinds}
        if (name := _in_query(iri)) is not None
    ]
    found.sort(key=lambda term: (_ORDER.index(term[0]), -term[1], term[2]))
    terms = [
        _filled(name=name, label=site.labels.get(iri), kind=kind, uses=used, definition=definitions.get(iri))
        for kind, used, name, iri in found[:_MOST_TERMS]
    ]
    return _encoded({"prefixes": PREFIXES, "terms": terms, "complete": len(found) <= _MOST_TERMS})


def _kinds(site: Site) -> dict[str, str]:
    """Return the kind of each class and property: those that are used as such, and those declared."""
    used = {
        **dict.fromkeys(site.statistics.usage.properties, "property"),
        **dict.fromkeys(site.statistics.usage.classes, "class"),
    }
    declared = {
        quad.subject.value: kind
        for iri, kind in _KINDS.items()
        for quad in site.store.quads_for_pattern(None, _TYPE, NamedNode(iri))
        if isinstance(quad.subject, NamedNode)
    }
    return {**declared, **used}


def _definitions(site: Site, kinds: Mapping[str, str]) -> dict[str, str]:
    """Return the definitions of classes and properties."""
    return {
        quad.subject.value: cut(quad.object.value, _LONGEST_DEFINITION)
        for predicate in _DEFINITIONS
        for quad in site.store.quads_for_pattern(None, NamedNode(predicate), None)
        if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode) and quad.subject.value in kinds
    }


def _in_query(iri: str) -> str | None:
    """Return an IRI as a query writes it: as a CURIE, or in angle brackets."""
    if is_passage(iri) or len(iri) > _LONGEST_IRI:
        return None
    return written(iri)


def _examples(site: Site) -> bytes:
    ordered = sorted(site.questions.values(), key=lambda question: (question.topic, question.title))
    return _encoded(
        [
            {"name": found.name, "title": found.title, "topic": found.topic, "note": found.note, "query": found.text}
            for found in ordered
        ]
    )


def _requested() -> list[str]:
    if request.mimetype != _FORM:
        raise Problem("unsupported-media-type", "The request holds no form", f"Send {_FORM} with values of `iri`")
    iris = [value for name, value in read_parameters(request.get_data()) if name == "iri"]
    if len(iris) > _MOST_NAMES:
        raise Problem("bad-request", f"These are more than {_MOST_NAMES} IRIs", "Send them in several requests")
    return iris


def _name(site: Site, iri: str) -> dict[str, object]:
    """Return the members that say what to show for an IRI."""
    node, within = site.nodes.of_iri(iri), _within(site, iri)
    passage = is_passage(iri) and node.href is not None
    members = _filled(href=node.href, external=node.external, passage=passage, place=within is not None, within=within)
    return {"text": node.text, **members}


def _within(site: Site, iri: str) -> str | None:
    """Return the name of what a place lies in, ``""`` if that is not known, None if it is no place."""
    if not is_iri(iri):
        return None
    thing = NamedNode(iri)
    if not any(quad.object in _PLACES for quad in site.store.quads_for_pattern(thing, _TYPE, None)):
        return None
    quads = (quad for prop in _AROUND for quad in site.store.quads_for_pattern(thing, prop, None))
    around = next((quad.object for quad in quads), None)
    return site.nodes.of(around).text if isinstance(around, NamedNode) else ""


def _filled(**members: object) -> dict[str, object]:
    """Return the members that are not empty."""
    return {name: value for name, value in members.items() if value}


def _encoded(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
