"""Compact JSON-LD of triples: a context with the prefixes in use, one node object a subject."""

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kb.errors import DataError
from kb.namespaces import PREFIXES

__all__ = ["compact_jsonld"]

_RDF_TYPE = f"{PREFIXES['rdf']}type"
_STRING = f"{PREFIXES['xsd']}string"


def compact_jsonld(triples: Iterable[Triple]) -> bytes:
    """Write triples as JSON-LD 1.1 in compacted form (https://www.w3.org/TR/json-ld11/#compacted-document-form).

    :param triples: sorted by subject and predicate; the order of the result is theirs
    :raises DataError: for a triple term, which RDF 1.1 does not have
    """
    used: set[str] = set()
    nodes = [_node(list(group), used) for _, group in groupby(triples, key=lambda triple: str(triple.subject))]
    context = {prefix: namespace for prefix, namespace in PREFIXES.items() if prefix in used}
    return (json.dumps({"@context": context, "@graph": nodes}, ensure_ascii=False, indent=1) + "\n").encode()


def _node(triples: list[Triple], used: set[str]) -> dict[str, Any]:
    node: dict[str, Any] = {"@id": _id(triples[0].subject, used)}
    for predicate, group in groupby(triples, key=lambda triple: triple.predicate.value):
        objects = [triple.object for triple in group]
        if predicate == _RDF_TYPE:
            node["@type"] = _one_or_all([_id(term, used) for term in objects])
        else:
            node[_curie(predicate, used)] = _one_or_all([_value(term, used) for term in objects])
    return node


def _value(term: object, used: set[str]) -> Any:  # noqa: ANN401  a JSON value
    if not isinstance(term, Literal):
        return {"@id": _id(term, used)}
    if term.language:
        return {"@language": term.language, "@value": term.value}
    if term.datatype.value == _STRING:
        return term.value
    return {"@type": _curie(term.datatype.value, used), "@value": term.value}


def _id(term: object, used: set[str]) -> str:
    if isinstance(term, NamedNode):
        return _curie(term.value, used)
    if isinstance(term, BlankNode):
        return str(term)
    raise DataError(f"{term} cannot be a node in JSON-LD", "Correct the statements that use it")


def _curie(iri: str, used: set[str]) -> str:
    """Return the compact IRI; the whole one where what follows the prefix could be misread as an authority."""
    fitting = [(prefix, namespace) for prefix, namespace in PREFIXES.items() if iri.startswith(namespace)]
    prefix, namespace = max(fitting, key=lambda pair: len(pair[1]), default=("", ""))
    if not namespace or iri[len(namespace) :].startswith("//"):
        return iri
    used.add(prefix)
    return f"{prefix}:{iri[len(namespace) :]}"


def _one_or_all(values: list[Any]) -> Any:  # noqa: ANN401  a JSON value
    return values[0] if len(values) == 1 else values
