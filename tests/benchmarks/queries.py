"""The queries of the comparison: sets of ``.rq`` files, and the requests that are made of them.

A file of ``queries/<set>/`` with the line ``# vary: <name>-0`` asks about one thing; requests ask it about others of
that kind as well. Each request ends with a comment of its own, so that no system answers from a cache of results,
except in the sets that are called repeated.
"""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self
from urllib.parse import quote_plus

from benchmarks.world import PERSONS_A_MEETING

__all__ = ["Query", "QuerySet", "competency_questions", "hostile_queries", "query_sets", "targets"]

_FOLDER = Path(__file__).with_name("queries")
_VARIED = re.compile(r"^# vary: id:(?P<thing>g-(?P<kind>meeting|person)-)0$", re.MULTILINE)


@dataclass(frozen=True)
class Query:
    """One query.

    :param text: as in the file
    """

    name: str
    text: str

    def variants(self, meetings: int, number: int, chance: random.Random) -> list[str]:
        """Return the query as it is, or where it can be varied about so many things.

        :param meetings: how many meetings the data have
        """
        varied = _VARIED.search(self.text)
        if varied is None:
            return [self.text]
        most = meetings * (PERSONS_A_MEETING if varied["kind"] == "person" else 1)
        numbers = chance.sample(range(most), min(number, most))
        pattern = re.compile(re.escape(varied["thing"]) + r"0\b")
        return [pattern.sub(f"{varied['thing']}{found}", self.text) for found in numbers]


@dataclass(frozen=True)
class QuerySet:
    """Queries that are measured together, taken in turn.

    :param repeated: whether the same request may come again, as it does in earnest; otherwise each one is new
    """

    name: str
    queries: tuple[Query, ...]
    repeated: bool = False

    def again(self) -> Self:
        """Return the same queries, asked again and again."""
        return replace(self, name=f"{self.name}, repeated", repeated=True)


def query_sets() -> tuple[QuerySet, ...]:
    """Return the sets for generated data."""
    order = ("small", "paths", "joins", "aggregates", "optionals", "large")
    small, *others = (QuerySet(name, _read(_FOLDER / name)) for name in order)
    return small, small.again(), *others


def competency_questions(folder: Path) -> tuple[QuerySet, ...]:
    """Return the competency questions, for the shipped graph."""
    questions = QuerySet("competency", _read(folder))
    return questions, questions.again()


def hostile_queries() -> QuerySet:
    """Return queries that are sent to bring a server down."""
    return QuerySet("hostile", _read(_FOLDER / "hostile"))


def targets(texts: Iterable[str], path: str) -> list[str]:
    """Return the first part of a request target for each query; the client ends it with a number, a comment.

    https://www.w3.org/TR/sparql11-protocol/#query-via-get
    """
    return [f"{path}?query={quote_plus(text)}%0A%23" for text in texts]


def _read(folder: Path) -> tuple[Query, ...]:
    return tuple(Query(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.rq")))
