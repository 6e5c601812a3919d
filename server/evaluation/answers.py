"""The answer to a task, made in a query worker: the query evaluated on a store, the result written within limits."""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
)

from kb.errors import KbError, QueryError
from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat, serialize_rdf
from kb.rdf.terms import Term, written
from kb.rdf.versions import Features, refuse_features
from kb.sparql.query import Result, engine_errors, evaluate, write
from kb.sparql.scan import Scanned
from server.evaluation.datasets import select_dataset
from server.evaluation.messages import Answer, QueryTask
from server.problems import Problem
from server.representations.formats import GRAPH_FORMATS, PAGE, ROW_FORMATS

if TYPE_CHECKING:  # its libraries are for servers in front of remote stores alone
    from server.evaluation.remote import Remote

__all__ = ["answer", "warm_up"]

_EACH_KIND = (
    ("SELECT * { }", (*RESULT_FORMATS, PAGE)),
    ("ASK { }", (*RESULT_FORMATS, PAGE)),
    ("CONSTRUCT { <s> <p> 'o' } { }", (*RDF_FORMATS, PAGE)),
)
_KINDS: dict[type[Result], str] = {QuerySolutions: "rows", QueryBoolean: "boolean", QueryTriples: "graph"}
#: Triple terms in each other whose parts a page has.
_DEEPEST = 4
_DESCRIPTIONS = {"rows": "a table", "boolean": "true or false", "graph": "a graph"}


def answer(store: Store, task: QueryTask, remote: "Remote | None" = None) -> Answer:
    """Return the answer to a task.

    :param remote: has the same content as the store and is asked in its place, but for what stores are known to answer
        wrongly, and a default graph of several, where some count a triple once for each graph
    :raises Problem: 403 for an update, 400 for a graph that the store lacks, 406 if the client accepts no format of
        this kind of result, 422 if the result is larger than a limit
    :raises QueryError: see `kb.sparql.query.evaluate`
    :raises RemoteError: see `Remote.ask`
    """
    query = Scanned(task.query)
    try:
        queried, dataset = select_dataset(store, task, query)
        default, named = dataset or (None, None)
        asked = remote if queried is store else None
        result = None
        if asked:
            result = asked.ask(
                query, base=task.base, default_graphs=default, named_graphs=named, most_rows=task.row_limit
            )
        if result is None:
            asked = None
            result = evaluate(queried, query, base=task.base, default_graphs=default, named_graphs=named)
    except QueryError:
        if query.operation and query.is_update:  # the engine takes none for a query
            detail = f"This endpoint is read-only: {query.operation.upper()} is refused"
            raise Problem("read-only", detail, "Send a SELECT, ASK, CONSTRUCT or DESCRIBE query") from None
        raise
    kind = _KINDS[type(result)]
    format_name = task.graph_format if kind == "graph" else task.row_format
    if format_name is None:
        raise _not_acceptable(kind)
    complete, features = True, 0
    with asked.reading() if asked else engine_errors():
        if format_name == PAGE:
            body, complete = _page(result, task)
        elif isinstance(result, QueryTriples):
            body, features = _triples(result, task, RDF_FORMATS[format_name])
        else:
            body, features = _rows(result, task, RESULT_FORMATS[format_name])
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return Answer(kind, format_name, body, complete, digest, features=features)


def warm_up() -> None:
    """Answer a query of each kind on an empty store: a confined worker could open no module that is imported later."""
    store = Store()
    for query, formats in _EACH_KIND:
        for format_name in formats:
            answer(store, QueryTask(query, "http://example.org/", format_name, format_name, 1, 100_000))
    for refused in ("SELECT", "SELECT * { SERVICE <http://example.org/> {} }", "SELECT * FROM <http://a.example/> {}"):
        with suppress(KbError, Problem):
            answer(store, QueryTask(refused, "http://example.org/", None, None, 0, 0))


def _rows(result: QuerySolutions | QueryBoolean, task: QueryTask, format_: ResultFormat) -> tuple[bytes, Features]:
    output = _Bounded(task.byte_limit)
    try:
        write(result, format_.name, output)
    except QueryError:
        if output.full:
            raise _too_large(f"{task.byte_limit // 1024:,} KiB") from None
        raise
    body = output.getvalue()
    if isinstance(result, QuerySolutions) and format_.count(body, task.row_limit) > task.row_limit:
        raise _too_large(f"{task.row_limit:,} rows")
    features = format_.features(body)
    refuse_features(features, task.row_version, tuple(RESULT_FORMATS))
    return body, features


def _triples(result: QueryTriples, task: QueryTask, format_: GraphFormat) -> tuple[bytes, Features]:
    distinct: dict[Triple, None] = {}
    for triple in result:
        distinct[triple] = None
        if len(distinct) > task.row_limit:
            raise _too_large(f"{task.row_limit:,} rows")
    output = io.BytesIO()
    statements = _in_graph(distinct, task.into) if format_.keeps_graphs else distinct
    features = serialize_rdf(statements, format_, output, accepted=task.graph_version)
    if output.tell() > task.byte_limit:
        raise _too_large(f"{task.byte_limit // 1024:,} KiB")
    return output.getvalue(), features


def _in_graph(triples: Iterable[Triple], iri: str | None) -> Iterator[Quad]:
    graph = DefaultGraph() if iri is None else NamedNode(iri)
    return (Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples)


class _Bounded(io.BytesIO):
    """A buffer that takes at most ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self.full = False

    def write(self, data: bytes) -> int:  # type: ignore[override]  # bytes is all that the engine writes
        if self.tell() + len(data) > self._limit:
            self.full = True
            raise OSError("the result is too large")
        return super().write(data)


def _page(result: Result, task: QueryTask) -> tuple[bytes, bool]:
    """Return the first rows of a result for a page, and whether these are all.

    They are ``{"columns": […], "rows": [[term or null, …], …]}``, for an ASK query ``{"boolean": …}``.
    """
    if isinstance(result, QueryBoolean):
        return json.dumps({"boolean": bool(result)}).encode(), True
    columns = ["subject", "predicate", "object"]
    if isinstance(result, QuerySolutions):
        columns = [variable.value for variable in result.variables]
    rows: list[list[dict[str, Any] | None]] = []
    size, complete = 0, True
    for row in result:
        cells = [None if term is None else _cell(term) for term in row]
        size += sum(_size(cell) for cell in cells if cell)
        if len(rows) == task.row_limit or size > task.byte_limit:
            complete = False
            break
        rows.append(cells)
    return json.dumps({"columns": columns, "rows": rows}, ensure_ascii=False).encode(), complete


def _cell(term: Term, depth: int = 0) -> dict[str, Any]:
    """Return a term nearly as SPARQL 1.2 Query Results JSON writes it.

    A triple term has its text as its value, and its parts besides, unless it stands too deep in others.
    """
    match term:
        case NamedNode():
            return {"type": "uri", "value": term.value}
        case BlankNode():
            return {"type": "bnode", "value": term.value}
        case Literal(language=str(language), direction=direction):
            directed = {"direction": str(direction)} if direction else {}
            return {"type": "literal", "value": term.value, "language": language, **directed}
        case Literal():
            return {"type": "literal", "value": term.value, "datatype": term.datatype.value}
        case _:
            parts = {"parts": [_cell(part, depth + 1) for part in term]} if depth < _DEEPEST else {}
            return {"type": "triple", "value": written(term), **parts}


def _size(cell: Mapping[str, Any]) -> int:
    """Return the characters of a cell."""
    return sum(len(text) if isinstance(text, str) else sum(map(_size, text)) for text in cell.values())


def _not_acceptable(kind: str) -> Problem:
    offers = [found.media_type for found in (GRAPH_FORMATS if kind == "graph" else ROW_FORMATS)]
    return Problem(
        "not-acceptable",
        f"The result of this query is {_DESCRIPTIONS[kind]}, and the Accept header allows none of its formats",
        f"Accept one of {', '.join(offers)}",
        members={"available": offers},
    )


def _too_large(limit: str) -> Problem:
    return Problem(
        "result-too-large",
        f"The result has more than {limit}, the limit here",
        "Add LIMIT and OFFSET, or ask for less",
    )
