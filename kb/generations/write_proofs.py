"""Proving what a generation infers, once, when it is built; `kb.generations.read_proofs` reads what is written here."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pyoxigraph import Quad

from kb.generations.read_proofs import WrittenStep
from kb.rdf.proofs import Proof, upwards
from kb.rdf.terms import Term
from kb.reasoning import Materialization
from kb.reasoning.infer import Inference

__all__ = ["write_proofs"]

_T = TypeVar("_T")

#: Conclusions that are proven when a generation is built; of more, `kb explain` proves one.
_MAX_CONCLUSIONS = 20_000


def write_proofs(
    inference: Inference, asserted: Sequence[Quad], path: Path, computed: Sequence[Proof[Term]] = ()
) -> None:
    """Prove what a generation infers, and write the file; only what is computed where there are too many conclusions.

    :param asserted: what it was inferred from, with the labels of blank nodes that they have in the store
    :param computed: the proofs of what is not inferred by OWL, see `kb.generations.instants`
    """
    materialization = inference.materialization or Materialization.of_statements(asserted)
    few = materialization.conclusions().shape[1] <= _MAX_CONCLUSIONS
    content = _Content()
    content.add(
        list(materialization.proofs()) if few else [], lambda number: str(materialization.dictionary.term(number))
    )
    content.add(computed, str)
    path.write_text(json.dumps(content.json(), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


class _Content:
    """The content of the file, each term and each step once."""

    def __init__(self) -> None:
        self._terms: dict[str, int] = {}
        self._steps: dict[tuple[int, int, int, str | None, tuple[int, ...]], int] = {}
        self._proven: list[int] = []

    def add(self, proofs: Sequence[Proof[_T]], text: Callable[[_T], str]) -> None:
        """Add proofs.

        :param text: returns a term as N-Triples writes it
        """
        places: dict[int, int] = {}
        for step in upwards(proofs):
            s, p, o = (self._terms.setdefault(text(term), len(self._terms)) for term in step.statement)
            written = s, p, o, step.rule, tuple(places[id(premise)] for premise in step.premises)
            places[id(step)] = self._steps.setdefault(written, len(self._steps))
        self._proven += [places[id(proof)] for proof in proofs]

    def json(self) -> dict[str, object]:
        steps: list[WrittenStep] = [(s, p, o, rule, list(premises)) for s, p, o, rule, premises in self._steps]
        return {"terms": list(self._terms), "steps": steps, "proven": self._proven}
