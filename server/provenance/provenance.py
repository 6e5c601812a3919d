"""What a statement rests on: the passages cited for it, the document that states it, or the proof that it follows."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlencode

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store

from kb.generations.read_proofs import Statement, Step
from kb.namespaces import AMMTC, INFERRED, PREFIXES
from server.addresses import Addresses
from server.presentation.expressions import Expressions
from server.presentation.nodes import Node, Nodes
from server.provenance.evidence import Citation, Evidence
from server.provenance.support import Backing, Inferred, backing_of_facts
from server.stored_queries.lookups import Term, text_of

__all__ = ["RULES", "Grounds", "parameters"]

#: Names of the rules of OWL 2 RL/RDF in words; the others conclude axioms from axioms.
RULES = {
    "prp-spo1": "narrower property",
    "prp-spo2": "chain of properties",
    "prp-inv1": "inverse property",
    "prp-inv2": "inverse property",
    "prp-symp": "symmetric property",
    "prp-trp": "transitive property",
    "prp-dom": "domain of a property",
    "prp-rng": "range of a property",
    "prp-eqp1": "equivalent property",
    "prp-eqp2": "equivalent property",
    "cax-sco": "narrower class",
    "cax-eqc1": "equivalent class",
    "cax-eqc2": "equivalent class",
    "cls-svf1": "some value of a class",
    "cls-svf2": "some value",
    "cls-int1": "all classes of an intersection",
    "cls-int2": "intersection of classes",
    "cls-uni": "union of classes",
    "cls-hv1": "a fixed value",
    "cls-hv2": "a fixed value",
}
#: The rule by which a statement only repeats, in wider words, another one about the same two things.
_REPEATS = "prp-spo1"
_SCHEMA = (PREFIXES["rdfs"], PREFIXES["owl"])
_GRAPHS = PREFIXES["graph"]
_TYPE = NamedNode(f"{PREFIXES['rdf']}type")
_INFERRED = NamedNode(str(INFERRED))
_EVIDENCE = NamedNode(str(AMMTC.evidence))
_ANNOTATED = f"{PREFIXES['owl']}annotated"
_SOURCE, _PROPERTY, _TARGET = (NamedNode(_ANNOTATED + name) for name in ("Source", "Property", "Target"))

Graph = NamedNode | BlankNode | DefaultGraph
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

#: Answers that are kept of each kind.
_KEPT = 8192
#: Annotated statements about one subject that are looked through.
_MOST = 4000


class Grounds:
    """Finds what statements rest on, and keeps what it found: a generation does not change.

    :param store: the generation's
    :param proofs: statement -> its proof, of those that were inferred
    """

    def __init__(
        self,
        store: Store,
        nodes: Nodes,
        evidence: Evidence,
        proofs: Mapping[Statement, Step],
        addresses: Addresses,
    ) -> None:
        self.nodes = nodes
        self.evidence = evidence
        self._store = store
        self._proofs = proofs
        self._addresses = addresses
        self._expressions = Expressions(store, nodes)
        self._annotated: dict[Term, Mapping[tuple[Term, Term], list[Term]]] = {}
        self._backings: dict[tuple[Statement, ...], Backing] = {}
        self._cited: dict[tuple[Term, ...], Backing] = {}
        self._inferred: dict[Statement, Inferred] = {}
        self._nodes: dict[Term, Node] = {}

    def node(self, term: Term) -> Node:
        """Return the node of a term; an expression of the ontology in words, a passage by its source and number."""
        return _kept(self._nodes, term, self._node)

    def _node(self, term: Term) -> Node:
        passage, node = self.evidence.passage(term), self._expressions.of(term)
        return replace(node, text=f"{passage.short}, paragraph {passage.number}") if passage else node

    def backing(self, *statements: Statement) -> Backing:
        """Return what is behind a value that some statements give; those that do not hold count for nothing."""
        return _kept(self._backings, statements, self._backing)

    def _backing(self, statements: tuple[Statement, ...]) -> Backing:
        stated = {statement: graphs for statement in statements if (graphs := self.graphs(statement))}
        pieces = [piece for statement in stated for piece in self._pieces(statement)]
        if pieces:
            return self.cited(pieces)
        documents = [graph for graphs in stated.values() for graph in graphs if graph != _INFERRED]
        if documents or not stated:
            return self.stated_in(documents)
        narrower = self._narrower(next(iter(stated)))
        return self.backing(narrower) if narrower else Backing(inferred=self.inferred(next(iter(stated))))

    def cited(self, pieces: Iterable[Term]) -> Backing:
        """Return what is behind a value that some pieces of evidence are given for."""
        return _kept(self._cited, tuple(dict.fromkeys(pieces)), self._of_pieces)

    def _of_pieces(self, pieces: tuple[Term, ...]) -> Backing:
        return backing_of_facts(self.evidence.citations(pieces), self.evidence)

    def of_subject(self, subject: Term) -> Backing:
        """Return what is behind a reported fact, which carries its evidence itself."""
        return self.cited(quad.object for quad in self._quads(subject, _EVIDENCE, None))

    def citations(self, statement: Statement) -> tuple[Citation, ...]:
        """Return the citations of a statement: those of its annotations, and those of its subject in its graph."""
        return self.evidence.citations(self._pieces(statement))

    def graphs(self, statement: Statement) -> set[Graph]:
        """Return the named graphs that hold a statement, or the default graph where it alone does.

        In a generation that was built it has all of them once more.
        """
        found = {quad.graph_name for quad in self._quads(*statement)}
        return found - {DefaultGraph()} or found

    def stated_in(self, graphs: Iterable[object]) -> Backing:
        """Return the backing of a statement for which no passage is cited, by the graphs that hold it.

        What the ontology says, it says of itself; the default graph has no name to give.
        """
        iris = sorted({graph.value for graph in graphs if isinstance(graph, NamedNode)})
        documents = tuple(self.nodes.of_iri(iri) for iri in iris if iri.startswith(_GRAPHS))
        return Backing(documents=documents, defined=bool(iris) and not documents)

    def repeats(self, statement: Statement) -> bool:
        """Tell whether an inferred statement only says in wider words what another one says of the same two things."""
        return self._narrower(statement) is not None

    def proof(self, statement: Statement) -> Step | None:
        """Return the proof of a statement; None where it is not known, or the statement does not hold."""
        stated = self.graphs(statement) - {_INFERRED}
        return self._proofs.get(statement) or (Step(statement, None) if stated else None)

    def inferred(self, statement: Statement) -> Inferred:
        """Return why a statement holds that a reasoner concluded."""
        return _kept(self._inferred, statement, self._why)

    def _why(self, statement: Statement) -> Inferred:
        proof = self._proofs.get(statement)
        if proof is None:
            return Inferred()
        premises = tuple((self.parts(premise), self.citations(premise)) for premise in _facts(proof))
        address = self._addresses.link(f"/explain?{urlencode(parameters(statement))}")
        return Inferred(RULES.get(proof.rule or "", ""), premises, address)

    def parts(self, statement: Statement) -> tuple[Node, Node, Node]:
        """Return the nodes of a statement."""
        subject, predicate, value = map(self.node, statement)
        return subject, replace(predicate, text="has the type") if statement[1] == _TYPE else predicate, value

    def _narrower(self, statement: Statement) -> Statement | None:
        """Return the statement that an inferred one only repeats in wider words, or None where it says more."""
        proof = self._proofs.get(statement)
        if proof is None or proof.rule != _REPEATS:
            return None
        subject, _, value = statement
        ends = (premise.statement for premise in proof.premises)
        return next((end for end in ends if end[0] == subject and end[2] == value), None)

    def _pieces(self, statement: Statement) -> Iterator[Term]:
        """Yield the pieces of evidence for a statement."""
        subject, predicate, value = statement
        yield from self._annotations(subject).get((predicate, value), ())
        graphs = self.graphs(statement)
        yield from (quad.object for quad in self._quads(subject, _EVIDENCE, None) if quad.graph_name in graphs)

    def _quads(self, subject: Term, predicate: Term, value: Term | None) -> Iterable[Quad]:
        """Return the quads of a pattern; none where no statement can be of it, as in the midst of a proof."""
        if isinstance(subject, NamedNode | BlankNode) and isinstance(predicate, NamedNode):
            return self._store.quads_for_pattern(subject, predicate, value)
        return ()

    def _annotations(self, subject: Term) -> Mapping[tuple[Term, Term], list[Term]]:
        """Return the evidence in the annotated statements about a subject: (predicate, object) -> pieces."""
        return _kept(self._annotated, subject, self._read_annotations)

    def _read_annotations(self, subject: Term) -> Mapping[tuple[Term, Term], list[Term]]:
        found: dict[tuple[Term, Term], list[Term]] = defaultdict(list)
        quads = self._store.quads_for_pattern(None, _SOURCE, subject)
        for axiom in dict.fromkeys(quad.subject for quad, _ in zip(quads, range(_MOST), strict=False)):
            said = {quad.predicate: quad.object for quad in self._store.quads_for_pattern(axiom, None, None)}
            if said.keys() >= {_EVIDENCE, _PROPERTY, _TARGET}:
                found[said[_PROPERTY], said[_TARGET]].append(said[_EVIDENCE])
        return found


def _kept(known: dict[_Key, _Value], key: _Key, find: Callable[[_Key], _Value]) -> _Value:
    """Return what is known for a key, found now where it is not; where too much is known, that is forgotten first."""
    found = known.get(key)
    if found is None:
        if len(known) >= _KEPT:
            known.clear()
        found = known[key] = find(key)
    return found


def parameters(statement: Statement) -> dict[str, str]:
    """Return what names a statement in an address: IRIs as they are, a literal as N-Triples writes it."""
    texts = (term.value if isinstance(term, NamedNode) else str(term) for term in statement)
    return dict(zip(("subject", "property", "value"), texts, strict=True))


def _facts(proof: Step) -> list[Statement]:
    """Return the stated facts at the ends of a proof; where axioms alone prove it, the axioms about named terms."""
    ends = [end for end in dict.fromkeys(proof.asserted()) if not any(isinstance(term, BlankNode) for term in end)]
    return [end for end in ends if not text_of(end[1]).startswith(_SCHEMA)] or ends
