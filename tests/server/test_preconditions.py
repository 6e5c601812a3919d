"""Preconditions and ranges (RFC 9110, sections 13 and 14): one table of ranges.toml a case, on each kind of file."""

import json
import tomllib
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from support.servers import Reply, ServerProcess

pytestmark = pytest.mark.xdist_group("core")

_CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("ranges.toml").read_text(encoding="utf-8"))[
    "case"
]
_FILES = ("/dump/alignments.ttl", "/dump/ammtc.nq.gz", "/static/style.css")
#: Of answers that no file holds, which have tags and no dates.
_MADE = ("/data/id/ammtc-19.ttl", "/page/id/melaka", "/sparql?query=ASK%7B%7D", "/.well-known/void", "/openapi.json")


def test_no_case_is_lost() -> None:
    assert len(_CASES) == 74
    assert len({case["name"] for case in _CASES}) == len(_CASES)


@pytest.fixture(scope="module", params=_FILES)
def whole(request: pytest.FixtureRequest, core: ServerProcess) -> tuple[str, Reply]:
    reply = core.get(request.param)
    assert (reply.status, reply.headers["Accept-Ranges"]) == (200, "bytes")
    return request.param, reply


def sent(case: dict[str, Any], whole: Reply) -> dict[str, str]:
    """Return the headers of a case."""
    tag, modified = whole.headers["ETag"], whole.headers["Last-Modified"]
    days = {
        name: format_datetime(parsedate_to_datetime(modified) + timedelta(days), usegmt=True)
        for name, days in (("before", -1), ("after", 1))
    }
    words = {"tag": tag, "opaque": tag[1:-1], "size": str(len(whole.body)), "modified": modified, "nines": "9" * 5000}
    written = json.dumps(case["headers"])
    for word, value in {**words, **days}.items():
        written = written.replace(f"{{{word}}}", json.dumps(value)[1:-1])
    headers: dict[str, str] = json.loads(written)
    return headers


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["name"])
def test_what_a_client_gets_of_a_file(core: ServerProcess, whole: tuple[str, Reply], case: dict[str, Any]) -> None:
    address, plain = whole
    method, size = case.get("method", "GET"), len(plain.body)
    reply = core.request(method, address, sent(case, plain))
    assert reply.status == case["status"]
    match case["status"]:
        case 206:
            first, end = case["part"]
            first, end = first + size if first < 0 else first, size if end < 0 else end
            assert reply.body == plain.body[first:end]
            assert reply.headers["Content-Range"] == f"bytes {first}-{end - 1}/{size}"
        case 200:
            assert reply.body == (b"" if method == "HEAD" else plain.body)
            assert (reply.headers["Content-Length"], reply.headers["Content-Range"]) == (str(size), None)
        case 304:
            assert reply.body == b""
        case status:
            assert method == "HEAD" or (reply.json["status"], reply.media_type) == (status, "application/problem+json")
            assert reply.headers["Content-Range"] == (f"bytes */{size}" if status == 416 else None)
    if reply.status < 400:
        assert reply.headers["ETag"] == plain.headers["ETag"]
        assert reply.headers["Cache-Control"] == plain.headers["Cache-Control"]


@pytest.mark.parametrize("address", _MADE)
def test_what_a_client_gets_of_what_is_made(core: ServerProcess, address: str) -> None:
    for coding in ("identity", "gzip"):
        plain = core.get(address, Accept_Encoding=coding)
        tag = plain.headers["ETag"]
        for header, status in ((tag, 200), ("*", 200), (f'"x", {tag}', 200), ('"x"', 412), (f"W/{tag}", 412)):
            for method in ("GET", "HEAD"):
                reply = core.request(method, address, {"If-Match": header, "Accept-Encoding": coding})
                assert reply.status == status, (header, method)
        assert core.get(address, Accept_Encoding=coding, If_Match=tag, If_None_Match=tag).status == 304
        # There is no date to compare with (sections 13.1.3 and 13.1.4).
        old = "Sun, 06 Nov 1994 08:49:37 GMT"
        ignored = {"If-Unmodified-Since": old, "If-Modified-Since": old, "Range": "bytes=0-1", "If-Range": old}
        assert core.request("GET", address, {**ignored, "Accept-Encoding": coding}).body == plain.body


@pytest.mark.parametrize("address", _MADE)
def test_what_is_made_can_be_had_in_part(core: ServerProcess, address: str) -> None:
    """Section 14.2: parts of the bytes as they are coded, and the whole after it."""
    for coding in ("identity", "gzip"):
        plain = core.get(address, Accept_Encoding=coding)
        tag, size = plain.headers["ETag"], len(plain.body)
        assert plain.headers["Accept-Ranges"] == "bytes"
        for wanted, first, end in (("0-3", 0, 4), ("2-", 2, size), ("-5", size - 5, size), (f"0-{size}0", 0, size)):
            for condition in ({}, {"If-Range": tag}):
                sent = {"Range": f"bytes={wanted}", "Accept-Encoding": coding, **condition}
                reply = core.request("GET", address, sent)
                assert (reply.status, reply.body) == (206, plain.body[first:end])
                assert reply.headers["Content-Range"] == f"bytes {first}-{end - 1}/{size}"
                assert reply.headers["ETag"] == tag
        other = {"Range": "bytes=0-3", "Accept-Encoding": coding, "If-Range": '"x"'}
        assert core.request("GET", address, other).body == plain.body
        beyond = core.request("GET", address, {"Range": f"bytes={size}-", "Accept-Encoding": coding})
        assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
        assert core.request("HEAD", address, {"Range": "bytes=0-3", "Accept-Encoding": coding}).status == 200
        assert core.get(address, Accept_Encoding=coding).body == plain.body


def test_what_changes_with_each_call_is_not_had_in_part(core: ServerProcess) -> None:
    reply = core.request("GET", "/sparql?query=SELECT%20(RAND()%20AS%20%3Fx)%20%7B%7D", {"Range": "bytes=0-3"})
    assert (reply.status, reply.headers["Accept-Ranges"], reply.headers["ETag"]) == (200, None, None)


def test_conditions_are_only_for_what_would_be_sent(core: ServerProcess) -> None:
    """Section 13.2.1: they are ignored where the reply would be an error or lead elsewhere, and of other methods."""
    for address, status in (("/nothing", 404), ("/dump/nothing", 404), ("/id/ammtc-19", 303), ("/void", 308)):
        assert core.get(address, If_Match='"x"').status == status
    assert core.request("OPTIONS", "/dump/alignments.ttl", {"If-Match": '"x"'}).status == 200
    posted = {"Content-Type": "application/sparql-query", "If-Match": '"x"'}
    assert core.request("POST", "/sparql", posted, b"ASK {}").status == 200
