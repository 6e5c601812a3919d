"""Converting RDF terms between rdflib and pyoxigraph; blank nodes keep their labels."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import pyoxigraph
from pyoxigraph import BaseDirection, BlankNode, NamedNode
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, XSD
from rdflib.term import Node

from kb.namespaces import PREFIXES
from kb.rdf.datatypes import DIRECTION, datatype_named, is_datatype, is_well_formed
from kb.rdf.quiet import quiet_rdflib
from kb.rdf.terms import Rdf11Statement, Rdf11Term, Term, invalid_term, to_statement

__all__ = ["Triple", "empty_graph", "to_graph", "to_node", "to_statements", "to_term"]

_STRING = str(XSD.string)
#: Datatypes in whose literals rdflib collapses white space.
_REWRITTEN = frozenset({XSD.token, XSD.normalizedString})

#: Subject, predicate and object as rdflib has them.
Triple: TypeAlias = tuple[Node, Node, Node]


def empty_graph() -> Graph:
    """Return a new graph in memory, with the prefixes of `kb.namespaces.PREFIXES` and no others.

    Its store takes half the time of rdflib's default one, which keeps contexts.
    """
    graph = Graph("SimpleMemory", bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph


def to_graph(statements: Iterable[Rdf11Statement | pyoxigraph.Triple]) -> Graph:
    """Return statements as a new graph in memory; each term is converted once.

    :raises DataError: when a triple is a term
    """
    graph = empty_graph()
    nodes: dict[Term, Node] = {}
    for s, p, o in statements:
        for term in (s, p, o):
            if term not in nodes:
                nodes[term] = to_node(term)
        graph.store.add((nodes[s], nodes[p], nodes[o]), graph)  # the graph would check each term again
    return graph


def to_statements(graph: Iterable[Triple]) -> Iterator[Rdf11Statement]:
    """Yield the statements of a graph; each term is converted once.

    :raises DataError: when RDF 1.1 has no such term, for example an IRI with a space, or no such statement
    """
    terms: dict[Node, Rdf11Term] = {}
    for statement in graph:
        for node in statement:
            if node not in terms:
                terms[node] = to_term(node)
        s, p, o = statement
        yield to_statement(terms[s], terms[p], terms[o])


def to_node(term: Term) -> Node:
    """Return the rdflib node for a pyoxigraph term, from which `to_term` returns the same term.

    A base direction stands behind the language tag, ``ar--rtl``, since rdflib has none.

    :raises DataError: when it is a triple
    """
    if isinstance(term, pyoxigraph.Triple):
        raise invalid_term(term)
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    if term.language:
        text = Literal(term.value, lang=term.language)
        if term.direction is not None:
            text._language = f"{term.language}{DIRECTION}{term.direction}"  # noqa: SLF001  no language tag for rdflib
        return text
    iri = term.datatype.value
    return Literal(term.value) if iri == _STRING else _typed(term.value, datatype_named(iri))


def to_term(node: Node) -> Rdf11Term:
    """Return the pyoxigraph term for an rdflib node.

    :raises DataError: when RDF 1.1 has no such term, for example an IRI with a space
    """
    try:
        if isinstance(node, URIRef):
            return NamedNode(str(node))
        if isinstance(node, BNode):
            return BlankNode(str(node))
        if isinstance(node, Literal) and node.language:
            language, _, direction = node.language.partition(DIRECTION)
            base = BaseDirection(direction) if direction else None
            return pyoxigraph.Literal(str(node), language=language, direction=base)
        if isinstance(node, Literal) and node.datatype != RDF.langString:
            return pyoxigraph.Literal(str(node), datatype=NamedNode(str(node.datatype or XSD.string)))
    except ValueError as error:
        raise invalid_term(f"<{node}>" if isinstance(node, URIRef) else node, str(error)) from error
    raise invalid_term(node, "neither an IRI, nor a literal, nor a blank node")


def _typed(lexical: str, datatype: URIRef) -> Literal:
    """Return a literal with the value that rdflib has for it, if it is well-formed.

    By itself rdflib collapses white space in some, and judges by what Python can hold. NaN gets no value:
    Python's decimals cannot be compared with it.
    """
    well_formed, known = is_well_formed(lexical, datatype), is_datatype(datatype)
    is_text = datatype in _REWRITTEN
    has_value = well_formed and not is_text and not (known and lexical == "NaN")
    with quiet_rdflib():
        literal = Literal(lexical, datatype=datatype if has_value else None, normalize=False)
    if known:
        literal._datatype, literal._ill_typed = datatype, not well_formed  # noqa: SLF001  rdflib would decide otherwise
        if not has_value:
            literal._value = lexical if is_text and well_formed else None  # noqa: SLF001
    return literal
