"""What answers the suites' queries: an endpoint over HTTP, or the engine alone in this process."""

import json
from collections.abc import Iterable, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from pyoxigraph import (
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    parse,
    serialize,
)
from support.servers import HANG_SECONDS

from w3c.suite import Case

__all__ = ["MEDIA_TYPES", "Endpoint", "Engine", "Refused", "System", "write_named_graphs"]

MEDIA_TYPES: Mapping[str, str] = {
    "srx": "application/sparql-results+xml",
    "srj": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}


class Refused(Exception):
    """A query was not answered.

    :param syntax: the reason given is the query's syntax
    """

    def __init__(self, reason: str, *, syntax: bool) -> None:
        super().__init__(reason)
        self.syntax = syntax


class System(Protocol):
    """What answers queries."""

    def ask(self, case: Case, format_name: str = "") -> bytes:
        """Return the result of a case's query on its dataset in a format, a key of `MEDIA_TYPES`, or in any.

        :raises Refused: when there is none
        """


class Endpoint:
    """A SPARQL endpoint, queried by POST on one connection.

    :param graphs: it has a named graph for each data file, and a test's dataset is chosen of these by the protocol's
        parameters; otherwise its default graph is the dataset
    :param some_graph: name of a graph that syntax tests may query, whatever their own FROM clauses name
    """

    def __init__(self, port: int, *, graphs: bool, some_graph: str = "") -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=HANG_SECONDS)
        self._graphs = graphs
        self._some_graph = some_graph

    def ask(self, case: Case, format_name: str = "") -> bytes:
        path = f"/sparql?{urlencode(self._dataset(case))}" if self._graphs else "/sparql"
        return self._post(path, _query(case), "application/sparql-query", format_name)

    def update(self, case: Case) -> None:
        """Send a case's update.

        :raises Refused: as it should be
        """
        self._post("/sparql", case.text, "application/sparql-update")

    def close(self) -> None:
        self._connection.close()

    def _post(self, path: str, text: str, media_type: str, format_name: str = "") -> bytes:
        headers = {"Content-Type": media_type, "Accept": MEDIA_TYPES.get(format_name, "*/*")}
        self._connection.request("POST", path, text.encode(), headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            problem = json.loads(body)
            is_syntax = response.status == 400 and problem["code"] == "query-syntax"
            raise Refused(f"{response.status} {problem['detail']}", syntax=is_syntax)
        found = response.headers.get_content_type()
        assert found == MEDIA_TYPES.get(format_name, found), found
        return body

    def _dataset(self, case: Case) -> list[tuple[str, str]]:
        """Return the protocol's dataset parameters: https://www.w3.org/TR/sparql11-protocol/#dataset."""
        if case.result is None:
            return [("default-graph-uri", self._some_graph)]
        if case.clauses:
            return []
        default = (
            [("default-graph-uri", case.default.as_uri())] if case.default and _has_statements(case.default) else []
        )
        return default + [("named-graph-uri", graph.as_uri()) for graph in case.named]


class Engine:
    """pyoxigraph as it comes, in this process."""

    def ask(self, case: Case, format_name: str = "") -> bytes:
        store = Store()
        if case.default:
            store.bulk_extend(_statements(case.default, named=False))
        for path in (*case.named, *case.clauses):
            store.bulk_extend(_statements(path, named=True))
        try:
            result = store.query(case.text, base_iri=case.query.as_uri())
        except SyntaxError as error:
            raise Refused(str(error), syntax=True) from error
        except (ValueError, RuntimeError) as error:
            raise Refused(str(error), syntax=False) from error
        return _serialized(result, format_name) if format_name else b""


def write_named_graphs(paths: Iterable[Path], target: Path) -> None:
    """Write RDF files into one N-Quads file with a named graph for each, called by the file's IRI."""
    serialize((quad for path in paths for quad in _statements(path, named=True)), target, RdfFormat.N_QUADS)


def _query(case: Case) -> str:
    """Return the query of a case; its base is the address of its file, as the suites demand.

    https://www.w3.org/TR/sparql11-query/#relIRIs. Syntax tests are sent as they are.
    """
    return case.text if case.result is None else f"BASE <{case.query.as_uri()}>\n{case.text}"


def _statements(path: Path, *, named: bool) -> Iterable[Quad]:
    syntax = RdfFormat.from_extension(path.suffix[1:])
    assert syntax, path
    for quad in parse(path=path, format=syntax, base_iri=path.as_uri(), rename_blank_nodes=True):
        yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(path.as_uri())) if named else quad


def _has_statements(path: Path) -> bool:
    return next(iter(_statements(path, named=False)), None) is not None


def _serialized(result: QuerySolutions | QueryBoolean | QueryTriples, format_name: str) -> bytes:
    media_type = MEDIA_TYPES[format_name]
    if isinstance(result, QueryTriples):
        graph_format = RdfFormat.from_media_type(media_type)
        assert graph_format
        body = result.serialize(format=graph_format)
    else:
        result_format = QueryResultsFormat.from_media_type(media_type)
        assert result_format
        body = result.serialize(format=result_format)
    assert body is not None
    return body
