"""Sections of pages: the answer to one of the server's queries as a table whose values carry their citations.

The variables of such a query name its columns. The first one besides ``?thing`` is what a row is about; the values of
the others are gathered. ``?evidence`` is what a row rests on, ``?x_evidence`` what the value of ``?x`` in it rests on.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from server.nodes import Node, Nodes
from server.queries import query_about, selected
from server.reading.agreement import Backing, backing_of_facts, exact
from server.reading.evidence import Evidence
from server.reading.lookups import LookUp, Row, Term

__all__ = ["Cell", "Entry", "Section", "Sections", "Table"]

_THING = "thing"
_EVIDENCE = "evidence"
_OF = "_evidence"

#: Rows that a page shows of one section before it leads on to the next ones.
PAGE_ROWS = 50


@dataclass(frozen=True)
class Section:
    """A kind of section.

    :param query: name of the stored query, which is its anchor too
    :param title: its heading
    :param layout: how it is shown: ``table``, ``days``, ``ladder``, ``ordinals`` or ``quotes``
    :param hint: a sentence below the heading, or ``""``
    """

    query: str
    title: str
    layout: str = "table"
    hint: str = ""


@dataclass(frozen=True)
class Cell:
    """A value in a row.

    :param node: the value
    :param backing: what it rests on, where that differs from what the row rests on
    """

    node: Node
    backing: Backing | None = None


@dataclass(frozen=True)
class Entry:
    """A row.

    :param cells: the values of each column
    :param backing: what the row rests on, or None where its query does not tell
    """

    cells: tuple[tuple[Cell, ...], ...]
    backing: Backing | None = None


@dataclass(frozen=True)
class Table:
    """A section with its rows.

    :param section: the kind of section
    :param columns: headings, those of columns without any value left out
    :param rows: those of the current page
    :param total: rows on all pages
    :param page: number of the current page, from 1
    :param query: the text of its query about this thing
    :param size: rows of a page
    """

    section: Section
    columns: tuple[str, ...]
    rows: tuple[Entry, ...]
    total: int
    page: int
    query: str
    size: int = PAGE_ROWS

    @property
    def cited(self) -> bool:
        """Whether the rows say what they rest on."""
        return any(row.backing for row in self.rows)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.size))

    def column(self, name: str) -> int | None:
        """Return the position of a column, or None where it has no value."""
        return self.columns.index(name) if name in self.columns else None


class Sections:
    """Reads sections for one page.

    :param look_up: asks the generation
    :param nodes: makes the nodes
    :param evidence: of the generation
    """

    def __init__(self, look_up: LookUp, nodes: Nodes, evidence: Evidence) -> None:
        self._look_up = look_up
        self._nodes = nodes
        self._evidence = evidence

    def read(self, section: Section, iri: str = "", page: int = 1, rows: int = PAGE_ROWS) -> Table:
        """Return a section about a thing, or about none: one query.

        :param page: which of its pages, from 1; one beyond the last is the last
        :param rows: how many a page has
        """
        bound = {_THING: NamedNode(iri)} if iri else {}
        names = [name for name in selected(section.query) if name not in (_THING, _EVIDENCE) and not name.endswith(_OF)]
        gathered: dict[Term, list[Row]] = defaultdict(list)
        for row in self._look_up.rows(section.query, **bound):
            if names[0] in row:
                gathered[row[names[0]]].append(row)
        groups = list(gathered.values())
        page = min(max(1, page), max(1, -(-len(groups) // rows)))
        used = [name for name in names if any(name in row for group in groups for row in group)]
        entries = tuple(self._entry(group, used) for group in groups[(page - 1) * rows : page * rows])
        columns = tuple(name.replace("_", " ") for name in used)
        return Table(section, columns, entries, len(groups), page, query_about(section.query, iri), rows)

    def _entry(self, rows: Sequence[Row], columns: Iterable[str]) -> Entry:
        cited = [row[_EVIDENCE] for row in rows if _EVIDENCE in row]
        cells = tuple(self._cells(rows, name) for name in columns)
        return Entry(cells, self._backing(cited) if cited else None)

    def _cells(self, rows: Sequence[Row], name: str) -> tuple[Cell, ...]:
        own: dict[Term, list[Term]] = defaultdict(list)
        for row in rows:
            if name in row:
                own[row[name]] += [row[name + _OF]] if name + _OF in row else []
        cells = [Cell(self._nodes.of(term), self._backing(cited) if cited else None) for term, cited in own.items()]
        shown = exact([cell.node for cell in cells])
        return tuple(cell for cell in cells if cell.node in shown)

    def _backing(self, cited: Iterable[Term]) -> Backing:
        return backing_of_facts(self._evidence.citations(cited), self._evidence)
