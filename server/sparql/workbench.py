"""The workbench's script, and what it asks besides queries: terms to complete, example queries, names of things."""

import json
from dataclasses import asdict
from pathlib import Path

from flask import Blueprint, Response, current_app, request
from pyoxigraph import NamedNode

from kb.namespaces import AMMTC, PREFIXES, is_passage
from server.openapi.documented import JSON, TEXT, Json, documented
from server.problems import Problem
from server.site import Site, current_site
from server.sparql.completions import completions
from server.sparql.protocol import read_parameters

__all__ = ["blueprint"]

blueprint = Blueprint("workbench", __name__)

#: Names in one reply.
_MOST_NAMES = 500

_MOST_TERMS = 10_000
_JSON = "application/json"
_IRIS: Json = {"type": "array", "items": TEXT, "maxItems": _MOST_NAMES}
_FORM = "application/x-www-form-urlencoded"
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_LOCATED_IN = NamedNode(AMMTC.locatedIn)
_PLACES = frozenset(
    NamedNode(iri)
    for iri in (
        *(AMMTC.Place, AMMTC.State, "https://schema.org/Place", "http://schema.org/Place"),
        "http://purl.org/dc/terms/Location",
    )
)


@blueprint.get("/static/workbench/workbench.js")
@documented(name="workbench", content={"text/javascript": {"schema": TEXT}})
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


def _script(_site: Site) -> bytes:
    return (Path(current_app.root_path) / "static" / "workbench" / "workbench.js").read_bytes()


def _terms(site: Site) -> bytes:
    found, complete = completions(site, _MOST_TERMS)
    terms = [{name: member for name, member in asdict(completion).items() if member} for completion in found]
    return _encoded({"prefixes": PREFIXES, "terms": terms, "complete": complete})


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


def _name(site: Site, iri: str) -> dict[str, str | bool]:
    """Return the members that say what to show for an IRI; empty ones are left out."""
    node = site.nodes.of_iri(iri)
    within = _within(site, iri)
    members: dict[str, str | bool] = {
        "href": node.href or "",
        "external": node.external,
        "passage": is_passage(iri) and node.href is not None,
        "place": within is not None,
        "within": within or "",
    }
    return {"text": node.text, **{name: value for name, value in members.items() if value}}


def _within(site: Site, iri: str) -> str | None:
    """Return the name of what a place lies in, ``""`` if that is not known, None if it is no place."""
    try:
        thing = NamedNode(iri)
    except ValueError:
        return None
    if not any(quad.object in _PLACES for quad in site.store.quads_for_pattern(thing, _TYPE, None)):
        return None
    around = next((quad.object for quad in site.store.quads_for_pattern(thing, _LOCATED_IN, None)), None)
    return site.nodes.of(around).text if isinstance(around, NamedNode) else ""


def _encoded(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
