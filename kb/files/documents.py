"""The files of the graph as documents: one Turtle file, one ontology, one named graph."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad
from rdflib import Graph
from rdflib.namespace import OWL, RDF

from kb.atomic import read_bytes
from kb.config import Project
from kb.errors import ClosureError, DataError, UnknownName
from kb.namespaces import BASE, GRAPH, ONTOLOGY
from kb.rdf.canonical import write_statements
from kb.rdf.convert import empty_graph, to_graph
from kb.rdf.terms import Rdf11Statement, to_statement
from kb.rdf.turtle import parse, parse_statements

__all__ = [
    "GENERATED_STEM",
    "Document",
    "canonical_labels",
    "expected_iri",
    "import_closure",
    "load_document",
    "load_documents",
    "load_shapes",
    "merged",
    "named_graphs",
]

#: ``graph/all.ttl`` imports everything and says nothing itself; `kb.files.catalog` generates it.
GENERATED_STEM = "all"
_SHARED_STEMS = {"entities", "editorial", GENERATED_STEM}

_TYPE, _ONTOLOGY, _IMPORTS, _VERSION = (
    NamedNode(str(iri)) for iri in (RDF.type, OWL.Ontology, OWL.imports, OWL.versionIRI)
)


@dataclass(frozen=True)
class Document:
    """One Turtle file.

    :param path: the file
    :param iri: IRI of its only ontology, which is the name of its named graph too
    :param imports: IRIs that the ontology imports itself, sorted
    :param statements: what the file states, the ontology header included
    :param sha256: digest of the bytes that were read, in hexadecimal
    """

    path: Path
    iri: str
    imports: tuple[str, ...]
    statements: frozenset[Rdf11Statement] = field(repr=False, compare=False)
    sha256: str = field(repr=False, compare=False)

    @cached_property
    def graph(self) -> Graph:
        """What the file states, as an rdflib graph."""
        return to_graph(self.statements)

    @property
    def name(self) -> str:
        """The file, as its folder and name."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def is_canonical(self) -> bool:
        """Whether the file is byte for byte in the canonical form, see `kb.rdf.turtle`."""
        return hashlib.sha256(write_statements(set(self.statements)).encode()).hexdigest() == self.sha256

    @property
    def is_schema(self) -> bool:
        """Whether it is part of the ontology: vocabulary, concepts, borrowed terms, alignments."""
        return self.path.parent.name == "ontology"

    @property
    def is_source(self) -> bool:
        """Whether it holds what one source document says, unlike the shared entities and the editors' choices."""
        return not self.is_schema and self.path.stem not in _SHARED_STEMS

    @property
    def version_iri(self) -> str | None:
        """The IRI of this version of the ontology, if it has one; an import may use it instead of the IRI."""
        ontology = NamedNode(self.iri)
        versions = (o.value for s, p, o in self.statements if s == ontology and p == _VERSION)
        return min(versions, default=None)


def load_documents(project: Project) -> tuple[Document, ...]:
    """Read the ontology without the shapes and the graph without ``all.ttl``, as `Project.turtle_files` orders them.

    The labels of blank nodes follow from the content of all of them, see `canonical_labels`.

    :raises RdfSyntaxError: when a file is no Turtle
    :raises DataError: when a file has no ontology header or several, or two files have the same ontology IRI
    """
    left_out = {project.shapes, project.graph / f"{GENERATED_STEM}.ttl"}
    documents = tuple(load_document(path) for path in project.turtle_files() if path not in left_out)
    _by_iri(documents)
    return canonical_labels(documents)


def load_document(path: Path) -> Document:
    """Read one file.

    :raises MissingFile: when it cannot be read
    :raises RdfSyntaxError: when it is no Turtle
    :raises DataError: when its ontology header is missing, anonymous or not the only one
    """
    content = read_bytes(path)
    statements = frozenset(parse_statements(content, path))
    ontology = _ontology(statements, path)
    imports = sorted(o.value for s, p, o in statements if s == ontology and p == _IMPORTS)
    return Document(path, ontology.value, tuple(imports), statements, hashlib.sha256(content).hexdigest())


def canonical_labels(documents: Sequence[Document]) -> tuple[Document, ...]:
    """Return documents with other labels for their blank nodes, which follow from the content of them all (RDFC-1.0).

    https://www.w3.org/TR/rdf-canon/
    """
    dataset = Dataset(
        Quad(*statement, NamedNode(document.iri))
        for document in documents
        for statement in document.statements
        if _has_blank_node(statement)
    )
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return tuple(replace(document, statements=frozenset(_relabelled(document, dataset))) for document in documents)


def named_graphs(documents: Iterable[Document]) -> list[Quad]:
    """Return the statements of documents, each document a named graph, in a fixed order."""
    named = sorted(((NamedNode(document.iri), document.statements) for document in documents), key=lambda n: str(n[0]))
    return [Quad(*s, name) for name, statements in named for s in sorted(statements, key=lambda s: tuple(map(str, s)))]


def expected_iri(project: Project, path: Path) -> str:
    """Return the ontology IRI that a file of the graph must have, which follows from its name.

    :raises UnknownName: when the file is in neither of the project's two folders
    """
    if path.parent == project.graph:
        return GRAPH[path.stem]
    if path.parent == project.ontology:
        return ONTOLOGY if path.stem == "schema" else f"{BASE}ontology/{path.stem}"
    raise UnknownName("file of the ontology or the graph", str(path))


def import_closure(documents: Sequence[Document], root_iri: str) -> tuple[Document, ...]:
    """Return a document and all that it imports directly or not, the nearest first.

    An import names an ontology or a version of it (https://www.w3.org/TR/owl2-syntax/#Imports).

    :raises UnknownName: when no document has the root's IRI
    :raises ClosureError: when an import has no file
    """
    known = _by_iri(documents)
    if root_iri not in known:
        raise UnknownName("ontology", root_iri)
    closure = {known[root_iri].iri: known[root_iri]}
    waiting = deque(closure.values())
    while waiting:
        document = waiting.popleft()
        for iri in document.imports:
            if iri not in known:
                raise ClosureError(document.path, iri)
            if known[iri].iri not in closure:
                closure[known[iri].iri] = known[iri]
                waiting.append(known[iri])
    return tuple(closure.values())


def load_shapes(project: Project) -> Graph:
    """Read the shapes graph.

    :raises MissingFile: when there is none
    :raises RdfSyntaxError: when it is no Turtle
    """
    return parse(project.shapes)


def merged(documents: Iterable[Document]) -> Graph:
    """Return the union of some documents as a new graph in memory; their blank nodes stay apart."""
    union = empty_graph()
    for document in documents:
        for triple in document.graph:
            union.store.add(triple, union)
    return union


def _ontology(statements: Iterable[Rdf11Statement], path: Path) -> NamedNode:
    headers = [s for s, p, o in statements if p == _TYPE and o == _ONTOLOGY]
    if len(headers) == 1 and isinstance(headers[0], NamedNode):
        return headers[0]
    problem = f"{path}: {len(headers)} ontology headers" if headers else f"{path}: no ontology header"
    if len(headers) == 1:
        problem = f"{path}: the ontology has no IRI"
    raise DataError(problem, "Give the file exactly one subject of type owl:Ontology, named by an IRI")


def _relabelled(document: Document, dataset: Dataset) -> Iterator[Rdf11Statement]:
    yield from (statement for statement in document.statements if not _has_blank_node(statement))
    for quad in dataset.quads_for_graph_name(NamedNode(document.iri)):
        yield to_statement(quad.subject, quad.predicate, quad.object)


def _has_blank_node(statement: Rdf11Statement) -> bool:
    subject, _, value = statement
    return isinstance(subject, BlankNode) or isinstance(value, BlankNode)


def _by_iri(documents: Sequence[Document]) -> dict[str, Document]:
    known: dict[str, Document] = {}
    for document in documents:
        for iri in (document.iri, document.version_iri):
            if iri is not None and known.setdefault(iri, document) is not document:
                raise DataError(
                    f"{document.path}: has the IRI {iri} of {known[iri].path}", "Give each file an IRI of its own"
                )
    return known
