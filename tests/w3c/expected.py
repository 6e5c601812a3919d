"""The tests of the suites that fail, as ``expected-failures.csv`` lists them."""

import csv
from pathlib import Path
from typing import NamedTuple

__all__ = ["LISTED", "Listed"]


class Listed(NamedTuple):
    """An expected failure."""

    test: str
    cause: str
    reason: str


def _listed() -> dict[str, Listed]:
    with Path(__file__).with_name("expected-failures.csv").open(encoding="utf-8", newline="") as file:
        rows = [Listed(**row) for row in csv.DictReader(file)]
    assert len({row.test for row in rows}) == len(rows)
    return {row.test: row for row in rows}


LISTED = _listed()
