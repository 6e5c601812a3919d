"""Behind a proxy under a sub-path, which the proxy takes off or leaves: every address works from outside."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from rdflib import Graph, Namespace, URIRef
from support.servers import HANG_SECONDS, Reply, ServerProcess

from kb.errors import UsageError
from server.addresses import require_base

pytestmark = pytest.mark.xdist_group("server")

DCAT = Namespace("http://www.w3.org/ns/dcat#")
_SUB_PATH = "/ammtc"


class Proxy(ThreadingHTTPServer):
    """A reverse proxy that knows the sub-path only; everything else is 404.

    :ivar strip: whether it takes the sub-path off
    :ivar upstream: port of the server behind it
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.strip = False
        self.upstream = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}{_SUB_PATH}/"


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        if not self.path.startswith(f"{_SUB_PATH}/"):
            self.send_error(404)
            return
        path = self.path.removeprefix(_SUB_PATH) if self.server.strip else self.path
        upstream = HTTPConnection("127.0.0.1", self.server.upstream, timeout=HANG_SECONDS)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        upstream.request(self.command, path, headers={**headers, "Host": "upstream.invalid"})
        answer = upstream.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("date", "server"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        upstream.close()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@dataclass(frozen=True)
class Public:
    """A server as the public sees it.

    :ivar statuses: target of a link -> status of the reply to it
    """

    base: str
    statuses: dict[str, int] = field(default_factory=dict)

    def get(self, address: str, accept: str = "*/*") -> Reply:
        """Fetch an address that is absolute or begins with a slash."""
        parts = urlsplit(urljoin(self.base, address))
        assert parts.netloc == urlsplit(self.base).netloc, address
        assert parts.path.startswith(f"{_SUB_PATH}/"), address
        connection = HTTPConnection(parts.netloc, timeout=HANG_SECONDS)
        connection.request(
            "GET", f"{parts.path}?{parts.query}" if parts.query else parts.path, headers={"Accept": accept}
        )
        response = connection.getresponse()
        try:
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def follow(self, target: str) -> int:
        """Return the status of the reply to a link, which many documents may have."""
        if target not in self.statuses:
            self.statuses[target] = self.get(target).status
        return self.statuses[target]


class Links(HTMLParser):
    """The addresses in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src", "action") and value]


@pytest.fixture(scope="module")
def proxy(shipped: dict[str, Any]) -> Iterator[Proxy]:
    """A proxy with a server behind it."""
    with Proxy() as running:
        threading.Thread(target=running.serve_forever).start()
        with ServerProcess({**shipped, "public_base": running.base}) as server:
            running.upstream = server.port
            yield running
        running.shutdown()


@pytest.fixture(scope="module", params=["stripped", "kept"])
def public(request: pytest.FixtureRequest, proxy: Proxy) -> Public:
    proxy.strip = request.param == "stripped"
    return Public(proxy.base)


def test_every_link_of_every_kind_of_page_works(public: Public, server: ServerProcess) -> None:
    """The links are those of a server without a proxy, which are followed there; here one of each kind is."""
    pages = [
        "",
        "search?q=asean",
        "sparql",
        "dump/",
        ".well-known/void",
        "page/id/ammtc-19",
        "page/source/vna-ammtc-19",
    ]
    pages += ["question/who-proposed-drug-free-border-communes", "nothing", "sparql?query=SELECT"]
    targets = {
        urldefrag(urljoin(public.base + page, link))[0]
        for page in pages
        for link in Links(public.get(public.base + page, "text/html").text).found
        if "://" not in link and not link.startswith("#")
    }
    direct = {
        urldefrag(urljoin(f"/{page}", link))[0]
        for page in pages
        for link in Links(server.get(f"/{page}", "text/html").text).found
        if "://" not in link and not link.startswith("#")
    }
    assert {f"/{target.removeprefix(public.base)}" for target in targets} == direct
    assert len(targets) > 100
    kinds = {
        re.sub(r"[^/]*?(\.\w+)?$", r"\1", urlsplit(target).path): target for target in targets
    }  # folder, extension
    assert len(kinds) > 10
    for target in kinds.values():
        assert public.get(target, "text/html, */*;q=0.1").status == 200, target
    assert f"{public.base}static/style.css" in targets


@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "application/n-quads"])
@pytest.mark.parametrize("thing", ["id/ammtc-19", "ontology", "graph/entities", "source/nst-2025-09-12"])
def test_things_lead_to_documents_and_these_to_each_other(public: Public, thing: str, accept: str) -> None:
    reply = public.get(public.base + thing, accept)
    assert reply.status == 303
    document = public.get(reply.headers["Location"])
    assert (document.status, document.media_type) == (200, accept)
    for link in [*reply.headers["Link"].split(", <"), *document.headers["Link"].split(", <")]:
        target = urldefrag(link.lstrip("<").partition(">")[0])[0]
        assert public.follow(target) in (200, 303), target


def test_the_descriptions_name_public_addresses(public: Public) -> None:
    service = public.get(f"{public.base}sparql").text
    assert f"<{public.base}sparql>" in service
    described = Graph().parse(data=public.get(f"{public.base}.well-known/void").body, format="turtle")
    addresses = {*described.objects(None, DCAT.downloadURL), *described.objects(None, DCAT.endpointDescription)}
    assert len(addresses) > 10
    for address in addresses:
        assert isinstance(address, URIRef)
        assert public.get(address).status == 200, address
    (server,) = public.get(f"{public.base}openapi.json").json["servers"]
    assert public.get(f"{server['url']}/health").json["status"] == "ok"
    assert public.get(f"{public.base}void").headers["Location"] == f"{_SUB_PATH}/.well-known/void"
    assert "upstream.invalid" not in service


def test_relative_iris_resolve_against_the_public_address(public: Public) -> None:
    reply = public.get(f"{public.base}sparql?query=SELECT%20(%3Cx%3E%20AS%20%3Fx)%20%7B%7D", "text/csv")
    assert reply.text.splitlines()[1] == f"{public.base}x"


def test_a_public_address_stands_in_replies(elsewhere: ServerProcess) -> None:
    assert elsewhere.get("/id/ammtc-19").headers["Location"] == "/graph/data/id/ammtc-19.ttl"
    assert elsewhere.query("SELECT (IRI('x') AS ?x) {}", "text/csv").text.splitlines()[1] == (
        "https://data.example.org/graph/x"
    )
    assert "<https://data.example.org/graph/sparql>" in elsewhere.get("/sparql").text
    home = elsewhere.get("/", "text/html").text
    assert 'href="/graph/static/style.css"' in home
    assert 'href="/static' not in home
    assert "evil.example" not in elsewhere.get("/sparql", Host="evil.example").text


def test_a_sub_path_that_is_also_a_path_of_the_server(elsewhere: ServerProcess) -> None:
    assert elsewhere.get("/graph/entities").headers["Location"] == "/graph/data/graph/entities.ttl"
    assert elsewhere.get("/graph/graph/entities").headers["Location"] == "/graph/data/graph/entities.ttl"
    for home in ("/", "/graph", "/graph/"):
        assert 'href="/graph/static/style.css"' in elsewhere.get(home, "text/html").text
    assert elsewhere.get("/graph/sparql?query=ASK%7B%7D").json["boolean"] is True
    assert elsewhere.get("/graphsparql?query=ASK%7B%7D").status == 404


@pytest.mark.parametrize(
    "address", ["example.org", "ftp://example.org/", "https://", "https://example.org/?x=1", "https://example.org/#x",
                "https://example.org/a b", "javascript:alert(1)", "/ammtc", "https://[::1"],
)  # fmt: skip
def test_what_cannot_be_a_public_address(address: str) -> None:
    with pytest.raises(UsageError, match="cannot be the public base address"):
        require_base(address)


@pytest.mark.parametrize("address", ["", "http://localhost:8000", "https://example.org/", "https://example.org/a/b"])
def test_what_can_be_a_public_address(address: str) -> None:
    require_base(address)
