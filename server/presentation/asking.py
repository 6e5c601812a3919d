"""Links from the values in the result of a query to who says so."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from pyoxigraph import BaseDirection, Literal, NamedNode

from kb.sparql.objects import Objects
from server.addresses import Addresses

__all__ = ["who_says_so"]

#: Characters of an address's parameters.
_LONGEST = 8000

#: A term of a result as JSON has it.
Cell = Mapping[str, Any] | None


def who_says_so(columns: Sequence[str], row: Sequence[Cell], objects: Objects, addresses: Addresses) -> tuple[str, ...]:
    """Return for each cell of a row the address of the page that tells who says so, or ``""``."""
    cells = dict(zip(columns, row, strict=True))
    return tuple(_address(name, cells, objects, addresses) for name in columns)


def _address(name: str, cells: Mapping[str, Cell], objects: Objects, addresses: Addresses) -> str:
    value = _value(cells[name])
    parts = ([_iri(part, cells) for part in pattern] for pattern in objects.get(name, ()))
    named = [(subject, predicate) for subject, predicate in parts if subject and predicate]
    if not value or not named:
        return ""
    pairs = [pair for found in named for pair in zip(("subject", "property"), found, strict=True)]
    parameters = urlencode([*pairs, ("value", value)])
    return addresses.link(f"/who-says-so?{parameters}") if len(parameters) < _LONGEST else ""


def _iri(part: str, cells: Mapping[str, Cell]) -> str:
    """Return a part of a pattern in this row, or ``""``."""
    if not part.startswith("?"):
        return part
    cell = cells.get(part.removeprefix("?"))
    return cell["value"] if cell and cell["type"] == "uri" else ""


def _value(cell: Cell) -> str:
    """Return a term as an address names it: a bare IRI, a literal as N-Triples writes it, or ``""`` for any other."""
    if cell and cell["type"] == "uri":
        return str(cell["value"])
    try:
        return str(_literal(cell)) if cell and cell["type"] == "literal" else ""
    except ValueError:  # a language or a datatype that was read without a check
        return ""


def _literal(cell: Mapping[str, Any]) -> Literal:
    if language := cell.get("language"):
        direction = cell.get("direction")
        return Literal(cell["value"], language=language, direction=BaseDirection(direction) if direction else None)
    datatype = cell.get("datatype")
    return Literal(cell["value"], datatype=NamedNode(datatype) if datatype else None)
