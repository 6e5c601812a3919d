"""Proof trees: a statement, the rule that concludes it, and the proofs of the rule's premises."""

from collections.abc import Iterator
from dataclasses import dataclass

from rdflib.term import Node

from kb.clashes import Triple
from kb.reasoning.dictionary import Dictionary
from kb.reasoning.proofs import Derivation, Prover

__all__ = ["Explainer", "Missing", "Proof"]

#: Subject, predicate and object, as numbers of terms.
Statement = tuple[int, int, int]

_ALWAYS = 1 << 32  # later than any round


@dataclass(frozen=True)
class Proof:
    """Why a statement holds.

    :param rule: name of the rule in the tables of OWL 2 RL/RDF, for example ``"prp-dom"``; None where it is asserted
        (https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules)
    :param premises: the proofs of the rule's premises, in the order of the table; lists and literals' values are not
        among them, but where a list has its member under another name, the last one says that both are the same
    """

    statement: Triple
    rule: str | None
    premises: tuple["Proof", ...] = ()

    @property
    def depth(self) -> int:
        """The number of steps from the statement down to what is asserted, on the longest way."""
        return 0 if self.rule is None else 1 + max((premise.depth for premise in self.premises), default=0)

    def steps(self) -> Iterator["Proof"]:
        """Yield this step and all below it, each statement once, premises after what rests on them."""
        seen: set[Triple] = set()
        waiting = [self]
        while waiting:
            step = waiting.pop(0)
            if step.statement not in seen:
                seen.add(step.statement)
                yield step
                waiting += step.premises


@dataclass(frozen=True)
class Missing:
    """A rule that would conclude a statement, if more was known.

    :param rule: its name
    :param known: premises that hold
    :param lacking: premises that do not hold, as far as they are determined; None stands for anything
    """

    rule: str
    known: tuple[Triple, ...]
    lacking: tuple[tuple[Node | None, Node | None, Node | None], ...]


class Explainer:
    """Proves statements from a materialization as it is; one proof a statement, however often it is a premise."""

    def __init__(self, prover: Prover, dictionary: Dictionary) -> None:
        self._prover = prover
        self._dictionary = dictionary
        self._proofs: dict[tuple[Statement, int], Proof | None] = {}

    def prove(self, statement: Triple) -> Proof | None:
        """Return a proof of a statement, the shortest in rounds, or None where it does not follow."""
        s, p, o = map(self._dictionary.find, statement)
        if s is None or p is None or o is None or not self._prover.follows((s, p, o)):
            return None
        return self._proof((s, p, o), _ALWAYS)

    def missing(self, statement: Triple) -> Missing | None:
        """Return what comes nearest to a proof of a statement that does not follow, where something does."""
        s, p, o = map(self._dictionary.find, statement)
        if s is None or p is None or o is None or (found := self._prover.nearest((s, p, o))) is None:
            return None
        rule, known, lacking = found
        return Missing(
            rule,
            tuple((self._node(x), self._node(q), self._node(y)) for x, q, y in known),
            tuple((self._open(x), self._open(q), self._open(y)) for x, q, y in lacking if q not in ("in", "=")),
        )

    def _node(self, number: int) -> Node:
        return self._dictionary.node(number)

    def _open(self, term: int | str) -> Node | None:
        return self._dictionary.node(term) if isinstance(term, int) else None

    def _proof(self, statement: Statement, before: int) -> Proof | None:
        found = self._prover.round_of(statement)
        bound = before if found is None else min(before, found)
        if (statement, bound) not in self._proofs:
            derivation = self._prover.derive(statement, before)
            built = None if derivation is None else self._built(statement, derivation, bound)
            self._proofs[statement, bound] = built
        return self._proofs[statement, bound]

    def _built(self, statement: Statement, derivation: Derivation, bound: int) -> Proof | None:
        premises = [
            self._built(premise, derivation.inner[premise], bound)
            if premise in derivation.inner
            else self._proof(premise, bound)
            for premise in derivation.premises
        ]
        proofs = tuple(premise for premise in premises if premise is not None)
        if len(proofs) < len(premises):
            return None
        s, p, o = map(self._dictionary.node, statement)
        return Proof((s, p, o), derivation.rule, proofs)
