"""The corpus: hostile queries, requests and RDF files, read from the TOML files beside this module."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["FILES", "QUERIES", "REQUESTS", "HostileFile", "HostileQuery", "HostileRequest"]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class HostileQuery:
    """A query: ``before``, then ``repeat`` so many ``times``, then ``after``; in it ``{listener}`` is an address.

    :param codes: of the problems that may be the answer, or ``ok`` for status 200
    :param after_times: how often ``after`` comes
    :param close: what comes at the end as often as ``repeat`` came
    :param accept: media type of the answer
    :param contains: what the problem's detail must contain
    """

    family: str
    name: str
    codes: Sequence[str]
    before: str
    repeat: str = ""
    times: int = 0
    after: str = ""
    after_times: int = 1
    close: str = ""
    accept: str = "application/sparql-results+json"
    contains: str = ""

    def text(self, listener: str) -> str:
        """Return the query; nothing may ever connect to the listener."""
        text = self.before + self.repeat * self.times + self.after * self.after_times + self.close * self.times
        return text.replace("{listener}", listener)

    def __str__(self) -> str:
        return f"{self.family}: {self.name}"


@dataclass(frozen=True)
class HostileRequest:
    """A request, or bytes that are none; in its texts ``{long}`` stands for very many letters.

    :param raw: all bytes, for what no client library sends
    :param statuses: that the answer may have; 0 where the connection may be closed without one
    :param lacks: what neither head nor body of the answer may contain
    """

    name: str
    statuses: Sequence[int]
    method: str = "GET"
    target: str = "/"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    raw: str = ""
    lacks: Sequence[str] = ()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class HostileFile:
    """An RDF file, its texts as those of a `HostileQuery`.

    :param name: of the file; the format follows from it
    :param contains: what the message that refuses it must contain
    """

    name: str
    before: str
    repeat: str = ""
    times: int = 0
    after: str = ""
    close: str = ""
    contains: str = ""

    def text(self, listener: str) -> str:
        """Return the content; nothing may ever connect to the listener."""
        text = self.before + self.repeat * self.times + self.after + self.close * self.times
        return text.lstrip().replace("{listener}", listener)

    def __str__(self) -> str:
        return self.name


def _tables(path: Path, key: str) -> list[dict[str, Any]]:
    tables: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))[key]
    return tables


QUERIES = tuple(
    HostileQuery(path.stem, **table)
    for path in sorted((_HERE / "queries").glob("*.toml"))
    for table in _tables(path, "query")
)
REQUESTS = tuple(HostileRequest(**table) for table in _tables(_HERE / "requests.toml", "request"))
FILES = tuple(HostileFile(**table) for table in _tables(_HERE / "files.toml", "file"))
