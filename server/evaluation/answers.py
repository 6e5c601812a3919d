"""The answer to a task: its query evaluated on a store, the result written within the limits. Runs in query workers."""

import hashlib
import io
import json
from collections.abc import Iterable
from contextlib import suppress

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from kb.errors import DataError, KbError, QueryError
from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS, serialize_rdf
from kb.sparql.query import Boolean, Result, Rows, Term, Triples, evaluate, write
from kb.sparql.scan import Scanned
from server.evaluation.datasets import select_dataset
from server.evaluation.messages import Answer, Task
from server.problems import Problem
from server.representations.formats import GRAPH_OFFERS, PAGE, ROW_OFFERS, media_types

__all__ = ["answer", "warm_up"]


def answer(store: Store, task: Task) -> Answer:
    """Return the answer to a task.

    :raises Problem: 403 for an update, 400 for a graph that the store lacks, 406 if the client accepts no format of
        this kind of result, 422 if the result is larger than a limit
    :raises QueryError: see `kb.sparql.query.evaluate`
    """
    query = Scanned(task.query)
    try:
        queried, dataset = select_dataset(store, task, query)
        default, named = dataset or (None, None)
        result = evaluate(queried, query, base=task.base, default_graphs=default, named_graphs=named)
    except QueryError:
        if query.operation and query.is_update:  # the engine takes none for a query
            raise _read_only(query.operation) from None
        raise
    kind = _kind(result)
    if kind not in task.formats:
        raise _not_acceptable(kind)
    if task.formats[kind] == PAGE:
        return _page(result, task)
    body = _triples(result, task) if isinstance(result, Triples) else _rows(result, task)
    return Answer(kind, task.formats[kind], body, digest=_digest(body))


def warm_up() -> None:
    """Answer a query of each kind on an empty store: a confined worker could open no module that is imported later."""
    store = Store()
    for query, formats in _EACH_KIND:
        for format_name in formats:
            answer(store, Task(query, "http://example.org/", dict.fromkeys(_DESCRIPTIONS, format_name), 1, 100_000))
    for refused in ("SELECT", "SELECT * { SERVICE <http://example.org/> {} }", "SELECT * FROM <http://a.example/> {}"):
        with suppress(KbError, Problem):
            answer(store, Task(refused, "http://example.org/", {}, 0, 0))


def _kind(result: Result) -> str:
    match result:
        case Rows():
            return "rows"
        case Boolean():
            return "boolean"
        case Triples():
            return "graph"


def _rows(result: Rows | Boolean, task: Task) -> bytes:
    format_name = task.formats[_kind(result)]
    output = _Bounded(task.byte_limit)
    try:
        write(result, format_name, output)
    except QueryError:
        if output.full:
            raise _too_many_bytes(task) from None
        raise
    body = output.getvalue()
    if isinstance(result, Rows) and RESULT_FORMATS[format_name].count(body, task.row_limit) > task.row_limit:
        raise _too_many_rows(task)
    return body


def _triples(result: Triples, task: Task) -> bytes:
    distinct: dict[Triple, None] = {}
    for triple in result:
        distinct[triple] = None
        if len(distinct) > task.row_limit:
            raise _too_many_rows(task)
    output = io.BytesIO()
    try:
        serialize_rdf(_in_graph(distinct, task), RDF_FORMATS[task.formats["graph"]], output)
    except DataError as error:  # a triple term in a format that has none
        raise QueryError(error.problem, error.remedy) from error
    if output.tell() > task.byte_limit:
        raise _too_many_bytes(task)
    return output.getvalue()


def _in_graph(triples: Iterable[Triple], task: Task) -> Iterable[Triple] | Iterable[Quad]:
    if task.into is None or not RDF_FORMATS[task.formats["graph"]].keeps_graphs:
        return triples
    graph = NamedNode(task.into)
    return [Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]


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


def _page(result: Result, task: Task) -> Answer:
    """Return the first rows of a result for a page: ``{"columns": […], "rows": [[term or null, …], …]}``."""
    if isinstance(result, Boolean):
        body = json.dumps({"boolean": bool(result)}).encode()
        return Answer("boolean", PAGE, body, digest=_digest(body))
    columns: Iterable[str] = result.variables if isinstance(result, Rows) else ("subject", "predicate", "object")
    rows: list[list[dict[str, str] | None]] = []
    size, complete = 0, True
    for row in result:
        cells = [None if term is None else _cell(term) for term in row]
        size += sum(len(text) for cell in cells if cell for text in cell.values())
        if len(rows) == task.row_limit or size > task.byte_limit:
            complete = False
            break
        rows.append(cells)
    body = json.dumps({"columns": list(columns), "rows": rows}, ensure_ascii=False).encode()
    return Answer(_kind(result), PAGE, body, complete, _digest(body))


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _cell(term: Term) -> dict[str, str]:
    """Return a term as SPARQL 1.1 Query Results JSON writes it, without its ``type`` for a quoted triple."""
    match term:
        case NamedNode():
            return {"type": "uri", "value": term.value}
        case BlankNode():
            return {"type": "bnode", "value": term.value}
        case Literal(language=str(language)):
            return {"type": "literal", "value": term.value, "language": language}
        case Literal():
            return {"type": "literal", "value": term.value, "datatype": term.datatype.value}
        case _:
            return {"type": "triple", "value": str(term)}


def _read_only(operation: str) -> Problem:
    detail = f"This endpoint is read-only: {operation.upper()} is refused"
    return Problem("read-only", detail, "Send a SELECT, ASK, CONSTRUCT or DESCRIBE query")


def _not_acceptable(kind: str) -> Problem:
    offers = media_types(GRAPH_OFFERS if kind == "graph" else ROW_OFFERS)
    return Problem(
        "not-acceptable",
        f"The result of this query is {_DESCRIPTIONS[kind]}, and the Accept header allows none of its formats",
        f"Accept one of {', '.join(offers)}",
        members={"available": offers},
    )


_EACH_KIND = (
    ("SELECT * { }", (*RESULT_FORMATS, PAGE)),
    ("ASK { }", (*RESULT_FORMATS, PAGE)),
    ("CONSTRUCT { <s> <p> 'o' } { }", (*RDF_FORMATS, PAGE)),
)
_DESCRIPTIONS = {"rows": "a table", "boolean": "true or false", "graph": "a graph"}


def _too_many_rows(task: Task) -> Problem:
    return _too_large(f"{task.row_limit:,} rows")


def _too_many_bytes(task: Task) -> Problem:
    return _too_large(f"{task.byte_limit // 1024:,} KiB")


def _too_large(limit: str) -> Problem:
    return Problem(
        "result-too-large",
        f"The result has more than {limit}, the limit here",
        "Add LIMIT and OFFSET, or fetch the dump",
    )
