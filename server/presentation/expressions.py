"""Class expressions, inverses and lists in words, and what other blank nodes say: they have no page of their own."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple

from kb.namespaces import OWL, RDF
from kb.rdf.terms import Subject, Term
from kb.sparql.labels import cut
from server.presentation.nodes import UNNAMED, Node, Nodes

__all__ = ["Expressions"]

_FIRST, _REST = NamedNode(RDF.first), NamedNode(RDF.rest)
_ON_PROPERTY = NamedNode(OWL.onProperty)
_INVERSE = NamedNode(OWL.inverseOf)
_FILLERS = {
    "someValuesFrom": "what “{}” some “{}”",
    "allValuesFrom": "what “{}” only “{}”",
    "hasValue": "a thing whose “{}” is “{}”",
}
#: How what has a fixed value begins; not behind the name of a class: ``act whose “kind” is “adoption”``.
_A_THING = "a thing "
_JOINED = {"intersectionOf": " and ", "unionOf": " or ", "oneOf": " or "}
_DEEPEST = 4
_LONGEST = 40
_MOST_PARTS = 200
#: Statements that are shown of a blank node, with those of others in it; of one in a list; their longest text.
_MOST_STATEMENTS = 20
_MOST_IN_A_LIST = 4
_LONGEST_TEXT = 300


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
        return (
            Node(self._words(term, iter(range(_MOST_PARTS)))) if isinstance(term, BlankNode) else self._nodes.of(term)
        )

    def described(self, term: Term, rest: str) -> Node:
        """Return the node of a term; that of a blank node which is no expression has what it says, up to a bound.

        :param rest: address where all of it can be had
        """
        node = self.of(term)
        if not isinstance(term, BlankNode) or node.text != UNNAMED:
            return node
        return _Description(self, rest).of(term, ())

    def statements(self, term: BlankNode, most: int) -> list[Triple]:
        """Return the statements about a blank node, those of two graphs once, but not more than a number of them."""
        quads = islice(self._store.quads_for_pattern(term, None, None), 2 * most)  # two graphs may have the same
        found = dict.fromkeys(quad.triple for quad in quads)
        in_order = sorted(found, key=lambda one: (str(one.predicate), isinstance(one.object, BlankNode), str(one)))
        return in_order[:most]

    def _words(self, term: Term, left: Iterator[int], depth: int = 0) -> str:
        """Return the words of a term; those of a restriction, a set, an inverse or a list say what it is made of.

        :param left: ends when there are as many parts as words are found for: lists may hold themselves
        """
        if not isinstance(term, BlankNode) or depth > _DEEPEST:
            return self._nodes.of(term).words

        def inner(part: Term) -> str:
            return "…" if next(left, None) is None else self._words(part, left, depth + 1)

        if (prop := self._value(term, _ON_PROPERTY)) is not None:
            for name, words in _FILLERS.items():
                if (filler := self._value(term, NamedNode(OWL[name]))) is not None:
                    return words.format(inner(prop), inner(filler))
        for name, joint in _JOINED.items():
            members = self._value(term, NamedNode(OWL[name]))
            if members is not None and (joined := joint.join(map(inner, self._members(members)))):
                return joined.replace(f" and {_A_THING}", " ", 1).replace(f" and {_A_THING}", " and ")
        if (inverse := self._value(term, _INVERSE)) is not None:
            return f"inverse of “{inner(inverse)}”"
        if in_order := ", then ".join(map(inner, self._members(term))):
            return in_order
        said = self.statements(term, _MOST_IN_A_LIST) if depth else []
        says = "; ".join(f"{inner(one.predicate)}: {cut(inner(one.object), _LONGEST_TEXT)}" for one in said)
        return f"{UNNAMED} ({says})" if says else UNNAMED

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
        if not isinstance(subject, Subject):
            return None
        return next((quad.object for quad in self._store.quads_for_pattern(subject, prop, None)), None)


class _Description:
    """What one blank node says, with the blank nodes in it.

    :param rest: address where all of it can be had
    """

    def __init__(self, expressions: Expressions, rest: str) -> None:
        self._expressions = expressions
        self._rest = rest
        self._left = _MOST_STATEMENTS

    def of(self, term: BlankNode, around: tuple[BlankNode, ...]) -> Node:
        """Return the node of a blank node.

        :param around: the blank nodes in whose description it stands
        """
        if term in around:
            return Node("the unnamed thing around this")
        if len(around) == _DEEPEST or not self._left:
            return Node(UNNAMED, rest=self._rest if self._expressions.statements(term, 1) else "")
        statements = self._expressions.statements(term, self._left + 1)
        shown, whole = statements[: self._left], len(statements) <= self._left
        self._left -= len(shown)
        values: dict[Term, list[Node]] = defaultdict(list)
        for statement in shown:
            values[statement.predicate].append(self._value(statement.object, (*around, term)))
        says = tuple((self._expressions.of(predicate), tuple(nodes)) for predicate, nodes in values.items())
        return Node(UNNAMED, says=says, rest="" if whole else self._rest)

    def _value(self, term: Term, around: tuple[BlankNode, ...]) -> Node:
        node = self._expressions.of(term)
        if isinstance(term, BlankNode) and node.text == UNNAMED:
            return self.of(term, around)
        if len(node.text) <= _LONGEST_TEXT:
            return node
        length = (node.length or len(node.text)) if isinstance(term, Literal) else 0
        return replace(node, text=cut(node.text, _LONGEST_TEXT), length=length)
