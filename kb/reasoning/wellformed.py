"""What a schema must be for its rules to say something definite: whole RDF lists, numbers as cardinalities."""

import polars as pl
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF

from kb.errors import DataError
from kb.lists import broken_lists
from kb.namespaces import shorten
from kb.reasoning.annotations import is_in
from kb.reasoning.dictionary import Dictionary
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["require_lists", "require_well_formed", "touches_lists"]

_FIRST, _REST, _NIL = NUMBER_OF[RDF.first], NUMBER_OF[RDF.rest], NUMBER_OF[RDF.nil]
_CARDINALITIES = (OWL.maxCardinality, OWL.maxQualifiedCardinality)
_PARTS = (_FIRST, _REST, *(NUMBER_OF[term] for term in _CARDINALITIES))


def require_well_formed(statements: pl.DataFrame, dictionary: Dictionary) -> None:
    """Refuse malformed lists and cardinalities among statements, given as numbers of terms in the columns s, p and o.

    :raises DataError: with the things that they belong to
    """
    parts = statements.filter(is_in("p", _PARTS))
    if not _are_whole(parts):
        cells = parts.filter(is_in("p", (_FIRST, _REST)))
        users = statements.filter(pl.col("o").is_in(pl.concat([cells["s"], cells["o"]]).implode()))
        require_lists(_graph(pl.concat([cells, users]), dictionary))
    for row in parts.filter(is_in("p", _PARTS[2:])).iter_rows():
        _require_cardinality(dictionary.node(row[2]))


def require_lists(premises: Graph) -> None:
    """Refuse malformed RDF lists and cardinalities in a graph.

    :raises DataError: with the things that they belong to
    """
    if broken := broken_lists(premises):
        users = {shorten(str(s)) for cell in broken for s in premises.subjects(None, cell) if isinstance(s, URIRef)}
        place = f", of {', '.join(sorted(users))}" if users else ""
        raise DataError(f"An RDF list is broken or has lost its members{place}", "Write the list anew")
    for cardinality in _CARDINALITIES:
        for number in premises.objects(None, cardinality):
            _require_cardinality(number)


def touches_lists(statements: pl.DataFrame) -> bool:
    """Tell whether statements belong to lists or cardinalities, so that all of them have to be looked at again."""
    return statements.filter(is_in("p", _PARTS)).height > 0


def _require_cardinality(number: object) -> None:
    if not (isinstance(number, Literal) and isinstance(number.value, int)):
        raise DataError(f"{number} is no cardinality", "Write a whole number, xsd:nonNegativeInteger")


def _are_whole(parts: pl.DataFrame) -> bool:
    """Tell whether each cell has one first and one rest, and each list an end; False is no certainty."""
    first = parts.filter(pl.col("p") == _FIRST)["s"].to_list()
    rows = parts.filter(pl.col("p") == _REST).select("s", "o").rows()
    rest = dict(rows)
    if not len(first) == len(rows) == len(rest) or set(first) != set(rest):
        return False
    return set(rest.values()) <= {_NIL, *rest} and len(_reaching_nil(rest)) == len(rest)


def _reaching_nil(rest: dict[int, int]) -> set[int]:
    whole: set[int] = set()
    for start in rest:
        cell, path = start, list[int]()
        seen: set[int] = set()
        while cell != _NIL and cell not in whole and cell not in seen:
            seen.add(cell)
            path.append(cell)
            cell = rest[cell]
        if cell == _NIL or cell in whole:
            whole.update(path)
    return whole


def _graph(statements: pl.DataFrame, dictionary: Dictionary) -> Graph:
    graph = Graph()
    for s, p, o in statements.select("s", "p", "o").iter_rows():
        graph.add((dictionary.node(s), dictionary.node(p), dictionary.node(o)))
    return graph
