"""The RDF dataset of a generation: documents and inferred statements as quads, as a store on disk, as dumps."""

import gzip
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store

from kb.errors import DataError
from kb.namespaces import INFERRED
from kb.rdf.canonical import write_statements
from kb.rdf.formats import RDF_FORMATS, serialize_rdf
from kb.rdf.terms import Rdf11Statement, to_statement
from kb.reasoning.infer import Inference

__all__ = ["dump_names", "inferred_quads", "write_dumps", "write_store"]


def inferred_quads(inference: Inference) -> list[Quad]:
    """Return what was inferred as a named graph, in a fixed order."""
    name = NamedNode(str(INFERRED))
    return sorted((Quad(*statement, name) for statement in inference.statements()), key=str)


def write_store(quads: Sequence[Quad], folder: Path) -> None:
    """Write the quads of named graphs into a new store on disk; the default graph there is their union.

    :raises OSError: when that fails
    """
    store = Store(folder)
    store.bulk_extend(quads)
    store.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
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


def write_dumps(quads: Sequence[Quad], names: Mapping[str, str], folder: Path) -> None:
    """Write named graphs into a new folder: all in TriG and in N-Quads, and each in Turtle.

    :param names: IRI of a named graph -> name of its file, see `dump_names`
    :raises OSError: when that fails
    """
    folder.mkdir()
    for name, format_name in (("ammtc.trig.gz", "trig"), ("ammtc.nq.gz", "nquads")):
        content = io.BytesIO()
        serialize_rdf(quads, RDF_FORMATS[format_name], content)
        (folder / name).write_bytes(gzip.compress(content.getvalue(), mtime=0))
    graphs: defaultdict[object, set[Rdf11Statement]] = defaultdict(set)
    for quad in quads:
        graphs[quad.graph_name].add(to_statement(quad.subject, quad.predicate, quad.object))
    for iri, name in names.items():
        (folder / name).write_text(write_statements(graphs[NamedNode(iri)]), encoding="utf-8")
