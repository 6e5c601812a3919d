"""The dictionary of a materialization: RDF terms numbered in the order in which they are met."""

import re
from array import array
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyoxigraph
from pyoxigraph import NamedNode
from rdflib import Graph, Literal
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

from kb.rdf.characters import NO_CHARACTER
from kb.rdf.convert import Triple, to_node, to_term
from kb.rdf.terms import Rdf11Term, invalid_term
from kb.reasoning.columns import Statements
from kb.reasoning.vocabulary import TERMS

__all__ = ["BLANK", "IRI", "LITERAL", "TYPED", "VOCABULARY", "Dictionary"]

#: Kinds of terms; the IRIs of OWL, RDF, RDFS and XML Schema are one of their own, and so are literals with a datatype
#: other than those of strings and texts of a language, and ill-formed strings. From `LITERAL` on all are literals.
IRI, VOCABULARY, BLANK, LITERAL, TYPED = range(5)

Kinds = npt.NDArray[np.uint8]

#: What the IRIs of vocabulary start with.
_VOCABULARIES = tuple(str(namespace) for namespace in (OWL, RDF, RDFS, XSD))
_NO_STRING = re.compile(f"[{NO_CHARACTER}]")
_PLAIN = {NamedNode(str(datatype)) for datatype in (XSD.string, RDF.langString)}


class Dictionary:
    """Terms and their numbers; the terms of `kb.reasoning.vocabulary` come first."""

    def __init__(self) -> None:
        self._terms: list[Rdf11Term] = []
        self._kinds = bytearray()
        self._kinds_array: Kinds = np.zeros(0, dtype=np.uint8)
        self._numbers = _Numbers(self._terms, self._kinds)
        self._nodes: dict[int, Node] = {}  # the terms of rdflib graphs as they were given
        for term in TERMS:
            self.number(term)

    def __len__(self) -> int:
        return len(self._terms)

    def __iter__(self) -> Iterator[Rdf11Term]:
        return iter(self._terms)

    def read_statements(self, statements: Iterable[pyoxigraph.Triple | pyoxigraph.Quad]) -> Statements:
        """Return statements of pyoxigraph as numbers; named graphs are merged.

        :raises DataError: when a triple is a term, which OWL 2 does not know
        """
        numbers, found = self._numbers, array("I")
        for statement in statements:
            found.append(numbers[statement.subject])
            found.append(numbers[statement.predicate])
            found.append(numbers[statement.object])
        return _rows(found)

    def read_graph(self, graph: Iterable[Triple]) -> Statements:
        """Return statements of rdflib as numbers.

        :raises DataError: when a node is no term of RDF
        """
        numbers: dict[Node, int] = {}
        found = array("I")
        for statement in graph:
            for node in statement:
                if node not in numbers:
                    numbers[node] = self.number(node)
                    self._nodes.setdefault(numbers[node], node)
                found.append(numbers[node])
        return _rows(found)

    def graph(self, statements: Statements) -> Graph:
        """Return statements as a graph of rdflib."""
        nodes = {number: self.node(number) for number in np.unique(statements).tolist()}
        graph = Graph()
        for s, p, o in statements.T.tolist():
            graph.add((nodes[s], nodes[p], nodes[o]))
        return graph

    def number(self, node: Node) -> int:
        """Return the number of a term, a new one where it is not known."""
        return self._numbers[to_term(node)]

    def find(self, node: Node) -> int | None:
        """Return the number of a term, or None where it is not known."""
        return self._numbers.get(to_term(node))

    def term(self, number: int) -> Rdf11Term:
        """Return a term as pyoxigraph has it."""
        return self._terms[number]

    def node(self, number: int) -> Node:
        """Return a term as rdflib has it."""
        return self._nodes[number] if number in self._nodes else to_node(self._terms[number])

    def kinds(self) -> Kinds:
        """Return the kind of each term, in the order of the numbers: `IRI`, `VOCABULARY` and so on."""
        if len(self._kinds_array) < len(self._kinds):
            self._kinds_array = np.frombuffer(bytes(self._kinds), dtype=np.uint8)
        return self._kinds_array

    def is_blank(self, number: int) -> bool:
        """Return whether a term is a blank node."""
        return self._kinds[number] == BLANK

    def is_literal(self, number: int) -> bool:
        """Return whether a term is a literal."""
        return self._kinds[number] >= LITERAL

    def literal(self, number: int) -> Literal | None:
        """Return a term where it is a literal."""
        node = self.node(number) if self.is_literal(number) else None
        return node if isinstance(node, Literal) else None

    def literals(self, *, plain: bool = False) -> Iterator[tuple[int, Literal]]:
        """Yield the literals with their numbers.

        :param plain: whether strings and texts of a language are wanted too
        """
        for number in np.flatnonzero(self.kinds() >= (LITERAL if plain else TYPED)).tolist():
            if (literal := self.literal(number)) is not None:
                yield number, literal


class _Numbers(dict[Rdf11Term | pyoxigraph.Triple, int]):
    """Rdf11Term -> number; asking for a new term numbers it."""

    def __init__(self, terms: list[Rdf11Term], kinds: bytearray) -> None:
        super().__init__()
        self._terms = terms
        self._kinds = kinds

    def __missing__(self, term: Rdf11Term | pyoxigraph.Triple) -> int:
        if isinstance(term, pyoxigraph.Triple):
            raise invalid_term(term)
        number = self[term] = len(self._terms)
        self._terms.append(term)
        self._kinds.append(_kind(term))
        return number


def _rows(found: "array[int]") -> Statements:
    return np.ascontiguousarray(np.array(found, dtype=np.uint32).reshape(-1, 3).T)


def _kind(term: Rdf11Term) -> int:
    if isinstance(term, NamedNode):
        return VOCABULARY if term.value.startswith(_VOCABULARIES) else IRI
    if isinstance(term, pyoxigraph.Literal):
        is_plain = term.language or (term.datatype in _PLAIN and not _NO_STRING.search(term.value))
        return LITERAL if is_plain else TYPED
    return BLANK
