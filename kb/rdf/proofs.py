"""A proof: a statement with the rule that concludes it and the proofs of the rule's premises."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Proof", "upwards"]

T = TypeVar("T")
_U = TypeVar("_U")


@dataclass(frozen=True)
class Proof(Generic[T]):
    """Why a statement holds.

    :param statement: subject, predicate and object: nodes of rdflib, terms of pyoxigraph, or numbers of terms
    :param rule: name of the rule in the tables of OWL 2 RL/RDF, for example ``"prp-dom"``; None where it is asserted
        (https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules)
    :param premises: the proofs of the rule's premises, in the order of the table; lists and literals' values are not
        among them, but where a list has its member under another name, the last one says that both are the same
    """

    statement: tuple[T, T, T]
    rule: str | None
    premises: tuple["Proof[T]", ...] = ()

    def steps(self) -> Iterator["Proof[T]"]:
        """Yield this step and all below it, each statement once, premises after what rests on them."""
        seen: set[tuple[T, T, T]] = set()
        waiting = [self]
        while waiting:
            step = waiting.pop(0)
            if step.statement not in seen:
                seen.add(step.statement)
                yield step
                waiting += step.premises

    def asserted(self) -> Iterator[tuple[T, T, T]]:
        """Yield the asserted statements at the ends of the proof, from left to right."""
        waiting = [self]  # no recursion: proofs are deeper than calls can be
        while waiting:
            step = waiting.pop()
            if step.rule is None:
                yield step.statement
            waiting += reversed(step.premises)

    def translated(self, term: Callable[[T], _U]) -> "Proof[_U]":
        """Return the same proof in other terms.

        :param term: returns the other term for one
        """
        done: dict[int, Proof[_U]] = {}
        for step in upwards([self]):
            s, p, o = step.statement
            premises = tuple(done[id(premise)] for premise in step.premises)
            done[id(step)] = Proof((term(s), term(p), term(o)), step.rule, premises)
        return done[id(self)]


def upwards(proofs: Iterable[Proof[T]]) -> Iterator[Proof[T]]:
    """Yield all steps of some proofs, each object once, premises before what rests on them."""
    seen: set[int] = set()
    waiting = [*proofs][::-1]
    while waiting:
        lacking = [premise for premise in waiting[-1].premises[::-1] if id(premise) not in seen]
        waiting += lacking
        if not lacking and id(step := waiting.pop()) not in seen:
            seen.add(id(step))
            yield step
