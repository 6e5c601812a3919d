"""RDF terms of rdflib as those of pyoxigraph; blank nodes keep their labels."""

import pyoxigraph
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import XSD
from rdflib.term import Node

from kb.errors import DataError
from kb.rdf.terms import Term

__all__ = ["EngineTerm", "no_term", "to_engine", "to_triple", "triples_to_engine"]

EngineTerm = Term


def triples_to_engine(graph: Graph) -> list[pyoxigraph.Triple]:
    """Return the statements of a graph; each term is converted once.

    :raises DataError: when pyoxigraph has no such statement
    """
    terms = {node: to_engine(node) for statement in graph for node in statement}
    return [to_triple(terms[s], terms[p], terms[o]) for s, p, o in graph]


def to_engine(node: Node) -> EngineTerm:
    """Return the pyoxigraph term for an rdflib one.

    :raises DataError: when it is no RDF term, such as an IRI with a space
    """
    try:
        if isinstance(node, URIRef):
            return pyoxigraph.NamedNode(str(node))
        if isinstance(node, BNode):
            return pyoxigraph.BlankNode(str(node))
        if isinstance(node, Literal) and node.language:
            return pyoxigraph.Literal(str(node), language=node.language)
        if isinstance(node, Literal):
            return pyoxigraph.Literal(str(node), datatype=pyoxigraph.NamedNode(str(node.datatype or XSD.string)))
    except ValueError as error:
        raise no_term(node) from error
    raise no_term(node)


def to_triple(s: EngineTerm, p: EngineTerm, o: EngineTerm) -> pyoxigraph.Triple:
    """Return the statement of three terms.

    :raises DataError: when RDF has no such statement: a literal as subject, or a predicate that is no IRI
    """
    if isinstance(s, pyoxigraph.Literal | pyoxigraph.Triple) or not isinstance(p, pyoxigraph.NamedNode):
        raise no_term((s, p, o))
    return pyoxigraph.Triple(s, p, o)


def no_term(term: object) -> DataError:
    """Return the error for a term or a statement that pyoxigraph or the reasoner has no other for."""
    return DataError(f"{term!r} is no term or statement of RDF 1.1", "Correct the statements that use it")
