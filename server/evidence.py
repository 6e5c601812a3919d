"""What statements rest on: the passages and derivations that the graph gives for them.

A statement's evidence is on an ``owl:Axiom`` node about it, or directly on its subject where that is an act: then it
holds for all that the same source's graph says of the subject.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Store, Triple

from kb.namespaces import AMMTC
from server.nodes import Node, Nodes

__all__ = ["Citation", "Evidence", "Statement", "Subject", "Term"]

Subject = NamedNode | BlankNode | Triple
Term = NamedNode | BlankNode | Literal | Triple
Statement = tuple[Subject, NamedNode, Term]
_Graph = NamedNode | BlankNode | DefaultGraph

_OWL = "http://www.w3.org/2002/07/owl#"
_ANNOTATED_SOURCE = NamedNode(f"{_OWL}annotatedSource")
_ANNOTATED_PROPERTY = NamedNode(f"{_OWL}annotatedProperty")
_ANNOTATED_TARGET = NamedNode(f"{_OWL}annotatedTarget")
_EVIDENCE = NamedNode(str(AMMTC.evidence))
_PASSAGE_OF = NamedNode(str(AMMTC.passageOf))
_NUMBER = NamedNode(str(AMMTC.number))
_RESTS_ON = NamedNode(str(AMMTC.restsOn))
_REASON = NamedNode(str(AMMTC.reason))


@dataclass(frozen=True)
class Citation:
    """A piece of evidence.

    :param node: the passage or derivation
    :param source: the source document of a passage, or None
    :param number: number of a passage's paragraph in its source, or ``""``
    :param derived: it is a derivation: no text states the fact, it follows from several
    :param reason: why it follows, or ``""``
    :param rests_on: the passages that a derivation rests on
    """

    node: Node
    source: Node | None = None
    number: str = ""
    derived: bool = False
    reason: str = ""
    rests_on: tuple["Citation", ...] = ()

    @property
    def order(self) -> tuple[bool, str, int]:
        """Sorting key: passages by source and number, then derivations."""
        number = int(self.number) if self.number.isdecimal() else 0
        return (self.derived, self.source.iri or "" if self.source else "", number)


class Evidence:
    """The evidence in one store; remembers what it has read, for the time of one page.

    :param store: the generation's
    :param nodes: makes the nodes
    """

    def __init__(self, store: Store, nodes: Nodes) -> None:
        self._store = store
        self._nodes = nodes
        self._citations: dict[Term, Citation] = {}

    def on_axioms(self, subject: Subject | None, target: Term | None) -> dict[Statement, list[Term]]:
        """Return the evidence that axiom nodes give for statements with this subject or this object.

        One of the two is given.
        """
        found: dict[Statement, list[Term]] = defaultdict(list)
        link, end = (_ANNOTATED_SOURCE, subject) if target is None else (_ANNOTATED_TARGET, target)
        for axiom in {quad.subject for quad in self._store.quads_for_pattern(None, link, end, None)}:
            statement = self.statement_of(axiom)
            if statement is not None:
                found[statement] += self._objects(axiom, _EVIDENCE)
        return found

    def on_subject(self, subject: Subject) -> dict[_Graph, list[Term]]:
        """Return the evidence that stands on a thing itself, by the graph that says so."""
        found: dict[_Graph, list[Term]] = defaultdict(list)
        for quad in self._store.quads_for_pattern(subject, _EVIDENCE, None, None):
            if quad.object not in found[quad.graph_name]:
                found[quad.graph_name].append(quad.object)
        return found

    def resting_on(self, evidence: NamedNode) -> Iterator[Statement | Subject]:
        """Yield the statements and the acts that a passage or a derivation is evidence for."""
        for subject in dict.fromkeys(
            quad.subject for quad in self._store.quads_for_pattern(None, _EVIDENCE, evidence, None)
        ):
            yield self.statement_of(subject) or subject

    def derivations_from(self, passage: NamedNode) -> list[NamedNode]:
        """Return the derivations that rest on a passage."""
        quads = self._store.quads_for_pattern(None, _RESTS_ON, passage, None)
        return list(dict.fromkeys(quad.subject for quad in quads if isinstance(quad.subject, NamedNode)))

    def statement_of(self, axiom: Subject) -> Statement | None:
        """Return the statement that an axiom node is about, or None for any other thing."""
        sources, targets = self._objects(axiom, _ANNOTATED_SOURCE), self._objects(axiom, _ANNOTATED_TARGET)
        for predicate in self._objects(axiom, _ANNOTATED_PROPERTY):
            if isinstance(predicate, NamedNode) and sources and targets and not isinstance(sources[0], Literal):
                return (sources[0], predicate, targets[0])
        return None

    def citations(self, evidence: list[Term]) -> list[Citation]:
        """Return the citations of pieces of evidence, in the order of reading."""
        return sorted({self._citation(piece) for piece in evidence}, key=lambda citation: citation.order)

    def passages_of(self, source: NamedNode) -> list[Citation]:
        """Return the passages of a source document, by their numbers."""
        quads = self._store.quads_for_pattern(None, _PASSAGE_OF, source, None)
        return self.citations([quad.subject for quad in quads])

    def _citation(self, piece: Term) -> Citation:
        if piece not in self._citations:
            self._citations[piece] = self._read(piece)
        return self._citations[piece]

    def _read(self, piece: Term) -> Citation:
        node = self._nodes.of(piece)
        if isinstance(piece, Literal):
            return Citation(node)
        if sources := self._objects(piece, _PASSAGE_OF):
            return Citation(node, self._nodes.of(sources[0]), self._text(piece, _NUMBER))
        rests_on = [passage for passage in self._objects(piece, _RESTS_ON) if self._is_passage(passage)]
        reason = self._text(piece, _REASON)
        derived = bool(rests_on or reason)
        return Citation(node, derived=derived, reason=reason, rests_on=tuple(self.citations(rests_on)))

    def _is_passage(self, term: Term) -> bool:
        return not isinstance(term, Literal) and bool(self._objects(term, _PASSAGE_OF))

    def _text(self, subject: Subject, predicate: NamedNode) -> str:
        return next((term.value for term in self._objects(subject, predicate) if isinstance(term, Literal)), "")

    def _objects(self, subject: Subject, predicate: NamedNode) -> list[Term]:
        return list(
            dict.fromkeys(quad.object for quad in self._store.quads_for_pattern(subject, predicate, None, None))
        )
