"""`kb fmt` on files of others: nothing that a person wrote goes without a word, and what can be kept is kept."""

import tomllib
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat
from support.commands import run_kb

from kb.errors import UsageError
from kb.rdf.comments import annotated, comments
from kb.rdf.turtle import format_files

FILE = Path(__file__).parent / "turtle" / "comments.toml"
CASES: list[dict[str, Any]] = tomllib.loads(FILE.read_text("utf-8"))["case"]

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])


@pytest.fixture
def path(case: dict[str, Any], tmp_path: Path) -> Path:
    file = tmp_path / "x.ttl"
    file.write_text(case["given"], encoding="utf-8")
    return file


def graph(text: str) -> set[Quad]:
    read = Dataset(Quad(*quad.triple) for quad in pyoxigraph.parse(text, RdfFormat.TURTLE))
    read.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(read)


def test_no_case_is_lost() -> None:
    assert len(CASES) == 7


@each_case
def test_comments_are_found(case: dict[str, Any]) -> None:
    assert [line for comment in comments(case["given"]) for line in comment.lines] == case["lines"]


@each_case
def test_a_file_with_comments_is_refused_unless_told(case: dict[str, Any], path: Path) -> None:
    ours = [path] if case.get("ours") else []
    if not case["lines"]:
        format_files([path], ours=ours)
        return
    with pytest.raises(
        UsageError, match=rf"x\.ttl: would lose {len(case['lines'])} lines? of comments .*--comments annotate"
    ):
        format_files([path], ours=ours)
    assert path.read_text("utf-8") == case["given"]


@each_case
@pytest.mark.parametrize("mode", ["dropped", "annotated"])
def test_what_becomes_of_the_file(case: dict[str, Any], path: Path, mode: str) -> None:
    if mode not in case:
        return
    comments_ = "drop" if mode == "dropped" else "annotate"
    ours = [path] if case.get("ours") else []
    (change,) = format_files([path], comments=comments_, ours=ours)  # type: ignore[arg-type]
    assert path.read_text("utf-8") == change.text == case[mode]
    assert change.comments == (tuple(case["lines"]) if mode == "dropped" else ())
    assert list(change.prefixes) == case.get("lost", [])
    assert format_files([path], comments=comments_, ours=ours) == []  # type: ignore[arg-type]
    if mode == "dropped":
        assert graph(case["given"]) == graph(case["dropped"])


@each_case
def test_the_command_says_what_is_lost(case: dict[str, Any], path: Path) -> None:
    if case.get("ours"):
        return
    checked = run_kb("fmt", "--check", path, cwd=path.parent)
    assert checked.returncode == 1
    assert path.read_text("utf-8") == case["given"]
    assert ("x.ttl: would lose " in checked.stderr) == bool(case["lines"] or case.get("lost"))
    assert ("Run `kb fmt --comments annotate`" in checked.stderr) == bool(case["lines"])
    assert all(f"{prefix}:" in checked.stderr for prefix in case.get("lost", []))
    plain = run_kb("fmt", path, cwd=path.parent)
    assert plain.returncode == (2 if case["lines"] else 0)
    assert (path.read_text("utf-8") == case["given"]) == bool(case["lines"])
    dropped = run_kb("fmt", "--comments", "drop", path, cwd=path.parent)
    assert dropped.returncode == 0
    lines = f"lost {len(case['lines'])} line"
    assert (lines in dropped.stderr) == bool(case["lines"])


def test_a_comment_without_a_statement_cannot_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text("# alone\n", encoding="utf-8")
    with pytest.raises(UsageError, match="There is no statement"):
        format_files([path], comments="annotate")
    assert path.read_text("utf-8") == "# alone\n"


def test_a_text_without_comments_stays_as_it_is() -> None:
    assert annotated("<a:a> <a:b> <a:c> .") == "<a:a> <a:b> <a:c> ."


def test_many_comments_take_no_longer_than_they_must() -> None:
    text = "".join(f"# {number}\n<a:{number}> <a:b> {number} . # {number}\n" for number in range(20_000))
    assert annotated(text).count("comment>") == 40_000
