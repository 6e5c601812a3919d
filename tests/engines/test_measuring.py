"""The comparison of stores, on few statements: each engine loads them, answers all questions, takes graphs by PUT."""

from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.generator import generate
from benchmarks.stores import QUESTIONS, measure
from support.engines import ENGINES

_DIFFERENT = {
    # A statement of several graphs counts once a graph in the union of these.
    "oxigraph": {"small/meeting", "aggregates/delegates-by-host"},
    "virtuoso": {"small/meeting", "aggregates/delegates-by-host", "paths/chains-of-acts", "paths/parts"},
    # Alternatives of a path keep their duplicates, as the recommendation has it.
    "jena": {"paths/parts"},
}


@pytest.mark.parametrize("name", ENGINES)
def test_measures(name: str, tmp_path: Path, requires: Callable[[str, str], Path]) -> None:
    for part, how in ENGINES[name].parts().items():
        requires(part, how)
    data = tmp_path / "data" / "generated.nq"
    data.parent.mkdir()
    generate(data, 2000)
    ours = measure("kb", data, tmp_path / "ours", 1, 0)
    found = measure(name, data, tmp_path / "theirs", 1, 60)
    assert found.putting is not None
    assert found.putting[1] == len(data.read_bytes().splitlines())
    different = {question for question in QUESTIONS if found.answers.get(question) != ours.answers[question]}
    assert different <= _DIFFERENT[name]
