"""The dumps of a generation: its named graphs as files, and beside them the justifications of their statements.

RDF 1.1 has no triple terms. Who says so is in more files, in a named graph of its own: with triple terms for stores
that know RDF 1.2, and with each reifier as an rdf:Statement for those that do not. The last file is what the store
itself holds, its default graph filled: whatever reads it answers queries alike, without an option.
"""

import gzip
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Quad

from kb.config import Project
from kb.errors import DataError
from kb.files.shapes import shapes_documents
from kb.namespaces import JUSTIFICATIONS, RDF
from kb.rdf.canonical import write_statements
from kb.rdf.formats import format_of_file, serialize_rdf
from kb.rdf.terms import Rdf11Statement, to_statement
from kb.rdf.versions import RDF_1_2

__all__ = ["COMPLETE", "DUMPS", "JUSTIFIED", "REIFIED", "SHAPES", "Dump", "dump_names", "write_dumps", "write_shapes"]


@dataclass(frozen=True)
class Dump:
    """A file with all named graphs.

    :param holds: what is in it, for people
    :param justified: with the justifications in a named graph of their own
    :param version: label of the version of RDF that a reader has to know
    :param united: with a default graph that holds what the named graphs do, and the justifications
    """

    holds: str
    justified: bool = False
    version: str = "1.1"
    united: bool = False


_ALL = "All named graphs: what the files state, and what follows from it."
_JUSTIFIED = f"All named graphs, and who says so in another one, <{JUSTIFICATIONS}>: "
_TRIPLE_TERMS = f"{_JUSTIFIED}a reifier with a triple term for each justification of each statement."
_UNITED = (
    "All that the SPARQL endpoint queries, its default graph too: all that the named graphs state, and who says so, by "
    "reifiers with triple terms. For stores whose default graph is not the union of all graphs."
)
_STATEMENTS = f"{_JUSTIFIED}an rdf:Statement for each justification, for stores without triple terms."

#: Name of a file -> what it is; the first is the one for those who ask for no other.
DUMPS = {
    "ammtc.nq.gz": Dump(_ALL),
    "ammtc.trig.gz": Dump(_ALL),
    "ammtc-reified.nq.gz": Dump(_STATEMENTS, justified=True),
    "ammtc-rdf12.nq.gz": Dump(_TRIPLE_TERMS, justified=True, version=RDF_1_2),
    "ammtc-rdf12.trig.gz": Dump(_TRIPLE_TERMS, justified=True, version=RDF_1_2),
    "ammtc-union.nq.gz": Dump(_UNITED, version=RDF_1_2, united=True),
}
#: Name of a file -> what it is: the shapes, which are no part of the graph.
SHAPES = {
    "shapes.ttl": Dump("The shapes in SHACL that the graph, with what follows from it, conforms to."),
    "shapes-core.ttl": Dump("What of them is SHACL Core."),
    "shapes-sparql.ttl": Dump("Their constraints that are queries: SHACL-SPARQL."),
}
#: The one with all that the store holds.
COMPLETE = "ammtc-union.nq.gz"
#: The named graphs with who says so in one of its own: with triple terms, and with an rdf:Statement each.
JUSTIFIED, REIFIED = "ammtc-rdf12.nq.gz", "ammtc-reified.nq.gz"

_LEVEL = 6  # of compression: 9 takes three times as long for 3 % less
_JUSTIFICATIONS = NamedNode(JUSTIFICATIONS)
_TYPE, _REIFIES, _STATEMENT = (NamedNode(RDF[name]) for name in ("type", "reifies", "Statement"))


def dump_names(iris: Sequence[str]) -> dict[str, str]:
    """Return the name of each named graph's Turtle file: the last part of its IRI.

    :raises DataError: when two have it in common
    """
    names = {iri: f"{iri.rstrip('/').rpartition('/')[2]}.ttl" for iri in iris}
    for iri, name in names.items():
        if list(names.values()).count(name) > 1:
            raise DataError(f"The dump of {iri} is called {name}, like another one's", "Give one of them another name")
    return names


def write_dumps(
    quads: Sequence[Quad], reifiers: Sequence[Quad], names: Mapping[str, str], folder: Path
) -> dict[str, int]:
    """Write named graphs into a new folder: each in Turtle, and all together as `DUMPS` says.

    Return the bytes of what is in each compressed file.

    :param reifiers: the justifications, see `kb.generations.reifiers`
    :param names: IRI of a named graph -> name of its file
    """
    folder.mkdir()
    sizes: dict[str, int] = {}
    reified = [Quad(quad.subject, quad.predicate, quad.object, _JUSTIFICATIONS) for quad in reifiers]
    expanded = list(_expanded(reified))
    united = [*dict.fromkeys(Quad(quad.subject, quad.predicate, quad.object) for quad in quads), *reifiers]
    for name, dump in DUMPS.items():
        justifications = (reified if dump.version == RDF_1_2 else expanded) if dump.justified else ()
        content = io.BytesIO()
        added = united if dump.united else justifications
        serialize_rdf([*quads, *added], format_of_file(folder / name), content)
        sizes[name] = len(content.getvalue())
        (folder / name).write_bytes(gzip.compress(content.getvalue(), _LEVEL, mtime=0))
    graphs: defaultdict[object, set[Rdf11Statement]] = defaultdict(set)
    for quad in quads:
        graphs[quad.graph_name].add(to_statement(quad.subject, quad.predicate, quad.object))
    for iri, name in names.items():
        (folder / name).write_text(write_statements(graphs[NamedNode(iri)]), encoding="utf-8")
    return sizes


def write_shapes(project: Project, folder: Path) -> None:
    """Write the shapes, if there are any, and their parts into the folder of the dumps.

    :raises RdfSyntaxError: when the file is no Turtle
    """
    for name, text in shapes_documents(project).items():
        (folder / f"{name.replace('/', '-')}.ttl").write_bytes(text)


def _expanded(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield quads with each reifier as a statement of RDF 1.1, whose three parts it has already."""
    for quad in quads:
        yield Quad(quad.subject, _TYPE, _STATEMENT, quad.graph_name) if quad.predicate == _REIFIES else quad
