"""Pages of things: a thing of the graph, a source with its passages, a graph, the ontology with its terms."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template
from pyoxigraph import NamedNode

from kb.namespaces import AMMTC, ONTOLOGY
from server.addresses import iri_of, path_of
from server.dereference import alternates, unknown
from server.descriptions import is_known
from server.evidence import Citation
from server.formats import EXTENSIONS
from server.nodes import Node
from server.site import Site, current_site
from server.things import Reader, Thing

__all__ = ["blueprint"]

blueprint = Blueprint("pages", __name__, url_prefix="/page")

_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_KINDS_OF_TERMS = {
    "Classes": ("Class",),
    "Properties between things": ("ObjectProperty",),
    "Properties with a text, a number or a date": ("DatatypeProperty", "AnnotationProperty"),
    "Individuals": ("NamedIndividual",),
}
_OWL = "http://www.w3.org/2002/07/owl#"


@dataclass(frozen=True)
class Passage:
    """A passage of a source and what rests on it.

    :param citation: the passage
    :param anchor: its fragment in the page
    :param stated: subject, predicate and object of each statement that it states; an act stands alone
    :param derived: likewise, of the statements that are derived from it with others
    """

    citation: Citation
    anchor: str
    stated: tuple[tuple[Node, ...], ...]
    derived: tuple[tuple[Node, ...], ...]


@blueprint.get("/<any(id, concept, graph):kind>/<path:name>")
@blueprint.get("/<any(ontology):kind>/<path:name>")
def thing(kind: str, name: str) -> Response:
    """Show a thing."""
    site = current_site()
    iri = iri_of(kind, name)
    found = _read(site.reader(), site, iri)
    return _page("thing.html", iri, thing=found, graph_size=site.generation.manifest.sizes.named_graphs.get(iri))


@blueprint.get("/source/<path:name>")
def source(name: str) -> Response:
    """Show a source document with its passages and what rests on each."""
    site = current_site()
    iri = iri_of("source", name)
    reader = site.reader()
    found = _read(reader, site, iri)
    return _page("source.html", iri, thing=found, passages=_passages(reader, site, NamedNode(iri)))


@blueprint.get("/ontology")
def ontology() -> Response:
    """Show the ontology: itself, then all its terms, each under its own anchor."""
    site = current_site()
    reader = site.reader()
    found = _read(reader, site, ONTOLOGY)
    sections = {
        title: [reader.description(iri) for iri in _terms(site, kinds)] for title, kinds in _KINDS_OF_TERMS.items()
    }
    return _page("ontology.html", ONTOLOGY, thing=found, sections=sections)


def _read(reader: Reader, site: Site, iri: str) -> Thing:
    if not is_known(site.store, iri):
        raise unknown(iri)
    return reader.thing(iri)


def _page(template: str, iri: str, **values: object) -> Response:
    path = path_of(iri) or ""
    response = Response(
        render_template(template, iri=iri, path=path, extensions=tuple(EXTENSIONS), **values),
        content_type="text/html; charset=utf-8",
    )
    response.headers["Link"] = alternates(path)
    return response


def _terms(site: Site, kinds: tuple[str, ...]) -> list[str]:
    """Return the IRIs of the ontology's terms of these kinds, by their labels."""
    found = {
        quad.subject.value
        for kind in kinds
        for quad in site.store.quads_for_pattern(None, _TYPE, NamedNode(f"{_OWL}{kind}"), None)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(str(AMMTC))
    }
    return sorted(found, key=lambda iri: (site.labels.get(iri, iri).casefold(), iri))


def _passages(reader: Reader, site: Site, iri: NamedNode) -> list[Passage]:
    passages = []
    for citation in reader.evidence.passages_of(iri):
        node = NamedNode(citation.node.iri or "")
        stated = _resting(reader, site, [node])
        derived = _resting(reader, site, reader.evidence.derivations_from(node))
        passages.append(Passage(citation, node.value.partition("#")[2], stated, derived))
    return passages


def _resting(reader: Reader, site: Site, evidence: Sequence[NamedNode]) -> tuple[tuple[Node, ...], ...]:
    """Return what rests on any of some pieces of evidence, by its words."""
    found = {
        tuple(map(site.nodes.of, rests)) if isinstance(rests, tuple) else (site.nodes.of(rests),)
        for piece in evidence
        for rests in reader.evidence.resting_on(piece)
    }
    return tuple(sorted(found, key=lambda parts: [part.text.casefold() for part in parts]))
