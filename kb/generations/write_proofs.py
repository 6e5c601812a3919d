"""Writing the proofs of a generation; `kb.generations.read_proofs` reads what is written here."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from kb.generations.read_proofs import WrittenStep
from kb.rdf.proofs import Proof, upwards
from kb.rdf.terms import Term

__all__ = ["write_proofs"]


def write_proofs(proofs: Iterable[Proof[Term]], path: Path) -> None:
    """Write proofs into a file, each term and each step once; of several proofs of a statement the first leads."""
    terms: dict[str, int] = {}
    steps: dict[tuple[int, int, int, str | None, tuple[int, ...]], int] = {}
    places: dict[int, int] = {}
    proofs = list(proofs)
    for step in upwards(proofs):
        s, p, o = (terms.setdefault(str(term), len(terms)) for term in step.statement)
        written = s, p, o, step.rule, tuple(places[id(premise)] for premise in step.premises)
        places[id(step)] = steps.setdefault(written, len(steps))
    proven = [places[id(proof)] for proof in proofs]
    path.write_text(_json(list(terms), list(steps), proven), encoding="utf-8")


def _json(
    terms: Sequence[str], steps: Sequence[tuple[int, int, int, str | None, tuple[int, ...]]], proven: Sequence[int]
) -> str:
    written: list[WrittenStep] = [(s, p, o, rule, list(premises)) for s, p, o, rule, premises in steps]
    content = {"terms": terms, "steps": written, "proven": proven}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
