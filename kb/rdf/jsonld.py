"""Compact JSON-LD: a context with the prefixes in use, one node object per subject and per named graph."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from kb.errors import TermNotInFormat
from kb.namespaces import PREFIXES
from kb.rdf.terms import written

__all__ = ["compact_jsonld"]

_RDF_TYPE = f"{PREFIXES['rdf']}type"
_STRING = f"{PREFIXES['xsd']}string"
_KEPT = 4096
_SHOWN = 300


def compact_jsonld(statements: Iterable[Triple] | Iterable[Quad], prefixes: Mapping[str, str] = PREFIXES) -> bytes:
    """Write statements as JSON-LD 1.1 in compacted form (https://www.w3.org/TR/json-ld11/#compacted-document-form).

    Subjects, and the properties of each, come in the order of their first appearance.

    :raises TermNotInFormat: for a triple term, which RDF 1.1 does not have
    """
    graphs: dict[object, dict[Any, dict[str, list[Any]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for statement in statements:
        graph = statement.graph_name if isinstance(statement, Quad) else DefaultGraph()
        graphs[graph][statement.subject][statement.predicate.value].append(statement.object)
    default = graphs.pop(DefaultGraph(), {})
    while True:
        writer = _Writer(prefixes)
        nodes = writer.nodes(default)
        nodes += [{"@id": writer.id(graph), "@graph": writer.nodes(content)} for graph, content in graphs.items()]
        if not (misread := writer.used & writer.schemes):
            break
        prefixes = {prefix: namespace for prefix, namespace in prefixes.items() if prefix not in misread}
    context = {prefix: namespace for prefix, namespace in prefixes.items() if prefix in writer.used}
    return (json.dumps({"@context": context, "@graph": nodes}, ensure_ascii=False, indent=1) + "\n").encode()


class _Writer:
    """Makes node objects.

    :ivar used: prefixes in use
    :ivar schemes: of the IRIs that are written in full; one that is also a prefix would be misread as such
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.used: set[str] = set()
        self.schemes: set[str] = set()
        self._prefixes = prefixes
        self._curie = lru_cache(_KEPT)(self._shorten)

    def nodes(self, subjects: Mapping[Any, Mapping[str, list[Any]]]) -> list[dict[str, Any]]:
        """Return the node objects of a graph."""
        return [self._node(subject, properties) for subject, properties in subjects.items()]

    def _node(self, subject: object, properties: Mapping[str, list[Any]]) -> dict[str, Any]:
        node: dict[str, Any] = {"@id": self.id(subject)}
        for predicate, objects in properties.items():
            if predicate == _RDF_TYPE and not any(isinstance(term, Literal) for term in objects):
                node["@type"] = _one_or_all([self.id(term) for term in objects])
            else:
                node[self._curie(predicate)] = _one_or_all([self._value(term) for term in objects])
        return node

    def _value(self, term: object) -> Any:  # noqa: ANN401  a JSON value
        if not isinstance(term, Literal):
            return {"@id": self.id(term)}
        if term.language:
            direction = {} if term.direction is None else {"@direction": str(term.direction)}
            return {"@language": term.language, **direction, "@value": term.value}
        if term.datatype.value == _STRING:
            return term.value
        return {"@type": self._curie(term.datatype.value), "@value": term.value}

    def id(self, term: object) -> str:
        """Return the name of a node."""
        if isinstance(term, NamedNode):
            return self._curie(term.value)
        if isinstance(term, BlankNode):
            return str(term)
        text = written(term)
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        problem = f"JSON-LD cannot hold the triple term {shown}"
        raise TermNotInFormat(problem, ("ntriples", "turtle", "rdfxml", "trig", "nquads"))

    def _shorten(self, iri: str) -> str:
        """Return the compact IRI; the whole one where what follows the prefix could be misread as an authority."""
        fitting = [(prefix, namespace) for prefix, namespace in self._prefixes.items() if iri.startswith(namespace)]
        prefix, namespace = max(fitting, key=lambda pair: len(pair[1]), default=("", ""))
        if not namespace or iri[len(namespace) :].startswith("//"):
            self.schemes.add(iri.partition(":")[0])
            return iri
        self.used.add(prefix)
        return f"{prefix}:{iri[len(namespace) :]}"


def _one_or_all(values: list[Any]) -> Any:  # noqa: ANN401  a JSON value
    return values[0] if len(values) == 1 else values
