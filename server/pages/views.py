"""Views across the whole graph: comparisons, the time line, the network, and what is expected."""

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from server.addresses import iri_of, path_of
from server.linked_data.dereference import require_known
from server.openapi.documented import THING_NAME, documented
from server.page_models.comparisons import comparisons, side_by_side
from server.page_models.network import HEIGHT, WIDTH, network
from server.page_models.sections import Section, read_section
from server.page_models.things import read_thing
from server.page_models.timeline import months
from server.pages.rendering import read_tables, render, simple_metadata
from server.routes import in_navigation
from server.site import current_site
from server.stored_queries.texts import query_about

__all__ = ["blueprint"]

blueprint = Blueprint("views", __name__)

_EVENTS = Section("timeline-events", "Events with their dates")
_ACTS = Section("timeline-acts", "Acts and where they were done or are foreseen")
_NETWORK = Section("network", "Meetings behind the picture")
_EXPECTED = (
    Section("expected", "Acts that no source reports as done", "ladder"),
    Section("expected-events", "Events that no source reports as held"),
)
_PREFERRED = Section("preferred", "What the editors follow, and why")
_ALL_ROWS = 1000


@blueprint.get("/timeline")
@in_navigation("Timeline")
def timeline() -> Response:
    """Show events and acts along time, as a list and as tables."""
    site = current_site()
    look_up = site.look_up()
    events, acts = (read_section(look_up, site.provenance, each, rows=_ALL_ROWS) for each in (_EVENTS, _ACTS))
    tables = read_tables(look_up, (_EVENTS, _ACTS))
    described = "Meetings and acts along time: what is reported as done, and what is expected."
    page = simple_metadata("Timeline", described, "/timeline")
    return render("timeline.html", look_up, months=months(events, acts), tables=tables, page_metadata=page)


@blueprint.get("/network")
@in_navigation("Network")
@documented(name="network")
def who_met_whom() -> Response:
    """Show who met whom and chaired with whom, as a picture and as a table."""
    site = current_site()
    look_up = site.look_up()
    picture = network(look_up.rows("network"), site.nodes)
    page = simple_metadata("Network", "Who met whom, and who chaired consultations with whom.", "/network")
    tables = read_tables(look_up, (_NETWORK,))
    return render("network.html", look_up, picture=picture, size=(WIDTH, HEIGHT), tables=tables, page_metadata=page)


@blueprint.get("/compare")
@in_navigation("Who says so")
@documented(name="comparisons")
def compare() -> Response:
    """Show all questions that were asked of several sources, with how their answers stand to each other."""
    site = current_site()
    look_up = site.look_up()
    found = comparisons(look_up, site.provenance)
    described = (
        "One question, the sources side by side: where they agree, where they differ, and where they are silent."
    )
    page = simple_metadata("Who says so", described, "/compare")
    query, tables = query_about("all-comparisons", ""), read_tables(look_up, (_PREFERRED,))
    return render("comparisons.html", look_up, comparisons=found, tables=tables, query=query, page_metadata=page)


@blueprint.get("/expected")
@in_navigation("Expected")
def expected() -> Response:
    """Show the acts and events that are foreseen and not reported as done or held."""
    look_up = current_site().look_up()
    page = simple_metadata("Expected", "What is foreseen, and not yet reported as done.", "/expected")
    return render("expected.html", look_up, tables=read_tables(look_up, _EXPECTED), page_metadata=page)


@blueprint.get("/compare/<any(id, concept, source):kind>/<path:name>")
@documented(THING_NAME, name="compared")
def compare_thing(kind: str, name: str) -> Response:
    """Show what each source says of a thing, side by side."""
    iri = iri_of(kind, name)
    require_known(iri)
    site = current_site()
    look_up = site.look_up()
    thing = read_thing(look_up, site.provenance, iri)
    title = thing.node.text
    described = f"What each source says of {title}, side by side."
    page = simple_metadata(f"Who says so: {title}", described, f"/compare{path_of(iri)}")
    return render(
        "compare.html",
        look_up,
        thing=thing,
        rows=side_by_side(thing, site.provenance),
        comparisons=comparisons(look_up, site.provenance, NamedNode(iri)),
        query=query_about("evidence-about", iri),
        page_metadata=page,
    )
