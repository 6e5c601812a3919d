"""The files of the graph as documents: one Turtle file, one ontology, one named graph."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rdflib import Graph, URIRef
from rdflib.namespace import OWL, RDF

from kb.config import Project
from kb.errors import ClosureError, DataError, UnknownName
from kb.namespaces import BASE, GRAPH, ONTOLOGY
from kb.rdf.turtle import empty_graph, parse

__all__ = [
    "GENERATED_STEM",
    "Document",
    "expected_iri",
    "import_closure",
    "load_document",
    "load_documents",
    "load_shapes",
    "merged",
]

#: ``graph/all.ttl`` imports everything and says nothing itself; `kb.files.catalog` generates it.
GENERATED_STEM = "all"
_SHARED_STEMS = {"entities", "editorial", GENERATED_STEM}


@dataclass(frozen=True)
class Document:
    """One Turtle file.

    :param path: the file
    :param iri: IRI of its only ontology, which is the name of its named graph too
    :param imports: IRIs that the ontology imports itself, sorted
    :param graph: what the file states, the ontology header included
    """

    path: Path
    iri: str
    imports: tuple[str, ...]
    graph: Graph = field(repr=False, compare=False)

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
        version = self.graph.value(URIRef(self.iri), OWL.versionIRI)
        return None if version is None else str(version)


def load_documents(project: Project) -> tuple[Document, ...]:
    """Read the ontology without the shapes and the graph without ``all.ttl``, as `Project.turtle_files` orders them.

    :raises RdfSyntaxError: when a file is no Turtle
    :raises DataError: when a file has no ontology header or several, or two files have the same ontology IRI
    """
    left_out = {project.shapes, project.graph / f"{GENERATED_STEM}.ttl"}
    documents = tuple(load_document(path) for path in project.turtle_files() if path not in left_out)
    _by_iri(documents)
    return documents


def load_document(path: Path) -> Document:
    """Read one file.

    :raises MissingFile: when it cannot be read
    :raises RdfSyntaxError: when it is no Turtle
    :raises DataError: when its ontology header is missing, anonymous or not the only one
    """
    graph = parse(path)
    iri = _ontology(graph, path)
    return Document(path, str(iri), tuple(sorted(str(o) for o in graph.objects(iri, OWL.imports))), graph)


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


def merged(documents: Iterable[Document], store: str = "default") -> Graph:
    """Return the union of some documents as a new graph in memory; their blank nodes stay apart.

    :param store: see `kb.rdf.turtle.empty_graph`
    """
    union = empty_graph(store)
    for document in documents:
        union += document.graph
    return union


def _ontology(graph: Graph, path: Path) -> URIRef:
    headers = sorted(graph.subjects(RDF.type, OWL.Ontology), key=str)
    if len(headers) == 1 and isinstance(headers[0], URIRef):
        return headers[0]
    problem = f"{path}: {len(headers)} ontology headers" if headers else f"{path}: no ontology header"
    if len(headers) == 1:
        problem = f"{path}: the ontology has no IRI"
    raise DataError(problem, "Give the file exactly one subject of type owl:Ontology, named by an IRI")


def _by_iri(documents: Sequence[Document]) -> dict[str, Document]:
    known: dict[str, Document] = {}
    for document in documents:
        for iri in (document.iri, document.version_iri):
            if iri is not None and known.setdefault(iri, document) is not document:
                raise DataError(
                    f"{document.path}: has the IRI {iri} of {known[iri].path}", "Give each file an IRI of its own"
                )
    return known
