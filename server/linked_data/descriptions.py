"""Descriptions of single things as RDF: enough of the graph around a thing to be useful without the rest."""

from itertools import islice

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

from kb.generations.export import describe
from kb.generations.reifiers import is_justification, without_reification
from kb.namespaces import AMMTC, OWL, expand, is_discovery
from kb.rdf.terms import Subject
from server.addresses import is_iri

__all__ = ["describe_with_evidence", "is_known"]

_ANNOTATED_TARGET = NamedNode(OWL.annotatedTarget)
_EVIDENCE = NamedNode(AMMTC.evidence)
_RESTS_ON = NamedNode(AMMTC.restsOn)
_LABELS = (NamedNode(expand("rdfs:label")), NamedNode(expand("skos:prefLabel")))
_MOST_INCOMING = 5000
_ALL_GRAPHS = (None,)


def is_known(store: Store, iri: str) -> bool:
    """Return whether a store says anything about an IRI, or has a graph of that name."""
    if not is_iri(iri):
        return False
    node = NamedNode(iri)
    patterns = ((node, None, None, None), (None, None, node, None), (None, None, None, node))
    return any(next(iter(store.quads_for_pattern(*pattern)), None) is not None for pattern in patterns)


def describe_with_evidence(store: Store, iri: str) -> list[Quad]:
    """Return what is known of a thing, each statement in the graphs that make it, in a fixed order.

    This adds to what `kb.generations.export.describe` finds: the statements in which the thing is the object (5000 at
    most) and their annotations, the evidence for all of it down to the passages, and the labels of everything
    mentioned. A statement is in the default graph only where no named graph makes it. What a build adds about
    statements and about the whole, justifications and discovery, is left out, unless it is the thing.
    """
    node = NamedNode(iri)
    found = dict.fromkeys(describe(store, node, _ALL_GRAPHS))
    with_it = store.quads_for_pattern(None, None, node, None)
    found |= dict.fromkeys(islice((quad for quad in with_it if not _is_aside(quad.subject)), _MOST_INCOMING))
    for axiom in [quad.subject for quad in found if quad.predicate == _ANNOTATED_TARGET]:
        found |= dict.fromkeys(store.quads_for_pattern(axiom, None, None, None))
    for link in (_EVIDENCE, _RESTS_ON):
        for piece in {quad.object for quad in found if quad.predicate == link}:
            if isinstance(piece, Subject):
                found |= dict.fromkeys(store.quads_for_pattern(piece, None, None, None))
    for mentioned in {term for quad in found for term in (quad.subject, quad.predicate, quad.object)}:
        if isinstance(mentioned, NamedNode):
            for predicate in _LABELS:
                found |= dict.fromkeys(store.quads_for_pattern(mentioned, predicate, None, None))
    in_named = {quad.triple for quad in found if quad.graph_name != DefaultGraph()}
    if not is_justification(node):
        found = dict.fromkeys(without_reification(found))
    kept = (quad for quad in found if quad.graph_name != DefaultGraph() or quad.triple not in in_named)
    return sorted(kept, key=lambda quad: (quad.subject != node, str(quad)))


def _is_aside(term: Subject | Triple) -> bool:
    return is_justification(term) or (isinstance(term, NamedNode) and is_discovery(term.value))
