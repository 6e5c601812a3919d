"""Results of two engines compared: rows as a multiset of values, in their order as far as the query defines it.

Stores keep or change the form of a number, a truth value or a time (``01``, ``1``): what has one value in one datatype
is one term here, as it is for the embedded engine. Blank nodes have no names: they are told apart by where they stand.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QueryBoolean, QueryTriples, Store

from kb.namespaces import XSD
from kb.rdf.terms import Term
from kb.sparql.query import Result
from kb.sparql.scan import Scanned, Token

__all__ = ["Rows", "difference", "read_rows"]

_ROUNDS = 4  # of telling blank nodes apart by their neighbours
_NUMBERS = frozenset(XSD[name] for name in ("integer", "decimal", "double", "float"))
_SHOWN = 120

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Rows:
    """A whole result.

    :param columns: names of the variables; of triples and of a truth value too
    :param rows: terms in N-Triples by value, blank nodes as ``_:`` with what tells them apart
    :param changed: what a literal was in the result -> what it is by value, where these differ
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    changed: Mapping[str, str]


def read_rows(result: Result) -> Rows:
    """Read a result to its end."""
    if isinstance(result, QueryBoolean):
        return Rows(("truth",), ((str(bool(result)).lower(),),), {})
    rows: list[tuple[Term | None, ...]]
    if isinstance(result, QueryTriples):
        columns: tuple[str, ...] = ("s", "p", "o")
        rows = [*{tuple(triple) for triple in result}]
    else:
        columns = tuple(variable.value for variable in result.variables)
        rows = [tuple(row) for row in result]
    values = _by_value({term for row in rows for term in row if isinstance(term, Literal)})
    changed = {str(term): str(value) for term, value in values.items() if term != value}
    named = [tuple(values.get(term, term) if isinstance(term, Literal) else term for term in row) for row in rows]
    return Rows(columns, tuple(_without_labels(named)), changed)


def difference(ours: Rows, theirs: Rows, query: Scanned) -> str:
    """Return the first row that differs, in words, or "" where two results are alike.

    :param query: that both engines were asked
    """
    if set(ours.columns) != set(theirs.columns):
        return f"it has the columns {', '.join(theirs.columns)} in place of {', '.join(ours.columns)}"
    places = [theirs.columns.index(column) for column in ours.columns]
    found = [tuple(row[place] for place in places) for row in theirs.rows]
    missing, extra = Counter(ours.rows), Counter(found)
    missing, extra = missing - extra, extra - missing
    if missing or extra:
        number = f"{len(found):,} rows in place of {len(ours.rows):,}"
        parts = [
            f"{words} {_shown(ours.columns, next(iter(rows)))}"
            for words, rows in (("without", missing), ("with", extra))
            if rows
        ]
        return f"{number}, {' and '.join(parts)}"
    keys = [ours.columns.index(name) for name in _order(query) if name in ours.columns]
    for place, (row, other) in enumerate(zip(ours.rows, found, strict=True), 1):
        for key in keys:
            if row[key] != other[key]:
                if _is_ordered(row[key], other[key]):
                    return f"another order: row {place} is {_shown(ours.columns, other)}"
                return ""  # the recommendation leaves open which comes first, and with that what follows
    return ""


def _by_value(literals: Iterable[Literal]) -> dict[Literal, Term]:
    """Return literals with the form that the embedded engine gives them."""
    given = [*literals]
    store = Store()
    place = NamedNode("urn:x:p")
    store.extend(Quad(NamedNode(f"urn:x:{number}"), place, literal) for number, literal in enumerate(given))
    return {given[int(str(quad.subject)[len("<urn:x:") : -1])]: quad.object for quad in store}


def _without_labels(rows: Sequence[tuple[Term | None, ...]]) -> list[Row]:
    """Return rows as text, with blank nodes that stand in like places called alike."""
    nodes: dict[Term, str] = {term: "" for row in rows for term in row if isinstance(term, BlankNode)}

    def written(row: tuple[Term | None, ...], but: Term | None = None) -> Row:
        return tuple(
            None if term is None else f"_:{'*' if term == but else nodes[term]}" if term in nodes else str(term)
            for term in row
        )

    for _ in range(_ROUNDS if nodes else 0):
        seen: defaultdict[Term, list[str]] = defaultdict(list)
        for row in rows:
            for term in {term for term in row if term in nodes}:
                seen[term].append(repr(written(row, but=term)))
        nodes = {node: f"{hash(tuple(sorted(places))):x}" for node, places in seen.items()}
    return [written(row) for row in rows]


def _shown(columns: Sequence[str], row: Row) -> str:
    cells = (f"?{name} = {value}" for name, value in zip(columns, row, strict=True) if value is not None)
    text = ", ".join(cells) or "nothing bound"
    return f"({text})" if len(text) <= _SHOWN else f"({text[:_SHOWN]}…)"


def _order(query: Scanned) -> list[str]:
    """Return the variables by which a query orders its solutions first, up to an expression."""
    tokens = _after_order(query.tokens)
    names: list[str] = []
    while tokens:
        if tokens[0].kind == "variable":
            names.append(tokens[0].text[1:])
            tokens = tokens[1:]
        elif tokens[0].is_word("asc", "desc") and len(tokens) > 3 and tokens[2].kind == "variable":  # noqa: PLR2004
            if not tokens[3].is_symbol(")"):
                break
            names.append(tokens[2].text[1:])
            tokens = tokens[4:]
        else:
            break
    return names


def _after_order(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return what follows ORDER BY at the end of a query."""
    depth, found = 0, len(tokens)
    for place, token in enumerate(tokens):
        if token.kind == "symbol" and token.text in "{}":
            depth += 1 if token.text == "{" else -1
        elif not depth and token.is_word("order"):
            found = place + 2
    return tokens[found:]


def _is_ordered(one: str | None, other: str | None) -> bool:
    """Return whether section 15.1 of SPARQL 1.1 Query says which of two terms comes first."""
    return _rank(one) != _rank(other) or _rank(one) in ("iri", "number", "string")


def _rank(term: str | None) -> str:
    if term is None or term.startswith("_:"):
        return "node" if term else "none"
    if term.startswith("<"):
        return "iri"
    form, _, datatype = term.rpartition('"')
    if not datatype:
        return "string"
    return "number" if form and datatype[3:-1] in _NUMBERS else "literal"
