"""The RDF dataset of a generation: documents and inferred statements as quads, as a store on disk, as dumps."""

import gzip
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from pyoxigraph import CanonicalizationAlgorithm, Dataset, DefaultGraph, NamedNode, Quad, Store
from rdflib import Graph

from kb.errors import DataError
from kb.files.documents import Document
from kb.namespaces import INFERRED
from kb.rdf.convert import triples_to_engine
from kb.rdf.formats import RDF_FORMATS, serialize_rdf
from kb.rdf.turtle import serialize

__all__ = ["assemble", "dump_names", "named_graphs", "write_dumps", "write_store"]


def named_graphs(documents: Sequence[Document], inferred: Graph) -> dict[str, Graph]:
    """Return the statements of each named graph by its IRI: one a document, and the inferred ones."""
    return {document.iri: document.graph for document in documents} | {str(INFERRED): inferred}


def assemble(graphs: Mapping[str, Graph]) -> list[Quad]:
    """Return the quads of the named graphs and of the default graph, their union, in a fixed order.

    A blank node is the same in a named graph and in the default graph. Its label follows from the content
    (https://www.w3.org/TR/rdf-canon/).
    """
    dataset = Dataset()
    for iri, graph in graphs.items():
        for triple in triples_to_engine(graph):
            dataset.add(Quad(triple.subject, triple.predicate, triple.object, NamedNode(iri)))
            dataset.add(Quad(triple.subject, triple.predicate, triple.object))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(dataset, key=_order)


def write_store(quads: Sequence[Quad], folder: Path) -> None:
    """Write quads into a new store on disk.

    :raises OSError: when that fails
    """
    store = Store(folder)
    store.bulk_extend(quads)
    store.optimize()
    store.flush()


def dump_names(iris: Sequence[str]) -> dict[str, str]:
    """Return the name of each named graph's Turtle file: the last part of its IRI.

    :raises DataError: when two have the same
    """
    names = {iri: f"{iri.rstrip('/').rpartition('/')[2]}.ttl" for iri in iris}
    for iri, name in names.items():
        if list(names.values()).count(name) > 1:
            raise DataError(f"The dump of {iri} is called {name}, like another one's", "Give one of them another name")
    return names


def write_dumps(graphs: Mapping[str, Graph], quads: Sequence[Quad], folder: Path) -> None:
    """Write the named graphs into a new folder: all in TriG and in N-Quads, and each in Turtle.

    :raises OSError: when that fails
    """
    folder.mkdir()
    in_named_graphs = [quad for quad in quads if quad.graph_name != DefaultGraph()]
    for name, format_name in (("ammtc.trig.gz", "trig"), ("ammtc.nq.gz", "nquads")):
        content = io.BytesIO()
        serialize_rdf(in_named_graphs, RDF_FORMATS[format_name], content)
        (folder / name).write_bytes(gzip.compress(content.getvalue(), mtime=0))
    for iri, name in dump_names(list(graphs)).items():
        (folder / name).write_text(serialize(graphs[iri]), encoding="utf-8")


def _order(quad: Quad) -> tuple[str, str, str, str]:
    return str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object)
