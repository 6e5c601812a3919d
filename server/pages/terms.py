"""Documentation of the ontology: all its terms on one page, and a page for each with what it is used for."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from kb.errors import UnknownName
from kb.generations.read_proofs import Statement
from kb.namespaces import AMMTC, ONTOLOGY, PREFIXES
from server.linked_data.dereference import unknown
from server.linked_data.descriptions import is_known
from server.page_models.kinds import by_heading
from server.page_models.metadata import metadata
from server.page_models.sections import Section, Sections
from server.page_models.things import Group, Reader, Thing, Value
from server.pages.rendering import public_address, render
from server.provenance.provenance import Grounds
from server.provenance.support import Backing
from server.site import current_site
from server.stored_queries.lookups import Row, Term, text_of
from server.stored_queries.texts import query_about

__all__ = ["blueprint"]

blueprint = Blueprint("terms", __name__)

_RDF_TYPE = NamedNode(f"{PREFIXES['rdf']}type")
_HIDDEN = frozenset((_RDF_TYPE.value, f"{PREFIXES['rdfs']}label", f"{PREFIXES['rdfs']}isDefinedBy"))
_KINDS_OF_TERMS = {
    "Classes": ("Class",),
    "Properties between things": ("ObjectProperty",),
    "Properties with a text, a number or a date": ("DatatypeProperty", "AnnotationProperty"),
    "Individuals": ("NamedIndividual",),
}
_USE = Section("property-use", "Statements with it", hint="As many as a page shows; the query gives them all.")


@blueprint.get("/page/ontology")
def ontology() -> Response:
    """Show the ontology: itself, then all its terms, each under its own anchor."""
    site = current_site()
    if not is_known(site.store, ONTOLOGY):
        raise unknown(ONTOLOGY)
    look_up = site.look_up()
    found = Reader(look_up, site.grounds).thing(ONTOLOGY)
    address = public_address("/page/ontology")
    return render(
        "ontology.html",
        look_up,
        iri=ONTOLOGY,
        thing=found,
        facts=by_heading(found.groups),
        sections=_sections(site.hash, site.addresses.base),
        page_metadata=metadata(found, address, "ontology"),
    )


@blueprint.get("/term/<name>")
def term(name: str) -> Response:
    """Show a class or a property of the ontology, with the things, statements and questions that use it."""
    site = current_site()
    iri = str(AMMTC[name]) if re.fullmatch(r"\w+", name) else ""
    if not iri or not is_known(site.store, iri):
        raise UnknownName("term", name)
    look_up = site.look_up()
    found = Reader(look_up, site.grounds).thing(iri)
    is_property = bool(found.classes & _owl("ObjectProperty", "DatatypeProperty", "AnnotationProperty"))
    sections = Sections(look_up, site.grounds)
    used = re.compile(rf"\bammtc:{name}\b")
    return render(
        "term.html",
        look_up,
        iri=iri,
        name=name,
        thing=found,
        facts=by_heading(found.groups),
        incoming=tuple(group for group in found.incoming if group.predicate.iri != f"{PREFIXES['rdfs']}isDefinedBy"),
        tables=[sections.read(_USE, iri)] if is_property else [],
        questions=[question for question in site.questions.values() if used.search(question.text)],
        page_metadata=metadata(found, public_address(f"/term/{name}"), "term"),
        describing=query_about("describe", iri),
    )


@lru_cache(2)
def _sections(_generation: str, _base: str) -> dict[str, list[Thing]]:
    """Return the terms of the current generation by kinds, the same for each request."""
    site = current_site()
    terms = _terms(site.grounds, site.look_up().rows("terms"))
    terms.sort(key=lambda term: term.node.text.casefold())
    return {title: _of_kind(terms, _owl(*kinds)) for title, kinds in _KINDS_OF_TERMS.items()}


def _of_kind(terms: Iterable[Thing], classes: frozenset[str]) -> list[Thing]:
    return [term for term in terms if term.classes & classes]


def _owl(*names: str) -> frozenset[str]:
    return frozenset(f"{PREFIXES['owl']}{name}" for name in names)


def _terms(grounds: Grounds, rows: Iterable[Row]) -> list[Thing]:
    """Return the terms with what the ontology says of each."""
    said: dict[Term, dict[Term, dict[Term, bool]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        values = said[row["term"]][row["property"]]
        values[row["value"]] = values.get(row["value"], True) and text_of(row["inferred"]) == "true"
    return [_term(grounds, term, properties) for term, properties in said.items()]


def _term(grounds: Grounds, term: Term, properties: Mapping[Term, Mapping[Term, bool]]) -> Thing:
    shown = {prop: values for prop, values in properties.items() if text_of(prop) not in _HIDDEN}
    groups = [
        Group(
            grounds.node(prop),
            tuple(
                Value(grounds.node(v), _backing(grounds, (term, prop, v), inferred)) for v, inferred in values.items()
            ),
        )
        for prop, values in shown.items()
    ]
    types = tuple(Value(grounds.node(value), Backing(defined=True)) for value in properties.get(_RDF_TYPE, ()))
    return Thing(grounds.node(term), types, tuple(sorted(groups, key=lambda group: group.predicate.text)))


def _backing(grounds: Grounds, statement: Statement, inferred: bool) -> Backing:
    return Backing(inferred=grounds.inferred(statement)) if inferred else Backing(defined=True)
