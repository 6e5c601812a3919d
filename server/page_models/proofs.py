"""Proofs as pages show them: each step with its rule in words, each stated fact with its citations."""

from dataclasses import dataclass, field

from pyoxigraph import BlankNode, NamedNode

from kb.generations.read_proofs import Step
from kb.namespaces import OWL
from server.presentation.nodes import Node
from server.provenance.provenance import RULES, Provenance
from server.provenance.support import Support

__all__ = ["ProofStep", "proof_tree"]

#: Properties whose values are parts of an unnamed expression, whose words say them already.
_PARTS = frozenset(
    NamedNode(iri)
    for iri in (
        *(OWL.onProperty, OWL.someValuesFrom, OWL.allValuesFrom, OWL.hasValue),
        *(OWL.intersectionOf, OWL.unionOf, OWL.inverseOf),
    )
)


@dataclass(frozen=True)
class ProofStep:
    """A step of a proof.

    :param parts: subject, predicate and object
    :param code: name of the rule in the tables of OWL 2 RL/RDF, or ``""`` where it is stated
    :param rule: the same in words, or ``""`` where it concludes an axiom from axioms
    :param support: what a stated fact rests on
    :param premises: the steps that it follows from; none for a step that was shown before
    :param above: the step was shown before, with its premises
    """

    parts: tuple[Node, Node, Node]
    code: str = ""
    rule: str = ""
    support: Support = field(default_factory=Support)
    premises: tuple["ProofStep", ...] = ()
    above: bool = False

    @property
    def steps(self) -> int:
        """The number of conclusions in it, each counted once."""
        own = 1 if self.code and not self.above else 0
        return own + sum(premise.steps for premise in self.premises)


def proof_tree(step: Step, provenance: Provenance) -> ProofStep:
    """Return a whole proof, down to what is stated; a step that was shown before is not proven again."""
    return _tree(step, provenance, set())


def _tree(step: Step, provenance: Provenance, shown: set[int]) -> ProofStep:
    parts = provenance.parts(step.statement)
    if step.rule is None:
        return ProofStep(parts, support=provenance.support(step.statement))
    words = RULES.get(step.rule, "")
    if id(step) in shown:
        return ProofStep(parts, step.rule, words, above=True)
    shown.add(id(step))
    premises = (
        _tree(premise, provenance, shown)
        for premise in step.premises
        if not (isinstance(premise.statement[0], BlankNode) and premise.statement[1] in _PARTS)
    )
    return ProofStep(parts, step.rule, words, premises=tuple(premises))
