"""Results of queries as tables of nodes, for pages."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kb.sparql.objects import Objects
from server.addresses import Addresses
from server.evaluation.messages import Answer
from server.presentation.asking import who_says_so
from server.presentation.nodes import Node, Nodes

__all__ = ["ResultTable", "table_of"]

_NUMBERS = re.compile(r"(\d+)(?:(?:, | and )\d+)*")


@dataclass(frozen=True)
class ResultTable:
    """A result to show.

    :param columns: names of the variables, or subject, predicate and object
    :param rows: a node, or None where a variable is unbound
    :param asked: for each of them the links to who says so, or ``""``
    :param complete: these are all rows
    :param boolean: the answer to an ASK query, or None for a table
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Node | None, ...], ...] = ()
    asked: tuple[tuple[str, ...], ...] = ()
    complete: bool = True
    boolean: bool | None = None


def table_of(answer: Answer, nodes: Nodes, objects: Objects, addresses: Addresses) -> ResultTable:
    """Return the table of an answer in the page format.

    :param objects: those of its query
    """
    content = json.loads(answer.body)
    if "boolean" in content:
        return ResultTable(boolean=content["boolean"])
    columns = tuple(content["columns"])
    rows = [tuple(_node(cell, nodes) for cell in row) for row in content["rows"]]
    return ResultTable(
        columns,
        tuple(_with_paragraph_link(columns, row) for row in rows),
        tuple(who_says_so(columns, row, objects, addresses) for row in content["rows"]),
        answer.complete,
    )


def _with_paragraph_link(columns: tuple[str, ...], row: tuple[Node | None, ...]) -> tuple[Node | None, ...]:
    """Link the number of a paragraph to the source in the same row, if the columns have the ready questions' names.

    Of several paragraphs that are needed together, ``14 and 22``, the link leads to the first.
    """
    cells = dict(zip(columns, row, strict=True))
    source = cells.get("source")
    for name in ("paragraph", "paragraphs"):
        cell = cells.get(name)
        if source and source.href and not source.external and cell and (number := _NUMBERS.fullmatch(cell.text)):
            cells[name] = replace(cell, href=f"{source.href}#p{number[1]}")
    return tuple(cells.values())


def _node(cell: Mapping[str, Any] | None, nodes: Nodes) -> Node | None:
    return None if cell is None else _node_of(cell, nodes)


def _node_of(cell: Mapping[str, Any], nodes: Nodes) -> Node:
    match cell["type"]:
        case "uri":
            return nodes.of_iri(cell["value"])
        case "literal":
            return nodes.of_literal(
                cell["value"], cell.get("datatype", ""), cell.get("language", ""), cell.get("direction", "")
            )
        case "bnode":
            return Node(f"_:{cell['value']}")
        case _ if parts := cell.get("parts"):
            return nodes.of_triple([_node_of(part, nodes) for part in parts])
        case _:
            return Node("…")
