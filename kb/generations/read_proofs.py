"""The proofs of what a generation infers, read; `kb.generations.write_proofs` writes them when it is built.

The file holds each term once and each step once, a step after its premises; a blank node has the label that it has in
the generation's store.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from kb.errors import GenerationError
from kb.rdf.proofs import Proof
from kb.rdf.terms import Statement, Term, parse_terms

__all__ = ["PROOFS", "Statement", "Step", "WrittenStep", "read_proofs"]

#: Name of the file in a generation's folder.
PROOFS = "proofs.json"

#: A statement with what it follows from.
Step: TypeAlias = Proof[Term]
#: The places of a step's terms, its rule, and the places of its premises.
WrittenStep: TypeAlias = tuple[int, int, int, str | None, list[int]]


def read_proofs(folder: Path) -> Mapping[Statement, tuple[Step, ...]]:
    """Return the proofs of each statement that a generation infers, as far as they were written; the shortest first.

    :param folder: the generation's own
    :raises GenerationError: when the file is damaged
    """
    path = folder / PROOFS
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_bytes())
        terms, steps = parse_terms(content["terms"]), list[Step]()
        for s, p, o, rule, premises in content["steps"]:
            steps.append(Proof((terms[s], terms[p], terms[o]), rule, tuple(steps[place] for place in premises)))
        proven: defaultdict[Statement, tuple[Step, ...]] = defaultdict(tuple)
        for place in dict.fromkeys(content["proven"]):
            proven[steps[place].statement] += (steps[place],)
        return dict(proven)
    except (ValueError, KeyError, IndexError, SyntaxError) as error:
        raise GenerationError(folder, f"{PROOFS} cannot be read") from error
