"""Pages of things: one template for all kinds, which differ by their sections; sources and named graphs show more."""

from urllib.parse import quote

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from kb.namespaces import AMMTC, CONCEPT, ID
from server.addresses import iri_of, path_of
from server.linked_data.dereference import require_known, unknown
from server.openapi.documented import IRI, THING_NAME, documented, in_query
from server.page_models.comparisons import comparisons
from server.page_models.kinds import by_heading
from server.page_models.metadata import metadata
from server.page_models.passages import passages_of
from server.page_models.things import Group, read_thing
from server.pages.rendering import classes_of, public_address, query_describing, read_tables, render
from server.site import current_site

__all__ = ["blueprint", "show_thing"]

blueprint = Blueprint("things", __name__)


@blueprint.get("/page/<any(id, concept, source, graph):kind>/<path:name>")
@blueprint.get("/page/<any(ontology):kind>/<path:name>")
@documented(THING_NAME, name="page")
def thing(kind: str, name: str) -> Response:
    """Show a thing."""
    return show_thing(iri_of(kind, name))


@blueprint.get("/resource")
@documented(in_query("iri", IRI, "IRI of the thing."), problems=(404,))
def resource() -> Response:
    """Show a thing whose IRI is not this server's: a borrowed term, or anything in files that were not built."""
    iri = request.args.get("iri", "")
    if path_of(iri) is not None:
        raise unknown(iri)
    return show_thing(iri)


def show_thing(iri: str) -> Response:
    """Show the thing with an IRI.

    :raises Problem: 404 if the graph says nothing about it
    """
    require_known(iri)
    site = current_site()
    look_up, provenance = site.look_up(), site.provenance
    describing = query_describing(site, iri)
    found = read_thing(look_up, provenance, iri, site.addresses.link(f"/sparql?query={quote(describing)}"))
    kind = site.classes.kind(iri)
    is_source = AMMTC.Source in found.classes
    path = path_of(iri)
    address = public_address(f"/page{path}" if path else f"/resource?iri={quote(iri, safe='')}")
    types = classes_of(site, iri)
    return render(
        "source.html" if is_source else "thing.html",
        look_up,
        iri=iri,
        kind=kind,
        thing=found,
        facts=by_heading(_uncovered(found.groups, kind.covered)),
        tables=[table for table in read_tables(look_up, kind.sections, iri) if table.rows],
        incoming=_uncovered(found.incoming, kind.covered_with),
        comparisons=comparisons(look_up, provenance, NamedNode(iri)) if site.evidence.sources else (),
        passages=passages_of(look_up, provenance, iri, request.args.get("p", 1, int)) if is_source else None,
        page_metadata=metadata(found, address, types[0].node.text if types else "", cited=site.about.built),
        shown_types=types,
        graph_size=site.generation.manifest.sizes.named_graphs.get(iri),
        describing=describing,
        comparable=kind.listed and bool(site.evidence.sources) and iri.startswith((ID, CONCEPT)),
    )


def _uncovered(groups: tuple[Group, ...], covered: frozenset[str]) -> tuple[Group, ...]:
    return tuple(group for group in groups if group.predicate.iri not in covered)
