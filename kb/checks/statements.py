"""Rules about single statements: blank nodes, axiom annotations and literals."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from rdflib import BNode, Literal, URIRef
from rdflib.namespace import OWL, RDF
from rdflib.term import Node

from kb.checks.context import Context, Finding, Rule
from kb.checks.findings import owner, statement_text
from kb.files.documents import Document
from kb.namespaces import shorten
from kb.rdf.datatypes import canonical, datatype_of, is_well_formed
from kb.rdf.namespaces import AMMTC

__all__ = ["RULES"]

_ANNOTATED = (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget)


def blank_nodes(context: Context) -> Iterator[Finding]:
    """In the graph, blank nodes only annotate axioms; there each has evidence, and its base statement is asserted.

    See https://www.w3.org/TR/owl2-mapping-to-rdf/#Translation_of_Annotations. The OWL API turns the base statement of
    an annotation into a fact when it saves, asserted or not.
    """
    for document in context.documents:
        axioms = set(document.graph.subjects(RDF.type, OWL.Axiom))
        if not document.is_schema:
            yield from _other_blank_nodes(document, axioms)
        for axiom in axioms:
            yield from _axiom_problems(document, axiom)


def canonical_literals(context: Context) -> Iterator[Finding]:
    """Each literal is of its datatype and in canonical form: a save in Protégé rewrites the others.

    See https://www.w3.org/TR/rdf11-concepts/#section-Graph-Literal and
    https://www.w3.org/TR/xmlschema-2/#canonical-lexical-representation.
    """
    graphs = [(document.path, document.graph) for document in context.documents]
    for path, graph in (*graphs, (context.project.shapes, context.shapes)):
        for s, p, o in graph:
            if isinstance(o, Literal):
                yield from (Finding(path, owner(graph, s), *texts) for texts in _faults(p, o))
        yield from _spelling_problems(path)


RULES = (
    Rule("blank-nodes", "Blank nodes only annotate asserted statements, and say on what these rest", blank_nodes),
    Rule("canonical-literals", "Every literal is well-formed and in canonical form", canonical_literals),
)


def _other_blank_nodes(document: Document, axioms: set[Node]) -> Iterator[Finding]:
    graph = document.graph
    others = {node for s, _, o in graph for node in (s, o)} - axioms
    for node in sorted((node for node in others if isinstance(node, BNode)), key=str):
        predicates = sorted({shorten(str(p)) for p in graph.predicates(None, node)})
        place = f"the value of {', '.join(predicates)}" if predicates else "a subject"
        remedy = "Give the thing an IRI: a blank node can be neither named nor cited"
        yield Finding(document.path, owner(graph, node), f"A blank node is {place}", remedy)


def _axiom_problems(document: Document, axiom: Node) -> Iterator[Finding]:
    graph, path = document.graph, document.path
    parts = [list(graph.objects(axiom, part)) for part in _ANNOTATED]
    if [len(values) for values in parts] != [1, 1, 1]:
        focus = next((node for node in parts[0] if isinstance(node, URIRef)), None)
        message = "An axiom annotation has not exactly one source, property and target"
        yield Finding(
            path, focus, message, "State owl:annotatedSource, annotatedProperty and annotatedTarget once each"
        )
        return
    base = (parts[0][0], parts[1][0], parts[2][0])
    if base not in graph:
        message = f"{statement_text(base)} is annotated but not asserted in this file"
        yield Finding(path, base[0], message, "Assert the statement here, or remove its annotation")
    evidence = list(graph.objects(axiom, AMMTC.evidence))
    if not document.is_schema and not evidence:
        message = f"An annotation of {statement_text(base)} has no ammtc:evidence"
        remedy = "Say on what the statement rests; passages that are needed together stand in one annotation"
        yield Finding(path, base[0], message, remedy)


def _faults(p: Node, literal: Literal) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a value, and what to do."""
    lexical, datatype = str(literal), datatype_of(literal)
    well_formed, form = is_well_formed(lexical, datatype), canonical(lexical, datatype)
    if well_formed and form == lexical:
        return
    name, value = shorten(str(datatype)), f'"{literal}" as {shorten(str(p))}'
    if well_formed:
        remedy = f'Write "{form}"; what is an identifier rather than a number is a string'
        yield f"{value} is not in the canonical form of {name}", remedy
    else:
        yield f"{value} is no {name}", f"Write a value of {name}, or correct the datatype"


#: After the end of a quoted string: what parsers normalise away, so that it shows in the text only.
_UPPER_CASE_TAG = re.compile(r'(?<!\\)"@[A-Za-z0-9-]*[A-Z][A-Za-z0-9-]*')
_EXPLICIT_STRING = re.compile(r'(?<!\\)"\^\^(?:xsd:string\b|<http://www\.w3\.org/2001/XMLSchema#string>)')


def _spelling_problems(path: Path) -> Iterator[Finding]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for match in chain(_UPPER_CASE_TAG.finditer(line), _EXPLICIT_STRING.finditer(line)):
            is_tag = match[0].startswith('"@')
            what = f"The language tag {match[0][1:]} is not in lower case" if is_tag else "xsd:string is written out"
            yield Finding(
                path, None, what, "Write the tag in lower case" if is_tag else "Leave the datatype out", number
            )
