"""Terms, triples and serialisation of what programs write as RDF about a dataset and a server."""

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kb.namespaces import PREFIXES, expand
from kb.rdf.formats import RDF_FORMATS, serialize_rdf
from kb.rdf.terms import Term

__all__ = ["Node", "Value", "serialize", "term", "triples_about", "typed_literal"]

Node = NamedNode | BlankNode
#: A term, or what becomes a literal: a number of things, a text.
Value = Term | int | str

#: Those of the documents that are written here.
_PREFIXES = {
    **{prefix: PREFIXES[prefix] for prefix in ("dcat", "dcterms", "foaf", "owl", "rdf", "rdfs", "void", "xsd")},
    "formats": "http://www.w3.org/ns/formats/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
}
_KNOWN = {
    **PREFIXES,
    **_PREFIXES,
    "spex": "https://purl.expasy.org/sparql-examples/ontology#",
    "void-ext": "http://ldf.fi/void-ext#",
}


def term(curie: str) -> NamedNode:
    """Return the term of a CURIE, for example of ``void:triples``."""
    return NamedNode(expand(curie, _KNOWN))


def typed_literal(text: str, datatype: str) -> Literal:
    """Return a literal of a datatype, for example ``xsd:dateTime``."""
    return Literal(text, datatype=term(datatype))


def triples_about(subject: Node, *statements: tuple[str | NamedNode, Value | Iterable[Value]]) -> Iterator[Triple]:
    """Yield the triples of one subject.

    :param statements: a property or its CURIE, and its value or values; ``a`` and the CURIEs of classes
    """
    for name, given in statements:
        predicate = name if isinstance(name, NamedNode) else term("rdf:type" if name == "a" else name)
        for value in (given,) if isinstance(given, Value) else given:
            if isinstance(value, int | str):
                yield Triple(subject, predicate, term(str(value)) if name == "a" else Literal(value))
            else:
                yield Triple(subject, predicate, value)


def serialize(triples: Iterable[Triple], format_name: str) -> bytes:
    """Return triples in a format of `kb.rdf.formats.RDF_FORMATS`, those of one subject together."""
    by_subject: dict[object, list[Triple]] = defaultdict(list)
    for triple in triples:
        by_subject[triple.subject].append(triple)
    output = io.BytesIO()
    serialize_rdf(chain.from_iterable(by_subject.values()), RDF_FORMATS[format_name], output, _PREFIXES)
    return output.getvalue()
