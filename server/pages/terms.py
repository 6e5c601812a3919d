"""Documentation of the ontology: all its terms on one page, a page for each with its use, and the patterns, drawn."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from kb.namespaces import AMMTC, ONTOLOGY, OWL, RDF, expand
from kb.rdf.terms import Term
from server.addresses import path_of
from server.linked_data.dereference import require_known
from server.linked_data.descriptions import is_known
from server.openapi.documented import documented, in_path
from server.page_models.kinds import by_heading
from server.page_models.metadata import metadata
from server.page_models.patterns import Drawing, drawings
from server.page_models.sections import Section, read_section
from server.page_models.things import Group, Thing, read_thing
from server.pages.rendering import public_address, render, simple_metadata
from server.problems import unknown_name
from server.provenance.provenance import Provenance
from server.provenance.support import Support, Value
from server.routes import in_navigation
from server.site import Site, current_site
from server.stored_queries.lookups import text_of
from server.stored_queries.texts import query_about

__all__ = ["blueprint"]

blueprint = Blueprint("terms", __name__)

_RDF_TYPE = NamedNode(RDF.type)
_DEPRECATED = NamedNode(OWL.deprecated)
_HIDDEN = frozenset((_RDF_TYPE.value, expand("rdfs:isDefinedBy")))
#: What the note on a deprecated term says already, and what matters no longer; its own page has all of it.
_OF_DEPRECATED = (OWL.deprecated, *map(expand, ("dcterms:isReplacedBy", "skos:definition", "skos:scopeNote")))
_KINDS_OF_TERMS = {
    "Classes": ("Class",),
    "Properties between things": ("ObjectProperty",),
    "Properties with a text, a number or a date": ("DatatypeProperty", "AnnotationProperty"),
    "Individuals": ("NamedIndividual",),
}
_USE = Section("property-use", "Statements with it", hint="As many as a page shows; the query gives them all.")


def _local_names(site: Site, _word: str) -> Iterator[str]:
    """Yield the local names of the ontology's terms."""
    return (iri.removeprefix(AMMTC) for iri in site.labels if iri.startswith(AMMTC))


@blueprint.get("/page/ontology")
@in_navigation("Ontology")
@documented(name="ontologyTerms", problems=(404,))
def ontology() -> Response:
    """Show the ontology: itself, then all its terms, each under its own anchor."""
    require_known(ONTOLOGY)
    site = current_site()
    look_up = site.look_up()
    found = read_thing(look_up, site.provenance, ONTOLOGY)
    address = public_address("/page/ontology")
    return render(
        "ontology.html",
        look_up,
        iri=ONTOLOGY,
        thing=found,
        facts=by_heading(found.groups),
        sections=site.once(_terms_by_kind),
        said_above=_OF_DEPRECATED,
        versions=[(version, site.addresses.link(f"/data{path_of(version)}.ttl")) for version in site.versions],
        mappings=[(iri, site.addresses.link(path_of(iri) or "")) for iri in site.mappings],
        page_metadata=metadata(found, address, "ontology", cited=site.about.built),
    )


@blueprint.get("/vocabulary")
@in_navigation("Patterns")
@documented(problems=(404,))
def vocabulary() -> Response:
    """Show the patterns of the ontology as drawings, each with an example from the graph."""
    require_known(ONTOLOGY)
    described = "How reports, acts, meetings, posts and evidence hang together, drawn with examples from the graph."
    page = simple_metadata("The patterns of the ontology, drawn", described, "/vocabulary")
    return render("vocabulary.html", drawings=current_site().once(_drawings), page_metadata=page)


@blueprint.get("/term/<name>")
@documented(in_path("name", "Local name of the term.", _local_names))
def term(name: str) -> Response:
    """Show a class or a property of the ontology, with the things, statements and questions that use it."""
    site = current_site()
    iri = AMMTC[name] if re.fullmatch(r"\w+", name) else ""
    if not iri or not is_known(site.store, iri):
        raise unknown_name("term", name, list(_local_names(site, "")))
    look_up = site.look_up()
    found = read_thing(look_up, site.provenance, iri)
    is_property = bool(found.classes & _owl("ObjectProperty", "DatatypeProperty", "AnnotationProperty"))
    used = re.compile(rf"\bammtc:{name}\b")
    tables = [read_section(look_up, site.provenance, _USE, iri)] if is_property else []
    return render(
        "term.html",
        look_up,
        iri=iri,
        name=name,
        thing=found,
        facts=by_heading(found.groups),
        incoming=tuple(group for group in found.incoming if group.predicate.iri != expand("rdfs:isDefinedBy")),
        tables=[table for table in tables if table.rows],
        questions=[question for question in site.questions.values() if used.search(question.text)],
        page_metadata=metadata(found, public_address(f"/term/{name}"), "term", cited=site.about.built),
        describing=query_about("describe", iri),
    )


def _drawings(site: Site) -> tuple[Drawing, ...]:
    return drawings(site.provenance)


def _terms_by_kind(site: Site) -> dict[str, list[Thing]]:
    """Return the terms of the ontology with what it says of each, by the headings of the page; deprecated ones last."""
    said: dict[Term, dict[Term, dict[Term, bool]]] = defaultdict(lambda: defaultdict(dict))
    for row in site.look_up().rows("terms"):
        inferred = said[row["term"]][row["property"]]
        inferred[row["value"]] = inferred.get(row["value"], True) and text_of(row["inferred"]) == "true"
    terms = [_term(site.provenance, term, properties) for term, properties in said.items()]
    terms.sort(key=lambda term: term.node.text.casefold())
    gone = {text_of(term) for term, properties in said.items() if _DEPRECATED in properties}
    live = [term for term in terms if term.node.iri not in gone]
    by_kind = {
        title: [term for term in live if term.classes & _owl(*kinds)] for title, kinds in _KINDS_OF_TERMS.items()
    }
    return {**by_kind, "Deprecated": [term for term in terms if term.node.iri in gone]}


def _term(provenance: Provenance, term: Term, properties: Mapping[Term, Mapping[Term, bool]]) -> Thing:
    groups = []
    for prop, values in properties.items():
        if text_of(prop) not in _HIDDEN:
            shown = [
                Value(
                    provenance.node(value),
                    Support(inferred=provenance.inferred((term, prop, value))) if inferred else Support(defined=True),
                )
                for value, inferred in values.items()
            ]
            groups.append(Group(provenance.node(prop), tuple(shown)))
    groups.sort(key=lambda group: group.predicate.text)
    types = tuple(Value(provenance.node(value), Support(defined=True)) for value in properties.get(_RDF_TYPE, ()))
    return Thing(provenance.node(term), types, tuple(groups))


def _owl(*names: str) -> frozenset[str]:
    return frozenset(OWL[name] for name in names)
