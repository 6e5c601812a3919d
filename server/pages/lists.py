"""Lists: all things of a kind, and all values of one property where a page shows the first ones."""

from collections.abc import Iterable
from urllib.parse import quote

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from server.addresses import is_iri
from server.linked_data.dereference import require_known, unknown
from server.openapi.documented import IRI, TEXT, documented, in_path, in_query
from server.page_models.kinds import KINDS
from server.page_models.sections import page_of
from server.page_models.values import Place, Statements
from server.pages.rendering import classes_of, query_describing, render, simple_metadata
from server.presentation.nodes import Node
from server.presentation.voices import voice
from server.problems import unknown_name
from server.provenance.support import Value
from server.routes import in_navigation
from server.site import Site, current_site

__all__ = ["blueprint"]

blueprint = Blueprint("lists", __name__)

_PAGE_SIZE = 100
_KINDS = {kind.name: kind for kind in KINDS if kind.listed}


@blueprint.get("/browse")
@in_navigation("Browse")
def browse() -> Response:
    """Show the kinds of things and how many there are."""
    site = current_site()
    classes = _nodes(site, site.classes.sizes[:_PAGE_SIZE])
    page = simple_metadata("Browse", "All that the graph has, by kind.", "/browse", "CollectionPage")
    by_concept = {name: _nodes(site, found) for name, found in site.classes.by_concept.items()}
    return render("browse.html", kinds=site.classes.kinds, by_concept=by_concept, classes=classes, page_metadata=page)


@blueprint.get("/browse/<name>")
@documented(
    in_path("name", "Name of the kind.", lambda _site, _word: _KINDS, closed=True),
    in_query("of", IRI, "IRI of a concept: only things of this kind, level or format, or concepts of this scheme."),
    in_query("page", {"type": "integer", "minimum": 1}, "Which page."),
    name="browseKind",
)
def browse_kind(name: str) -> Response:
    """Show the things of a kind by their names, page by page; all of them, or those of which a concept is said."""
    if name not in _KINDS:
        raise unknown_name("kind of things", name, _KINDS)
    site = current_site()
    kind, members, concept = _KINDS[name], site.members.get(name, ()), request.args.get("of", "")
    if concept:
        members = [iri for iri in members if site.classes.is_of(iri, concept)]
    on_page, page, pages = page_of(members, request.args.get("page", 1, int), _PAGE_SIZE)
    shown = [(site.nodes.of_iri(iri), classes_of(site, iri)) for iri in on_page]
    described = f"{kind.title} in the graph: {len(members)}."
    about = simple_metadata(kind.title, described, f"/browse/{name}", "CollectionPage")
    return render(
        "browse_kind.html",
        kind=kind,
        concept=site.nodes.of_iri(concept) if concept else None,
        by_concept=_nodes(site, site.classes.by_concept.get(name, ())),
        shown=shown,
        total=len(members),
        page=page,
        pages=pages,
        page_metadata=about,
    )


@blueprint.get("/statements")
@documented(
    in_query("thing", IRI, "IRI of the thing."),
    in_query("property", IRI, "IRI of the property."),
    in_query("with", {"enum": ["subject", "object"]}, "What the thing is in the statements."),
    in_query("after", TEXT, "The beginning of the last value of the page before."),
    in_query("past", {"type": "integer", "minimum": 1}, "How many values with this beginning came before, not all."),
    problems=(404,),
)
def statements() -> Response:
    """Show the values of one property of a thing, or the subjects that have the thing as its value, page by page."""
    site = current_site()
    thing, prop = request.args.get("thing", ""), request.args.get("property", "")
    backwards = request.args.get("with") == "object"
    place = Place(request.args.get("after", ""), max(0, request.args.get("past", 0, int)))
    require_known(thing)
    if not is_iri(prop):
        raise unknown(prop)
    subject, predicate, provenance = NamedNode(thing), NamedNode(prop), site.provenance
    listed = Statements(site.store, subject, predicate, site.generation.manifest.is_split, backwards)
    terms, following = listed.page(place, _PAGE_SIZE)
    rest = site.addresses.link(f"/sparql?query={quote(query_describing(site, thing))}")
    values = []
    for term in terms:
        statement = (term, predicate, subject) if backwards else (subject, predicate, term)
        worded = "" if backwards else voice((predicate.value,))
        support, quotable = provenance.support(statement), provenance.quotable(statement)
        values.append(Value(provenance.described(term, rest), support, worded, quotable))
    node = site.nodes.of_iri(thing)
    return render(
        "statements.html",
        thing=node,
        predicate=site.nodes.of_iri(prop),
        values=values,
        backwards=backwards,
        after=place.text,
        following={"after": following.text, "past": following.past} if following else None,
        page_metadata=simple_metadata(node.text, "All values of one property.", "/statements"),
    )


def _nodes(site: Site, sizes: Iterable[tuple[str, int]]) -> list[tuple[Node, int]]:
    return [(site.nodes.of_iri(iri), size) for iri, size in sizes]
