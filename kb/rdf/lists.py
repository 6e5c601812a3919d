"""Broken RDF lists: cells that lack a first or a rest or have several, and lists that lead back to themselves."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from itertools import chain
from typing import TypeVar

from rdflib import Graph
from rdflib.namespace import RDF
from rdflib.term import Node

__all__ = ["broken_cells", "broken_lists"]

T = TypeVar("T", bound=Hashable)


def broken_lists(graph: Graph) -> tuple[Node, ...]:
    """Return the broken cells of a graph's RDF lists, sorted.

    See https://www.w3.org/TR/rdf-schema/#ch_collectionvocab. This also finds a list that a program has emptied.
    """
    broken = broken_cells(graph.subjects(RDF.first), graph.subject_objects(RDF.rest), RDF.nil)
    return tuple(sorted(broken, key=str))


def broken_cells(firsts: Iterable[T], rests: Iterable[tuple[T, T]], nil: T) -> set[T]:
    """Return the cells that have not exactly one first and one rest, or that lead back to themselves.

    :param firsts: the subjects of the statements with rdf:first
    :param rests: subject and object of those with rdf:rest
    """
    members, links = Counter(firsts), list(rests)
    following = Counter(cell for cell, _ in links)
    cells = {*members, *chain.from_iterable(links)} - {nil}
    incomplete = {cell for cell in cells if not members[cell] == following[cell] == 1}
    previous: defaultdict[T, list[T]] = defaultdict(list)
    for cell, rest in links:
        previous[rest].append(cell)
    ending: set[T] = set()
    waiting = [nil, *incomplete]
    while waiting:
        found = [cell for cell in previous[waiting.pop()] if cell not in ending]
        ending.update(found)
        waiting += found
    return incomplete | (cells - ending)
