"""Descriptions of single things as RDF: enough of the graph around a thing to be useful without the rest."""

from collections.abc import Iterable, Iterator
from itertools import islice

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from kb.namespaces import AMMTC

__all__ = ["describe", "is_known"]

_OWL = "http://www.w3.org/2002/07/owl#"
_AXIOM_ENDS = (NamedNode(f"{_OWL}annotatedSource"), NamedNode(f"{_OWL}annotatedTarget"))
_EVIDENCE = NamedNode(str(AMMTC.evidence))
_LABELS = (
    NamedNode("http://www.w3.org/2000/01/rdf-schema#label"),
    NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel"),
)
_MOST_INCOMING = 5000

_Subject = NamedNode | BlankNode | Triple
_Term = NamedNode | BlankNode | Literal | Triple


def is_known(store: Store, iri: str) -> bool:
    """Tell whether a store says anything about an IRI, or has a graph of that name."""
    try:
        node = NamedNode(iri)
    except ValueError:
        return False
    patterns = ((node, None, None, None), (None, None, node, None), (None, None, None, node))
    return any(next(iter(store.quads_for_pattern(*pattern)), None) is not None for pattern in patterns)


def describe(store: Store, iri: str) -> list[Triple]:
    """Return the triples of a data document.

    For a named graph that is all it holds. For a thing: its statements, those about it (5000 at most), the axiom nodes
    and evidence of both, what is behind blank nodes, and the labels of everything mentioned.
    """
    node = NamedNode(iri)
    if store.contains_named_graph(node):
        return _ordered(_triples(store.quads_for_pattern(None, None, None, node)), node)
    found = dict.fromkeys(_triples(store.quads_for_pattern(node, None, None, None)))
    found |= dict.fromkeys(islice(_triples(store.quads_for_pattern(None, None, node, None)), _MOST_INCOMING))
    for axiom in _axioms(store, node):
        found |= dict.fromkeys(_triples(store.quads_for_pattern(axiom, None, None, None)))
    _add_blank_nodes(store, found)
    for evidence in [triple.object for triple in found if triple.predicate == _EVIDENCE]:
        if not isinstance(evidence, Literal):
            found |= dict.fromkeys(_triples(store.quads_for_pattern(evidence, None, None, None)))
    for mentioned in {term for triple in found for term in (triple.subject, triple.predicate, triple.object)}:
        if isinstance(mentioned, NamedNode):
            found |= dict.fromkeys(_labels(store, mentioned))
    return _ordered(found, node)


def _axioms(store: Store, node: NamedNode) -> Iterator[_Subject]:
    for end in _AXIOM_ENDS:
        yield from (quad.subject for quad in store.quads_for_pattern(None, end, node, None))


def _add_blank_nodes(store: Store, found: dict[Triple, None]) -> None:
    """Add what is said of the blank nodes that are objects of the triples, and of those behind them."""
    seen: set[BlankNode] = set()
    while behind := {triple.object for triple in found if isinstance(triple.object, BlankNode)} - seen:
        for blank in behind:
            found |= dict.fromkeys(_triples(store.quads_for_pattern(blank, None, None, None)))
        seen |= behind


def _labels(store: Store, node: NamedNode) -> Iterator[Triple]:
    for predicate in _LABELS:
        yield from _triples(store.quads_for_pattern(node, predicate, None, None))


def _triples(quads: Iterable[Quad]) -> Iterator[Triple]:
    return (quad.triple for quad in quads)


def _ordered(triples: Iterable[Triple], first: NamedNode) -> list[Triple]:
    """Return the triples in a fixed order: those of the described thing, then the others by their subjects."""
    unique = dict.fromkeys(triples)
    return sorted(unique, key=lambda triple: (triple.subject != first, str(triple)))
