"""Queries on a remote store: refused or rewritten before they leave, their results read whole."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from pyoxigraph import (
    Literal,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from kb.errors import QueryError, RemoteCut, RemoteLate, RemoteWrongAnswer
from kb.namespaces import PREFIXES
from kb.remote.client import Client, Reply
from kb.remote.datasets import Asked, overlap_question, select_dataset
from kb.remote.dialects import own_limit, rewrite
from kb.remote.templates import Template
from kb.sparql.query import Result
from kb.sparql.scan import Scanned

__all__ = ["evaluate"]

_ROWS = "application/sparql-results+json"
_TRIPLES = "application/n-triples"
#: Headers by which the end of a reply is known: triples could end after any line.
_LENGTHS = {"content-length", "transfer-encoding"}
_GIVING_TRIPLES = ("construct", "describe")
#: SQLSTATE of Virtuoso for a query that its parameter ``timeout`` ended with what was found so far.
_OUT_OF_TIME = "S1TAT"
#: Virtuoso's name of a blank node begins with what looks like the scheme of an IRI.
_NODE = re.compile(rb'("type": "bnode", "value": ")nodeID://')


def evaluate(  # noqa: PLR0913  as `kb.sparql.query.evaluate`, and the limits
    client: Client,
    query: str | Scanned,
    *,
    base: str | None = None,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
    graphs: Sequence[str] | None = None,
    seconds: float | None = None,
    most_bytes: int | None = None,
) -> Result:
    """Return the result of a query, in which the prefixes of `kb.namespaces` need no declaration.

    :param base: IRI that relative IRIs resolve against
    :param default_graphs: IRIs of the graphs whose merge is the default graph, or None
    :param named_graphs: IRIs of the graphs that GRAPH sees, or None
    :param graphs: IRIs of the named graphs of the generation that the store should have; other graphs are then unknown
    :raises QueryError: when it has a SERVICE clause or is an update, or when the store is known to answer it wrongly
    :raises UnknownName: when it names a graph that is not one of the generation's
    :raises RemoteError: when there is no whole result
    """
    scanned = Scanned(query) if isinstance(query, str) else query
    scanned.refuse_service()
    if scanned.is_update:
        raise QueryError("This is an update, and only queries are answered", "Write SELECT, ASK, CONSTRUCT or DESCRIBE")
    asked = select_dataset(
        scanned, client.profile, graphs, base=base, default_graphs=default_graphs, named_graphs=named_graphs
    )
    request = _Request(client, base, asked, seconds, most_bytes)
    _check_merge(request)
    text = rewrite(Scanned(asked.text), client.profile)
    if client.profile.cut_triples and scanned.operation == "construct":
        template = Template.read(Scanned(text))
        return _stored(template.fill(request.rows(template.question), _prologue(Scanned(text), base)))
    if scanned.operation in _GIVING_TRIPLES:
        return request.triples(text)
    if scanned.operation == "ask":
        return request.boolean(text)
    limit = own_limit(scanned)
    return request.rows(text, limit.value if limit and not own_limit(Scanned(text)) else None)


class _Request:
    """What all requests for one query have in common."""

    def __init__(
        self, client: Client, base: str | None, asked: Asked, seconds: float | None, most_bytes: int | None
    ) -> None:
        self.client = client
        self.asked = asked
        self._base = base
        self._seconds = seconds
        self._most_bytes = most_bytes

    def rows(self, text: str, most: int | None = None) -> QuerySolutions:
        """Return the rows of a SELECT query.

        :param most: so many at most, the first ones, where the text does not say it
        """
        result = self._result(text, most)
        if not isinstance(result, QuerySolutions):
            raise self._wrong("a truth value in place of rows")
        return result

    def boolean(self, text: str) -> QueryBoolean:
        """Return the truth value of an ASK query, which Virtuoso gives as a table: with 1, or with no row."""
        if self.client.profile.ask_as_rows and (rows := _as_rows(Scanned(text))):
            return _boolean(next(iter(self.rows(rows)), None) is not None)
        result = self._result(text)
        if isinstance(result, QuerySolutions):
            values = [term.value for row in result for term in row if isinstance(term, Literal)]
            if values not in (["1"], ["0"], []):
                raise self._wrong("rows in place of a truth value")
            result = _boolean(values == ["1"])
        return result

    def triples(self, text: str) -> QueryTriples:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        reply = self._reply(text, _TRIPLES)
        self._check_type(reply, _TRIPLES)
        if not _LENGTHS & reply.headers.keys():
            raise self._wrong("triples without a length, which may be cut off")
        try:
            return _stored(quad.triple for quad in parse(reply.body, RdfFormat.N_TRIPLES))
        except (SyntaxError, ValueError) as error:
            raise self._wrong(f"triples that cannot be read ({error})") from error

    def _result(self, text: str, most: int | None = None) -> QuerySolutions | QueryBoolean:
        reply = self._reply(text, _ROWS)
        self._check_type(reply, _ROWS, "application/json")
        body = _NODE.sub(rb"\1", reply.body)
        try:
            self._check_rows(text, reply.headers, body)
            return parse_query_results(body if most is None else _first(body, most), QueryResultsFormat.JSON)
        except (SyntaxError, ValueError) as error:
            raise self._wrong(f"a result that cannot be read ({error})") from error

    def _reply(self, text: str, accept: str) -> Reply:
        reply = self.client.query(
            _prologue(Scanned(text), self._base) + text,
            accept,
            default_graphs=self.asked.default,
            named_graphs=self.asked.named,
            seconds=self._seconds,
            most_bytes=self._most_bytes,
        )
        if reply.headers.get("x-sql-state") == _OUT_OF_TIME:
            raise RemoteLate(
                self.client.addresses.query, self.client.seconds if self._seconds is None else self._seconds
            )
        return reply

    def _check_type(self, reply: Reply, *types: str) -> None:
        if reply.media_type not in types:
            raise self._wrong(f"a result of the type {reply.media_type!r}")

    def _check_rows(self, text: str, headers: Mapping[str, str], body: bytes) -> None:
        """Check that rows are whole: neither a header nor their number says that the store left some out.

        :raises RemoteCut: when they may not be
        """
        profile = self.client.profile
        is_said = any(name.lower() in headers for name in profile.partial)
        if not is_said and not profile.most_rows:
            return
        result = parse_query_results(body, QueryResultsFormat.JSON)
        number = sum(1 for _ in result) if isinstance(result, QuerySolutions) else 0
        limit = own_limit(Scanned(text))
        if (is_said or number == profile.most_rows) and not (limit and number == limit.value):
            raise RemoteCut(self.client.addresses.query, number)

    def _wrong(self, found: str) -> RemoteWrongAnswer:
        return RemoteWrongAnswer(self.client.addresses.query, found)


def _first(body: bytes, most: int) -> bytes:
    """Return a result in JSON with the first of its rows.

    :raises ValueError: where it is none
    """
    document = json.loads(body)
    try:
        document["results"]["bindings"] = document["results"]["bindings"][:most]
    except (KeyError, TypeError) as error:
        raise ValueError("there are no rows in it") from error
    return json.dumps(document).encode()


def _check_merge(request: _Request) -> None:
    """Check that each triple of several default graphs comes once, as from their merge (SPARQL 1.1 Query, 13.2.1).

    :raises QueryError: when the store would give one once for each graph
    """
    default = request.asked.default
    if len(default) < 2 or request.client.profile.merges:  # noqa: PLR2004  there is nothing to merge
        return
    apart = _Request(request.client, None, Asked(""), None, None)
    if apart.boolean(overlap_question(default)):
        raise QueryError(
            "The graphs of the default graph have statements in common, which this store would count for each",
            "Name one of the graphs, or none",
        )


def _prologue(query: Scanned, base: str | None) -> str:
    """Return the declarations of the base and the prefixes that a text uses and does not have."""
    tokens = query.tokens
    given = {after.text for before, after in pairwise(tokens) if before.is_word("prefix")}
    used = {f"{token.text.partition(':')[0]}:" for token in tokens if token.kind == "name"}
    lines = [f"BASE <{base}>"] if base and not any(token.is_word("base") for token in tokens) else []
    lines += [f"PREFIX {name}: <{iri}>" for name, iri in PREFIXES.items() if f"{name}:" in used - given]
    return "".join(f"{line}\n" for line in lines)


def _as_rows(query: Scanned) -> str | None:
    """Return an ASK query as one for a row, if there is any; None where it ends with a clause of its own."""
    ask = next(token for token in query.tokens if token.is_word("ask"))
    if any(token.is_word("group", "having", "order", "limit", "offset") for token in query.tokens):
        return None
    columns = "*" if any(token.kind == "variable" for token in query.tokens) else "(1 AS ?found)"
    return f"{query.text[: ask.start]}SELECT {columns} {query.text[ask.start + len(ask.text) :]}\nLIMIT 1"


def _boolean(value: bool) -> QueryBoolean:
    result = Store().query(f"ASK {{ FILTER ({'true' if value else 'false'}) }}")
    assert isinstance(result, QueryBoolean)  # noqa: S101  for the type checker
    return result


def _stored(triples: Iterator[Triple]) -> QueryTriples:
    store = Store()
    store.extend(Quad(*triple) for triple in triples)
    result = store.query("CONSTRUCT WHERE { ?s ?p ?o }")
    assert isinstance(result, QueryTriples)  # noqa: S101  for the type checker
    return result
