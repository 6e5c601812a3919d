"""The rules against the cases in checks/<rule>/: a small overlay each, put over the valid project in checks/base/.

A file of an overlay replaces the base's; one that ends in ``.append`` is added to the end of the base's; those listed
in ``removed.txt`` are taken away; a folder ``texts`` holds source texts. A case that fails says in ``findings.txt``
what the rule reports for it, as text without line numbers, which depend on the base. A case that passes is a near
miss, about which the rule says nothing.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kb.checks import RULES, Context, Finding, Rule, run_checks
from kb.checks.findings import ordered, render
from kb.config import Project
from kb.errors import DataError

FOLDER = Path(__file__).parent / "checks"
BASE = FOLDER / "base"
CASES = sorted(path for path in FOLDER.glob("*/*-*") if path.is_dir())
BY_ID = {rule.id: rule for rule in RULES}
#: What steers a case and is no file of the project.
STEERING = {"findings.txt", "removed.txt"}

Overlay = Callable[[Path], Project]


@pytest.fixture
def overlay(tmp_path: Path) -> Overlay:
    """Put a case over the base, in a folder of its own."""

    def put(case: Path) -> Project:
        root = tmp_path / "project"
        shutil.copytree(BASE, root)
        for path in sorted(case.rglob("*")):
            if path.is_file() and path.name not in STEERING:
                lay(path, root / path.relative_to(case))
        removed = case / "removed.txt"
        for name in removed.read_text().split() if removed.is_file() else ():
            (root / name).unlink()
        return Project(root)

    return put


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_rule_finds_what_is_wrong_where_it_is_described_and_nothing_else(case: Path, overlay: Overlay) -> None:
    project = overlay(case)
    findings = found(project, case)
    if case.name.startswith("pass-"):
        assert findings == []
    else:
        assert report(findings, project) == (case / "findings.txt").read_text()
    for finding in findings:
        if finding.line is not None and finding.name is not None:
            assert finding.file is not None
            line = finding.file.read_text().splitlines()[finding.line - 1]
            assert line.startswith((finding.name, finding.name.replace("source:press-2025#", "press-2025:")))


@pytest.mark.parametrize("case", ["turtle-syntax/fail-relative-iri", "canonical-form/fail-order"])
def test_a_fault_in_a_file_as_such_has_its_line(case: str, overlay: Overlay) -> None:
    before = len((BASE / "graph" / "press-2025.ttl").read_text().splitlines())
    lines = [finding.line for finding in found(overlay(FOLDER / case), FOLDER / case) if finding.file]
    assert lines
    assert lines[0] is not None
    assert (lines[0] > before) == case.startswith("turtle-syntax")  # a wrong order shows further up


def test_each_rule_has_cases_that_pass_and_that_fail() -> None:
    kinds = {(case.parent.name, case.name.partition("-")[0]) for case in CASES}
    assert kinds == {(rule.id, kind) for rule in RULES for kind in ("pass", "fail")}
    assert len(CASES) >= 85


def test_rules_have_names_of_their_own_and_titles_that_are_sentences() -> None:
    assert len(BY_ID) == len(RULES)
    assert all(rule.title[0].isupper() and not rule.title.endswith(".") for rule in RULES)


def test_the_base_keeps_every_rule() -> None:
    assert run_checks(Context(Project(BASE))) == ()


def test_a_project_with_several_faults_has_the_findings_of_several_rules(overlay: Overlay) -> None:
    findings = run_checks(Context(overlay(FOLDER / "ontology-header" / "fail-bare")))
    assert {finding.rule for finding in findings} == {"canonical-form", "ontology-header", "index-current"}
    assert findings == ordered(findings)


@pytest.mark.parametrize("case", ["turtle-syntax/fail-unfinished", "ontology-header/fail-none"])
def test_files_that_do_not_load_are_told_once(case: str, overlay: Overlay) -> None:
    findings = run_checks(Context(overlay(FOLDER / case)))
    assert [finding.rule for finding in findings].count(case.partition("/")[0]) == 1
    assert {finding.rule for finding in findings} <= {"turtle-syntax", "ontology-header", "canonical-form"}


def test_progress_is_told_by_the_titles_of_the_rules() -> None:
    told: list[str] = []
    run_checks(Context(Project(BASE)), told.append)
    assert told == [rule.title for rule in RULES]


def test_a_rule_that_cannot_work_on_the_files_says_so() -> None:
    def fail(_: Context) -> list[Finding]:
        raise DataError("The lists are broken", "Mend them")

    (finding,) = Rule("lists", "Lists are whole", fail).findings(Context(Project(BASE)))  # type: ignore[arg-type]
    assert (finding.rule, finding.severity, finding.message, finding.remedy) == (
        *("lists", "error"),
        *("The lists are broken", "Mend them"),
    )


def found(project: Project, case: Path) -> list[Finding]:
    """Return what the rule of a case finds."""
    texts = project.root / "texts"
    return list(BY_ID[case.parent.name].findings(Context(project, texts if texts.is_dir() else None)))


def report(findings: list[Finding], project: Project) -> str:
    return render([replace(finding, line=None) for finding in findings], "text", project.root)


def lay(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".append":
        base = target.with_suffix("")
        base.write_bytes(base.read_bytes() + source.read_bytes())
    else:
        target.write_bytes(source.read_bytes())
