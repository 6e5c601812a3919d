"""The formats of query results and of RDF, one record each: whatever offers, names or writes a format reads it here."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from pyoxigraph import Quad, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Triple
from pyoxigraph import serialize as write_rdf

from kb.errors import UnknownName
from kb.namespaces import PREFIXES
from kb.rdf.jsonld import compact_jsonld
from kb.rdf.result_csv import write_csv
from kb.rdf.versions import RDF_1_2, Features, Inspected
from kb.rdf.xml import as_xml, write_rdfxml

__all__ = [
    "RDF_FORMATS",
    "RESULT_FORMATS",
    "Format",
    "GraphFormat",
    "ResultFormat",
    "find_format",
    "format_of_file",
    "serialize_rdf",
]

_VERSION = f'VERSION "{RDF_1_2}"\n'.encode()
_FORMATS = "http://www.w3.org/ns/formats/"


@dataclass(frozen=True, kw_only=True)
class Format:
    """What is common to all formats.

    :param name: on the command line and in ``?format=``
    :param media_types: the one registered with IANA, without parameters, then others under which clients ask for it
    :param iri: its name in a service description, from https://www.w3.org/ns/formats/ where there is one
    :param extension: of a file, without the dot
    :param aliases: what people write instead of the name or the extension
    :param attachment: whether browsers save it instead of showing it
    :param versioned: whether its media type has the parameter ``version``, in which RDF 1.2 announces itself
    """

    name: str
    media_types: tuple[str, ...]
    iri: str
    extension: str
    aliases: tuple[str, ...] = ()
    attachment: bool = False
    versioned: bool = False

    @property
    def media_type(self) -> str:
        """The registered media type."""
        return self.media_types[0]

    @property
    def names(self) -> frozenset[str]:
        """All that stands for the format in ``?format=``, in lower case."""
        return frozenset((self.name, self.extension, *self.aliases, self.media_type))


@dataclass(frozen=True, kw_only=True)
class ResultFormat(Format):
    """A format of rows and booleans.

    :param write: writes rows or a boolean to the end
    :param count: returns the number of rows in what ``write`` wrote, or any number between it and the second argument:
        the engine writes all rows at once, and only beyond a limit does the exact number matter
    :param marks: what a text that ``write`` wrote has in it if it has literals with a base direction, and triple terms
    """

    write: Callable[[QuerySolutions | QueryBoolean, IO[bytes]], object]
    count: Callable[[bytes, int], int]
    marks: tuple[bytes, ...] = ()

    def features(self, body: bytes) -> Features:
        """Return what of RDF 1.2 is in a text that ``write`` wrote, as far as the format announces it."""
        return max((number for number, mark in enumerate(self.marks, 1) if mark in body), default=0)


@dataclass(frozen=True, kw_only=True)
class GraphFormat(Format):
    """A format of RDF.

    :param engine: what pyoxigraph calls it
    :param keeps_graphs: whether it says in which graph each triple is; other formats hold one graph
    """

    engine: RdfFormat
    keeps_graphs: bool = False


def _by_engine(form: QueryResultsFormat) -> Callable[[QuerySolutions | QueryBoolean, IO[bytes]], object]:
    return lambda result, output: result.serialize(output, form)


def _write_xml(result: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    others = tuple(name for name in RESULT_FORMATS if name != "xml")
    result.serialize(as_xml(output, others), QueryResultsFormat.XML)


def _write_csv(result: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    if isinstance(result, QueryBoolean):
        result.serialize(output, QueryResultsFormat.CSV)
    else:
        write_csv(result, output, tuple(name for name in RESULT_FORMATS if name != "csv"))


def _count_json(body: bytes, enough: int) -> int:
    most = body.count(b"},{") + 1
    return most if most <= enough else len(json.loads(body)["results"]["bindings"])


def _count_csv(body: bytes, enough: int) -> int:
    most = body.count(b"\n") - 1
    return most if most <= enough else sum(1 for _ in csv.reader(io.StringIO(body.decode(), newline=""))) - 1


#: Rows and booleans, in the order of preference. CSV and TSV of a boolean are the bare word, as other stores send it:
#: the recommendation (https://www.w3.org/TR/sparql11-results-csv-tsv/) defines them for rows only.
RESULT_FORMATS: dict[str, ResultFormat] = {
    found.name: found
    for found in (
        ResultFormat(
            name="json",
            media_types=("application/sparql-results+json", "application/json"),
            iri=f"{_FORMATS}SPARQL_Results_JSON",
            extension="srj",
            write=_by_engine(QueryResultsFormat.JSON),
            count=_count_json,
            marks=(b'"its:dir":', b'"type":"triple"'),
            versioned=True,
        ),
        ResultFormat(
            name="xml",
            media_types=("application/sparql-results+xml", "application/xml", "text/xml"),
            iri=f"{_FORMATS}SPARQL_Results_XML",
            extension="srx",
            write=_write_xml,
            count=lambda body, _: body.count(b"<result>"),
            marks=(b' its:dir="', b"<triple>"),
            versioned=True,
        ),
        ResultFormat(
            name="csv",
            media_types=("text/csv",),
            iri=f"{_FORMATS}SPARQL_Results_CSV",
            extension="csv",
            write=_write_csv,
            count=_count_csv,
            attachment=True,
        ),
        ResultFormat(
            name="tsv",
            media_types=("text/tab-separated-values",),
            iri=f"{_FORMATS}SPARQL_Results_TSV",
            extension="tsv",
            write=_by_engine(QueryResultsFormat.TSV),
            count=lambda body, _: body.count(b"\n") - 1,
            attachment=True,
        ),
    )
}

#: Graphs, in the order of preference.
RDF_FORMATS: dict[str, GraphFormat] = {
    found.name: found
    for found in (
        GraphFormat(
            name="turtle",
            media_types=("text/turtle", "application/x-turtle", "text/n3", "text/rdf+n3"),  # N3 contains Turtle
            iri=f"{_FORMATS}Turtle",
            extension="ttl",
            aliases=("n3",),
            engine=RdfFormat.TURTLE,
            versioned=True,
        ),
        GraphFormat(
            name="ntriples",
            media_types=("application/n-triples", "text/plain"),
            iri=f"{_FORMATS}N-Triples",
            extension="nt",
            aliases=("n-triples",),
            engine=RdfFormat.N_TRIPLES,
            versioned=True,
        ),
        GraphFormat(
            name="rdfxml",
            media_types=("application/rdf+xml", "application/xml", "text/xml"),
            iri=f"{_FORMATS}RDF_XML",
            extension="rdf",
            aliases=("rdf+xml", "xml", "owl"),
            engine=RdfFormat.RDF_XML,
            versioned=True,
        ),
        GraphFormat(
            name="jsonld",
            media_types=("application/ld+json", "application/json"),
            iri=f"{_FORMATS}JSON-LD",
            extension="jsonld",
            aliases=("json-ld", "json"),
            engine=RdfFormat.JSON_LD,
        ),
        GraphFormat(
            name="trig",
            media_types=("application/trig", "application/x-trig"),
            iri=f"{_FORMATS}TriG",
            extension="trig",
            engine=RdfFormat.TRIG,
            versioned=True,
            keeps_graphs=True,
        ),
        GraphFormat(
            name="nquads",
            media_types=("application/n-quads", "text/x-nquads"),
            iri=f"{_FORMATS}N-Quads",
            extension="nq",
            aliases=("n-quads",),
            engine=RdfFormat.N_QUADS,
            versioned=True,
            keeps_graphs=True,
        ),
    )
}

AnyFormat = TypeVar("AnyFormat", bound=Format)


def find_format(name: str, formats: Mapping[str, AnyFormat], content: str) -> AnyFormat:
    """Return the format of that name.

    :param formats: `RDF_FORMATS` or `RESULT_FORMATS`
    :param content: what is to be written, in the plural, for the message
    :raises UnknownName: when none of them has the name, with all names as suggestions
    """
    if name not in formats:
        raise UnknownName(f"format of {content}", name, tuple(formats))
    return formats[name]


def format_of_file(path: Path) -> GraphFormat:
    """Return the RDF format that a file's name promises; a final ``.gz`` is ignored.

    :raises UnknownName: when no format has the extension
    """
    suffixes = [suffix.lower().removeprefix(".") for suffix in path.suffixes]
    extension = suffixes[-2] if suffixes[-1:] == ["gz"] and len(suffixes) > 1 else "".join(suffixes[-1:])
    for found in RDF_FORMATS.values():
        if extension in (found.extension, *found.aliases):
            return found
    raise UnknownName("RDF file extension", path.name, [f".{found.extension}" for found in RDF_FORMATS.values()])


def serialize_rdf(
    statements: Iterable[Triple] | Iterable[Quad],
    format_: GraphFormat,
    output: IO[bytes],
    prefixes: Mapping[str, str] = PREFIXES,
    accepted: str = "",
) -> Features:
    """Write statements in the order in which they come, and return what of RDF 1.2 is in them.

    JSON-LD is compact. Turtle, TriG and RDF/XML declare the prefixes that occur, in the order of the map: pyoxigraph
    itself declares all, in an order that changes from run to run. Turtle and TriG of RDF 1.2 announce it
    (https://www.w3.org/TR/rdf12-turtle/#sec-version), and so does RDF/XML; N-Triples and N-Quads stay canonical, and so
    without it.

    :param accepted: label of the newest version of RDF that the reader takes, or ""
    :raises TermNotInFormat: when the format, or that version, cannot hold a term; nothing whole is written then
    """
    inspected = Inspected(statements, accepted, tuple(name for name in RDF_FORMATS if name != "jsonld"))
    if format_.name == "jsonld":
        output.write(compact_jsonld(inspected, prefixes))
    elif format_.name == "rdfxml":
        output.write(write_rdfxml(inspected, prefixes, tuple(name for name in RDF_FORMATS if name != "rdfxml")))
    elif format_.name in ("turtle", "trig"):
        buffer = io.BytesIO()
        write_rdf(inspected, buffer, format_.engine, prefixes=dict(prefixes))
        output.writelines((_VERSION if inspected.features else b"", *_tidy_turtle(buffer.getvalue(), prefixes)))
    else:
        write_rdf(inspected, output, format_.engine)
    return inspected.features


def _tidy_turtle(text: bytes, prefixes: Mapping[str, str]) -> tuple[bytes, ...]:
    header = re.match(rb"(?:@prefix .*\n)*", text)
    body = text[header.end() if header else 0 :]
    declared = (f"@prefix {prefix}: <{prefixes[prefix]}> .\n".encode() for prefix in _used(body, prefixes))
    return (*declared, body)


def _used(body: bytes, prefixes: Mapping[str, str]) -> list[str]:
    """Return the prefixes that begin a name in a text, as ``id:`` does in ``id:x`` but not in ``void:x``."""
    starts = {prefix: re.escape(f"{prefix}:").encode() for prefix in prefixes}
    return [prefix for prefix, start in starts.items() if re.search(start + rb"(?<![\w.-]" + start + rb")", body)]
