"""Sections of pages: the result of one of the server's queries as a table of values with their support.

The variables of such a query name its columns. The first one besides ``?thing`` is what a row is about; the values of
the others are gathered. The evidence for a value of ``?x`` is ``?x_evidence``, or else that of the statements which the
query's header names for ``?x``, or else that of the row, ``?evidence``. A variable whose name begins with ``via`` is no
column: the statements in the header use it.

Values of a property that can have one value contradict each other where they are said of what the row or the page is
about, or by several reports of one act, ``?via_report``; those said of other things, such as several tenures of one
person, do not.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pyoxigraph import NamedNode

from kb.namespaces import AMMTC
from kb.rdf.terms import Statement, Term
from server.presentation.voices import voice
from server.provenance.provenance import Provenance
from server.provenance.support import Support, Value, compared, most_exact
from server.stored_queries.lookups import LookUp, Row
from server.stored_queries.texts import Pattern, patterns, query_about

__all__ = ["Entry", "Section", "Table", "page_of", "read_section"]

_THING = "thing"
_EVIDENCE = "evidence"
_OF = "_evidence"
_VIA = "via"
_REPORT = "via_report"

#: Properties that word the values of columns which no pattern of a query's header gives.
_WORDED_BY = {"why": (AMMTC.reason,), "editors_follow_it": (AMMTC.reason,), "answer": (AMMTC.summary,)}

#: Rows of a section on one page.
_PAGE_ROWS = 50

Item = TypeVar("Item")


@dataclass(frozen=True)
class Section:
    """A kind of section.

    :param query: name of the stored query, which is its anchor too
    :param title: its heading
    :param layout: how it is shown: ``table``, ``days``, ``ladder``, ``ordinals``, ``said`` or ``summary``
    :param hint: a sentence below the heading, or ``""``
    """

    query: str
    title: str
    layout: str = "table"
    hint: str = ""


@dataclass(frozen=True)
class Entry:
    """A row.

    :param cells: the values of each column; the first one is what the row is about, with what the row rests on
    """

    cells: tuple[tuple[Value, ...], ...]

    @property
    def about(self) -> Value:
        """What the row is about."""
        return self.cells[0][0]


@dataclass(frozen=True)
class Table:
    """A section with its rows.

    :param section: the kind of section
    :param columns: headings of the columns that have a value
    :param rows: those of the current page
    :param total: rows on all pages
    :param page: number of the current page, from 1
    :param pages: number of pages
    :param query: the text of its query about this thing
    """

    section: Section
    columns: tuple[str, ...]
    rows: tuple[Entry, ...]
    total: int
    page: int
    pages: int
    query: str

    def column(self, name: str) -> int | None:
        """Return the position of a column, or None where it has no value."""
        return self.columns.index(name) if name in self.columns else None


def read_section(  # noqa: PLR0913  what is read, and which part of it
    look_up: LookUp, provenance: Provenance, section: Section, iri: str = "", *, page: int = 1, rows: int = _PAGE_ROWS
) -> Table:
    """Return a section about a thing, or about none: one query.

    :param page: number of the page, from 1; beyond the last page is the last
    :param rows: rows on a page
    """
    solutions = look_up.rows(section.query, **({_THING: NamedNode(iri)} if iri else {}))
    names = [
        name
        for name in solutions.variables
        if name not in (_THING, _EVIDENCE) and not name.endswith(_OF) and not name.startswith(_VIA)
    ]
    gathered: dict[Term, list[Row]] = defaultdict(list)
    for row in solutions:
        if names[0] in row:
            gathered[row[names[0]]].append(row)
    groups = list(gathered.values())
    shown, page, pages = page_of(groups, page, rows)
    used = [name for name in names if any(name in row for group in groups for row in group)]
    given = patterns(section.query)
    entries = tuple(
        Entry(tuple(_cell(provenance, group, name, given.get(name, ()), names[0]) for name in used)) for group in shown
    )
    columns = tuple(name.replace("_", " ") for name in used)
    return Table(section, columns, entries, len(groups), page, pages, query_about(section.query, iri))


def page_of(items: Sequence[Item], number: int, size: int) -> tuple[Sequence[Item], int, int]:
    """Return the items of a page, its number from 1, and the number of pages; beyond the last page is the last.

    :param size: items on a page
    """
    pages = max(1, -(-len(items) // size))
    number = min(max(1, number), pages)
    return items[(number - 1) * size : number * size], number, pages


def _cell(
    provenance: Provenance, rows: Sequence[Row], name: str, given: Sequence[Pattern], about: str
) -> tuple[Value, ...]:
    """Return the values of a variable in the rows about one thing, each with its support.

    :param given: the statements that the values come from
    :param about: the variable of that thing
    """
    by_value: dict[Term, list[Row]] = defaultdict(list)
    for row in rows:
        if name in row:
            by_value[row[name]].append(row)
    nodes = {term: provenance.node(term) for term in by_value}
    supports = {term: _support(provenance, own, name, given) for term, own in by_value.items()}
    evidence = provenance.evidence
    of_one = [pattern for pattern in given if pattern.subject in (about, _THING, _REPORT)]
    if any(prop in evidence.one_valued for pattern in of_one for prop in pattern.properties):
        supports = compared(nodes, supports, evidence, one_valued=True)
    shown = most_exact(list(nodes.values()), evidence)
    worded = voice([prop for pattern in given for prop in pattern.properties] or _WORDED_BY.get(name, ()))
    return tuple(
        Value(node, supports[term], worded, provenance.quotable(*_given(provenance, by_value[term], given)))
        for term, node in nodes.items()
        if node in shown
    )


def _support(provenance: Provenance, rows: Sequence[Row], name: str, given: Sequence[Pattern]) -> Support:
    """Return the support of a value by the rows that have it."""
    own = [row[name + _OF] for row in rows if name + _OF in row]
    if own:
        return provenance.cited(own)
    support = provenance.support(*_given(provenance, rows, given))
    return support or provenance.cited(row[_EVIDENCE] for row in rows if _EVIDENCE in row)


def _given(provenance: Provenance, rows: Sequence[Row], given: Sequence[Pattern]) -> Iterable[Statement]:
    """Return the statements of some patterns in rows, each without what only repeats it by a wider property."""
    matching = dict.fromkeys(found for pattern in given for row in rows for found in _statements(pattern, row))
    return dict.fromkeys(provenance.narrower(found) or found for found in matching)


def _statements(pattern: Pattern, row: Row) -> Iterator[Statement]:
    """Yield the statements of a pattern in a row where it has their terms."""
    subject, value = row.get(pattern.subject), row.get(pattern.value)
    for prop in pattern.properties:
        predicate = row.get(prop[1:]) if prop.startswith("?") else NamedNode(prop)
        if subject is not None and predicate is not None and value is not None:
            yield subject, predicate, value
