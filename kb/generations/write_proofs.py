"""Proving what a generation infers, once, when it is built; `kb.generations.read_proofs` reads what is written here."""

import json
from collections.abc import Sequence
from pathlib import Path

from pyoxigraph import Quad

from kb.generations.read_proofs import WrittenStep
from kb.rdf.proofs import Proof, upwards
from kb.reasoning import Materialization
from kb.reasoning.dictionary import Dictionary
from kb.reasoning.infer import Inference

__all__ = ["write_proofs"]

#: Conclusions that are proven when a generation is built; of more, `kb explain` proves one.
_MAX_CONCLUSIONS = 20_000


def write_proofs(inference: Inference, asserted: Sequence[Quad], path: Path) -> None:
    """Prove what a generation infers, and write the file; no proof in it where there are too many conclusions.

    :param asserted: what it was inferred from, with the labels of blank nodes that they have in the store
    """
    materialization = inference.materialization or Materialization.of_statements(asserted)
    few = materialization.conclusions().shape[1] <= _MAX_CONCLUSIONS
    content = _written(list(materialization.proofs()) if few else [], materialization.dictionary)
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _written(proofs: Sequence[Proof[int]], dictionary: Dictionary) -> dict[str, object]:
    terms: dict[int, int] = {}
    places: dict[int, int] = {}
    steps: list[WrittenStep] = []

    for step in upwards(proofs):
        s, p, o = (terms.setdefault(number, len(terms)) for number in step.statement)
        places[id(step)] = len(steps)
        steps.append((s, p, o, step.rule, [places[id(premise)] for premise in step.premises]))
    texts = [str(dictionary.term(number)) for number in terms]
    return {"terms": texts, "steps": steps, "proven": [places[id(proof)] for proof in proofs]}
