"""Competency questions: their files taken apart, and what is wrong with a file."""

from pathlib import Path

import pytest

from kb.config import Project
from kb.errors import DataError, MissingFile, UnknownName
from kb.sparql.questions import find_question, load_questions, parse_question, read_query


def test_a_question_is_a_header_and_a_query(small_project: Project) -> None:
    (question,) = load_questions(small_project)
    assert question.name == "ordinals"
    assert question.title == "Which ordinal has each meeting?"
    assert question.topic == "Meetings"
    assert question.note == "The ordinal of the extraordinary one is not stated."
    assert question.text == "SELECT ?meeting ?ordinal { ?meeting ammtc:ordinal ?ordinal } ORDER BY ?ordinal\n"
    assert find_question(small_project, "ordinals") == question


def test_comments_in_the_query_stay() -> None:
    question = parse_question("x", "# title: Who?\n\n# not a header\nASK {} # end\n")
    assert (question.topic, question.note) == ("", "")
    assert question.text == "# not a header\nASK {} # end\n"


@pytest.mark.parametrize(
    "content", ["", "ASK {}", "# topic: Meetings\nASK {}", "# title:\nASK {}", "# a comment\nASK {}"]
)
def test_a_question_needs_a_title(content: str) -> None:
    with pytest.raises(DataError, match="question x has no title"):
        parse_question("x", content)


@pytest.mark.parametrize("name", ["ordinal", "../schema", "", "ordinals.rq"])
def test_a_question_that_does_not_exist(name: str, small_project: Project) -> None:
    with pytest.raises(UnknownName):
        find_question(small_project, name)


def test_a_query_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.rq").write_bytes(b"ASK {} # caf\xe9")
    with pytest.raises(DataError, match="UTF-8"):
        read_query(tmp_path / "x.rq")
    with pytest.raises(MissingFile):
        read_query(tmp_path)
