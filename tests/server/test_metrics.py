"""Metrics and logs: what the official parser reads, what moves, and what must not be in them."""

import io
import json
import threading

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from raw import Connection
from support.servers import ServerProcess, eventually

from server.app import add_addresses
from server.logs import AccessLog, Entry

pytestmark = pytest.mark.xdist_group("core")

_FAMILIES = {
    "kb_cache_bytes": "gauge",
    "kb_cache_entries": "gauge",
    "kb_cache_requests": "counter",
    "kb_connections": "gauge",
    "kb_generation_info": "gauge",
    "kb_generation_triples": "gauge",
    "kb_http_request_seconds": "histogram",
    "kb_http_requests": "counter",
    "kb_page_worker_restarts": "counter",
    "kb_page_workers": "gauge",
    "kb_pages_running": "gauge",
    "kb_pages_waiting": "gauge",
    "kb_queries_running": "gauge",
    "kb_queries_waiting": "gauge",
    "kb_refusals": "counter",
    "kb_reloads": "counter",
    "kb_reloads_refused": "counter",
    "kb_worker_restarts": "counter",
    "kb_workers": "gauge",
    "process_start_time_seconds": "gauge",
}


def samples(server: ServerProcess) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = text_string_to_metric_families(server.get("/metrics").text)
    found = [sample for family in families for sample in family.samples]
    assert len({(sample.name, frozenset(sample.labels.items())) for sample in found}) == len(found)
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in found}


def test_the_official_parser_reads_all_metrics(core: ServerProcess) -> None:
    core.get("/sparql?query=SELECT")
    reply = core.get("/metrics")
    assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert reply.headers["Cache-Control"] == "no-store"
    families = {family.name: family for family in text_string_to_metric_families(reply.text)}
    assert {name: family.type for name, family in families.items()} == _FAMILIES
    assert all(family.documentation.endswith(".") for family in families.values())
    for family in families.values():
        assert all(sample.value >= 0 for sample in family.samples), family.name


def test_histograms_add_up(core: ServerProcess) -> None:
    core.query("ASK {}")
    found = samples(core)
    routes = {dict(labels)["route"] for name, labels in found if name == "kb_http_request_seconds_count"}
    assert "/sparql" in routes
    for route in routes:
        of_route = [
            (name, dict(labels), value) for (name, labels), value in found.items() if ("route", route) in labels
        ]
        buckets = [(float(labels["le"]), value) for name, labels, value in of_route if name.endswith("_bucket")]
        counts = [value for _, value in sorted(buckets)]
        assert counts == sorted(counts)
        total = found["kb_http_request_seconds_count", frozenset({("route", route)})]
        assert counts[-1] == total
        requests = sum(value for name, _, value in of_route if name == "kb_http_requests_total")
        assert total == requests


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/sparql?query=ASK%7B%7D", {"route": "/sparql", "method": "GET", "status": "200"}),
        ("HEAD", "/sparql?query=ASK%7B%7D", {"route": "/sparql", "method": "HEAD", "status": "200"}),
        ("GET", "/sparql?query=SELECT", {"route": "/sparql", "method": "GET", "status": "400"}),
        ("DELETE", "/sparql", {"route": "/sparql", "method": "DELETE", "status": "405"}),
        ("GET", "/id/ammtc-19", {"route": "/id", "method": "GET", "status": "303"}),
        ("GET", "/dump/ammtc.nq.gz", {"route": "/dump", "method": "GET", "status": "200"}),
        ("GET", "/openapi.json", {"route": "/openapi.json", "method": "GET", "status": "200"}),
        ("GET", "/", {"route": "/", "method": "GET", "status": "200"}),
        ("GET", "/nothing", {"route": "other", "method": "GET", "status": "404"}),
    ],
)
def test_requests_are_counted(core: ServerProcess, method: str, path: str, labels: dict[str, str]) -> None:
    before = core.metric("kb_http_requests_total", **labels)
    assert str(core.request(method, path).status) == labels["status"]
    assert core.metric("kb_http_requests_total", **labels) == before + 1


def test_every_address_is_counted_under_its_own_name(core: ServerProcess) -> None:
    app = Flask("server")
    add_addresses(app)
    segments = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    names = {name for found in segments for name in (found.split("(")[1].split(")")[0].split(", ")
                                                     if found.startswith("<any(") else [found])}  # fmt: skip
    assert {"", "sparql", "timeline", "browse", "id", "ontology"} < names
    unknown = core.metric("kb_http_requests_total", route="other", method="PUT", status="405")
    for name in names:
        assert core.request("PUT", f"/{name}/x").status in (404, 405)
        core.request("PUT", f"/{name}")
    assert {f"/{name}" for name in names} <= {
        dict(labels)["route"] for name, labels in samples(core) if name == "kb_http_requests_total"
    }
    assert core.metric("kb_http_requests_total", route="other", method="PUT", status="405") == unknown


def test_refusals_are_counted_by_their_reason(core: ServerProcess) -> None:
    for address, reason in (("/sparql?query=SELECT", "query-syntax"), ("/sparql?query=a&query=b", "bad-request")):
        before = core.metric("kb_refusals_total", reason=reason)
        core.get(address)
        assert core.metric("kb_refusals_total", reason=reason) == before + 1
    before = core.metric("kb_refusals_total", reason="bad-request")
    with Connection(core.port) as connection:
        connection.send(b"GET / nonsense\r\n\r\n")
        assert connection.reply().status == 400
    assert core.metric("kb_refusals_total", reason="bad-request") == before + 1


def test_clients_make_no_labels(core: ServerProcess) -> None:
    def labels() -> set[str]:
        return {str(key) for key in samples(core)}

    core.get("/invented")
    for method in ("FROBNICATE", "PROPFIND"):
        core.request(method, "/invented")
    before = labels()
    for number in range(60):
        core.get(f"/invented-{number}")
        core.get(f"/invented-{number}/x?y={number}")
        core.request(f"METHOD{number}", "/")
        core.get(f"/sparql-{number}", f"invented/{number}", User_Agent=f"invented-{number}")
    core.get('/a"b\\c%0Ad')
    after = labels()
    assert len(after - before) < 30  # buckets of a route, statuses, never one for each
    assert "invented" not in "".join(after)
    assert "METHOD" not in "".join(after)


def test_nothing_of_a_query_is_in_metrics_or_logs(core: ServerProcess) -> None:
    secret = "xyzzy"
    for text in (
        f"ASK {{ ?{secret} ?p ?o }}",
        f"{secret} is no query",
        f"SELECT * FROM <http://{secret}/> {{ ?s ?p ?o }}",
    ):
        for accept in ("text/html", "application/sparql-results+json"):
            core.query(text, accept)
            core.request("GET", "/sparql?query=" + text.replace(" ", "%20"), {"Accept": accept})
    core.get(f"/search?q={secret}", "text/html")
    core.get(f"/graph-store?graph=http://{secret}/")
    core.get(f"http://127.0.0.1:{core.port}/sparql?query={secret}")
    core.get("/health", Cookie=secret, Authorization=secret, User_Agent=secret, Referer=f"http://a/{secret}")
    with Connection(core.port) as connection:
        connection.send(f"GET /sparql?query={secret} HTTP/1.1\r\n\r\n".encode())
        assert connection.reply().status == 400
    assert secret not in core.get("/metrics").text
    assert core.get("/after-the-secrets").status == 404
    eventually(lambda: "/after-the-secrets" in core.log_text())
    assert secret not in core.log_text()


def test_a_line_of_the_log_cannot_be_forged(core: ServerProcess) -> None:
    core.get("/forged%0A%7B%22status%22:%20200%7D%22")
    with Connection(core.port) as connection:
        connection.send(b'GET /forged"},{"\\ HTTP/1.1\r\nHost: a\r\n\r\n')
        assert connection.reply().status == 404
    eventually(lambda: core.log_text().count("/forged") == 2)
    entries = [json.loads(line) for line in core.log_text().splitlines() if '"server.access"' in line]
    paths = [entry["path"] for entry in entries if entry["path"].startswith("/forged")]
    assert paths == ["/forged%0A%7B%22status%22:%20200%7D%22", '/forged"},{"\\']
    assert {tuple(entry) for entry in entries} == {
        ("time", "logger", "level", "client", "method", "path", "status", "bytes", "seconds")
    }


class _Stalled(io.StringIO):
    """A log that nobody reads until it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.read = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        self.reached.set()
        self.read.wait()
        return super().write(text)


def test_a_log_that_nobody_reads_stops_nobody_and_says_what_it_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.logs._MOST_ENTRIES", 10)
    stream = _Stalled()
    log = AccessLog(stream)
    log.add(Entry(0, "a", "GET", "/0", 200, 1, 0.25))
    stream.reached.wait()
    for number in range(1, 16):
        log.add(Entry(0, "a", "GET", f"/{number}", 200, 1, 0.25))
    log.close(0)  # takes no longer
    stream.read.set()
    log.close(60)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert lines[0] == {
        "time": "1970-01-01T00:00:00Z", "logger": "server.access", "level": "info", "client": "a", "method": "GET",
        "path": "/0", "status": 200, "bytes": 1, "seconds": 0.25,
    }  # fmt: skip
    assert [line["path"] for line in lines if "path" in line] == [f"/{number}" for number in range(11)]
    assert [line["dropped"] for line in lines if "dropped" in line] == [5]
