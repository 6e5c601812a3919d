"""Proving what a generation infers, once, when it is built; `kb.generations.read_proofs` reads what is written here."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad

from kb.generations.read_proofs import WrittenStep
from kb.namespaces import INFERRED
from kb.rdf.convert import to_engine
from kb.reasoning import Materialization
from kb.reasoning.proof import Proof, upwards

__all__ = ["write_proofs"]

#: Conclusions that are proven when a generation is built, half a millisecond each; of more, `kb explain` proves one.
_MOST = 20_000
_INFERRED = NamedNode(str(INFERRED))


def write_proofs(quads: Iterable[Quad], path: Path) -> None:
    """Prove what the quads of a generation infer, and write the file; nothing of it where that is too much.

    :param quads: with the labels of blank nodes as they are in the store
    """
    asserted = (quad for quad in quads if quad.graph_name not in (DefaultGraph(), _INFERRED))
    materialization = Materialization.of_statements(asserted)
    inferred = sorted(materialization.inferred()) if materialization.conclusions().height <= _MOST else []
    proofs = [proof for statement in inferred if (proof := materialization.prove(statement))]
    path.write_text(json.dumps(_written(proofs), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _written(proofs: Sequence[Proof]) -> dict[str, object]:
    terms: dict[str, int] = {}
    places: dict[int, int] = {}
    steps: list[WrittenStep] = []

    for step in upwards(proofs):
        s, p, o = (terms.setdefault(str(to_engine(node)), len(terms)) for node in step.statement)
        places[id(step)] = len(steps)
        steps.append((s, p, o, step.rule, [places[id(premise)] for premise in step.premises]))
    return {"terms": list(terms), "steps": steps, "proven": [places[id(proof)] for proof in proofs]}
