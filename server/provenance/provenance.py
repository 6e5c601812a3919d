"""What a statement rests on: the passages cited for it, the documents that state it, or its proof."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from urllib.parse import urlencode

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kb.generations.justifications import NOT_OF_THE_SOURCE
from kb.generations.read_proofs import Step
from kb.namespaces import AMMTC, CONCEPT, GRAPH, INFERRED, OWL, PREFIXES, RDF
from kb.rdf.terms import Statement, Term
from kb.sparql.labels import cut
from server.addresses import Addresses
from server.presentation.expressions import Expressions
from server.presentation.nodes import Node, Nodes
from server.presentation.voices import voice
from server.provenance.evidence import Evidence, Justification
from server.provenance.support import Inferred, Quotable, Support, support_by
from server.stored_queries.lookups import text_of

__all__ = ["RULES", "Provenance", "address_parameters"]

#: The rules of OWL 2 RL/RDF, and the one of the build, in words; those that are missing conclude axioms from axioms.
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
    "instants": "bounds of the dates that sources state",
}
#: The rule that concludes a wider relation between the same two things.
_WIDENS = "prp-spo1"
_SCHEMA = (PREFIXES["rdfs"], OWL)
_TYPE = NamedNode(RDF.type)
_INFERRED = NamedNode(INFERRED)
_EVIDENCE, _RANK = NamedNode(AMMTC.evidence), NamedNode(AMMTC.preference)
#: What leads from an annotation, a finding or another record of evidence to what it needs together.
_TOGETHER = (_EVIDENCE, NamedNode(AMMTC.restsOn))
_SOURCE = NamedNode(OWL.annotatedSource)
_REIFIES = NamedNode(RDF.reifies)
_PROPERTY, _TARGET = NamedNode(OWL.annotatedProperty), NamedNode(OWL.annotatedTarget)

Graph = NamedNode | BlankNode | DefaultGraph

#: Entries that a cache keeps.
_KEPT = 8192
_LONGEST_KEPT = 1000
#: Subjects whose annotations are kept, thousands each for some.
_KEPT_SUBJECTS = 256
#: Annotations about one subject that are looked through; a built generation has each of them in two graphs.
_MOST = 8000
#: Characters of an address's parameters, and of a term in a link to its statement.
_LONGEST_ADDRESS = 8000
_LONGEST_NAME = 60


#: Evidence that is needed together.
_Joint = tuple[Term, ...]


@dataclass(frozen=True)
class _Annotations:
    """What is annotated on a statement.

    :param alternatives: the evidence, each group of it enough by itself
    :param ranks: the choices of the editors for or against the statement -> the rank that they give it
    """

    alternatives: dict[_Joint, None] = field(default_factory=dict)
    ranks: dict[_Joint, str] = field(default_factory=dict)


_NOTHING = _Annotations()


class Provenance:
    """Finds what statements rest on, and keeps what it has found, as a generation does not change.

    :param store: the generation's
    :param proofs: inferred statement -> its proofs, the shortest first
    :ivar inferred: returns why an inferred statement holds
    """

    def __init__(
        self,
        store: Store,
        nodes: Nodes,
        evidence: Evidence,
        proofs: Mapping[Statement, Sequence[Step]],
        addresses: Addresses,
    ) -> None:
        self.nodes = nodes
        self.evidence = evidence
        self._store = store
        self._proofs = proofs
        self._addresses = addresses
        self._expressions = Expressions(store, nodes)
        self._annotations = lru_cache(_KEPT_SUBJECTS)(self._find_annotations)
        self._supported = lru_cache(_KEPT)(self._find_supported)
        self._node = lru_cache(_KEPT)(self._find_node)
        self._support = lru_cache(_KEPT)(self._find_support)
        self._quotable = lru_cache(_KEPT)(self._find_quotable)
        self._reifies = next(iter(store.quads_for_pattern(None, _REIFIES, None)), None) is not None
        self.inferred: Callable[[Statement], Inferred] = lru_cache(_KEPT)(self._find_inferred)

    def node(self, term: Term) -> Node:
        """Return the node of a term: an expression of the ontology in words, a passage by its source and number."""
        return self._find_node(term) if _is_long(term) else self._node(term)

    def described(self, term: Term, rest: str) -> Node:
        """Return the node of a term; that of a blank node has what it says, see `Expressions.described`."""
        return self._expressions.described(term, rest) if isinstance(term, BlankNode) else self.node(term)

    def support(self, *statements: Statement) -> Support:
        """Return the support of a value that some statements give; those that do not hold are ignored."""
        long = any(_is_long(statement[2]) for statement in statements)
        return self._find_support(*statements) if long else self._support(*statements)

    def parts(self, statement: Statement) -> tuple[Node, Node, Node]:
        """Return the nodes of a statement."""
        subject, predicate, value = map(self.node, statement)
        return subject, replace(predicate, text="has the type") if statement[1] == _TYPE else predicate, value

    def support_of_record(self, record: Term) -> Support:
        """Return the support of what carries its evidence itself, as a report does, or is evidence."""
        if self.evidence.knows(record):
            return self.cited((record,))
        return self.cited(quad.object for quad in self._quads(record, _EVIDENCE, None))

    def cited(self, evidence: Iterable[Term]) -> Support:
        """Return the support of a value for which evidence is given, each piece of it enough by itself.

        What is no evidence but has some, such as an annotation or a finding, stands for all that it has, together. A
        decision of the editors, given besides evidence from sources, is no alternative to that, and left out.
        """
        groups = dict.fromkeys(map(self._together, evidence))
        of_sources = tuple(group for group in groups if any(map(self.evidence.is_of_sources, group)))
        return self._supported(of_sources or tuple(groups), ())

    def alternatives(self, statement: Statement) -> tuple[Justification, ...]:
        """Return the justifications of a statement."""
        groups, ranks = self._evidence(statement, self.graphs(statement))
        return self.evidence.alternatives(groups or ranks)

    def justifications(self, statement: Statement) -> tuple[str, ...]:
        """Return the IRIs of the justifications of a statement that the store has, as a built one does."""
        subject, predicate, value = statement
        if not self._reifies or not (isinstance(subject, NamedNode) and isinstance(predicate, NamedNode)):
            return ()
        quads = self._store.quads_for_pattern(None, _REIFIES, Triple(subject, predicate, value))
        return tuple(sorted({quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}))

    def quotable(self, *statements: Statement) -> tuple[Quotable, ...]:
        """Return those of some statements that have a page of their own."""
        if not self._reifies:
            return ()
        found = (self._find_quotable(each) if _is_long(each[2]) else self._quotable(each) for each in statements)
        return tuple(filter(None, found))

    def graphs(self, statement: Statement) -> set[Graph]:
        """Return the named graphs that hold a statement, or the default graph if no other does.

        The default graph of a built generation repeats all of them.
        """
        found = {quad.graph_name for quad in self._quads(*statement)}
        return found - {DefaultGraph()} or found

    def narrower(self, statement: Statement) -> Statement | None:
        """Return the statement that an inferred one only repeats by a wider property, or None if it says more."""
        proofs = self._proofs.get(statement, ())
        if not proofs or any(proof.rule != _WIDENS for proof in proofs):
            return None
        subject, _, value = statement
        premises = (premise.statement for premise in proofs[0].premises)
        return next((premise for premise in premises if premise[0] == subject and premise[2] == value), None)

    def inferred_from(self, statement: Statement, source: str) -> Inferred | None:
        """Return why an inferred statement holds by what one source says alone, or None if it needs others, or none.

        What only the editors or works of reference say stands beside any source.

        :param source: its IRI
        """
        for proof in self._proofs.get(statement, ()):
            cited = {end: self.alternatives(end) for end in _premises(proof)}
            own = {end: tuple(each for each in found if _needs_only(each, source)) for end, found in cited.items()}
            if all(own[end] or not cited[end] for end in cited) and any(
                not each.of_editors and each.drawn_from for found in own.values() for each in found
            ):
                return self._inferred(statement, proof, own)
        return None

    def proof(self, statement: Statement, number: int = 1) -> Step | None:
        """Return a proof of a statement, or None if there is none or the statement does not hold.

        :param number: which one, from 1, the shortest
        """
        proofs = self.proofs(statement)
        if proofs:
            return proofs[number - 1] if 0 < number <= len(proofs) else None
        stated = self.graphs(statement) - {_INFERRED}
        return Step(statement, None) if stated and number == 1 else None

    def proofs(self, statement: Statement) -> Sequence[Step]:
        """Return the proofs of a statement that is inferred, the shortest first."""
        return self._proofs.get(statement, ())

    def proof_address(self, statement: Statement, number: int = 1) -> str:
        """Return the address of the page with a proof, or "" where it would be too long."""
        parameters = urlencode(address_parameters(statement) | ({"proof": str(number)} if number > 1 else {}))
        return self._addresses.link(f"/explain?{parameters}") if len(parameters) < _LONGEST_ADDRESS else ""

    def _proven(self, statement: Statement) -> Step | None:
        return next(iter(self.proofs(statement)), None)

    def _find_quotable(self, statement: Statement) -> Quotable | None:
        found = self.justifications(statement)
        address = self._addresses.page(found[0]) if found else None
        words = " ".join(cut(part.words, _LONGEST_NAME) for part in self.parts(statement)) if address else ""
        return Quotable(words, address, voice((text_of(statement[1]),))) if address else None

    def _find_node(self, term: Term) -> Node:
        passage, node = self.evidence.passage(term), self._expressions.of(term)
        return replace(node, text=f"{passage.short}, paragraph {passage.paragraph}") if passage else node

    def _find_support(self, *statements: Statement) -> Support:
        stated = {statement: graphs for statement in statements if (graphs := self.graphs(statement))}
        found = [self._evidence(statement, graphs) for statement, graphs in stated.items()]
        groups = tuple(dict.fromkeys(group for alternatives, _ in found for group in alternatives))
        ranks = tuple(dict.fromkeys(ranked for _, choices in found for ranked in choices.items()))
        if groups or ranks:
            return self._supported(groups, ranks)
        asserting = {graph for graphs in stated.values() for graph in graphs} - {_INFERRED}
        if asserting or not stated:
            # What the ontology says, it says of itself; the default graph has no name to give.
            iris = sorted(graph.value for graph in asserting if isinstance(graph, NamedNode))
            documents = tuple(self.nodes.of_iri(iri) for iri in iris if iri.startswith(GRAPH))
            return Support(documents=documents, defined=bool(iris) and not documents)
        statement = next(iter(stated))
        narrower = self.narrower(statement)
        return self.support(narrower) if narrower else Support(inferred=self.inferred(statement))

    def _find_inferred(self, statement: Statement) -> Inferred:
        proof = self._proven(statement)
        if proof is None:
            return Inferred()
        return self._inferred(statement, proof, {premise: self.alternatives(premise) for premise in _premises(proof)})

    def _inferred(
        self, statement: Statement, proof: Step, premises: Mapping[Statement, tuple[Justification, ...]]
    ) -> Inferred:
        shown = tuple((self.parts(premise), alternatives) for premise, alternatives in premises.items())
        number = next(place for place, found in enumerate(self.proofs(statement), 1) if found is proof)
        return Inferred(RULES.get(proof.rule or "", ""), shown, self.proof_address(statement, number), statement)

    def _find_supported(self, groups: tuple[_Joint, ...], ranks: tuple[tuple[_Joint, str], ...]) -> Support:
        """Return the support by some alternatives; a choice of the editors is one where there are no others."""
        alternatives = self.evidence.alternatives(groups or (chosen for chosen, _ in ranks))
        support = support_by(alternatives, self.evidence)
        if not ranks:
            return support
        chosen, rank = ranks[0]
        return replace(support, choice=self.evidence.citations(chosen)[0], rank=rank)

    def _together(self, term: Term) -> _Joint:
        if not self.evidence.knows(term):
            for link in _TOGETHER:
                if found := dict.fromkeys(quad.object for quad in self._quads(term, link, None)):
                    return tuple(found)
        return (term,)

    def _evidence(self, statement: Statement, graphs: set[Graph]) -> tuple[list[_Joint], Mapping[_Joint, str]]:
        """Return the alternatives that are annotated on a statement, or else those of its subject; and its ranks.

        A report carries the evidence of what the same graph says of it, statements with evidence of their own aside; a
        finding rests on all its passages together.
        """
        subject, predicate, value = statement
        found = self._annotations(subject).get((predicate, value), _NOTHING)
        if found.alternatives or predicate in NOT_OF_THE_SOURCE or self.evidence.knows(subject):
            return [*found.alternatives], found.ranks
        each, together = (
            tuple(quad.object for quad in self._quads(subject, link, None) if quad.graph_name in graphs)
            for link in _TOGETHER
        )
        return [(piece,) for piece in each] or [joint for joint in (together,) if joint], found.ranks

    def _quads(self, subject: Term, predicate: Term, value: Term | None) -> Iterable[Quad]:
        """Return the quads of a pattern; none if it is no RDF statement, as happens inside proofs."""
        if isinstance(subject, NamedNode | BlankNode) and isinstance(predicate, NamedNode):
            return self._store.quads_for_pattern(subject, predicate, value)
        return ()

    def _find_annotations(self, subject: Term) -> Mapping[tuple[Term, Term], _Annotations]:
        """Return what is annotated on the statements about a subject: predicate and object -> evidence."""
        found: dict[tuple[Term, Term], _Annotations] = defaultdict(_Annotations)
        quads = self._store.quads_for_pattern(None, _SOURCE, subject)
        for axiom in dict.fromkeys(quad.subject for quad in islice(quads, _MOST)):
            parts = list(self._store.quads_for_pattern(axiom, None, None))
            said = {quad.predicate: quad.object for quad in parts}
            evidence = tuple(dict.fromkeys(quad.object for quad in parts if quad.predicate == _EVIDENCE))
            if evidence and said.keys() >= {_PROPERTY, _TARGET}:
                of_statement = found[said[_PROPERTY], said[_TARGET]]
                if _RANK in said:
                    of_statement.ranks[evidence] = text_of(said[_RANK]).removeprefix(CONCEPT)
                else:
                    of_statement.alternatives[evidence] = None
        return found


def address_parameters(statement: Statement) -> dict[str, str]:
    """Return the parameters that name a statement in an address: bare IRIs, and a literal as N-Triples writes it."""
    texts = (term.value if isinstance(term, NamedNode) else str(term) for term in statement)
    return dict(zip(("subject", "property", "value"), texts, strict=True))


def _is_long(term: Term) -> bool:
    """Return whether a term is too long to be kept."""
    return isinstance(term, Literal) and len(term.value) > _LONGEST_KEPT


def _needs_only(justification: Justification, source: str) -> bool:
    """Return whether no other source speaks in a justification."""
    return justification.of_editors or justification.drawn_from <= {source}


def _premises(proof: Step) -> list[Statement]:
    """Return the asserted facts at the ends of a proof; of a proof by axioms alone, the axioms about named terms."""
    ends = [end for end in dict.fromkeys(proof.asserted()) if not any(isinstance(term, BlankNode) for term in end)]
    return [end for end in ends if not text_of(end[1]).startswith(_SCHEMA)] or ends
