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
        """Return the words of a term; those of a restriction, a set, an inverse or a list say what it is made of."""
        if not isinstance(term, BlankNode) or depth > _DEEPEST:
            return self._nodes.of(term).words

        def inner(part: Term) -> str:
            return self._words(part, depth + 1)

        if (prop := self._value(term, _ON_PROPERTY)) is not None:
            for name, word in _FILLERS.items():
                if (filler := self._value(term, NamedNode(OWL[name]))) is not None:
                    return f"what “{inner(prop)}” {word} “{inner(filler)}”"
        for name, joint in _JOINED.items():
            members = self._value(term, NamedNode(OWL[name]))
            if members is not None and (joined := joint.join(map(inner, self._members(members)))):
                return joined
        if (inverse := self._value(term, _INVERSE)) is not None:
            return f"inverse of “{inner(inverse)}”"
        return ", then ".join(map(inner, self._members(term))) or self._nodes.of(term).text

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
