"""Proving what a generation infers, once, when it is built: from all that is asserted, and from each source alone."""

from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import Quad

from kb.generations.justifications import Evidence, Joint, Justified
from kb.rdf.proofs import Proof, upwards
from kb.rdf.terms import Statement, Term
from kb.reasoning import Materialization
from kb.reasoning.infer import Inference

__all__ = ["prove", "prove_by_source"]

#: Conclusions that are proven when a generation is built; of more, `kb explain` proves one.
_MAX_CONCLUSIONS = 20_000


def prove(inference: Inference, asserted: Sequence[Quad]) -> list[Proof[Term]]:
    """Return a proof of each statement that was inferred; none where there are too many.

    :param asserted: what it was inferred from, with the labels of blank nodes that they have in the store
    """
    materialization = inference.materialization or Materialization.of_statements(asserted)
    if materialization.conclusions().shape[1] > _MAX_CONCLUSIONS:
        return []
    return _in_terms(materialization, list(materialization.proofs()))


def prove_by_source(
    asserted: Sequence[Quad], stated: Justified, inferred: Justified, evidence: Evidence
) -> Iterator[Proof[Term]]:
    """Yield a proof from one source alone of what is known to follow, but so far not from that source alone.

    What two sources tell has a proof from either; the one from all that is asserted is only the shortest.

    :param stated: the justifications of what is asserted
    :param inferred: those of what was proven from all of it
    """
    drawn_from = {joint: evidence.sources_of(joint) for joints in stated.values() for joint in joints}
    for source in sorted({source for sources in drawn_from.values() for source in sources}, key=str):
        from_source = [
            quad
            for quad in asserted
            if not (joints := stated.get((quad.subject, quad.predicate, quad.object)))
            or any(drawn_from[joint] <= {source} for joint in joints)
        ]
        materialization = Materialization.of_statements(from_source)
        lacking = [
            numbers
            for numbers in materialization.conclusions().T.tolist()
            if _lacks(inferred.get(_statement(materialization, numbers), ()), source, evidence)
        ]
        proofs = (materialization.prove_numbered(numbers) for numbers in lacking)
        yield from _in_terms(materialization, [proof for proof in proofs if proof])


def _lacks(joints: Sequence[Joint], source: Term, evidence: Evidence) -> bool:
    """Return whether all justifications of a statement draw on a source, and none on this one alone."""
    drawn_from = [evidence.sources_of(joint) for joint in joints]
    return bool(drawn_from) and all(sources and sources != {source} for sources in drawn_from)


def _statement(materialization: Materialization, numbers: Iterable[int]) -> Statement:
    s, p, o = map(materialization.dictionary.term, numbers)
    return s, p, o


def _in_terms(materialization: Materialization, proofs: Sequence[Proof[int]]) -> list[Proof[Term]]:
    """Return proofs in numbers as proofs in terms, in which equal steps are shared as before."""
    done: dict[int, Proof[Term]] = {}
    for step in upwards(proofs):
        premises = tuple(done[id(premise)] for premise in step.premises)
        done[id(step)] = Proof(_statement(materialization, step.statement), step.rule, premises)
    return [done[id(proof)] for proof in proofs]
