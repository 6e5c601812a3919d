"""A SPARQL 1.1 store in this process, for tests that need no engine: it counts its requests and fails on demand."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from pyoxigraph import DefaultGraph, NamedNode, QueryResultsFormat, QueryTriples, RdfFormat, Store

__all__ = ["Fault", "SmallStore", "serve_store"]


@dataclass(frozen=True)
class Fault:
    """What a request gets in place of its answer.

    :param status: of the reply; 0 for a connection that ends without one
    :param does: it is carried out all the same
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    does: bool = False


@dataclass
class SmallStore:
    """What the store holds, was asked, and is to do wrong.

    :param requests: method and path of each request, with the graph of the Graph Store Protocol
    :param faults: of the requests to come, in order; None for one that goes well
    :param fault_of: returns what a request gets; asked where `faults` is empty
    :param union: whether its default graph is the union of all named ones
    """

    url: str
    store: Store = field(default_factory=Store)
    requests: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    faults: deque[Fault | None] = field(default_factory=deque)
    fault_of: Callable[[str, bytes], Fault | None] = lambda _request, _body: None
    union: bool = False

    @property
    def writes(self) -> list[str]:
        """The requests that change something."""
        return [request for request in self.requests if not request.startswith("POST /query")]

    def size(self, graph: str | None) -> int:
        """Return the number of triples in a graph; None stands for the default graph."""
        name = DefaultGraph() if graph is None else NamedNode(graph)
        return sum(1 for _ in self.store.quads_for_pattern(None, None, None, name))


@contextmanager
def serve_store(*, union: bool = False, server: str = "small") -> Iterator[SmallStore]:
    """Serve an empty store on the loopback address; queries are at ``/query``, see Oxigraph for the rest.

    :param server: header of its replies
    """
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    http.daemon_threads = True
    store = SmallStore(f"http://127.0.0.1:{http.server_address[1]}/query", union=union)
    http.small, http.header = store, server  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield store
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # else head and body are two packets, and the second waits for the first one's acknowledgement

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  names of the library

    def log_message(self, *_: object) -> None:
        pass

    def version_string(self) -> str:
        header: str = self.server.header  # type: ignore[attr-defined]
        return header

    def _answer(self) -> None:
        small: SmallStore = self.server.small  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            raise NotImplementedError
        request = f"{self.command} {self.path}"
        small.requests.append(request)
        small.bodies.append(body)
        small.authorizations.append(self.headers.get("Authorization", ""))
        fault = small.faults.popleft() if small.faults else small.fault_of(request, body)
        if fault is not None and fault.does:
            self._carry_out(small, body)
        if fault is None:
            status, headers, content = self._carry_out(small, body)
        elif fault.status == 0:
            self.close_connection = True
            return
        else:
            status, headers, content = fault.status, fault.headers, fault.body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _carry_out(self, small: SmallStore, body: bytes) -> tuple[int, dict[str, str], bytes]:
        url = urlsplit(self.path)
        try:
            if url.path == "/query":
                return self._query(small, parse_qs(body.decode()))
            if url.path == "/update":
                small.store.update(body.decode())
                return 204, {}, b""
            if url.path in ("/store", "/data"):
                return self._graph_store(small.store, parse_qs(url.query, keep_blank_values=True), body)
        except (SyntaxError, ValueError) as error:
            return 400, {"Content-Type": "text/plain"}, str(error).encode()
        return 404, {}, b""

    @staticmethod
    def _query(small: SmallStore, form: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        graphs = [NamedNode(iri) for iri in form.get("default-graph-uri", ())]
        result = small.store.query(
            form["query"][0],
            use_default_graph_as_union=small.union and not graphs,
            default_graph=graphs or None,
        )
        if isinstance(result, QueryTriples):
            content = result.serialize(format=RdfFormat.N_TRIPLES)
            return 200, {"Content-Type": "application/n-triples"}, content or b""
        content = result.serialize(format=QueryResultsFormat.JSON)
        return 200, {"Content-Type": "application/sparql-results+json"}, content or b""

    def _graph_store(self, store: Store, query: dict[str, list[str]], body: bytes) -> tuple[int, dict[str, str], bytes]:
        name = NamedNode(query["graph"][0]) if "graph" in query else DefaultGraph()
        if self.command == "GET":
            return (
                200,
                {"Content-Type": "application/n-triples"},
                store.dump(format=RdfFormat.N_TRIPLES, from_graph=name) or b"",
            )
        triples = Store()
        triples.load(body, RdfFormat.N_TRIPLES, to_graph=name)
        if self.command in ("PUT", "DELETE"):
            store.clear_graph(name)
        store.extend(triples)
        return 204, {}, b""
