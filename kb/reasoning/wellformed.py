"""What a schema must be for its rules to say something definite: whole RDF lists, numbers as cardinalities."""

from collections.abc import Iterable, Sequence

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF

from kb.errors import DataError
from kb.namespaces import shorten
from kb.rdf.lists import broken_lists
from kb.reasoning.columns import Column, among, column
from kb.reasoning.dictionary import Dictionary
from kb.reasoning.facts import KeyLayout
from kb.reasoning.predicates import Predicates
from kb.reasoning.schema import Fact
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["require_lists", "require_well_formed"]

_FIRST, _REST, _NIL = NUMBER_OF[RDF.first], NUMBER_OF[RDF.rest], NUMBER_OF[RDF.nil]
_CARDINALITIES = (OWL.maxCardinality, OWL.maxQualifiedCardinality)
_PARTS = (_FIRST, _REST, *(NUMBER_OF[term] for term in _CARDINALITIES))


def require_well_formed(statements: Column, layout: KeyLayout, predicates: Predicates, dictionary: Dictionary) -> None:
    """Refuse malformed lists and cardinalities among packed statements.

    :raises DataError: with the things that they belong to
    """
    of_parts = among(layout.predicate(statements), column(sorted(_PARTS)))
    parts = [layout.unpack(key) for key in statements[of_parts].tolist()]
    cells = [(p, s, o) for p, s, o in parts if p in (_FIRST, _REST)]
    if not _are_whole(cells):
        ends = column(sorted({term for _, s, o in cells for term in (s, o)}))
        users = map(layout.unpack, statements[among(layout.object(statements), ends)].tolist())
        require_lists(_graph([*cells, *users], predicates, dictionary))
    for p, _, o in parts:
        if p not in (_FIRST, _REST):
            _require_cardinality(dictionary.node(o))


def require_lists(premises: Graph) -> None:
    """Refuse malformed RDF lists and cardinalities in a graph.

    :raises DataError: with the things that they belong to
    """
    if broken := broken_lists(premises):
        users = {shorten(str(s)) for cell in broken for s in premises.subjects(None, cell) if isinstance(s, URIRef)}
        place = f", of {', '.join(sorted(users))}" if users else ""
        raise DataError(f"An RDF list is broken or has lost its members{place}", "Write the list again")
    for cardinality in _CARDINALITIES:
        for number in premises.objects(None, cardinality):
            _require_cardinality(number)


def _require_cardinality(number: object) -> None:
    value = number.value if isinstance(number, Literal) else None
    if not isinstance(value, int) or isinstance(value, bool):  # a bool is an int to Python
        raise DataError(f"{number} is no cardinality", "Write a whole number, xsd:nonNegativeInteger")


def _are_whole(cells: Sequence[Fact]) -> bool:
    """Return whether each cell has one first and one rest, and each list an end; False is no certainty."""
    first = [s for p, s, _ in cells if p == _FIRST]
    rows = [(s, o) for p, s, o in cells if p == _REST]
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


def _graph(statements: Iterable[Fact], predicates: Predicates, dictionary: Dictionary) -> Graph:
    graph = Graph()
    for p, s, o in statements:
        if (term := predicates.term(p)) is not None:
            graph.add((dictionary.node(s), dictionary.node(term), dictionary.node(o)))
    return graph
