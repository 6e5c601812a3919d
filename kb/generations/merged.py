"""Merged documents: a document and all that it imports as one ontology without imports.

Tools look for imports at their addresses, or through a catalog that only some of them know; a merged ontology needs
neither, and can be opened from any folder.
"""

import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kb.atomic import read_bytes
from kb.errors import MissingFile
from kb.generations.dumps import Dump
from kb.generations.export import graph_named
from kb.generations.generation import Generation
from kb.namespaces import GRAPH, ONTOLOGY, OWL, RDF, expand
from kb.rdf.canonical import write_statements
from kb.rdf.formats import RDF_FORMATS, find_format, format_of_file, serialize_rdf
from kb.rdf.terms import Term, to_statement

__all__ = ["EVERYTHING", "MERGED", "export_merged", "merge", "merged_texts", "write_merged"]

#: Stands for all documents of the ontology and of the graph, as ``graph/all.ttl``, which imports them, does.
EVERYTHING = GRAPH["all"]

_OF_ALL = Dump("The files of the ontology and of the graph, what they state, as one ontology without imports.")
_OF_THE_ONTOLOGY = Dump("The files of the ontology as one ontology without imports.")

#: Name of a dump -> what it is, and the root of what is merged in it.
MERGED = {
    "ammtc-merged.owl": (_OF_ALL, EVERYTHING),
    "ammtc-merged.ttl": (_OF_ALL, EVERYTHING),
    "ontology-merged.owl": (_OF_THE_ONTOLOGY, ONTOLOGY),
    "ontology-merged.ttl": (_OF_THE_ONTOLOGY, ONTOLOGY),
}

_TYPE, _ONTOLOGY, _IMPORTS, _VERSION_IRI, _VERSION = (
    NamedNode(iri) for iri in (RDF.type, OWL.Ontology, OWL.imports, OWL.versionIRI, OWL.versionInfo)
)
_LABEL, _DESCRIPTION, _CREATED, _CREATOR, _LICENCE, _MODIFIED, _SOURCE = (
    NamedNode(expand(f"{prefix}:{name}"))
    for prefix, name in (
        *(("rdfs", "label"), ("dcterms", "description"), ("dcterms", "created"), ("dcterms", "creator")),
        *(("dcterms", "license"), ("dcterms", "modified"), ("dcterms", "source")),
    )
)
_HOLDS = (
    "as one ontology without imports, for tools that cannot find them. Generated: edit the files that it is made of."
)

#: Property -> values, of the header of one document.
_Header = Mapping[NamedNode, Sequence[Term]]


def export_merged(generation: Generation, format_name: str, graph: str | None = None) -> bytes:
    """Write a document of a generation and all that it imports as one ontology without imports.

    :param format_name: a name of `kb.rdf.formats.RDF_FORMATS`
    :param graph: IRI, CURIE or last part of the IRI of a document, see `merge`; that of the ontology if there is none
    :raises UnknownName: when the format or the document does not exist
    :raises TermNotInFormat: when the format cannot hold a term
    """
    documents = generation.manifest.documents
    find_format(format_name, RDF_FORMATS, "graphs")
    root = ONTOLOGY if graph is None else graph_named(sorted((*documents, EVERYTHING)), graph)
    return _write(merge(generation.written(), documents, root), format_name)


def write_merged(quads: Iterable[Quad], documents: Mapping[str, str], folder: Path) -> None:
    """Write the merged dumps.

    :param quads: statements of the named graphs, as they were written
    :param documents: IRI of a document -> its file, as its folder and name
    """
    merged = {root: merge(quads, documents, root) for _, root in MERGED.values()}
    for name, (_, root) in MERGED.items():
        (folder / name).write_bytes(_write(merged[root], format_of_file(Path(name)).name))


def merged_texts(generation: Generation) -> dict[str, bytes]:
    """Return the merged dumps of a generation in Turtle, each under its IRI and that of its version.

    One that has vanished since the generation was opened is left out: all else can be served without it.
    """
    found: dict[str, bytes] = {}
    for name, (_, root) in MERGED.items():
        if name.endswith(".ttl") and name in generation.dumps:
            with suppress(MissingFile):
                text = read_bytes(generation.dumps[name])
                found |= dict.fromkeys((f"{root}/merged", *_version(text)), text)
    return found


def merge(quads: Iterable[Quad], documents: Mapping[str, str], root: str = ONTOLOGY) -> list[Triple]:
    """Return the statements of some documents as those of one ontology, whose header comes first.

    Its IRI is that of the root with ``/merged`` behind it. What the headers of its parts say is not in it; their
    version IRIs are its sources (``dcterms:source``), and its version is that of the ontology.

    :param quads: statements of the named graphs of all documents, whose blank nodes have different labels
    :param documents: IRI of a document -> its file, as its folder and name
    :param root: IRI of a document, to merge it with all that it imports, directly or not; that of the ontology stands
        for all documents of the ontology, and `EVERYTHING` for all
    """
    headers: defaultdict[str, defaultdict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
    content: defaultdict[str, list[Triple]] = defaultdict(list)
    for quad in quads:
        graph = quad.graph_name
        if not isinstance(graph, NamedNode) or graph.value not in documents:
            continue
        if quad.subject == graph:
            headers[graph.value][quad.predicate].append(quad.object)
        else:
            content[graph.value].append(quad.triple)
    parts = sorted(_parts(headers, documents, root))
    statements = {triple for part in parts for triple in content[part]}
    header = NamedNode(f"{root}/merged")
    return [*_header(header, headers, parts, root), *sorted(statements, key=_place)]


def _version(text: bytes) -> list[str]:
    """Return the version IRI of a merged ontology, if it has one: the header comes first."""
    values = (quad.object for quad in parse(text, RdfFormat.TURTLE) if quad.predicate == _VERSION_IRI)
    return [value.value for value in islice(values, 1) if isinstance(value, NamedNode)]


def _write(ontology: list[Triple], format_name: str) -> bytes:
    if format_name == "turtle":
        return write_statements({to_statement(*triple) for triple in ontology}).encode()
    output = io.BytesIO()
    serialize_rdf(ontology, RDF_FORMATS[format_name], output)
    return output.getvalue()


def _parts(headers: Mapping[str, _Header], documents: Mapping[str, str], root: str) -> Collection[str]:
    """Return the IRIs of the documents to merge."""
    if root == EVERYTHING:
        return documents
    if root == ONTOLOGY:
        return [iri for iri, name in documents.items() if name.startswith("ontology/")]
    of_version = {version: iri for iri, header in headers.items() for version in header.get(_VERSION_IRI, ())}
    found, waiting = {root}, [root]
    while waiting:
        for imported in headers[waiting.pop()].get(_IMPORTS, ()):
            iri = of_version.get(imported, getattr(imported, "value", ""))
            if iri in documents and iri not in found:
                found.add(iri)
                waiting.append(iri)
    return found


def _header(iri: NamedNode, headers: Mapping[str, _Header], parts: Collection[str], root: str) -> Iterator[Triple]:
    """Yield what a merged ontology says of itself."""
    own, ontology = headers.get(root, {}), headers.get(ONTOLOGY, {})
    name = next((value.value for value in own.get(_LABEL, ()) if isinstance(value, Literal)), "AMMTC knowledge graph")
    yield Triple(iri, _TYPE, _ONTOLOGY)
    yield Triple(iri, _LABEL, Literal(f"{name}, merged", language="en"))
    yield Triple(iri, _DESCRIPTION, Literal(f"{name} and all that belongs to it, {_HOLDS}", language="en"))
    for term in (_LICENCE, _CREATOR, _VERSION):
        yield from (Triple(iri, term, value) for value in own.get(term) or ontology.get(term, ()))
    for term, which in ((_CREATED, min), (_MODIFIED, max)):
        dates = [value for part in parts for value in headers[part].get(term, ())]
        if dates:
            yield Triple(iri, term, which(dates, key=str))
    for version in own.get(_VERSION) or ontology.get(_VERSION, ()):
        if isinstance(version, Literal):
            yield Triple(iri, _VERSION_IRI, NamedNode(f"{iri.value}/{quote(version.value, safe='')}"))
    yield from (Triple(iri, _SOURCE, value) for part in parts for value in headers[part].get(_VERSION_IRI, ()))


def _place(triple: Triple) -> tuple[bool, str, bool, str, bool, str]:
    """Return what orders statements: named things before blank nodes, what a thing is before the rest, English first.

    Readers that keep one label of several keep the first one (pronto).
    """
    subject, predicate, value = triple.subject, triple.predicate, triple.object
    is_foreign = isinstance(value, Literal) and value.language not in (None, "en")
    return not isinstance(subject, NamedNode), str(subject), predicate != _TYPE, str(predicate), is_foreign, str(value)
