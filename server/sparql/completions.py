"""Completions for the editor of queries: the terms of a graph, with their names and how much they are used."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from kb.namespaces import OWL, RDF, is_passage, shorten
from server.site import Site

__all__ = ["Completion", "completions"]

#: Local names that need no escape, the common part of PN_LOCAL (https://www.w3.org/TR/sparql11-query/#rPN_LOCAL).
_CURIE = re.compile(r"[a-z]+:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_IRI = re.compile(r"[^\x00-\x20<>\"{}|^`\\]+")  # what stands inside IRIREF of the same grammar
_DEFINITIONS = ("http://www.w3.org/2000/01/rdf-schema#comment", "http://www.w3.org/2004/02/skos/core#definition")
_KINDS: Mapping[str, str] = {
    "http://www.w3.org/2000/01/rdf-schema#Class": "class",
    OWL.Class: "class",
    **dict.fromkeys((RDF.Property, OWL.AnnotationProperty, OWL.DatatypeProperty, OWL.ObjectProperty), "property"),
}
_ORDER = ("class", "property", "thing")


@dataclass(frozen=True)
class Completion:
    """A term to complete.

    :param name: as a query writes it: a CURIE, or the IRI in angle brackets
    :param kind: ``class``, ``property`` or ``thing``
    :param uses: instances of a class, statements with a property
    :param definition: of a class or a property; ``""`` where the graph has none
    """

    name: str
    label: str
    kind: str
    uses: int = 0
    definition: str = ""


def completions(site: Site, most: int) -> tuple[list[Completion], bool]:
    """Return the terms of a graph, and whether these are all: classes, then properties, then things, by use and name.

    Passages are left out: nobody asks for one by name.

    :param most: the number to return at most
    """
    kinds = _kinds(site)
    uses = {**{iri: use.triples for iri, use in site.statistics.properties.items()}, **site.statistics.classes}
    definitions = _definitions(site, kinds)
    found = [
        Completion(name, site.labels.get(iri, ""), kinds.get(iri, "thing"), uses.get(iri, 0), definitions.get(iri, ""))
        for iri in {**site.labels, **kinds}
        if (name := _name(iri)) is not None
    ]
    found.sort(key=lambda completion: (_ORDER.index(completion.kind), -completion.uses, completion.name))
    return found[:most], len(found) <= most


def _kinds(site: Site) -> dict[str, str]:
    """Return the kind of each class and property: those that are used as such, and those declared."""
    used = {**dict.fromkeys(site.statistics.properties, "property"), **dict.fromkeys(site.statistics.classes, "class")}
    declared = {
        quad.subject.value: kind
        for iri, kind in _KINDS.items()
        for quad in site.store.quads_for_pattern(None, NamedNode(RDF.type), NamedNode(iri))
        if isinstance(quad.subject, NamedNode)
    }
    return {**declared, **used}


def _definitions(site: Site, kinds: Mapping[str, str]) -> dict[str, str]:
    """Return the definitions of classes and properties; later predicates take precedence."""
    found: dict[str, str] = {}
    for predicate in _DEFINITIONS:
        for quad in site.store.quads_for_pattern(None, NamedNode(predicate), None):
            if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode) and quad.subject.value in kinds:
                found[quad.subject.value] = quad.object.value
    return found


def _name(iri: str) -> str | None:
    if is_passage(iri):
        return None
    curie = shorten(iri)
    if _CURIE.fullmatch(curie):
        return curie
    return f"<{iri}>" if _IRI.fullmatch(iri) else None
