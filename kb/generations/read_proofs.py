"""The proofs of what a generation infers, read; `kb.generations.write_proofs` writes them when it is built.

The file holds each term once and each step once, a step after its premises; a blank node has the label that it has in
the generation's store.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from kb.errors import GenerationError
from kb.rdf.terms import Statement, Term

__all__ = ["PROOFS", "Statement", "Step", "WrittenStep", "read_proofs"]

#: Name of the file in a generation's folder.
PROOFS = "proofs.json"

#: The places of a step's terms, its rule, and the places of its premises.
WrittenStep = tuple[int, int, int, str | None, list[int]]


@dataclass(frozen=True)
class Step:
    """A statement with what it follows from, down to what is asserted.

    :param rule: name of the rule in the tables of OWL 2 RL/RDF; None where the statement is asserted
        (https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules)
    :param premises: the steps that the rule takes, in the order of the table
    """

    statement: Statement
    rule: str | None
    premises: tuple["Step", ...] = ()

    def asserted(self) -> Iterator[Statement]:
        """Yield the asserted statements at the ends of the proof, from left to right."""
        waiting = [self]  # no recursion: proofs are deeper than calls can be
        while waiting:
            step = waiting.pop()
            if step.rule is None:
                yield step.statement
            waiting += reversed(step.premises)


def read_proofs(folder: Path) -> Mapping[Statement, Step]:
    """Return the proof of each statement that a generation infers, as far as they were written.

    :param folder: the generation's own
    :raises GenerationError: when the file is damaged
    """
    path = folder / PROOFS
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_bytes())
        steps = _read(_terms(content["terms"]), content["steps"])
        return {steps[place].statement: steps[place] for place in content["proven"]}
    except (ValueError, KeyError, IndexError, SyntaxError) as error:
        raise GenerationError(folder, f"{PROOFS} cannot be read") from error


def _terms(texts: Iterable[str]) -> list[Term]:
    """Return terms of N-Triples' texts."""
    document = "".join(f"<t:> <t:> {text} .\n" for text in texts)
    return [quad.object for quad in parse(document, RdfFormat.N_TRIPLES)]


def _read(terms: Sequence[Term], written: Iterable[WrittenStep]) -> list[Step]:
    steps: list[Step] = []
    for s, p, o, rule, premises in written:
        steps.append(Step((terms[s], terms[p], terms[o]), rule, tuple(steps[place] for place in premises)))
    return steps
