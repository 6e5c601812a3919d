"""Proof trees: a statement, the rule that concludes it, and the proofs of the rule's premises."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

from rdflib.term import Node

from kb.reasoning.dictionary import Dictionary
from kb.reasoning.inconsistencies import Triple
from kb.reasoning.prover import ALWAYS, Derivation, Prover, Statement

__all__ = ["Explainer", "Missing", "Proof", "upwards"]


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
        depths: dict[int, int] = {}
        for step in upwards([self]):
            below = (depths[id(premise)] for premise in step.premises)
            depths[id(step)] = 0 if step.rule is None else 1 + max(below, default=0)
        return depths[id(self)]

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


def upwards(proofs: Iterable[Proof]) -> Iterator[Proof]:
    """Yield all steps of some proofs, each object once, premises before what rests on them."""
    seen: set[int] = set()
    waiting = [*proofs][::-1]
    while waiting:
        lacking = [premise for premise in waiting[-1].premises[::-1] if id(premise) not in seen]
        waiting += lacking
        if not lacking and id(step := waiting.pop()) not in seen:
            seen.add(id(step))
            yield step


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


#: A proof on the way: yields the proofs that it needs, is sent what they return, and returns itself.
_Proving = Generator["_Proving", Proof | None, Proof | None]


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
        return _finished(self._proof((s, p, o), ALWAYS))

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

    def _proof(self, statement: Statement, before: int) -> _Proving:
        found = self._prover.round_of(statement)
        bound = before if found is None else min(before, found)
        if (statement, bound) not in self._proofs:
            derivation = self._prover.derive(statement, before)
            built = None if derivation is None else (yield from self._built(statement, derivation, bound))
            self._proofs[statement, bound] = built
        return self._proofs[statement, bound]

    def _built(self, statement: Statement, derivation: Derivation, bound: int) -> _Proving:
        proofs: list[Proof] = []
        for premise in derivation.premises:
            if premise in derivation.inner:
                found = yield from self._built(premise, derivation.inner[premise], bound)
            else:
                found = yield self._proof(premise, bound)
            if found is None:
                return None
            proofs.append(found)
        s, p, o = map(self._dictionary.node, statement)
        return Proof((s, p, o), derivation.rule, tuple(proofs))


def _finished(proving: _Proving) -> Proof | None:
    """Return a proof with all that it needs: on a stack of its own, since proofs are deeper than calls can be."""
    waiting, found = [proving], None
    while waiting:
        try:
            waiting.append(waiting[-1].send(found))
        except StopIteration as done:
            waiting.pop()
            found = done.value
        else:
            found = None
    return found
