"""Broken RDF lists: cells that lack a first or a rest or have several, and lists that lead back to themselves."""

from rdflib import Graph
from rdflib.namespace import RDF
from rdflib.term import Node

__all__ = ["broken_lists"]


def broken_lists(graph: Graph) -> tuple[Node, ...]:
    """Return the nodes of RDF lists that have not exactly one first and one rest, or that lead back to themselves.

    See https://www.w3.org/TR/rdf-schema/#ch_collectionvocab. This also finds a list that a program has emptied.
    """
    cells = {*graph.subjects(RDF.first, None), *graph.subjects(RDF.rest, None), *graph.objects(None, RDF.rest)}
    cells.discard(RDF.nil)
    parts = (RDF.first, RDF.rest)
    incomplete = {cell for cell in cells if any(len(list(graph.objects(cell, part))) != 1 for part in parts)}
    cyclic = {cell for cell in cells - incomplete if _returns(graph, cell)}
    return tuple(sorted(incomplete | cyclic, key=str))


def _returns(graph: Graph, cell: Node) -> bool:
    seen: set[Node] = set()
    node: Node | None = cell
    while node is not None and node not in seen:
        seen.add(node)
        node = graph.value(node, RDF.rest, any=True)
    return node is not None
