"""SPARQL queries on a pyoxigraph store: evaluated, refused with a reason, and their results written."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib.resources import files
from typing import IO, cast

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Store, Variable

from kb.errors import QueryError
from kb.namespaces import PREFIXES
from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS, find_format, serialize_rdf
from kb.rdf.terms import Term
from kb.sparql.annotations import statements_first
from kb.sparql.scan import Scanned
from kb.sparql.syntax_errors import PADDING, explain

__all__ = [
    "Result",
    "engine_errors",
    "evaluate",
    "evaluate_stored",
    "serialize",
    "write",
]

#: Prefix, its beginning of a name, its namespace: the engine is given those in use only, as each costs it time.
_MARKED_PREFIXES = tuple((prefix, f"{prefix}:", iri) for prefix, iri in PREFIXES.items())

#: What a SELECT, an ASK, and a CONSTRUCT or DESCRIBE query give. Rows and triples are evaluated while they are read:
#: once, and within `engine_errors`. The same triple may come more than once.
Result = QuerySolutions | QueryBoolean | QueryTriples


@contextmanager
def engine_errors(query: Scanned | None = None) -> Iterator[None]:
    """Turn what the engine raises, for a text or while a result is read, into a `QueryError`.

    :param query: the text, where it may be wrong
    """
    try:
        yield
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:  # ValueError: an IRI in the arguments
        if isinstance(error, SyntaxError) and query is not None:
            raise explain(query, error.msg) from error
        raise QueryError(f"The query cannot be evaluated: {error}", "Change the query or its parameters") from error


def evaluate(  # noqa: PLR0913  each is a parameter of SPARQL's own protocol
    store: Store,
    query: str | Scanned,
    *,
    base: str | None = None,
    bindings: Mapping[str, Term] | None = None,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
    union: bool = False,
) -> Result:
    """Start a SPARQL 1.1 query, in which the prefixes of `kb.namespaces` need no declaration.

    :param base: IRI that relative IRIs resolve against
    :param bindings: values that variables have from the start (never paste a value into the text); a SELECT clause must
        name these variables
    :param default_graphs: IRIs of the graphs whose union is the default graph, instead of FROM and of the store's own
    :param named_graphs: IRIs of the graphs that GRAPH sees, instead of FROM NAMED and of all
        (https://www.w3.org/TR/sparql11-protocol/#dataset)
    :param union: the default graph is the union of all graphs of the store where nothing else is said
    :raises QuerySyntaxError: with line and column
    :raises QueryError: when it has a SERVICE clause, is an update or calls an unknown function
    """
    scanned = Scanned(query) if isinstance(query, str) else query
    scanned.refuse_service()
    if default_graphs is not None or named_graphs is not None:  # given one of the two, the other one is empty
        default_graphs, named_graphs = default_graphs or (), named_graphs or ()
    with engine_errors(scanned):
        ask = partial(
            store.query,
            prefixes={prefix: iri for prefix, mark, iri in _MARKED_PREFIXES if mark in scanned.text},
            base_iri=base,
            substitutions={Variable(name): term for name, term in bindings.items()} if bindings else None,
            default_graph=None if default_graphs is None else [NamedNode(iri) for iri in default_graphs],
            named_graphs=None if named_graphs is None else [NamedNode(iri) for iri in named_graphs],
            use_default_graph_as_union=union,
        )
        rewritten = statements_first(scanned) if len(default_graphs or ()) <= 1 else None  # see there about several
        if rewritten is not None:
            with suppress(SyntaxError):  # its places are those of the rewritten text: the written one is read below
                return ask(rewritten)
        return ask(scanned.text + PADDING)


def evaluate_stored(store: Store, name: str, *, union: bool = False) -> Iterator[dict[str, Term | None]]:
    """Yield the rows of one of kb's own SELECT queries, ``kb/sparql/queries/<name>.rq``, as terms by variable.

    :param union: its default graph is the union of all graphs of the store
    """
    text = files("kb.sparql").joinpath("queries", f"{name}.rq").read_text(encoding="utf-8")
    rows = cast("QuerySolutions", evaluate(store, text, union=union))
    variables = [variable.value for variable in rows.variables]
    with engine_errors():
        for row in rows:
            yield dict(zip(variables, row, strict=True))


def serialize(result: Result, format_name: str) -> bytes:
    """Return a result in a format; see `write`."""
    output = io.BytesIO()
    write(result, format_name, output)
    return output.getvalue()


def write(result: Result, format_name: str, output: IO[bytes]) -> None:
    """Write a result in a format; this reads it to its end.

    :param format_name: a name of `RESULT_FORMATS` for rows and booleans, of `RDF_FORMATS` for triples
    :raises UnknownName: when the format cannot hold this kind of result
    :raises QueryError: when the evaluation fails on the way
    """
    with engine_errors():
        if isinstance(result, QueryTriples):
            serialize_rdf(result, find_format(format_name, RDF_FORMATS, "graphs"), output)
        else:
            find_format(format_name, RESULT_FORMATS, "rows and booleans").write(result, output)
