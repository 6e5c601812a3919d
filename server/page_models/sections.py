"""Sections of pages: the answer to one of the server's queries as a table whose values carry their citations.

The variables of such a query name its columns. The first one besides ``?thing`` is what a row is about; the values of
the others are gathered. What the value of ``?x`` rests on is found by the statements that the query's header names for
it, or else is ``?x_evidence``, or else is what the row rests on, ``?evidence``. A variable whose name begins with
``via`` is no column: it stands in those statements.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from kb.generations.read_proofs import Statement
from server.presentation.nodes import Node
from server.provenance.provenance import Grounds
from server.provenance.support import Backing, backings, exact
from server.stored_queries.lookups import LookUp, Row, Term
from server.stored_queries.texts import Pattern, patterns, query_about, selected

__all__ = ["Cell", "Entry", "Section", "Sections", "Table"]

_THING = "thing"
_EVIDENCE = "evidence"
_OF = "_evidence"
_VIA = "via"

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
    :param backing: what it rests on
    """

    node: Node
    backing: Backing = field(default_factory=Backing)


@dataclass(frozen=True)
class Entry:
    """A row.

    :param cells: the values of each column; the first one is what the row is about, with what the row rests on
    """

    cells: tuple[tuple[Cell, ...], ...]

    @property
    def about(self) -> Cell:
        """What the row is about."""
        return self.cells[0][0]


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
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.size))

    def column(self, name: str) -> int | None:
        """Return the position of a column, or None where it has no value."""
        return self.columns.index(name) if name in self.columns else None


class Sections:
    """Reads sections for one page.

    :param look_up: asks the generation
    :param grounds: finds what statements rest on
    """

    def __init__(self, look_up: LookUp, grounds: Grounds) -> None:
        self._look_up = look_up
        self._grounds = grounds

    def read(self, section: Section, iri: str = "", page: int = 1, rows: int = PAGE_ROWS) -> Table:
        """Return a section about a thing, or about none: one query.

        :param page: which of its pages, from 1; one beyond the last is the last
        :param rows: how many a page has
        """
        bound = {_THING: NamedNode(iri)} if iri else {}
        names = [name for name in selected(section.query) if _is_column(name)]
        gathered: dict[Term, list[Row]] = defaultdict(list)
        for row in self._look_up.rows(section.query, **bound):
            if names[0] in row:
                gathered[row[names[0]]].append(row)
        groups = list(gathered.values())
        page = min(max(1, page), max(1, -(-len(groups) // rows)))
        used = [name for name in names if any(name in row for group in groups for row in group)]
        entries = tuple(self._entry(section.query, group, used) for group in groups[(page - 1) * rows : page * rows])
        columns = tuple(name.replace("_", " ") for name in used)
        return Table(section, columns, entries, len(groups), page, query_about(section.query, iri), rows)

    def _entry(self, query: str, rows: Sequence[Row], columns: Iterable[str]) -> Entry:
        return Entry(tuple(self._cells(query, rows, name) for name in columns))

    def _cells(self, query: str, rows: Sequence[Row], name: str) -> tuple[Cell, ...]:
        given = patterns(query).get(name, ())
        by_value: dict[Term, list[Row]] = defaultdict(list)
        for row in rows:
            if name in row:
                by_value[row[name]].append(row)
        nodes = {term: self._grounds.node(term) for term in by_value}
        found = {term: self._backing(given, name, own) for term, own in by_value.items()}
        if self._is_one_valued(given):
            found |= self._judged(nodes, found)
        shown = exact(list(nodes.values()))
        return tuple(Cell(node, found[term]) for term, node in nodes.items() if node in shown)

    def _is_one_valued(self, given: Sequence[Pattern]) -> bool:
        return any(prop in self._grounds.evidence.one_valued for pattern in given for prop in pattern.properties)

    def _judged(self, nodes: Mapping[Term, Node], found: Mapping[Term, Backing]) -> dict[Term, Backing]:
        """Return what is behind those values of one property that have citations, and whether they differ."""
        cited = {term: (node, found[term].citations) for term, node in nodes.items() if found[term].citations}
        return backings(cited, self._grounds.evidence, one_valued=True)

    def _backing(self, given: Sequence[Pattern], name: str, rows: Sequence[Row]) -> Backing:
        """Return what a value rests on that some rows have."""
        own = [row[name + _OF] for row in rows if name + _OF in row]
        if own:
            return self._grounds.cited(own)
        statements = dict.fromkeys(found for pattern in given for row in rows for found in _matches(pattern, row))
        stated = self._grounds.backing(*statements)
        return stated if stated.tells else self._grounds.cited(row[_EVIDENCE] for row in rows if _EVIDENCE in row)


def _is_column(variable: str) -> bool:
    return variable not in (_THING, _EVIDENCE) and not variable.endswith(_OF) and not variable.startswith(_VIA)


def _matches(pattern: Pattern, row: Row) -> Iterator[Statement]:
    """Yield the statements of a pattern in a row where it has their terms."""
    subject, value = row.get(pattern.subject), row.get(pattern.value)
    for prop in pattern.properties:
        predicate = row.get(prop[1:]) if prop.startswith("?") else NamedNode(prop)
        if subject is not None and predicate is not None and value is not None:
            yield subject, predicate, value
