"""RDF lists in a graph: their members, and the lists that are none."""

from rdflib import Graph
from rdflib.namespace import RDF
from rdflib.term import Node

__all__ = ["broken_lists", "members"]


def broken_lists(graph: Graph) -> tuple[Node, ...]:
    """Return the nodes of RDF lists that have not exactly one first and one rest, or that lead back to themselves.

    See https://www.w3.org/TR/rdf-schema/#ch_collectionvocab. A list that a program emptied shows here too.
    """
    cells = {*graph.subjects(RDF.first, None), *graph.subjects(RDF.rest, None), *graph.objects(None, RDF.rest)}
    cells.discard(RDF.nil)
    incomplete = {cell for cell in cells if not _is_cell(graph, cell)}
    cyclic = {cell for cell in cells - incomplete if _returns(graph, cell)}
    return tuple(sorted(incomplete | cyclic, key=str))


def members(graph: Graph, head: Node) -> list[Node]:
    """Return the members of a well-formed RDF list in their order."""
    return list(graph.items(head))


def _is_cell(graph: Graph, cell: Node) -> bool:
    return all(len(list(graph.objects(cell, part))) == 1 for part in (RDF.first, RDF.rest))


def _returns(graph: Graph, cell: Node) -> bool:
    seen: set[Node] = set()
    node: Node | None = cell
    while node is not None and node not in seen:
        seen.add(node)
        node = graph.value(node, RDF.rest, any=True)
    return node is not None
