"""Turtle files: reading them as they are, and the one canonical form in which they are written.

The canonical form has one predicate and one object a line, so that a new statement is a new line and nothing else:

- the prefixes that are used, in the order of `kb.namespaces.PREFIXES`, then one a source document for its passages;
- the ontology header, then the other subjects by IRI, each followed by the axioms (`owl:Axiom`) that annotate it;
- in a block the types first, then the predicates by IRI; IRIs before literals before blank nodes;
- nested blank nodes ordered by their content; labels, by content too, only for shared and cyclic ones.

Files are read with pyoxigraph: rdflib rewrites literals while it parses (``"01"^^xsd:integer`` becomes ``1``) unless
a switch of the whole process is set, resolves relative IRIs against the working directory, and accepts IRIs that no
other tool does. It also takes nearly twice as long (20,000 statements: 0.56 s against 0.34 s).
"""

import codecs
import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph
from pyoxigraph import RdfFormat
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, XSD
from rdflib.term import Node

from kb.atomic import write_text
from kb.errors import DataError, MissingFile, RdfSyntaxError, UsageError
from kb.namespaces import PREFIXES
from kb.rdf.blank_nodes import Statement, Term
from kb.rdf.canonical import write_statements

__all__ = ["empty_graph", "format_files", "is_canonical", "parse", "parse_text", "serialize"]


def parse(path: Path) -> Graph:
    """Read a Turtle file (https://www.w3.org/TR/turtle/) into a graph in memory.

    Literals keep their lexical form, except that rdflib itself collapses the white space of `xsd:token` and
    `xsd:normalizedString`. Language tags are in lower case. Blank nodes of two files never have the same label.

    :raises MissingFile: when the file cannot be read
    :raises RdfSyntaxError: with the line, when it is no Turtle, or has relative IRIs
    """
    return _graph(_read_statements(path))


def parse_text(text: str | bytes, path: Path) -> Graph:
    """Read Turtle from memory; ``path`` is the name for the message of an `RdfSyntaxError`."""
    return _graph(_statements(text.encode() if isinstance(text, str) else text, path))


def empty_graph(store: str = "default") -> Graph:
    """Return a new graph in memory, with the prefixes of `kb.namespaces.PREFIXES` and no others.

    :param store: rdflib's name of its store; "SimpleMemory" takes half the time of the default one, but keeps no
        contexts, without which pySHACL does not validate
    """
    graph = Graph(store, bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph


def serialize(graph: Graph) -> str:
    """Write a graph in the canonical form: the same text for isomorphic graphs, and the same graph when read again.

    :raises DataError: when a term cannot be written in Turtle, such as an IRI with a space
    """
    return write_statements(_from_rdflib(graph))


def is_canonical(path: Path) -> bool:
    """Tell whether a file is byte for byte what `serialize` writes for its graph. Comments are not canonical.

    :raises MissingFile: when the file cannot be read
    :raises RdfSyntaxError: when it is no Turtle
    """
    content = _read_bytes(path)
    return write_statements(_statements(content, path)).encode() == content


def format_files(paths: Iterable[Path], *, check: bool = False) -> list[Path]:
    """Bring Turtle files into the canonical form and return those that were not; with ``check`` only return them.

    Nothing is written when any of the files cannot be read or is no Turtle.

    :param paths: files named ``*.ttl``, and folders, which stand for all such files inside
    :raises UsageError: when a file has another name
    :raises MissingFile: when a file cannot be read
    :raises RdfSyntaxError: when a file is no Turtle
    :raises UnwritablePath: when a file cannot be replaced; the ones before it are written
    """
    changed: dict[Path, str] = {}
    for path in dict.fromkeys(file for named in paths for file in _turtle_files(named)):
        content = _read_bytes(path)
        text = write_statements(_statements(content, path))
        if text.encode() != content:
            changed[path] = text
    for path, text in () if check else changed.items():
        write_text(path, text)
    return list(changed)


def _turtle_files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.rglob("*.ttl"))
    if path.suffix != ".ttl":
        raise UsageError(f"{path}: only Turtle files have a canonical form", "Name files that end in .ttl, or folders")
    return [path]


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MissingFile(path) from error


def _read_statements(path: Path) -> set[Statement]:
    return _statements(_read_bytes(path), path)


def _statements(content: bytes, path: Path) -> set[Statement]:
    try:
        quads = pyoxigraph.parse(
            content.removeprefix(codecs.BOM_UTF8), RdfFormat.TURTLE, without_named_graphs=True, rename_blank_nodes=True
        )
        return {(quad.subject, quad.predicate, _rdf_1_1(quad.object, path)) for quad in quads}
    except SyntaxError as error:
        raise RdfSyntaxError(path, _detail(error), error.lineno) from error


def _detail(error: SyntaxError) -> str:
    """Return the message without the line, which `RdfSyntaxError` states itself."""
    message = error.msg.partition(": ")[2] if error.msg.startswith("Parser error ") else error.msg
    return f"column {error.offset}: {message}" if error.offset else message


def _rdf_1_1(term: Term | pyoxigraph.Triple, path: Path) -> Term:
    if isinstance(term, pyoxigraph.Triple):
        raise RdfSyntaxError(path, "triple terms (<< ... >>) are not RDF 1.1")
    if isinstance(term, pyoxigraph.Literal) and term.direction is not None:
        raise RdfSyntaxError(path, f"the base direction of {term} is not RDF 1.1")
    return term


def _graph(statements: Iterable[Statement]) -> Graph:
    graph = empty_graph()
    terms: dict[Term, Node] = {}
    with _silent_literals():
        for statement in statements:
            for term in statement:
                if term not in terms:
                    terms[term] = _to_rdflib(term)
            s, p, o = statement
            graph.add((terms[s], terms[p], terms[o]))
    return graph


@contextmanager
def _silent_literals() -> Iterator[None]:
    """Keep rdflib from reporting ill-typed literals, each with a traceback: reporting them is the task of a check."""
    logger = logging.getLogger("rdflib.term")

    def refuse(_: logging.LogRecord) -> bool:
        return False

    logger.addFilter(refuse)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"rdflib\.term")
            yield
    finally:
        logger.removeFilter(refuse)


def _to_rdflib(term: Term) -> Node:
    if isinstance(term, pyoxigraph.NamedNode):
        return URIRef(term.value)
    if isinstance(term, pyoxigraph.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = URIRef(term.datatype.value)
    return Literal(term.value, datatype=None if datatype == XSD.string else datatype, normalize=False)


def _from_rdflib(graph: Graph) -> set[Statement]:
    terms: dict[Node, Term] = {}
    statements: set[Statement] = set()
    for statement in graph:
        for node in statement:
            if node not in terms:
                terms[node] = _from_rdflib_term(node)
        s, p, o = (terms[node] for node in statement)
        statements.add(_checked(s, p, o))
    return statements


def _from_rdflib_term(node: Node) -> Term:
    try:
        if isinstance(node, URIRef):
            return pyoxigraph.NamedNode(str(node))
        if isinstance(node, BNode):
            return pyoxigraph.BlankNode()
        if isinstance(node, Literal):
            return _from_rdflib_literal(node)
    except ValueError as error:
        raise _unwritable(node, str(error)) from error
    raise _unwritable(node, "neither an IRI, nor a literal, nor a blank node")


def _from_rdflib_literal(literal: Literal) -> pyoxigraph.Literal:
    if literal.language:
        return pyoxigraph.Literal(str(literal), language=literal.language)
    if literal.datatype == RDF.langString:
        raise ValueError("it has no language tag")
    return pyoxigraph.Literal(str(literal), datatype=pyoxigraph.NamedNode(str(literal.datatype or XSD.string)))


def _checked(s: Term, p: Term, o: Term) -> Statement:
    if isinstance(s, pyoxigraph.Literal):
        raise _unwritable(s, "a literal as subject")
    if not isinstance(p, pyoxigraph.NamedNode):
        raise _unwritable(p, "a predicate that is no IRI")
    return s, p, o


def _unwritable(term: object, reason: str) -> DataError:
    return DataError(f"The term {term!r} cannot be written in Turtle: {reason}", "Correct the statements that use it")
