"""What a save in Protégé changes in a file, once it is in the canonical form again."""

from collections import Counter
from pathlib import Path

from kb.rdf.comments import comments
from kb.rdf.convert import to_graph
from kb.rdf.turtle import parse_statements, serialize
from protege.model import Statement
from protege.owlapi import OwlApi

__all__ = ["added_lines", "saved"]


def saved(api: OwlApi, path: Path, *statements: Statement) -> str:
    """Return the canonical text of a file after opening it, adding statements and saving it.

    :raises AssertionError: when `kb fmt` would take what the save writes between statements for a person's comment
    """
    text = api.resave(path, statements)
    assert comments(text) == []
    return serialize(to_graph(parse_statements(text.encode(), path)))


def added_lines(path: Path, text: str) -> Counter[str]:
    """Return the lines that ``text`` has in addition to those of the file, prefix declarations aside.

    :raises AssertionError: when a line of the file is gone, changed or in another place
    """
    old = path.read_text(encoding="utf-8").splitlines()
    new = text.splitlines()
    lines = iter(new)
    for number, line in enumerate(old, start=1):
        assert line in lines, f"{path}:{number}: changed or moved: {line}"
    return Counter(line for line in (Counter(new) - Counter(old)).elements() if not line.startswith("@prefix "))
