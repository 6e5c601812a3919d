"""The workbench's script, and what it asks besides queries: terms to complete, example queries, names of things."""

import json
from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Response, current_app, request
from pyoxigraph import NamedNode

from kb.namespaces import AMMTC, PREFIXES
from server.presentation.nodes import Node
from server.problems import Problem
from server.representations.cacheable import document
from server.site import Site, current_site
from server.sparql.completions import Term, collect_terms
from server.sparql.protocol import read_parameters

__all__ = ["MOST_NAMES", "blueprint"]

blueprint = Blueprint("editor", __name__)

#: Names in one answer.
MOST_NAMES = 500

_MOST_TERMS = 10_000
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_LOCATED_IN = NamedNode(str(AMMTC.locatedIn))
_PLACES = frozenset(
    map(
        NamedNode,
        (
            str(AMMTC.Place),
            str(AMMTC.State),
            "https://schema.org/Place",
            "http://schema.org/Place",
            "http://purl.org/dc/terms/Location",
        ),
    )
)


@blueprint.get("/static/workbench/workbench.js")
def script() -> Response:
    """Return the workbench itself, which is large enough to be worth compressing, unlike other files of the pages."""
    return document("text/javascript", _once("script", _script))


@blueprint.get("/sparql/terms.json")
def terms() -> Response:
    """List the prefixes and the terms of the graph: classes and properties first, each with its label."""
    return document(_JSON, _once("terms", _terms))


@blueprint.get("/sparql/examples.json")
def examples() -> Response:
    """List the competency questions with their queries."""
    return document(_JSON, _once("examples", _examples))


@blueprint.post("/sparql/names")
def names() -> Response:
    """Tell what to show for IRIs, the form's values of ``iri``: an object with a member for each of them."""
    site = current_site()
    return Response(_encoded({iri: _name(site, iri) for iri in _requested()}), content_type=_JSON)


def _once(name: str, make: Callable[[], bytes]) -> bytes:
    """Return what a function makes, made once for each generation: of large data that takes seconds."""
    kept: dict[tuple[str, str], bytes] = current_app.extensions.setdefault("editor", {})
    key = (current_site().hash, name)
    if key not in kept:
        for old in [found for found in kept if found[0] != key[0]]:
            kept.pop(old, None)
        kept[key] = make()
    return kept[key]


def _script() -> bytes:
    return (Path(current_app.root_path) / "static" / "workbench" / "workbench.js").read_bytes()


def _terms() -> bytes:
    found, complete = collect_terms(current_site(), _MOST_TERMS)
    return _encoded({"prefixes": PREFIXES, "terms": [_described(term) for term in found], "complete": complete})


def _described(term: Term) -> dict[str, str | int]:
    members: dict[str, str | int] = {
        "name": term.name,
        "label": term.label,
        "kind": term.kind,
        "uses": term.uses,
        "definition": term.definition,
    }
    return {name: value for name, value in members.items() if value}


def _examples() -> bytes:
    questions = current_site().questions.values()
    ordered = sorted(questions, key=lambda question: (question.topic, question.title))
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
    if len(iris) > MOST_NAMES:
        raise Problem("bad-request", f"These are more than {MOST_NAMES} IRIs", "Send them in several requests")
    return iris


def _name(site: Site, iri: str) -> dict[str, str | bool]:
    """Return the members that say what to show for an IRI; those that say nothing are left out."""
    node = site.nodes.of_iri(iri)
    within = _within(site, iri)
    members: dict[str, str | bool] = {
        "href": node.href or "",
        "external": node.external,
        "passage": _is_passage(node),
        "place": within is not None,
        "within": within or "",
    }
    return {"text": node.text, **{name: value for name, value in members.items() if value}}


def _is_passage(node: Node) -> bool:
    return node.href is not None and "/page/source/" in node.href and "#p" in node.href


def _within(site: Site, iri: str) -> str | None:
    """Return the name of what a place lies in, ``""`` where that is not known, None for what is no place."""
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
