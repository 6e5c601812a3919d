"""The competency questions: what the graph must be able to answer, as queries with their question in words."""

import re
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import process

from kb.atomic import read_bytes
from kb.config import Project
from kb.errors import DataError, UnknownName

__all__ = ["Question", "decode_query", "find_question", "load_questions", "parse_question", "read_query"]

_FIELD = re.compile(r"#\s*(?P<key>[a-z]+):\s*(?P<value>.*)")
_SUGGESTIONS = 3


@dataclass(frozen=True)
class Question:
    """One question.

    :param name: stem of its file
    :param title: the question in words
    :param topic: what it belongs to, for example "meetings"; empty where the file says none
    :param note: what to know about the answer; empty where the file says nothing
    :param text: the query
    """

    name: str
    title: str
    topic: str
    note: str
    text: str


def load_questions(project: Project) -> tuple[Question, ...]:
    """Read all questions of a project, by name.

    :raises DataError: when a file has no title
    :raises MissingFile: when a file cannot be read
    """
    return tuple(parse_question(path.stem, read_query(path)) for path in project.questions())


def parse_question(name: str, content: str) -> Question:
    """Take a question's file apart.

    Its first lines are comments of the form ``# key: value`` with the keys title, topic and note; a comment without a
    key continues the value before it. What follows is the query.

    :raises DataError: when there is no title
    """
    fields: dict[str, str] = {}
    lines = content.splitlines()
    key = ""
    while lines and lines[0].startswith("#"):
        line = lines.pop(0)
        match = _FIELD.match(line)
        key, value = (match["key"], match["value"]) if match else (key, line.lstrip("# "))
        fields[key] = f"{fields.get(key, '')} {value}".strip()
    if not fields.get("title"):
        raise DataError(f"The question {name} has no title", "Begin its file with a line `# title: …`")
    text = "\n".join(lines).strip() + "\n"
    return Question(name, fields["title"], fields.get("topic", ""), fields.get("note", ""), text)


def find_question(project: Project, name: str) -> Question:
    """Return the question of that name.

    :raises UnknownName: when there is none, with the most similar names
    """
    path = project.competency / f"{name}.rq"
    if re.fullmatch(r"[\w-]+", name) and path.is_file():
        return parse_question(name, read_query(path))
    names = [known.stem for known in project.questions()]
    raise UnknownName("question", name, [match[0] for match in process.extract(name, names, limit=_SUGGESTIONS)])


def read_query(path: Path) -> str:
    """Read the text of a query.

    :raises MissingFile: when the file cannot be read
    :raises DataError: when it is not UTF-8
    """
    return decode_query(read_bytes(path), str(path))


def decode_query(content: bytes, name: str) -> str:
    """Decode a query from UTF-8.

    :param name: where it comes from, for the message
    :raises DataError: when it is not UTF-8
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: is no text in UTF-8 (byte {error.start})", "Save it in UTF-8") from error
