"""Properties whose closure is reached in many ways: right, and in time and memory as large as the closure."""

import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from proof_checker import problems
from rdflib import Graph, Namespace
from support.examples import is_thorough, sample

from kb.reasoning import Materialization, composition
from kb.reasoning.columns import column, distinct
from kb.reasoning.composition import composed
from kb.reasoning.facts import Facts, KeyLayout
from kb.reasoning.infer import infer

CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("reason").joinpath("explosions.toml").read_text())[
    "case"
]
E = Namespace("http://example.org/")
PREFIXES = (
    "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    f"@prefix e: <{E}> .\n"
)
PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), unique=True, max_size=40)
#: What an expansion of all ways would need is many times this.
MEBIBYTES = 1000


def links(shape: str, n: int) -> Iterator[tuple[int, int]]:
    match shape:
        case "path":
            yield from ((x, x + 1) for x in range(n))
        case "cycle":
            yield from ((x, (x + 1) % n) for x in range(n))
        case "star":
            yield from ((x, 0) for x in range(1, n + 1))
            yield from ((0, x) for x in range(n + 1, n + 6))
        case "clique":
            yield from ((x, y) for x in range(n) for y in range(n) if x != y)
        case "order":
            yield from ((x, y) for x in range(n) for y in range(x + 1, n))


def written(case: dict[str, Any], n: int) -> str:
    axioms = case["axioms"].replace(f"e:{case['n']}", f"e:{n}")
    rows = [f"e:{x} e:{p} e:{y} .\n" for p, shape in case["shapes"].items() for x, y in links(shape, n)]
    return f"{PREFIXES}{axioms}\n{''.join(rows)}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
@pytest.mark.parametrize("bits", [True, False])
def test_small_ones_are_concluded_as_owlrl_does(
    case: dict[str, Any], bits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "_WAYS", 6)
    monkeypatch.setattr(composition, "_BLOCK", 20)
    monkeypatch.setattr(composition, "_USES", 1)
    monkeypatch.setattr(composition, "_BYTES_A_WAY", 10**6 if bits else 0)
    graph = Graph().parse(data=written(case, 7), format="turtle")
    known = Materialization.of_graph(graph)
    assert set(known.inferred()) == set(infer(graph, "owlrl").inferred)
    proofs = [known.prove(statement) for statement in known.inferred()]
    assert [problem for proof in proofs if proof for problem in problems(proof, graph)] == []
    assert None not in proofs


@pytest.mark.thorough
@pytest.mark.parametrize("case", sample(CASES), ids=lambda case: str(case["name"]))
def test_large_ones_are_concluded_in_little_memory(case: dict[str, Any], tmp_path: Path) -> None:
    data, output = tmp_path / "data.ttl", tmp_path / "out.nt"
    data.write_text(written(case, case["n"]), encoding="utf-8")
    _reason(data, output)
    with output.open(encoding="utf-8") as lines:
        counts = Counter(line.split(" ", 2)[1] for line in lines)
    assert {p: counts[f"<{E[p]}>"] for p in case["statements"]} == case["statements"]


@pytest.mark.thorough
def test_a_chain_takes_what_its_closure_takes(tmp_path: Path) -> None:
    """The 4.5 million pairs of three thousand links in a thorough run."""
    data, output = tmp_path / "chain.ttl", tmp_path / "out.nt"
    links = 3000 if is_thorough() else 1000
    data.write_text(written(CASES[0], links), encoding="utf-8")
    _reason(data, output)
    with output.open(encoding="utf-8") as lines:
        assert sum(1 for _ in lines) == links * (links + 1) // 2 + 1


def _reason(data: Path, output: Path) -> None:
    command = [sys.executable, "-m", "kb", "reason", str(data), "-o", str(output), "--memory", str(MEBIBYTES)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_proof_of_a_far_pair_takes_no_more_than_the_way() -> None:
    graph = Graph().parse(data=written(CASES[0], 1000), format="turtle")
    proof = Materialization.of_graph(graph).prove((E["0"], E.p, E["1000"]))
    assert proof is not None
    assert problems(proof, graph) == []
    assert len({step.statement for step in proof.steps()}) <= 2 * 1000


@given(PAIRS, PAIRS, st.integers(1, 50), st.integers(1, 50), st.sampled_from([0, 3, 10**6]))
def test_composing_gives_each_pair_two_steps_apart(
    first: list[tuple[int, int]], second: list[tuple[int, int]], ways: int, block: int, bytes_a_way: int
) -> None:
    layout = KeyLayout.choices(50)[0]
    facts = Facts(layout)
    for found, (x, y) in enumerate(second):
        facts.add(column([layout.pack(1, x, y)]), found)
    starts, middles = column(x for x, _ in first), column(y for _, y in first)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "_WAYS", ways)
        patch.setattr(composition, "_BLOCK", block)
        patch.setattr(composition, "_USES", 0)
        patch.setattr(composition, "_BYTES_A_WAY", bytes_a_way)
        parts = list(composed(starts, middles, facts.object_ranges(1, middles), layout))
    pairs = {pair for starts, ends in parts for pair in zip(starts.tolist(), ends.tolist(), strict=True)}
    assert pairs == {(x, z) for x, y in first for other, z in second if y == other}


def test_many_ways_to_few_pairs_are_not_written_out() -> None:
    layout = KeyLayout.choices(3000)[0]
    facts = Facts(layout)
    left, right = np.repeat(np.arange(1000), 1000), np.tile(np.arange(1000), 1000)
    facts.add(distinct(layout.key(1, left.astype(np.uint64), right.astype(np.uint64))), 0)
    starts, middles = left.astype(np.uint64), right.astype(np.uint64)
    parts = list(composed(starts, middles, facts.object_ranges(1, middles), layout))
    assert 1_000_000 <= sum(len(starts) for starts, _ in parts) < 1_050_000  # of 1,000,000,000 ways
