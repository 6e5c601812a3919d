"""The service description of the endpoint, made of what it really serves.

SPARQL 1.1 Service Description (https://www.w3.org/TR/sparql11-service-description/), with the sizes of the graphs in
VoID (https://www.w3.org/TR/void/).
"""

import io
from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kb.formats import RDF_FORMATS, serialize_rdf
from kb.statistics import Sizes

__all__ = ["describe_service"]

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_VOID_TRIPLES = NamedNode("http://rdfs.org/ns/void#triples")
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
#: https://www.w3.org/ns/formats/
_RESULT_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
)


def describe_service(endpoint: str, sizes: Sizes, format_name: str) -> bytes:
    """Return the service description in an RDF format.

    :param endpoint: public address of the endpoint
    :param sizes: triples in the default graph and in each named graph
    """
    output = io.BytesIO()
    serialize_rdf(list(_service(NamedNode(endpoint), sizes)), RDF_FORMATS[format_name], output)
    return output.getvalue()


def _service(endpoint: NamedNode, sizes: Sizes) -> Iterator[Triple]:
    dataset = BlankNode("dataset")
    yield Triple(endpoint, _TYPE, _sd("Service"))
    yield Triple(endpoint, _sd("endpoint"), endpoint)
    yield Triple(endpoint, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    for name in _RESULT_FORMATS:
        yield Triple(endpoint, _sd("resultFormat"), NamedNode(f"{_FORMATS}{name}"))
    yield Triple(endpoint, _sd("defaultDataset"), dataset)
    yield Triple(dataset, _TYPE, _sd("Dataset"))
    yield Triple(dataset, _sd("defaultGraph"), BlankNode("default"))
    yield from _graph(BlankNode("default"), sizes.default_graph)
    for number, (iri, triples) in enumerate(sorted(sizes.named_graphs.items())):
        named, content = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        yield Triple(dataset, _sd("namedGraph"), named)
        yield Triple(named, _TYPE, _sd("NamedGraph"))
        yield Triple(named, _sd("name"), NamedNode(iri))
        yield Triple(named, _sd("graph"), content)
        yield from _graph(content, triples)


def _graph(node: BlankNode, triples: int) -> Iterator[Triple]:
    yield Triple(node, _TYPE, _sd("Graph"))
    yield Triple(node, _VOID_TRIPLES, Literal(str(triples), datatype=_INTEGER))


def _sd(name: str) -> NamedNode:
    return NamedNode(f"{_SD}{name}")
