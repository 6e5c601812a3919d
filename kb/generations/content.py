"""What a generation holds, computed from what its files assert: what follows, why, and who says so."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad

from kb.generations.instants import compute_instants
from kb.generations.justifications import justify_inferred, justify_proofs, justify_stated, read_evidence
from kb.generations.prove import prove, prove_by_source
from kb.generations.reifiers import annotate, reify
from kb.namespaces import INFERRED
from kb.rdf.proofs import Proof
from kb.rdf.terms import Statement, Term, to_statement
from kb.reasoning.infer import Inference

__all__ = ["Content", "compute_content"]

_INFERRED = NamedNode(INFERRED)


class Content(NamedTuple):
    """The statements of a generation.

    :param quads: those of its named graphs
    :param proofs: of what is inferred, the shortest of each statement first
    :param reifiers: what its default graph says besides, about the evidence of all statements, each statement once
    """

    quads: Sequence[Quad]
    proofs: Sequence[Proof[Term]]
    reifiers: Sequence[Quad]

    def default_graph(self) -> Iterator[Quad]:
        """Yield what its default graph says: all that its named graphs say, and the reifiers."""
        yield from (Quad(quad.subject, quad.predicate, quad.object) for quad in self.quads)
        yield from self.reifiers


def compute_content(asserted: Sequence[Quad], inference: Inference) -> Content:
    """Return what the generation of some files holds.

    :param asserted: what the files state, in named graphs
    :param inference: what follows from it
    """
    known = list(inference.statements())
    instants = compute_instants(asserted, known)
    known += (to_statement(*proof.statement) for proof in instants)
    quads = [*asserted, *sorted((Quad(*statement, _INFERRED) for statement in known), key=str)]
    evidence = read_evidence(to_statement(*quad.triple) for quad in quads)
    stated = justify_stated(asserted)
    proofs = prove(inference, asserted)
    proven = justify_proofs([*proofs, *instants], stated)
    if proofs:
        proven += justify_proofs([*prove_by_source(asserted, stated, justify_inferred(proven), evidence)], stated)
    inferred = justify_inferred(proven)
    of_statement: defaultdict[Statement, list[Proof[Term]]] = defaultdict(list)
    for proof, joints in proven:
        if not set(joints).isdisjoint(inferred[proof.statement]):  # else it needs more evidence than another one
            of_statement[proof.statement].append(proof)
    reifiers = dict.fromkeys((*reify(stated, inferred, of_statement, evidence), *annotate(asserted, evidence)))
    return Content(quads, [*chain.from_iterable(of_statement.values())], tuple(reifiers))
