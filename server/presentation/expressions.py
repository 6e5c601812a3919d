"""Class expressions, inverses and lists in words: what the ontology writes with blank nodes."""

from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Store

from kb.namespaces import OWL, RDF
from kb.rdf.terms import Term
from server.presentation.nodes import Node, Nodes

__all__ = ["Expressions"]

_FIRST, _REST = NamedNode(RDF.first), NamedNode(RDF.rest)
_ON_PROPERTY = NamedNode(OWL.onProperty)
_INVERSE = NamedNode(OWL.inverseOf)
_FILLERS = {"someValuesFrom": "some", "allValuesFrom": "only", "hasValue": "the value"}
_JOINED = {"intersectionOf": " and ", "unionOf": " or ", "oneOf": " or "}
_DEEPEST = 4
_LONGEST = 40


class Expressions:
    """Turns terms into nodes, including blank nodes that stand for an expression.

    :param store: that holds the expressions
    :param nodes: makes the nodes of other terms
    """

    def __init__(self, store: Store, nodes: Nodes) -> None:
        self._store = store
        self._nodes = nodes

    def of(self, term: Term) -> Node:
        """Return the node of a term; that of an expression has its words."""
        return Node(self._words(term)) if isinstance(term, BlankNode) else self._nodes.of(term)

    def _words(self, term: Term, depth: int = 0) -> str:
        if not isinstance(term, BlankNode) or depth > _DEEPEST:
            return self._nodes.of(term).words
        return self._restriction(term, depth) or self._joined(term, depth) or self._other(term, depth)

    def _restriction(self, term: BlankNode, depth: int) -> str:
        prop = self._value(term, _ON_PROPERTY)
        for name, word in _FILLERS.items():
            filler = self._value(term, NamedNode(OWL[name]))
            if prop is not None and filler is not None:
                return f"what “{self._words(prop, depth + 1)}” {word} “{self._words(filler, depth + 1)}”"
        return ""

    def _joined(self, term: BlankNode, depth: int) -> str:
        for name, joint in _JOINED.items():
            members = self._value(term, NamedNode(OWL[name]))
            if members is not None:
                return joint.join(self._words(member, depth + 1) for member in self._members(members))
        return ""

    def _other(self, term: BlankNode, depth: int) -> str:
        """Return the words of an inverse or a list, or say that it is unnamed."""
        inverse = self._value(term, _INVERSE)
        if inverse is not None:
            return f"inverse of “{self._words(inverse, depth + 1)}”"
        members = [self._words(member, depth + 1) for member in self._members(term)]
        return ", then ".join(members) if members else self._nodes.of(term).text

    def _members(self, cell: Term) -> Iterator[Term]:
        """Yield the members of an RDF list, up to a limit that ends a circular one."""
        for _ in range(_LONGEST):
            first, rest = self._value(cell, _FIRST), self._value(cell, _REST)
            if first is not None:
                yield first
            if rest is None:
                return
            cell = rest

    def _value(self, subject: Term, prop: NamedNode) -> Term | None:
        if isinstance(subject, Literal):
            return None
        return next((quad.object for quad in self._store.quads_for_pattern(subject, prop, None)), None)
