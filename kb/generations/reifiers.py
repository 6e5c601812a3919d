"""The reifiers of a generation: one for each justification of each statement, with who says so.

RDF 1.2 Concepts, section 1.5 (https://www.w3.org/TR/rdf12-concepts/#section-triple-terms-reification). Each names its
statement by a triple term, and once more by the three properties of rdf:Statement for clients that know RDF 1.1 only.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from kb.generations.justifications import Evidence, Joint, Justified
from kb.namespaces import AMMTC, CONCEPT, RDF, STATEMENT
from kb.rdf.proofs import Proof
from kb.rdf.terms import Statement, Term, to_statement

__all__ = ["annotate", "is_justification", "reifier", "reify", "without_reification"]

_DIGITS = 24  # 96 bits: two of 10^9 statements share a name with a probability of 10^-11
_TYPE, _REIFIES = NamedNode(RDF.type), NamedNode(RDF.reifies)
_SUBJECT, _PREDICATE, _OBJECT = (NamedNode(RDF[name]) for name in ("subject", "predicate", "object"))
_JUSTIFICATION, _PROOF = NamedNode(AMMTC.Justification), NamedNode(AMMTC.Proof)
_EVIDENCE, _PASSAGE, _PREMISE = (NamedNode(AMMTC[name]) for name in ("evidence", "passage", "premise"))
_BASIS, _STRENGTH, _ORIGIN = (NamedNode(AMMTC[name]) for name in ("basis", "strength", "origin"))
_INFERRED = NamedNode(CONCEPT.inferred)


def reifier(statement: Statement, joint: Joint) -> NamedNode:
    """Return the reifier of a justification; its name stays the same as long as the statement and the evidence do."""
    content = "\n".join((*map(str, statement), *sorted(map(str, joint))))
    return NamedNode(STATEMENT[hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]])


def reify(
    stated: Justified, inferred: Justified, proofs: Mapping[Statement, Iterable[Proof[Term]]], evidence: Evidence
) -> Iterator[Quad]:
    """Yield what the default graph says of all reifiers.

    :param proofs: those of what is inferred
    """
    for statement, joints in stated.items():
        for joint in joints:
            node = reifier(statement, joint)
            yield from _described(node, statement, joint, evidence)
            yield from (Quad(node, _EVIDENCE, piece) for piece in sorted(joint, key=str))
            if basis := evidence.basis_of(joint):
                yield Quad(node, _BASIS, basis)
    for statement, joints in inferred.items():
        steps = (step for proof in proofs.get(statement, ()) for step in proof.steps())
        premises = {step.statement for step in steps if step.rule is None and step.statement in stated}
        for joint in joints:
            node = reifier(statement, joint)
            proof = NamedNode(f"{node.value}#proof")
            yield from _described(node, statement, joint, evidence)
            yield from (Quad(node, _BASIS, _INFERRED), Quad(node, _EVIDENCE, proof))
            yield from (Quad(proof, _TYPE, _PROOF), Quad(proof, _BASIS, _INFERRED))
            used = {reifier(end, enough) for end in premises for enough in stated[end] if enough <= joint}
            yield from (Quad(proof, _PREMISE, premise) for premise in sorted(used, key=str))


def annotate(asserted: Iterable[Quad], evidence: Evidence) -> Iterator[Quad]:
    """Yield the passages, and the basis, of each axiom and report that cites some: they answer the same questions."""
    carried: dict[NamedNode | BlankNode, set[Term]] = {}
    for s, p, o, _ in asserted:
        if p == _EVIDENCE:
            carried.setdefault(s, set()).add(o)
    for node, pieces in carried.items():
        joints = [frozenset(pieces)] if isinstance(node, BlankNode) else [frozenset((piece,)) for piece in pieces]
        for joint in joints:
            passages = _nodes(evidence.passages_of(joint))
            yield from (Quad(node, _PASSAGE, passage) for passage in passages)
            if passages and (basis := evidence.basis_of(joint)):
                yield Quad(node, _BASIS, basis)


def is_justification(term: object) -> bool:
    """Return whether a term is a justification or the proof in one."""
    return isinstance(term, NamedNode) and term.value.startswith(STATEMENT)


def without_reification(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield quads without what a build adds to say who says so: `reify` and `annotate`."""
    quads = list(quads)
    annotated = {quad.subject for quad in quads if quad.predicate == _PASSAGE}
    for quad in quads:
        added = quad.predicate == _PASSAGE or (quad.predicate == _BASIS and quad.subject in annotated)
        if not added and not is_justification(quad.subject):
            yield quad


def _described(node: NamedNode, statement: Statement, joint: Joint, evidence: Evidence) -> Iterator[Quad]:
    s, p, o = to_statement(*statement)
    yield Quad(node, _TYPE, _JUSTIFICATION)
    yield Quad(node, _REIFIES, Triple(s, p, o))
    yield from (Quad(node, _SUBJECT, s), Quad(node, _PREDICATE, p), Quad(node, _OBJECT, o))
    passages = _nodes(evidence.passages_of(joint))
    yield from (Quad(node, _PASSAGE, passage) for passage in passages)
    origins = {origin for passage in passages for origin in evidence.origins.get(passage, ())}
    yield from (Quad(node, _ORIGIN, origin) for origin in _nodes(origins))
    if strength := evidence.strength_of(joint):
        yield Quad(node, _STRENGTH, strength)


def _nodes(terms: Iterable[Term]) -> list[Term]:
    return sorted(terms, key=str)
