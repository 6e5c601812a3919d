"""The Flask application under another WSGI server: waitress answers queries, pages, dumps and errors with it."""

import gzip
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.servers import Server, alive, descendants, eventually

from kb.generations.generation import Generation
from server.config import Limits

pytestmark = pytest.mark.xdist_group("core")

_PAGE = Path(__file__).parents[2] / "docs" / "serving.md"


@pytest.fixture(scope="module")
def waitress(generation: Generation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("wsgi")
    program = re.search(r"^from pathlib.*?^app = [^\n]*", _PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert program is not None
    (folder / "wsgi.py").write_text(program[0], encoding="utf-8")
    (folder / "build").symlink_to(generation.folder.parent)
    with Server([sys.executable, "-m", "waitress", "--listen=127.0.0.1:0", "wsgi:app"], folder) as running:
        yield running


def test_a_query(waitress: Server) -> None:
    query = "/sparql?query=SELECT%20%3Fplace%20%7B%20id:ammtc-19%20ammtc:place%20%3Fplace%20%7D"
    reply = waitress.get(query)
    assert [row["place"]["value"] for row in reply.json["results"]["bindings"]] == ["https://w3id.org/ammtc/id/melaka"]
    assert reply.headers["SPARQL-Row-Limit"] == str(Limits().rows)
    assert reply.headers["Vary"] == "Accept"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert waitress.get(query, If_None_Match=reply.headers["ETag"]).status == 304
    posted = waitress.request("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b"ASK {}")
    assert posted.json["boolean"] is True


def test_a_page(waitress: Server) -> None:
    reply = waitress.get("/page/id/ammtc-19", "text/html", Accept_Encoding="gzip")
    assert (reply.status, reply.media_type) == (200, "text/html")
    assert "Melaka" in gzip.decompress(reply.body).decode()
    form = waitress.get("/sparql?query=ASK%7B%7D", "text/html")
    assert (form.status, form.media_type) == (200, "text/html")
    head = waitress.request("HEAD", "/page/id/ammtc-19", {"Accept": "text/html", "Accept-Encoding": "gzip"})
    assert (head.headers["ETag"], head.headers["Content-Length"]) == (
        reply.headers["ETag"],
        reply.headers["Content-Length"],
    )


def test_a_dump(waitress: Server) -> None:
    whole = waitress.get("/dump/ammtc.nq.gz")
    assert gzip.decompress(whole.body).count(b"\n") > 10_000
    part = waitress.get("/dump/ammtc.nq.gz", Range="bytes=100-199")
    assert (part.status, part.body) == (206, whole.body[100:200])


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/sparql?query=SELECT", 400, "query-syntax"), ("/nothing", 404, "not-found"), ("/id/nothing", 404, "not-found")],
)
def test_an_error(waitress: Server, path: str, status: int, code: str) -> None:
    reply = waitress.get(path)
    assert (reply.status, reply.media_type, reply.json["code"]) == (status, "application/problem+json", code)
    page = waitress.get(path, "text/html")
    assert (page.status, page.media_type) == (status, "text/html")


def test_no_process_is_left(waitress: Server) -> None:
    workers = descendants(waitress.pid)
    assert len(workers) > 1
    waitress.stop(signal.SIGKILL)
    eventually(lambda: not alive(workers))
