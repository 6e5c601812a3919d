"""SPARQL queries on a pyoxigraph store: evaluated, refused with a reason, and their results written."""

import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import IO, TypedDict, cast
from xml.parsers import expat

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolution,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
    Variable,
    parse,
)

from kb.errors import MissingFile, QueryError, RdfSyntaxError
from kb.namespaces import PREFIXES
from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS, GraphFormat, find_format, format_of_file, serialize_rdf
from kb.rdf.terms import Term
from kb.sparql.scan import Scanned
from kb.sparql.syntax_errors import PADDING, explain

__all__ = [
    "Boolean",
    "Result",
    "Rows",
    "Term",
    "Triples",
    "evaluate",
    "evaluate_stored",
    "load_files",
    "read_statements",
    "serialize",
    "write",
]

_MARKED_PREFIXES = tuple((prefix, f"{prefix}:", iri) for prefix, iri in PREFIXES.items())

#: What the engine raises: for the text, for an IRI in the arguments, and for what fails during the evaluation.
_ENGINE_ERRORS = (SyntaxError, ValueError, RuntimeError, OSError)

#: How the parser's messages begin; an `RdfSyntaxError` states the line itself.
_POSITION = re.compile(r"Parser error (?:at|between) .*?: ")


class _Dataset(TypedDict, total=False):
    default_graph: list[NamedNode | BlankNode | DefaultGraph]
    named_graphs: list[NamedNode | BlankNode]


@dataclass(frozen=True)
class Rows:
    """The solutions of a SELECT query, evaluated while they are read: they can be read once.

    :param variables: names of the columns, without the question mark, in the query's order
    """

    variables: tuple[str, ...]
    solutions: QuerySolutions

    def __iter__(self) -> Iterator[QuerySolution]:
        """Yield a solution a row; ``row["name"]`` or ``row[0]`` is a term, or None where the variable is unbound."""
        try:
            yield from self.solutions
        except _ENGINE_ERRORS as error:
            raise _error(error) from error


@dataclass(frozen=True)
class Boolean:
    """The answer to an ASK query; it is true or false itself."""

    answer: QueryBoolean

    def __bool__(self) -> bool:
        return bool(self.answer)


@dataclass(frozen=True)
class Triples:
    """The graph that a CONSTRUCT or DESCRIBE query describes, evaluated while it is read: it can be read once."""

    triples: QueryTriples

    def __iter__(self) -> Iterator[Triple]:
        """Yield the triples; the same one may come more than once."""
        try:
            yield from self.triples
        except _ENGINE_ERRORS as error:
            raise _error(error) from error


Result = Rows | Boolean | Triples


def evaluate(  # noqa: PLR0913  each is a parameter of SPARQL's own protocol
    store: Store,
    query: str | Scanned,
    *,
    prefixes: Mapping[str, str] | bool = True,
    base: str | None = None,
    bindings: Mapping[str, Term] | None = None,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
) -> Result:
    """Start a SPARQL 1.1 query; rows and triples are computed while they are read.

    :param prefixes: what may be used without a declaration: True for those of `kb.namespaces`, False for none
    :param base: IRI that relative IRIs resolve against
    :param bindings: values that variables have from the start (never paste a value into the text); a SELECT clause must
        name these variables
    :param default_graphs: IRIs of the graphs whose union is the default graph, instead of FROM and of the store's own
    :param named_graphs: IRIs of the graphs that GRAPH sees, instead of FROM NAMED and of all
    :raises QuerySyntaxError: with line and column
    :raises QueryError: when it has a SERVICE clause, is an update or calls an unknown function
    """
    scanned = Scanned(query) if isinstance(query, str) else query
    scanned.refuse_service()
    try:
        result = store.query(
            scanned.text + PADDING,
            prefixes=_declared(prefixes, scanned.text),
            base_iri=base,
            substitutions={Variable(name): term for name, term in bindings.items()} if bindings else None,
            **_dataset(default_graphs, named_graphs),
        )
    except _ENGINE_ERRORS as error:
        raise _error(error, scanned) from error
    return _result(result)


def evaluate_stored(store: Store, name: str, *, bindings: Mapping[str, Term] | None = None) -> Rows:
    """Start one of kb's own SELECT queries, ``kb/sparql/queries/<name>.rq``."""
    text = files("kb.sparql").joinpath("queries", f"{name}.rq").read_text(encoding="utf-8")
    result = evaluate(store, text, bindings=bindings)
    if not isinstance(result, Rows):
        raise QueryError(f"kb/sparql/queries/{name}.rq is no SELECT query", "Install kb again")
    return result


def serialize(result: Result, format_name: str) -> bytes:
    """Return a result in a format; see `write`."""
    output = io.BytesIO()
    write(result, format_name, output)
    return output.getvalue()


def write(result: Result, format_name: str, output: IO[bytes]) -> None:
    """Write a result in a format; it is read to its end by that.

    :param format_name: a name of `RESULT_FORMATS` for rows and booleans, of `RDF_FORMATS` for triples
    :raises UnknownName: when the format cannot hold this kind of result
    :raises QueryError: when the evaluation fails on the way
    """
    try:
        if isinstance(result, Triples):
            serialize_rdf(result.triples, find_format(format_name, RDF_FORMATS, "graphs"), output)
        else:
            format_ = find_format(format_name, RESULT_FORMATS, "rows and booleans")
            format_.write(result.solutions if isinstance(result, Rows) else result.answer, output)
    except _ENGINE_ERRORS as error:
        raise _error(error) from error


def load_files(paths: Iterable[Path], store: Store | None = None) -> Store:
    """Read RDF files into a store, a new one in memory unless another is given.

    The name tells the format: Turtle, TriG, N-Triples, N-Quads, RDF/XML (.rdf, .owl, .xml) or JSON-LD, each also with
    .gz behind it. Relative IRIs resolve against the file's own address; named graphs stay named.

    :raises MissingFile: when a file cannot be read
    :raises UnknownName: when a name promises no known format
    :raises RdfSyntaxError: with the line, where the parser tells it
    """
    store = Store() if store is None else store
    for path in paths:
        format_ = format_of_file(path)
        with _opened(path, format_) as file:
            store.bulk_load(file, format_.engine, base_iri=path.resolve().as_uri())
    return store


def read_statements(path: Path) -> Iterator[Quad]:
    """Yield the statements of an RDF file as `load_files` reads it; blank nodes of several files stay apart.

    :raises MissingFile: when the file cannot be read
    :raises UnknownName: when its name promises no known format
    :raises RdfSyntaxError: with the line, where the parser tells it; statements before it are yielded
    """
    format_ = format_of_file(path)
    with _opened(path, format_) as file:
        yield from parse(file, format_.engine, base_iri=path.resolve().as_uri(), rename_blank_nodes=True)


@contextmanager
def _opened(path: Path, format_: GraphFormat) -> Iterator[IO[bytes]]:
    """Open a file to be parsed; what goes wrong meanwhile is an error of ours."""
    try:
        is_gzip = path.suffix.lower() == ".gz"
        with cast("IO[bytes]", gzip.open(path)) if is_gzip else path.open("rb") as file:
            if format_.name == "rdfxml":
                _require_well_formed(file, path)
            yield file
    except SyntaxError as error:
        raise RdfSyntaxError(path, _POSITION.sub("", error.msg), error.lineno) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise RdfSyntaxError(path, f"is no complete gzip file ({error})") from error
    except OSError as error:
        raise MissingFile(path) from error


def _require_well_formed(file: IO[bytes], path: Path) -> None:
    """Read an XML document to its end and go back: the engine takes one that was cut off for a whole one."""
    try:
        expat.ParserCreate().ParseFile(file)
    except expat.ExpatError as error:
        raise RdfSyntaxError(path, expat.ErrorString(error.code), error.lineno) from error
    file.seek(0)


def _declared(prefixes: Mapping[str, str] | bool, text: str) -> dict[str, str]:
    """Return the prefixes that a text may use; of ours only those that it has, as each costs the engine time."""
    if isinstance(prefixes, bool):
        return {prefix: iri for prefix, mark, iri in _MARKED_PREFIXES if mark in text} if prefixes else {}
    return dict(prefixes)


def _dataset(default_graphs: Sequence[str] | None, named_graphs: Sequence[str] | None) -> _Dataset:
    """Return the engine's dataset arguments: given one of the two lists, the other one is empty.

    https://www.w3.org/TR/sparql11-protocol/#dataset
    """
    if default_graphs is None and named_graphs is None:
        return {}
    return {
        "default_graph": [NamedNode(iri) for iri in default_graphs or ()],
        "named_graphs": [NamedNode(iri) for iri in named_graphs or ()],
    }


def _result(result: QuerySolutions | QueryBoolean | QueryTriples) -> Result:
    if isinstance(result, QuerySolutions):
        return Rows(tuple(variable.value for variable in result.variables), result)
    if isinstance(result, QueryBoolean):
        return Boolean(result)
    return Triples(result)


def _error(error: Exception, query: Scanned | None = None) -> QueryError:
    """Return the error of ours for one of `_ENGINE_ERRORS`."""
    if isinstance(error, SyntaxError) and query is not None:
        return explain(query, error.msg)
    return QueryError(f"The query cannot be evaluated: {error}", "Change the query or its parameters")
