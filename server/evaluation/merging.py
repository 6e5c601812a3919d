"""The RDF merge of several default graphs, which the engine does not make: it gives a triple once for each that has it.

SPARQL 1.1 Query, section 13.2.1 (https://www.w3.org/TR/sparql11-query/#unnamedGraph): the default graph is the merge of
the graphs that are named for it, and a graph is a set.
"""

from collections.abc import Iterator, Sequence

from pyoxigraph import NamedNode, Quad, Store

__all__ = ["MERGED", "merged"]

#: The graph that holds the merge.
MERGED = "urn:x-merged:default"


def merged(store: Store, default_graphs: Sequence[str], named_graphs: Sequence[str]) -> Store:
    """Return a store in memory with the merge of some graphs, and copies of others under their own names."""
    copy = Store()
    for iri in named_graphs:
        copy.extend(_content(store, iri))
    target = NamedNode(MERGED)
    for iri in default_graphs:
        copy.extend(Quad(quad.subject, quad.predicate, quad.object, target) for quad in _content(store, iri))
    return copy


def _content(store: Store, iri: str) -> Iterator[Quad]:
    return store.quads_for_pattern(None, None, None, NamedNode(iri))
