"""Findings as text, JSON and GitHub annotations, and the line of a subject in a file."""

import json
from pathlib import Path

import pytest

from kb.checks.findings import Finding, locate, ordered, render
from kb.errors import UnknownName
from kb.rdf.namespaces import ID

ROOT = Path("/srv/project")
ALL, A = ROOT / "graph" / "all.ttl", ROOT / "graph" / "a.ttl"
FINDINGS = [
    Finding(ALL, None, "The file is outdated", "Run `kb index`", rule="index-current"),
    Finding(None, ID.lim, "id:lim and id:lym look alike", "Merge them", severity="warning", rule="near-duplicate"),
    Finding(A, ID.b, "Two\nlines, 100 %: a", "Keep\r\none", 12, rule="shacl"),
    Finding(A, ID.a, "Wrong", "Correct it", 3, rule="shacl"),
    Finding(A, ID.a, "Wrong", "Correct it", 3, rule="shacl"),
    Finding(Path("/else,where:x.ttl"), None, "No Turtle", "Correct it", 1, rule="turtle-syntax"),
]
GOLDEN = Path(__file__).parent / "findings"


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_findings_are_written_as_before(form: str) -> None:
    assert render(FINDINGS, form, ROOT) == (GOLDEN / f"report.{form}").read_text()


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_the_order_of_the_findings_does_not_matter(form: str) -> None:
    assert render(FINDINGS[::-1], form, ROOT) == render(FINDINGS, form, ROOT)


def test_no_findings_are_written_too() -> None:
    assert render([], "text") == "0 errors, 0 warnings\n"
    assert json.loads(render([], "json")) == []
    assert render([], "github") == ""


def test_a_finding_takes_three_lines_at_most() -> None:
    one = render(FINDINGS[2:3], "text").splitlines()
    assert len(one) == 1 + 3 + 2  # the file, the finding, a blank line, the counts


def test_an_annotation_is_one_line_without_the_characters_that_end_it() -> None:
    (line,) = render(FINDINGS[2:3], "github", ROOT).splitlines()
    assert line == ("::error file=graph/a.ttl,line=12,title=shacl::id:b: Two%0Alines, 100 %25: a. Keep%0D%0Aone.")


def test_json_has_all_fields() -> None:
    (record,) = json.loads(render(FINDINGS[:1], "json", ROOT))
    assert list(record) == ["rule", "severity", "file", "focus", "message", "remedy", "line"]
    assert record["file"] == "graph/all.ttl"
    assert record["line"] is None


def test_repeated_findings_are_told_once() -> None:
    assert len(ordered(FINDINGS)) == 5


def test_another_format_is_refused() -> None:
    with pytest.raises(UnknownName, match="github, json, text"):
        render([], "html")


@pytest.mark.parametrize(
    ("iri", "line"),
    [
        ("https://w3id.org/ammtc/graph/nst-2025-09-12", 4),
        ("https://w3id.org/ammtc/id/ammtc-1", None),
        ("https://w3id.org/ammtc/id/ammtc-19", 9),
        ("https://w3id.org/ammtc/source/nst-2025-09-12#p7", 14),
        ("https://example.org/no-prefix", 18),
        ("https://w3id.org/ammtc/id/malaysia", None),  # an object, no subject
    ],
)
def test_a_subject_is_found_by_its_block(iri: str, line: int | None) -> None:
    assert locate(GOLDEN / "canonical.ttl", iri) == line


def test_a_file_that_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    assert locate(tmp_path / "none.ttl", "https://w3id.org/ammtc/id/a") is None
    (tmp_path / "latin.ttl").write_bytes(b"\xe9")
    assert locate(tmp_path / "latin.ttl", "https://w3id.org/ammtc/id/a") is None
