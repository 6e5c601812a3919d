"""What the rules of table 8 conclude about literals: their datatypes, and which of them have the same value.

https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules, table 8 ("The Semantics of
Datatypes"). dt-type2 gives a literal the types that some rule asks for, not all of them; dt-diff and dt-not-type find
inconsistencies, see `kb.reasoning.inconsistencies`.
"""

from collections.abc import Callable, Iterable, Iterator

from rdflib import Literal, URIRef

from kb.rdf.datatypes import datatype_of, is_comparable, is_contained, supertypes, value_key

__all__ = ["equal_literals", "types_among", "types_of"]


def types_of(literal: Literal) -> tuple[URIRef, ...]:
    """Return the datatype of a literal and those that this one restricts, which contain all its values."""
    own = datatype_of(literal)
    return (own, *supertypes(own))


def types_among(literals: Iterable[tuple[int, Literal]], asked: Iterable[URIRef]) -> Iterator[tuple[int, URIRef]]:
    """Yield each literal with those of some datatypes that contain its value (dt-type2).

    ``"5"^^xsd:integer`` is an xsd:byte too; an ill-formed literal has no value.
    """
    possible: dict[URIRef, list[URIRef]] = {}
    for number, literal in literals:
        own = datatype_of(literal)
        if own not in possible:
            possible[own] = [datatype for datatype in asked if is_comparable(own, datatype)]
        for datatype in possible[own]:
            if is_contained(literal, datatype):
                yield number, datatype


def equal_literals(
    literals: Iterable[tuple[int, Literal]], used: Callable[[set[int]], set[int]]
) -> Iterator[tuple[int, int]]:
    """Yield pairs of literals with the same value (dt-eq); in a class of several each is paired with the first.

    :param used: returns which of some literals are in a statement; others are paired with none
    """
    first: dict[tuple[str, ...], int] = {}
    same: list[tuple[tuple[str, ...], int]] = []
    for number, literal in literals:
        key = value_key(literal)
        if key is not None and first.setdefault(key, number) != number:
            same.append((key, number))
    present = used({number for key, other in same for number in (first[key], other)})
    for key, number in same:
        if number in present and first[key] in present:
            yield first[key], number
        elif number in present:
            first[key] = number
