"""What is enough for each statement of a generation to rest on, stated or inferred.

A justification is a set of evidence that is needed together; several for one statement are alternatives. What is
stated has those of its annotated axioms, or else those of its subject, a report, in the same graph. What is inferred
has one for each minimal set of evidence on which the statements at the ends of a proof stand.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import NamedTuple, TypeAlias

from pyoxigraph import BlankNode, NamedNode, Quad

from kb.namespaces import AMMTC, CONCEPT, OWL, PREFIXES, RDF
from kb.rdf.proofs import Proof, upwards
from kb.rdf.terms import Rdf11Statement, Statement, Term

__all__ = [
    "NOT_OF_THE_SOURCE",
    "Evidence",
    "Joint",
    "Justified",
    "justify_inferred",
    "justify_proofs",
    "justify_stated",
    "minimal",
    "read_evidence",
]

#: Evidence that is needed together.
Joint: TypeAlias = frozenset[Term]
#: Statement -> its justifications; without any if it needs none, as an axiom of the ontology or a label.
Justified: TypeAlias = Mapping[Statement, Sequence[Joint]]

#: Justifications that are kept of one statement, the smallest: of a proof with n alternatives a premise there are many.
_MOST = 32
_PARTS = tuple(NamedNode(OWL[name]) for name in ("annotatedSource", "annotatedProperty", "annotatedTarget"))
_TYPE, _FINDING = NamedNode(RDF.type), NamedNode(AMMTC.Finding)
_EVIDENCE, _RESTS_ON, _SOURCE = (NamedNode(AMMTC[name]) for name in ("evidence", "restsOn", "source"))
_BASIS, _STRENGTH, _ORIGIN = (NamedNode(AMMTC[name]) for name in ("basis", "strength", "origin"))
_PREFERENCE = NamedNode(AMMTC.preference)
_STATED, _DERIVED, _EDITORIAL = (NamedNode(CONCEPT[name]) for name in ("stated", "derived", "editorial"))
#: From the strongest to the weakest.
_STRENGTHS = tuple(NamedNode(CONCEPT[name]) for name in ("certain", "probable", "possible"))
#: What the evidence of a report or a finding is not about: its class, the editors' names for it, the evidence itself,
#: and how a finding stands to that of another source, which no source says: the editors compare the two.
NOT_OF_THE_SOURCE = {
    *(_TYPE, _EVIDENCE, _RESTS_ON, *_PARTS),
    *(NamedNode(AMMTC[name]) for name in ("agreesWith", "differsFrom", "saysLessThan")),
    *(NamedNode(PREFIXES["rdfs"] + name) for name in ("label", "comment", "seeAlso")),
    *(NamedNode(PREFIXES["skos"] + name) for name in ("prefLabel", "altLabel", "hiddenLabel", "note")),
}


class Evidence(NamedTuple):
    """What the data say of all evidence.

    :param passages: piece of evidence -> the passages in it: itself, or those that a derivation rests on
    :param sources: passage -> its source document
    :param origins: passage -> the accounts from which its words come
    :param bases: piece of evidence -> stated, derived, reference or editorial
    :param strengths: derivation or identification -> certain, probable or possible
    """

    passages: Mapping[Term, tuple[Term, ...]]
    sources: Mapping[Term, Term]
    origins: Mapping[Term, tuple[Term, ...]]
    bases: Mapping[Term, Term]
    strengths: Mapping[Term, Term]

    def passages_of(self, joint: Joint) -> set[Term]:
        """Return the passages that carry a statement: those of identifications only if nothing else is there."""
        grounds = [piece for piece in joint if self.bases.get(piece) != _EDITORIAL] or joint
        return {passage for piece in grounds for passage in self.passages.get(piece, ())}

    def sources_of(self, joint: Joint) -> set[Term]:
        """Return the source documents that speak in it; none where only the editors do."""
        grounds = [piece for piece in joint if self.bases.get(piece) != _EDITORIAL]
        passages = (passage for piece in grounds for passage in self.passages.get(piece, ()))
        return {self.sources[passage] for passage in passages if passage in self.sources}

    def basis_of(self, joint: Joint) -> Term | None:
        """Return the basis that all pieces have, derived for several; None where the data name none."""
        found = {self.bases[piece] for piece in joint if piece in self.bases}
        return _DERIVED if len(found) > 1 else next(iter(found), None)

    def strength_of(self, joint: Joint) -> Term | None:
        """Return the weakest strength of the pieces, or None where none has any."""
        found = {self.strengths[piece] for piece in joint if piece in self.strengths}
        return next((strength for strength in reversed(_STRENGTHS) if strength in found), None)


def read_evidence(statements: Iterable[Rdf11Statement]) -> Evidence:
    """Return what statements, asserted and inferred, say of evidence."""
    passages: defaultdict[Term, dict[Term, None]] = defaultdict(dict)
    origins: defaultdict[Term, dict[Term, None]] = defaultdict(dict)
    single: dict[Term, dict[Term, Term]] = {_SOURCE: {}, _BASIS: {}, _STRENGTH: {}}
    for s, p, o in statements:
        if p == _RESTS_ON:
            passages[s][o] = None
        elif p == _ORIGIN:
            origins[s][o] = None
        elif p in single:
            single[p][s] = o
    for piece, basis in single[_BASIS].items():
        if basis == _STATED:
            passages[piece][piece] = None
    return Evidence(
        {piece: tuple(found) for piece, found in passages.items()},
        single[_SOURCE],
        {passage: tuple(found) for passage, found in origins.items()},
        single[_BASIS],
        single[_STRENGTH],
    )


def justify_stated(asserted: Sequence[Quad]) -> dict[Statement, list[Joint]]:
    """Return the justifications of the statements in named graphs that have any, in the order of reading."""
    carried = _carried(asserted)
    annotated = _annotated(asserted, carried)
    found: dict[Statement, list[Joint]] = {}
    for s, p, o, graph in asserted:
        if isinstance(s, NamedNode):
            joints = annotated.get((s, p, o), ())
            if not joints and p not in NOT_OF_THE_SOURCE:
                joints = carried.get((graph, s), ())
            if joints:
                found[s, p, o] = [*dict.fromkeys((*found.get((s, p, o), ()), *joints))]
    return found


def justify_proofs(proofs: Sequence[Proof[Term]], stated: Justified) -> list[tuple[Proof[Term], tuple[Joint, ...]]]:
    """Return proofs, each with the justifications that it gives to what it concludes.

    :param stated: those of what is asserted
    """
    of_step: dict[int, tuple[Joint, ...]] = {}
    for step in upwards(proofs):
        if step.rule is None:
            of_step[id(step)] = tuple(stated.get(step.statement, ())) or (frozenset(),)
        else:
            of_step[id(step)] = _joined([of_step[id(premise)] for premise in step.premises])
    return [(proof, of_step[id(proof)]) for proof in proofs]


def justify_inferred(proofs: Iterable[tuple[Proof[Term], Iterable[Joint]]]) -> dict[Statement, list[Joint]]:
    """Return the justifications of what some proofs conclude; several proofs may conclude the same.

    :param proofs: see `justify_proofs`
    """
    found: defaultdict[Statement, list[Joint]] = defaultdict(list)
    for proof, joints in proofs:
        found[proof.statement] += joints
    return {statement: minimal(joints) for statement, joints in found.items()}


def minimal(joints: Iterable[Joint]) -> list[Joint]:
    """Return the sets that contain no other one, the smallest first, each once; of many only the first."""
    found: list[Joint] = []
    for joint in sorted(set(joints), key=lambda joint: (len(joint), sorted(map(str, joint)))):
        if not any(smaller <= joint for smaller in found):
            found.append(joint)
    return found[:_MOST]


def _joined(premises: Sequence[tuple[Joint, ...]]) -> tuple[Joint, ...]:
    """Return the minimal sets that have a justification of each premise."""
    joined: list[Joint] = [frozenset()]
    for joints in dict.fromkeys(premises):
        if joints != (frozenset(),):
            joined = minimal(one | other for one, other in product(joined, joints))
    return tuple(joined)


def _carried(asserted: Iterable[Quad]) -> Mapping[tuple[object, Term], list[Joint]]:
    """Return (graph, subject) -> what it rests on itself: a report on each value, a finding on all together."""
    evidence: defaultdict[tuple[object, Term], list[Joint]] = defaultdict(list)
    together: defaultdict[tuple[object, Term], set[Term]] = defaultdict(set)
    findings = set()
    for s, p, o, graph in asserted:
        if p == _EVIDENCE:
            evidence[graph, s].append(frozenset((o,)))
        elif p == _RESTS_ON:
            together[graph, s].add(o)
        elif p == _TYPE and o == _FINDING:
            findings.add((graph, s))
    return evidence | {key: [frozenset(together[key])] for key in findings if key in together}


def _annotated(
    asserted: Iterable[Quad], carried: Mapping[tuple[object, Term], list[Joint]]
) -> Mapping[Statement, list[Joint]]:
    """Return statement -> the evidence of each axiom that annotates it; not that of the editors' preference."""
    axioms: defaultdict[tuple[object, Term], dict[Term, Term]] = defaultdict(dict)
    for s, p, o, graph in asserted:
        if isinstance(s, BlankNode) and (p in _PARTS or p == _PREFERENCE):
            axioms[graph, s][p] = o
    found: defaultdict[Statement, list[Joint]] = defaultdict(list)
    for key, parts in axioms.items():
        if key in carried and _PREFERENCE not in parts and all(part in parts for part in _PARTS):
            s, p, o = (parts[part] for part in _PARTS)
            found[s, p, o].append(frozenset[Term]().union(*carried[key]))
    return found
