"""How every page becomes a reply: its parts and sections, its links to the data, the time that the engine took."""

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import islice
from urllib.parse import quote, urlencode

from flask import Response, current_app, render_template, request
from pyoxigraph import DefaultGraph, NamedNode

from kb.namespaces import AMMTC
from kb.rdf.formats import RDF_FORMATS
from server.addresses import path_of
from server.citables import citable_address, citable_thing
from server.linked_data.dereference import alternates
from server.page_models.metadata import Metadata, linked_data
from server.page_models.sections import Section, Table, read_section
from server.presentation.nodes import Node
from server.presentation.voices import voice
from server.provenance.support import Support, Value
from server.site import Site, current_site
from server.stored_queries.lookups import LookUp
from server.stored_queries.texts import query_about

__all__ = ["Parts", "classes_of", "public_address", "query_describing", "read_tables", "render", "simple_metadata"]

_KEPT = 8192
#: Statements that are looked at for the graphs that make them, and graphs that a query names.
_MOST_QUADS = 1000
_MOST_GRAPHS = 10
_LONGEST_KEPT = 1000
_REPORTS = NamedNode(AMMTC.reports)
_DATA_FORMATS = tuple((found.extension, found.media_type) for found in RDF_FORMATS.values())


class Parts:
    """The macros of ``parts.html``: what many values share, rendered once in a generation.

    :ivar footnote: what a footnote says of the support of a value
    :ivar by_editors: the sign of what the editors wrote
    """

    def __init__(self, site: Site) -> None:
        macros = current_app.jinja_env.get_template("parts.html").make_module(
            {"built": site.about.built, "site": site, "voice": voice}
        )
        self._node: Callable[[Node], str] = lru_cache(_KEPT)(macros.node)  # type: ignore[attr-defined]
        self._long_node: Callable[[Node], str] = macros.node  # type: ignore[attr-defined]
        self._said: Callable[[Node, str], str] = macros.said  # type: ignore[attr-defined]
        self.footnote: Callable[[Support], str] = lru_cache(_KEPT)(macros.footnote)  # type: ignore[attr-defined]
        self.by_editors: Callable[[], str] = macros.by_editors  # type: ignore[attr-defined]

    def node(self, node: Node) -> str:
        """Return a term: its text, linked where it has an address."""
        return self._long_node(node) if len(node.text) > _LONGEST_KEPT else self._node(node)

    def said(self, node: Node, voice: str) -> str:
        """Return a value in the words of a source or of the editors, see `server.presentation.voices`."""
        return self._said(node, voice) if voice else self.node(node)


def read_tables(look_up: LookUp, sections: Iterable[Section], iri: str = "") -> list[Table]:
    """Return sections about a thing, or about none; the request says which page of each."""
    provenance = current_site().provenance
    return [
        read_section(look_up, provenance, section, iri, page=request.args.get(section.query, 1, int))
        for section in sections
    ]


def render(template: str, look_up: LookUp | None = None, *, iri: str = "", **values: object) -> Response:
    """Return a page.

    :param look_up: what asked the queries for it; their number and time go into ``Server-Timing``
        (https://www.w3.org/TR/server-timing/)
    :param iri: of the thing that the page is about
    """
    start = time.perf_counter()
    path = path_of(iri) or ""
    values = {"iri": iri, "path": path, "data_formats": _DATA_FORMATS, "page_link": _page_link, **values}
    page = values.get("page_metadata")
    if iri and isinstance(page, Metadata):
        site = current_site()
        values["cite_address"] = citable_address(site, iri=iri)
        values.setdefault("citable", citable_thing(site, iri, page.title))
    text = render_template(template, **values)
    response = Response(text)
    if path:
        response.headers["Link"] = alternates(path)
    if look_up:
        spent = (time.perf_counter() - start) * 1000
        timing = f'engine;dur={look_up.seconds * 1000:.2f};desc="{look_up.asked} queries", render;dur={spent:.2f}'
        response.headers["Server-Timing"] = timing
    return response


def _page_link(name: str, value: object, **more: object) -> str:
    """Return the link to the current page with some parameters changed: another page of one of its lists."""
    link = current_site().addresses.link(quote(request.path))
    anchor = f"#{name}" if isinstance(value, int) and name != "page" else ""
    return f"{link}?{urlencode({**request.args, name: value, **more})}{anchor}"


def classes_of(site: Site, iri: str) -> list[Value]:
    """Return the classes and concepts that tell what a thing is, each with what it rests on: of an act, its reports."""
    thing, support = NamedNode(iri), site.provenance.support
    reports = [quad.subject for quad in site.store.quads_for_pattern(None, _REPORTS, thing)]
    values = []
    for prop, value in site.classes.told_by(iri):
        predicate, told = NamedNode(prop), NamedNode(value)
        of_reports = [(report, predicate, told) for report in dict.fromkeys(reports)]
        reported = support(*of_reports)
        quotable = site.provenance.quotable(*(of_reports if reported else [(thing, predicate, told)]))
        found = reported or support((thing, predicate, told))
        values.append(Value(site.nodes.of_iri(value), found, quotable=quotable))
    return values


def query_describing(site: Site, iri: str) -> str:
    """Return a query for all that is said of a thing and of its blank nodes, in the graphs that speak of it."""
    quads = islice(site.store.quads_for_pattern(NamedNode(iri), None, None), _MOST_QUADS)
    graphs = dict.fromkeys(quad.graph_name for quad in quads)
    query = query_about("describe", iri)
    if DefaultGraph() in graphs:
        return query
    named = "".join(f"FROM {graph} " for graph in islice(graphs, _MOST_GRAPHS))
    return query.replace("WHERE {", f"{named}WHERE {{", 1)


def public_address(path: str) -> str:
    """Return the public address of a path of this server."""
    return current_site().addresses.public(request.host_url) + path


def simple_metadata(title: str, description: str, path: str, type_: str = "WebPage", **more: object) -> Metadata:
    """Return the metadata of a page that is about no single thing.

    :param more: other members of the description in schema.org's terms
    """
    address = public_address(path)
    content = {"name": title, "description": description, "url": address, **more}
    return Metadata(title, description, address, linked_data(address, type_, content))
