"""RDF files as people have them: opened, recognised and parsed, with a message where that fails."""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, Triple, parse

from kb.errors import MissingFile, RdfSyntaxError
from kb.rdf.formats import GraphFormat, format_of_file
from kb.rdf.rdfxml import RewrittenXml

__all__ = ["line_of_object", "load_files", "read_statements", "remedy_of", "unite", "without_mark"]

#: How the parser's messages begin; an `RdfSyntaxError` states the line itself.
_POSITION = re.compile(r"Parser error (?:at|between) .*?: ")

_HEAD = 1024
#: How files begin that are not what their name says, what they are, and what to do.
_OTHERS = (
    (re.compile(rb"\x1f\x8b"), "is packed with gzip", "Append .gz to its name"),
    (re.compile(rb"PK\x03\x04"), "is a ZIP archive", "Unpack it first"),
    (re.compile(rb"BZh|\xfd7zXZ|\x28\xb5\x2f\xfd"), "is packed with something other than gzip", "Unpack it first"),
    (re.compile(rb"version https://git-lfs"), "is a pointer of Git LFS, not the file", "Run `git lfs pull`"),
    (re.compile(rb"\s*(?:<!doctype html|<html)", re.IGNORECASE), "is a web page", "Download the file itself"),
)
_WIDE = re.compile(rb"\xff\xfe|\xfe\xff|\0\0\xfe\xff|[^\0]\0|\0[^\0]", re.DOTALL)
_TO_UTF_8 = "Save it as UTF-8, for example with `iconv -f UTF-16 -t UTF-8`"
#: Text that no XML document begins with: a letter or @ as in Turtle, or an IRI in angle brackets as in N-Triples.
_NO_XML = re.compile(rb"\s*(?:[^\s<\0\x80-\xff]|<[A-Za-z][\w+.-]*:/)")
_NO_XML_REMEDY = (
    "If it is Turtle, let its name end in .ttl; if it is OWL in another syntax, save it as RDF/XML or Turtle,"
    " in Protégé by File > Save as"
)
_XML_BY_NAME = re.compile(rb"\s*(?:<\?xml\s|<!DOCTYPE|<rdf:RDF\s)")
_CONTEXT = re.compile(r'"@(?:context|import)"\s*:\s*(?:\[\s*(?:\{[^{}]*\}\s*,\s*)*)?"([^"]*)"')


def load_files(paths: Iterable[Path], store: Store | None = None) -> Store:
    """Read RDF files into a store, a new one in memory unless another is given.

    The name gives the format: Turtle, TriG, N-Triples, N-Quads, RDF/XML (.rdf, .owl, .xml) or JSON-LD, each also with
    .gz appended. Relative IRIs resolve against the file's own address; named graphs stay named.

    :raises MissingFile: when a file cannot be read
    :raises UnknownName: when a name promises no known format
    :raises RdfSyntaxError: with the line, where it is known
    """
    store = Store() if store is None else store
    for path in paths:
        format_ = format_of_file(path)
        with _opened(path, format_) as file:
            store.bulk_load(file, format_.engine, base_iri=_base(path))
    return store


def unite(store: Store, *, on_disk: bool = False) -> None:
    """Add to the default graph of a store all that its named graphs hold.

    :param on_disk: the store is on the disk: memory is bounded then, and it takes longer
    """
    if on_disk:
        named = (quad for quad in store if quad.graph_name != DefaultGraph())
        store.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in named)
    else:
        store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?graph { ?s ?p ?o } }")


def read_statements(path: Path) -> Iterator[Quad]:
    """Yield the statements of an RDF file as `load_files` reads it; blank nodes of several files stay apart.

    :raises MissingFile: when the file cannot be read
    :raises UnknownName: when its name promises no known format
    :raises RdfSyntaxError: with the line, where it is known; statements before it are yielded
    """
    format_ = format_of_file(path)
    with _opened(path, format_) as file:
        yield from parse(file, format_.engine, base_iri=_base(path), rename_blank_nodes=True)


def line_of_object(path: Path, term: object) -> int | None:
    """Return the line at which the first statement with an object ends, or None where that cannot be known.

    Only formats that are read line by line tell it, and a file that can be read twice. For a triple term
    it is the first one of all: the labels of blank nodes inside differ each time.
    """
    format_ = format_of_file(path)
    if not path.is_file() or format_.engine in (RdfFormat.RDF_XML, RdfFormat.JSON_LD):
        return None
    with _opened(path, format_) as file:
        lines = _Lines(file)
        for quad in parse(cast("IO[bytes]", lines), format_.engine, base_iri=_base(path)):
            if quad.object == term or (isinstance(term, Triple) and isinstance(quad.object, Triple)):
                return lines.read_so_far
    return None


def without_mark(content: bytes, path: Path) -> bytes:
    """Return a Turtle file's bytes without byte order mark (Unicode, section 23.8).

    :raises RdfSyntaxError: when it is visibly something else, with what to do
    """
    _recognise(content[:_HEAD], path, format_of_file(Path("a.ttl")))
    return content.removeprefix(codecs.BOM_UTF8)


def remedy_of(detail: str) -> str:
    """Return what to do about a problem that the engine has with a file."""
    if "Invalid UTF-8" in detail:
        return "Save the file as UTF-8, for example with `iconv -f WINDOWS-1252 -t UTF-8`"
    return "Correct the file there"


class _Lines:
    """A stream that gives one line at a time, and counts them."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.read_so_far = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next line, or its next part."""
        line = self._file.readline(size)
        self.read_so_far += line.endswith(b"\n") or (len(line) < size and line != b"")
        return line


def _base(path: Path) -> str:
    return path.resolve().as_uri()


@contextmanager
def _opened(path: Path, format_: GraphFormat) -> Iterator[IO[bytes]]:
    """Open a file to be parsed; what goes wrong meanwhile becomes one of kb's errors."""
    try:
        with _unpacked(path) as file:
            head = file.peek(_HEAD)
            _recognise(head, path, format_)
            if format_.name == "rdfxml":
                yield cast("IO[bytes]", RewrittenXml(file, path, _base(path)))
            else:
                file.read(len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0)
                yield file
    except SyntaxError as error:
        raise _explained(error, path, format_) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        remedy = "Take .gz from its name" if "Not a gzipped file" in str(error) else "Fetch or pack it again"
        raise RdfSyntaxError(path, f"is no complete gzip file ({error})", remedy=remedy) from error
    except OSError as error:
        raise MissingFile(path) from error


def _unpacked(path: Path) -> io.BufferedReader:
    is_gzip = path.suffix.lower() == ".gz"
    return io.BufferedReader(cast("io.RawIOBase", gzip.open(path)), 1 << 16) if is_gzip else path.open("rb")


def _recognise(head: bytes, path: Path, format_: GraphFormat) -> None:
    """Refuse a file that is visibly not in the format that its name promises.

    :param head: its first bytes
    """
    for beginning, what, remedy in _OTHERS:
        if beginning.match(head):
            raise RdfSyntaxError(path, f"{what}, though its name does not say so", 1, remedy)
    if format_.name == "rdfxml":
        if _NO_XML.match(head.removeprefix(codecs.BOM_UTF8)):
            raise RdfSyntaxError(path, "is not XML, as RDF/XML is", 1, _NO_XML_REMEDY)
        return
    if _WIDE.match(head):
        raise RdfSyntaxError(path, "is in UTF-16 or another encoding of wide characters, not UTF-8", 1, _TO_UTF_8)
    if _XML_BY_NAME.match(head.removeprefix(codecs.BOM_UTF8)):
        raise RdfSyntaxError(path, "is XML", 1, "If it is RDF/XML, let its name end in .rdf")


def _explained(error: SyntaxError, path: Path, format_: GraphFormat) -> RdfSyntaxError:
    """Return what the engine found wrong in a file, with the line and what to do."""
    detail, line = _POSITION.sub("", error.msg), error.lineno
    if format_.name == "rdfxml":
        return RdfSyntaxError(path, detail, _line_of_element(path, format_))
    if format_.name == "jsonld" and "LoadDocumentCallback" in detail:
        return _remote_context(path)
    return RdfSyntaxError(path, detail, line, remedy_of(detail))


def _line_of_element(path: Path, format_: GraphFormat) -> int | None:
    """Return the line at which the element begins that the engine refuses; it does not tell, and gets one at a time."""
    if not path.is_file():
        return None
    with _unpacked(path) as file:
        document = RewrittenXml(file, path, _base(path), by_element=True)
        try:
            for _ in parse(cast("IO[bytes]", document), format_.engine, base_iri=_base(path)):
                pass
        except SyntaxError:
            return document.line
    return None


def _remote_context(path: Path) -> RdfSyntaxError:
    """Return the error of a JSON-LD file with a context that is to be fetched (https://www.w3.org/TR/json-ld11/)."""
    with _unpacked(path) as file:
        text = file.read().decode(errors="replace")
    found = _CONTEXT.search(text)
    named, line = (found[1][:200], text.count("\n", 0, found.start(1)) + 1) if found else ("of another file", None)
    remedy = "Put the context itself into the file in place of its address, or convert the file to Turtle"
    return RdfSyntaxError(path, f"has the context {named}, which is elsewhere and is never fetched", line, remedy)
