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
    Literal,
    NamedNode,
    QueryBoolean,
    QuerySolution,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    Variable,
)

from kb.errors import MissingFile, QueryError, RdfSyntaxError
from kb.formats import RDF_FORMATS, RESULT_FORMATS, Format, find_format, format_of_file, serialize_rdf
from kb.namespaces import PREFIXES
from kb.sparql_errors import PADDING, explain
from kb.sparql_scan import refuse_service

__all__ = [
    "Boolean",
    "Result",
    "Rows",
    "Term",
    "Triples",
    "evaluate",
    "evaluate_stored",
    "load_files",
    "serialize",
    "write",
]

Term = NamedNode | BlankNode | Literal | Triple

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
        with _engine_errors():
            yield from self.solutions


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
        with _engine_errors():
            yield from self.triples


Result = Rows | Boolean | Triples


def evaluate(  # noqa: PLR0913  each is a parameter of SPARQL's own protocol
    store: Store,
    text: str,
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
    refuse_service(text)
    with _engine_errors(text):
        result = store.query(
            text + PADDING,
            prefixes=_declared(prefixes),
            base_iri=base,
            substitutions={Variable(name): term for name, term in (bindings or {}).items()},
            **_dataset(default_graphs, named_graphs),
        )
    return _result(result)


def evaluate_stored(store: Store, name: str, *, bindings: Mapping[str, Term] | None = None) -> Rows:
    """Start one of kb's own SELECT queries, ``kb/queries/<name>.rq``."""
    text = files("kb").joinpath("queries", f"{name}.rq").read_text(encoding="utf-8")
    result = evaluate(store, text, bindings=bindings)
    if not isinstance(result, Rows):
        raise QueryError(f"kb/queries/{name}.rq is no SELECT query", "Install kb again")
    return result


def serialize(result: Result, format_name: str) -> bytes:
    """Return a result in a format; see `write`."""
    output = io.BytesIO()
    write(result, format_name, output)
    return output.getvalue()


def write(result: Result, format_name: str, output: IO[bytes]) -> None:
    """Write a result in a format; it is read to its end by that.

    :param format_name: json, xml, csv or tsv for rows and booleans; a name of `RDF_FORMATS` for triples
    :raises UnknownName: when the format cannot hold this kind of result
    :raises QueryError: when the evaluation fails on the way
    """
    if isinstance(result, Triples):
        rdf_format = find_format(format_name, RDF_FORMATS, "graphs")
        with _engine_errors():
            serialize_rdf(result.triples, rdf_format, output)
        return
    format_ = find_format(format_name, RESULT_FORMATS, "rows and booleans")
    with _engine_errors():
        (result.solutions if isinstance(result, Rows) else result.answer).serialize(output, format_.engine)


def load_files(paths: Iterable[Path]) -> Store:
    """Read RDF files into a new store in memory.

    The name tells the format: Turtle, TriG, N-Triples, N-Quads, RDF/XML (.rdf, .owl, .xml) or JSON-LD, each also with
    .gz behind it. Relative IRIs resolve against the file's own address; named graphs stay named.

    :raises MissingFile: when a file cannot be read
    :raises UnknownName: when a name promises no known format
    :raises RdfSyntaxError: with the line, where the parser tells it
    """
    store = Store()
    for path in paths:
        _load(store, path, format_of_file(path))
    return store


def _load(store: Store, path: Path, format_: Format[RdfFormat]) -> None:
    try:
        with _open(path) as file:
            if format_.name == "rdfxml":
                _require_well_formed(file, path)
            store.bulk_load(file, format_.engine, base_iri=path.resolve().as_uri())
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


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def _declared(prefixes: Mapping[str, str] | bool) -> dict[str, str]:
    if isinstance(prefixes, bool):
        return PREFIXES if prefixes else {}
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


@contextmanager
def _engine_errors(text: str = "") -> Iterator[None]:
    """Raise what the engine raises as errors of ours.

    It has a SyntaxError for the text, a ValueError for an IRI in the arguments, and a RuntimeError or an OSError for
    what fails during the evaluation.
    """
    try:
        yield
    except SyntaxError as error:
        raise explain(text, error.msg) from error
    except (ValueError, RuntimeError, OSError) as error:
        raise QueryError(f"The query cannot be evaluated: {error}", "Change the query or its parameters") from error
