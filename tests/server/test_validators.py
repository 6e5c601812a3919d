"""Validators and content codings: strong tags, 304 for who has it, the same bytes in every coding."""

import gzip
from io import BytesIO

import pytest
import zstandard
from support.servers import Reply, ServerProcess

pytestmark = pytest.mark.xdist_group("core")

_ROWS = (
    "/sparql?query=SELECT%20%3Fs%20%3Fo%20%7B%20%3Fs%20rdfs:label%20%3Fo%20%7D%20ORDER%20BY%20%3Fs%20%3Fo%20LIMIT%20300"
)
_GRAPH = "/sparql?query=CONSTRUCT%20WHERE%20%7B%20%3Fs%20rdfs:label%20%3Fo%20%7D"
#: Every kind of answer that the generation, or the server alone, decides about: address, Accept.
_ANSWERS = [
    *((_ROWS, accept) for accept in ("application/sparql-results+json", "application/sparql-results+xml", "text/csv")),
    (_ROWS, "text/html"),
    *((_GRAPH, accept) for accept in ("text/turtle", "application/ld+json", "application/n-quads")),
    ("/sparql", "text/turtle"),
    ("/sparql", "application/rdf+xml"),
    ("/sparql", "text/html"),
    ("/", "text/html"),
    ("/search?q=asean", "text/html"),
    ("/page/id/melaka", "text/html"),
    ("/question/who-proposed-drug-free-border-communes", "text/html"),
    ("/dump/", "text/html"),
    ("/dump/ammtc.nq.gz", "*/*"),
    ("/dump/ammtc.nq", "*/*"),
    ("/dump/ammtc-rdf12.trig", "*/*"),
    ("/dump/entities.ttl", "*/*"),
    *(("/data/id/melaka." + extension, "*/*") for extension in ("ttl", "jsonld", "nt", "rdf", "trig", "nq")),
    ("/data/graph/entities.ttl", "*/*"),
    ("/data/ontology.ttl", "*/*"),
    ("/.well-known/void", "text/turtle"),
    ("/.well-known/void", "text/html"),
    ("/graph-store?graph=https://w3id.org/ammtc/graph/entities", "text/turtle"),
    ("/graph-store?graph=https://w3id.org/ammtc/graph/entities", "application/n-triples"),
    ("/openapi.json", "*/*"),
    ("/static/style.css", "*/*"),
    ("/robots.txt", "*/*"),
]
_OF_A_BODY = ("Content-Type", "Content-Encoding", "Content-Disposition", "Content-Range")


def decoded(reply: Reply) -> bytes:
    match reply.headers["Content-Encoding"]:
        case "gzip":
            return gzip.decompress(reply.body)
        case "zstd":
            return zstandard.ZstdDecompressor().stream_reader(BytesIO(reply.body)).read()
        case None:
            return reply.body
    raise AssertionError(reply.headers["Content-Encoding"])


@pytest.mark.parametrize(("address", "accept"), _ANSWERS)
def test_what_a_client_has_is_not_sent_again(core: ServerProcess, address: str, accept: str) -> None:
    for coding in ("identity", "gzip"):
        sent = {"Accept": accept, "Accept-Encoding": coding}
        first = core.request("GET", address, sent)
        tag = first.headers["ETag"]
        assert (first.status, tag[0], tag[-1]) == (200, '"', '"'), first.text
        for method, header in (("GET", f'"other", W/{tag}'), ("HEAD", tag)):
            again = core.request(method, address, {**sent, "If-None-Match": header})
            assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag), header
            for name in ("Vary", "Cache-Control", "Link", "SPARQL-Row-Limit", "Access-Control-Allow-Origin"):
                assert again.headers[name] == first.headers[name]
            assert [again.headers[name] for name in _OF_A_BODY] == [None] * len(_OF_A_BODY)
        other = core.request("GET", address, {**sent, "If-None-Match": '"other"'})
        assert (other.status, other.headers["ETag"], other.body) == (200, tag, first.body)


@pytest.mark.parametrize("address", ["/data/id/ammtc-19.ttl", "/dump/entities.ttl", "/static/style.css"])
def test_tags_are_compared_as_the_rfc_says(core: ServerProcess, address: str) -> None:
    tag = core.get(address).headers["ETag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}', f'W/"a,b" , W/{tag},"c"', "*", "* ", f"  {tag}  "):
        assert core.get(address, If_None_Match=header).status == 304, header
    for header in ('"other"', f'"{tag[1:9]}"', '""', ""):
        assert core.get(address, If_None_Match=header).status == 200, header


@pytest.mark.parametrize(("address", "accept"), _ANSWERS)
def test_every_coding_holds_the_same(core: ServerProcess, address: str, accept: str) -> None:
    replies = {
        coding: core.request("GET", address, {"Accept": accept, "Accept-Encoding": coding})
        for coding in ("identity", "gzip", "zstd")
    }
    plain = replies["identity"]
    assert plain.headers["Content-Encoding"] is None
    for coding, reply in replies.items():
        assert decoded(reply) == plain.body
        assert reply.headers["Content-Type"] == plain.headers["Content-Type"]
        assert reply.headers["Vary"] == plain.headers["Vary"]
        if coding != "identity" and reply.headers["Content-Encoding"]:
            assert reply.headers["Content-Encoding"] == coding
            assert len(reply.body) < len(plain.body)
            assert "Accept-Encoding" in reply.headers["Vary"]
    head = core.request("HEAD", address, {"Accept": accept, "Accept-Encoding": "gzip"})
    assert (head.status, head.body) == (200, b"")
    for name, value in replies["gzip"].headers.items():
        assert name in ("date", "server-timing") or head.headers[name] == value
    tags = {(reply.headers["Content-Encoding"], reply.headers["ETag"]) for reply in replies.values()}
    assert len({tag for _, tag in tags}) == len(tags)


def test_tags_differ_and_most_kinds_of_answers_are_compressed(core: ServerProcess) -> None:
    replies = [
        core.request("HEAD", address, {"Accept": accept, "Accept-Encoding": "gzip"}) for address, accept in _ANSWERS
    ]
    assert len({reply.headers["ETag"] for reply in replies}) == len(_ANSWERS) - 1  # a graph has two addresses
    answers = zip(_ANSWERS, replies, strict=True)
    plain = {address for (address, _), reply in answers if reply.headers["Content-Encoding"] is None}
    assert plain == {"/dump/ammtc.nq.gz", "/dump/entities.ttl", "/static/style.css", "/robots.txt"}


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("x-gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("zstd;q=0.001, gzip;q=0", "zstd"),
        ("gzip ; q=0.5", "gzip"),
        ("gzip;Q=0.5", "gzip"),
        ("*", "gzip"),
        ("*;q=0.5, zstd;q=0", "gzip"),
        ("gzip;q=0, *", None),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0.000", None),
        ("*;q=0", None),
        ("", None),
        ("br, deflate", None),
        ("gzip;q=2", None),
        ("gzip;q=-1", None),
        ("gzip;q=nan", None),
        ("gzip;level=9", None),
        (";;,,q=1", None),
        ("gzip;q=x, zstd", "zstd"),
        ("gzip" + " " * 300, "gzip"),
        ("a," * 300 + "gzip", None),
    ],
)
def test_the_coding_is_the_one_that_the_client_prefers(core: ServerProcess, header: str, coding: str | None) -> None:
    reply = core.get(_ROWS, "text/csv", Accept_Encoding=header)
    assert (reply.status, reply.headers["Content-Encoding"]) == (200, coding)
    assert "Accept-Encoding" in reply.headers["Vary"]
    assert decoded(reply).startswith(b"s,o\r\n")


def test_what_is_short_is_sent_as_it_is(core: ServerProcess) -> None:
    for address in ("/sparql?query=ASK%7B%7D", "/health", "/sparql?query=SELECT", "/nothing"):
        assert core.get(address, "*/*", Accept_Encoding="gzip").headers["Content-Encoding"] is None


@pytest.mark.parametrize("name", ["ammtc.nq.gz", "entities.ttl"])
@pytest.mark.parametrize(
    ("header", "start", "end"), [("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-50", -50, None)]
)
def test_a_part_of_a_dump(core: ServerProcess, name: str, header: str, start: int, end: int | None) -> None:
    whole = core.get(f"/dump/{name}")
    for coding in ("identity", "gzip", "zstd"):
        part = core.get(f"/dump/{name}", Range=header, Accept_Encoding=coding)
        assert (part.status, part.body) == (206, whole.body[start:end])
        assert part.headers["Content-Encoding"] is None
        assert part.headers["Content-Range"].endswith(f"/{len(whole.body)}")
    tag = whole.headers["ETag"]
    assert core.get(f"/dump/{name}", Range=header, If_Range=tag).status == 206
    assert core.get(f"/dump/{name}", Range=header, If_Range='"other"').body == whole.body
    assert core.get(f"/dump/{name}", Range=header, If_None_Match=tag).status == 304
    assert core.get(f"/dump/{name}", Range=f"bytes={len(whole.body)}-").status == 416


def test_ranges_are_for_get(core: ServerProcess) -> None:
    for address in ("/dump/entities.ttl", "/data/id/ammtc-19.ttl", _ROWS):
        head = core.request("HEAD", address, {"Range": "bytes=0-99"})
        assert (head.status, head.headers["Content-Range"]) == (200, None)
        assert core.get(address, Range="bytes=0-9").status == 206


def test_dumps_are_whole(core: ServerProcess) -> None:
    assert gzip.decompress(core.get("/dump/ammtc.nq.gz").body).count(b"\n") > 10_000


@pytest.mark.parametrize("name", ["ammtc.nq", "ammtc.trig", "ammtc-reified.nq"])
def test_a_dump_without_gz_is_the_same_text(core: ServerProcess, name: str) -> None:
    compressed = core.get(f"/dump/{name}.gz")
    text = gzip.decompress(compressed.body)
    tags = {compressed.headers["ETag"]}
    for header in ("gzip", "zstd, gzip;q=0.5", "*", "zstd", "identity", "gzip;q=0", ""):
        coding = "gzip" if header in ("gzip", "zstd, gzip;q=0.5", "*") else None
        for method in ("GET", "HEAD"):
            reply = core.request(method, f"/dump/{name}", {"Accept-Encoding": header})
            assert (reply.status, reply.headers["Content-Encoding"]) == (200, coding), header
            assert reply.media_type == ("application/n-quads" if name.endswith(".nq") else "application/trig")
            assert reply.headers["Vary"] == "Accept-Encoding"
            body = compressed.body if coding else text
            assert (reply.body, reply.headers["Content-Length"]) == (body if method == "GET" else b"", str(len(body)))
            assert reply.headers["Last-Modified"] == compressed.headers["Last-Modified"]
            tags.add(reply.headers["ETag"])
    assert len(tags) == 3


def test_a_part_is_one_of_the_compressed_text(core: ServerProcess) -> None:
    """Of the text as it is there are no parts: each would cost as much as the whole."""
    whole = {coding: core.get("/dump/ammtc.nq", Accept_Encoding=coding) for coding in ("gzip", "identity")}
    part = core.get("/dump/ammtc.nq", Accept_Encoding="gzip", Range="bytes=100-199")
    assert (part.status, part.body) == (206, whole["gzip"].body[100:200])
    assert part.headers["Content-Encoding"] == "gzip"
    tag = whole["identity"].headers["ETag"]
    assert core.get("/dump/ammtc.nq", Accept_Encoding="gzip", Range="bytes=100-199", If_Range=tag).status == 200
    plain = core.get("/dump/ammtc.nq", Range="bytes=100-199")
    assert (plain.status, plain.body) == (200, whole["identity"].body)
    assert [reply.headers["Accept-Ranges"] for reply in whole.values()] == ["bytes", "none"]
    assert core.get("/dump/ammtc.nq", Accept_Encoding="gzip", If_Match=tag).status == 412


def test_only_compressed_dumps_have_another_name(core: ServerProcess) -> None:
    for name in ("entities", "ammtc", "ammtc.nq.gz.gz", "entities.ttl.gz", "ammtc.nq.", "AMMTC.NQ"):
        assert core.get(f"/dump/{name}").status == 404, name


def test_post_and_errors_have_no_tag(core: ServerProcess) -> None:
    assert core.query("ASK {}").headers["ETag"] is None
    for address in ("/sparql?query=SELECT", "/nothing", "/id/nothing"):
        reply = core.get(address, If_None_Match="*")
        assert reply.status >= 400
        assert reply.headers["ETag"] is None
