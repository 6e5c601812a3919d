"""The formats of query results and of RDF: names, media types, extensions, and writing them with pyoxigraph."""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Generic, TypeVar

from pyoxigraph import Quad, QueryResultsFormat, RdfFormat, Triple
from pyoxigraph import serialize as write_rdf

from kb.errors import UnknownName
from kb.namespaces import PREFIXES

__all__ = ["RDF_FORMATS", "RESULT_FORMATS", "Engine", "Format", "find_format", "format_of_file", "serialize_rdf"]


Engine = TypeVar("Engine", QueryResultsFormat, RdfFormat)


@dataclass(frozen=True)
class Format(Generic[Engine]):
    """A format that results or statements can be written in.

    :param name: its name on the command line and in ``?format=``
    :param media_type: as registered with IANA, without parameters
    :param extension: of a file, without the dot
    :param engine: what pyoxigraph calls it
    """

    name: str
    media_type: str
    extension: str
    engine: Engine


#: Rows and booleans. CSV and TSV of a boolean are the bare word, as other stores send it: the recommendation
#: (https://www.w3.org/TR/sparql11-results-csv-tsv/) defines them for rows only.
RESULT_FORMATS: dict[str, Format[QueryResultsFormat]] = {
    "json": Format("json", "application/sparql-results+json", "srj", QueryResultsFormat.JSON),
    "xml": Format("xml", "application/sparql-results+xml", "srx", QueryResultsFormat.XML),
    "csv": Format("csv", "text/csv", "csv", QueryResultsFormat.CSV),
    "tsv": Format("tsv", "text/tab-separated-values", "tsv", QueryResultsFormat.TSV),
}

#: Statements; trig and nquads keep the graph of each one, the others merge them.
RDF_FORMATS: dict[str, Format[RdfFormat]] = {
    "turtle": Format("turtle", "text/turtle", "ttl", RdfFormat.TURTLE),
    "trig": Format("trig", "application/trig", "trig", RdfFormat.TRIG),
    "ntriples": Format("ntriples", "application/n-triples", "nt", RdfFormat.N_TRIPLES),
    "nquads": Format("nquads", "application/n-quads", "nq", RdfFormat.N_QUADS),
    "rdfxml": Format("rdfxml", "application/rdf+xml", "rdf", RdfFormat.RDF_XML),
    "jsonld": Format("jsonld", "application/ld+json", "jsonld", RdfFormat.JSON_LD),
}

_EXTENSIONS = {format_.extension: format_ for format_ in RDF_FORMATS.values()}
_ALIASES = {"owl": "rdf", "xml": "rdf", "json": "jsonld"}


def find_format(name: str, formats: Mapping[str, Format[Engine]], content: str) -> Format[Engine]:
    """Return the format of that name.

    :param formats: `RDF_FORMATS` or `RESULT_FORMATS`
    :param content: what is to be written, in the plural, for the message
    :raises UnknownName: when none of them has the name; all that have one are suggested
    """
    if name not in formats:
        raise UnknownName(f"format of {content}", name, tuple(formats))
    return formats[name]


def format_of_file(path: Path) -> Format[RdfFormat]:
    """Return the RDF format that a file's name promises; a ``.gz`` behind it is ignored.

    :raises UnknownName: when no format has the extension
    """
    suffixes = [suffix.lower().removeprefix(".") for suffix in path.suffixes]
    extension = suffixes[-2] if suffixes[-1:] == ["gz"] and len(suffixes) > 1 else "".join(suffixes[-1:])
    extension = _ALIASES.get(extension, extension)
    if extension not in _EXTENSIONS:
        raise UnknownName("RDF file extension", path.name, [f".{known}" for known in _EXTENSIONS])
    return _EXTENSIONS[extension]


def serialize_rdf(
    statements: Iterable[Triple] | Iterable[Quad],
    format_: Format[RdfFormat],
    output: IO[bytes],
    prefixes: Mapping[str, str] = PREFIXES,
) -> None:
    """Write statements in the order in which they come.

    Turtle, TriG and RDF/XML declare the prefixes that occur, in the order of the map: pyoxigraph itself declares all,
    in an order that changes from run to run.
    """
    if format_.name not in ("turtle", "trig", "rdfxml"):
        write_rdf(statements, output, format_.engine)
        return
    buffer = io.BytesIO()
    write_rdf(statements, buffer, format_.engine, prefixes=dict(prefixes))
    tidy = _tidy_xml if format_.name == "rdfxml" else _tidy_turtle
    output.writelines(tidy(buffer.getvalue(), prefixes))


def _tidy_turtle(text: bytes, prefixes: Mapping[str, str]) -> tuple[bytes, ...]:
    header = re.match(rb"(?:@prefix .*\n)*", text)
    end = header.end() if header else 0
    declared = (f"@prefix {prefix}: <{prefixes[prefix]}> .\n".encode() for prefix in _used(text[end:], prefixes))
    return (*declared, text[end:])


def _tidy_xml(text: bytes, prefixes: Mapping[str, str]) -> tuple[bytes, ...]:
    start, end = (text.find(b"<rdf:RDF") + len(b"<rdf:RDF"), text.find(b">", text.find(b"<rdf:RDF")))
    used = {"rdf", *_used(text[end:], prefixes)}
    declared = (f' xmlns:{prefix}="{prefixes[prefix]}"'.encode() for prefix in prefixes if prefix in used)
    return (text[:start], *declared, text[end:])


def _used(body: bytes, prefixes: Mapping[str, str]) -> list[str]:
    return [prefix for prefix in prefixes if _name_beginning(f"{prefix}:".encode()).search(body)]


def _name_beginning(start: bytes) -> re.Pattern[bytes]:
    """Return the pattern of the beginning of a name, which ``id:`` is in ``id:x`` but not in ``void:x``."""
    return re.compile(re.escape(start) + rb"(?<![\w.-]" + re.escape(start) + rb")")
