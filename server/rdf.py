"""The RDF documents that the server writes about itself: their terms and their serialisation."""

import io
from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kb.formats import RDF_FORMATS, serialize_rdf
from kb.namespaces import PREFIXES

__all__ = ["Node", "Value", "say", "term", "typed", "written"]

Node = NamedNode | BlankNode
#: An IRI or blank node, a literal, or what becomes one: a number of things, a text.
Value = NamedNode | BlankNode | Literal | int | str

_PREFIXES = {
    **{prefix: PREFIXES[prefix] for prefix in ("dcat", "dcterms", "foaf", "owl", "rdf", "rdfs", "void", "xsd")},
    "formats": "http://www.w3.org/ns/formats/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
}


def term(curie: str) -> NamedNode:
    """Return the IRI of a term, for example ``void:triples``."""
    prefix, _, name = curie.partition(":")
    return NamedNode(_PREFIXES[prefix] + name)


def typed(text: str, datatype: str) -> Literal:
    """Return a literal of a datatype, for example ``xsd:dateTime``."""
    return Literal(text, datatype=term(datatype))


def say(subject: Node, *statements: tuple[str, Value | Iterable[Value]]) -> Iterator[Triple]:
    """Yield the triples of one subject.

    :param statements: a property and its value or values; ``a`` is ``rdf:type``
    """
    for name, given in statements:
        values = (given,) if isinstance(given, Value) else given
        for value in values:
            yield Triple(subject, term("rdf:type" if name == "a" else name), _object(value))


def written(triples: Iterable[Triple], format_name: str) -> bytes:
    """Return triples in a format of `kb.formats.RDF_FORMATS`."""
    output = io.BytesIO()
    serialize_rdf(list(triples), RDF_FORMATS[format_name], output, _PREFIXES)
    return output.getvalue()


def _object(value: Value) -> NamedNode | BlankNode | Literal:
    match value:
        case int():
            return typed(str(value), "xsd:integer")
        case str():
            return Literal(value)
        case _:
            return value
