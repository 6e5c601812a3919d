"""The comparison of reasoners: it runs, it reports, and a system that fails is told."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.reasoning import RUNNERS, Limits, measure

_SCRIPT = Path(__file__).with_name("reasoning.py")
_LIMITS = Limits(8 << 30, 100)


def test_each_system_has_a_program() -> None:
    assert {path.name for path in RUNNERS.glob("*_runner.py")} == {
        "kb_runner.py",
        "owlrl_runner.py",
        "reasonable_runner.py",
    }


def test_a_comparison_measures_and_writes_what_it_found(tmp_path: Path) -> None:
    report, raw = tmp_path / "report.md", tmp_path / "figures.json"
    options = ["--systems", "kb", "--sizes", "shipped,3000", "--repeat", "1"]
    command = [sys.executable, str(_SCRIPT), *options, "--markdown", str(report), "--json", str(raw)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    figures = json.loads(raw.read_text())
    assert [figure["system"] for figure in figures] == ["kb", "kb"]
    assert all(figure["statements"] > figure["given"] > 3000 and figure["reasoning"] > 0 for figure in figures)
    assert all(figure["inconsistencies"] == 0 for figure in figures)
    assert report.read_text().count("\n|") == 4


def test_owlrl_and_kb_read_the_same(tmp_path: Path) -> None:
    data = tmp_path / "data.nt"
    data.write_text(
        "<urn:x:A> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <urn:x:B> .\n"
        "<urn:x:i> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:x:A> .\n"
    )
    ours, reference = (measure(system, "small", [data], _LIMITS) for system in ("kb", "owlrl"))
    assert (ours.failure, reference.failure) == ("", "")
    assert ours.given == reference.given == 2
    assert reference.statements > ours.statements == 3


def test_a_chain_is_compared_with_kb_of_another_commit(tmp_path: Path) -> None:
    raw = tmp_path / "figures.json"
    options = ["--systems", "kb", "--sizes", "chain100", "--repeat", "1", "--before", "HEAD", "--json", str(raw)]
    done = subprocess.run([sys.executable, str(_SCRIPT), *options], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    figures = json.loads(raw.read_text())
    assert [(figure["system"], figure["statements"]) for figure in figures] == [("kb", 5051), ("before", 5051)]


def test_a_system_that_cannot_read_the_data_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.nt").write_text("no statement")
    assert "RdfSyntaxError" in measure("kb", "bad", [tmp_path / "bad.nt"], _LIMITS).failure
