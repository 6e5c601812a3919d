"""The shapes as two documents beside the file: one in SHACL Core, and one with what SHACL-SPARQL adds to it.

Validators that know no SHACL-SPARQL refuse or overlook its constraints (https://www.w3.org/TR/shacl/#part2): they get
the first one. Those that do take the file, or both documents, which state the same together.
"""

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode

from kb.atomic import read_bytes
from kb.config import Project
from kb.namespaces import ONTOLOGY, OWL, RDF, expand
from kb.rdf.canonical import write_statements
from kb.rdf.reading import read_statements
from kb.rdf.terms import Rdf11Statement, Rdf11Term, to_statement

__all__ = ["SHAPES", "shapes_documents"]

#: The shapes graph, under which its parts are.
SHAPES = f"{ONTOLOGY}/shapes"

_SH = "http://www.w3.org/ns/shacl#"
_SPARQL, _DECLARE = NamedNode(f"{_SH}sparql"), NamedNode(f"{_SH}declare")
_LABEL, _COMMENT, _DESCRIPTION, _SOURCE = (
    NamedNode(expand(name)) for name in ("rdfs:label", "rdfs:comment", "dcterms:description", "dcterms:source")
)
_VERSION_IRI, _PRIOR = NamedNode(OWL.versionIRI), NamedNode(OWL.priorVersion)

#: What a shape says of itself, and not of the nodes that it is for; a constraint of either kind needs the targets.
_OF_A_SHAPE = {
    *(NamedNode(RDF.type), *(NamedNode(expand(f"rdfs:{name}")) for name in ("label", "comment", "isDefinedBy"))),
    NamedNode(expand("skos:example")),
    *(NamedNode(f"{_SH}{name}") for name in ("message", "severity", "deactivated")),
    *(NamedNode(f"{_SH}target{name}") for name in ("Class", "Node", "ObjectsOf", "SubjectsOf")),
}
_PARTS = {
    "core": "The shapes in SHACL Core, for validators that know no more; not the constraints that are queries.",
    "sparql": "The constraints of the shapes that are queries (SHACL-SPARQL), with the targets of their shapes.",
}


def shapes_documents(project: Project) -> Mapping[str, bytes]:
    """Return the shapes, if there are any: the file, and its parts: name of the document -> Turtle in UTF-8.

    The names are ``shapes``, ``shapes/core`` and ``shapes/sparql``.

    :raises MissingFile: when the file cannot be read
    :raises RdfSyntaxError: when it is no Turtle
    """
    if not project.shapes.is_file():
        return {}
    parts = _split({to_statement(*quad.triple) for quad in read_statements(project.shapes)})
    return {
        "shapes": read_bytes(project.shapes),
        **{f"shapes/{name}": write_statements(part).encode() for name, part in parts.items()},
    }


def _split(statements: set[Rdf11Statement]) -> dict[str, set[Rdf11Statement]]:
    """Return the statements of each part, with a header of its own."""
    document = NamedNode(SHAPES)
    header = {statement for statement in statements if statement[0] == document}
    queries = _closure(statements, (o for _, p, o in statements if p == _SPARQL))
    declarations = _closure(statements, (o for s, p, o in header if p == _DECLARE))
    asking = {s for s, p, _ in statements if p == _SPARQL}
    constrained = {s for s, p, _ in statements if p not in _OF_A_SHAPE and p != _SPARQL}
    of_queries = {(s, p, o) for s, p, o in statements if s in asking and (p in _OF_A_SHAPE or p == _SPARQL)}
    of_core = {(s, p, o) for s, p, o in statements if p != _SPARQL and not (s in asking and s not in constrained)}
    own = {statement for statement in header if statement[1] == _DECLARE}
    return {
        "core": {*_header(header, "core"), *(of_core - header - queries - declarations)},
        "sparql": {*_header(header, "sparql"), *own, *declarations, *of_queries, *queries},
    }


def _closure(statements: set[Rdf11Statement], nodes: Iterable[Rdf11Term]) -> set[Rdf11Statement]:
    """Return what is said of some blank nodes, and of those that it mentions."""
    found: set[Rdf11Statement] = set()
    waiting = {node for node in nodes if isinstance(node, BlankNode)}
    while waiting:
        new = {statement for statement in statements if statement[0] in waiting} - found
        found |= new
        waiting = {o for _, _, o in new if isinstance(o, BlankNode)}
    return found


def _header(header: set[Rdf11Statement], part: str) -> Iterator[Rdf11Statement]:
    """Yield the header of a part: that of the file, with a name, a version and a source of its own."""
    document = NamedNode(f"{SHAPES}/{part}")
    for _, predicate, value in header:
        if predicate == _VERSION_IRI and isinstance(value, NamedNode):
            yield document, _SOURCE, value
            yield document, _VERSION_IRI, NamedNode(f"{document.value}/{value.value.rpartition('/')[2]}")
        elif predicate == _LABEL and isinstance(value, Literal):
            yield document, _LABEL, Literal(f"{value.value}: {part}", language=value.language)
        elif predicate not in (_DECLARE, _DESCRIPTION, _PRIOR, _COMMENT):
            yield document, predicate, value
    yield document, _DESCRIPTION, Literal(_PARTS[part], language="en")
