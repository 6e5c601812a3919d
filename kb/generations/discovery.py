"""How to ask a dataset, as data in it: its questions as queries, its prefixes, and what its classes are made of.

Programs that know nothing of a dataset look for these three in its endpoint: queries and prefixes in the terms of
SHACL, as the SPARQL examples of the Swiss Institute of Bioinformatics have them, and VoID with partitions.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kb.errors import QueryError
from kb.generations.usage import Partition, Usage
from kb.generations.void import describe_partitions, describe_usage
from kb.namespaces import BASE, DISCOVERY, PREFIXES
from kb.rdf.describing import triples_about, typed_literal
from kb.sparql.annotations import in_sparql_1_1
from kb.sparql.questions import Question
from kb.sparql.scan import Scanned

__all__ = ["discovery"]

_GRAPH = NamedNode(DISCOVERY)
_LABEL = "Discovery"
_DESCRIPTION = (
    "How to ask the other graphs: the competency questions as queries (sh:SPARQLExecutable), the prefixes, and which "
    "properties the things of each class have, with values of which classes and datatypes (VoID). Its numbers are "
    "those of the dataset without this graph."
)
#: Form of a query -> the class that it has besides sh:SPARQLExecutable, and the property that has its text. SHACL knows
#: no DESCRIBE.
_FORMS = {
    "select": ("sh:SPARQLSelectExecutable", "sh:select"),
    "ask": ("sh:SPARQLAskExecutable", "sh:ask"),
    "construct": ("sh:SPARQLConstructExecutable", "sh:construct"),
    "describe": ("spex:SPARQLDescribeExecutable", "spex:describe"),
}


def discovery(
    questions: Sequence[Question], usage: Usage, partitions: Mapping[tuple[str, str], Partition]
) -> list[Quad]:
    """Return the graph of discovery.

    :param usage: of the dataset without this graph
    """
    triples = [*_header(), *_prefixes(), *_queries(questions)]
    triples += describe_usage(_part("dataset"), usage, _part)
    triples += describe_partitions(partitions, _part)
    return [Quad(triple.subject, triple.predicate, triple.object, _GRAPH) for triple in dict.fromkeys(triples)]


def _part(name: str) -> NamedNode:
    return NamedNode(f"{DISCOVERY}#{name}")


def _header() -> Iterator[Triple]:
    yield from triples_about(
        _GRAPH,
        ("a", "void:DatasetDescription"),
        ("rdfs:label", Literal(_LABEL, language="en")),
        ("dcterms:description", Literal(_DESCRIPTION, language="en")),
        ("foaf:primaryTopic", _part("dataset")),
    )
    yield from triples_about(_part("dataset"), ("a", "void:Dataset"), ("void:uriSpace", BASE))


def _prefixes() -> Iterator[Triple]:
    for prefix, namespace in PREFIXES.items():
        declaration = _part(f"prefix/{prefix}")
        yield from triples_about(_part("prefixes"), ("sh:declare", declaration))
        yield from triples_about(
            declaration,
            ("a", "sh:PrefixDeclaration"),
            ("sh:prefix", prefix),
            ("sh:namespace", typed_literal(namespace, "xsd:anyURI")),
        )


def _queries(questions: Sequence[Question]) -> Iterator[Triple]:
    """Yield each question with its query: in SPARQL 1.1, which all clients read, wherever it can be said so.

    A text that is no query is left out: `kb check` finds it.
    """
    for question in questions:
        scanned = Scanned(question.text)
        try:
            class_, text_property = _FORMS[scanned.operation or ""]
        except (QueryError, KeyError):
            continue
        text = question.text
        with suppress(QueryError):
            text = in_sparql_1_1(scanned)
        yield from triples_about(
            _part(f"query/{quote(question.name)}"),
            ("a", ("sh:SPARQLExecutable", class_)),
            ("rdfs:comment", Literal(question.title, language="en")),
            ("skos:note", Literal(question.note, language="en") if question.note else ()),
            ("schema:keywords", question.topic or ()),
            ("sh:prefixes", _part("prefixes")),
            (text_property, text.strip()),
        )
