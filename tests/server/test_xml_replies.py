"""XML over HTTP: the endpoint, data documents and graphs are whole and well-formed, or 406 with what can be had."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.parsers import expat

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results
from support.servers import Reply, ServerProcess

from kb.config import Project

pytestmark = pytest.mark.xdist_group("server")

_TERMS = Path(__file__).parent.parent / "kb" / "xml" / "terms.toml"
CASES: list[dict[str, str]] = tomllib.loads(_TERMS.read_text("utf-8"))["case"]
_BASE = "https://w3id.org/ammtc"


def thing(number: int) -> str:
    """The local name of a thing of the project that says what a case says."""
    return f"case-{number}"


@pytest.fixture(scope="module")
def hostile(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of one file: the statements of each case, in a graph and said of a thing of the project."""
    lines = []
    for number, case in enumerate(CASES):
        for quad in parse(case["statement"], RdfFormat.N_TRIPLES):
            subject = str(quad.subject).replace("<http://e/s>", f"<{_BASE}/id/{thing(number)}>")
            lines.append(f"{subject} {quad.predicate} {quad.object} <{_BASE}/graph/{thing(number)}> .\n")
    file = tmp_path_factory.mktemp("hostile") / "terms.nq"
    file.write_text("".join(lines), encoding="utf-8")
    with ServerProcess({"data": [str(file)], "project": str(project.root)}) as running:
        yield running


def require_whole_or_refused(reply: Reply, message: str | None, offer: str) -> None:
    if message is None:
        assert reply.status == 200
        expat.ParserCreate(namespace_separator=" ").Parse(reply.body, True)
        return
    problem = reply.json
    assert (reply.status, problem["code"]) == (406, "not-acceptable")
    assert message in problem["detail"]
    assert offer in problem["available"]
    assert not [media_type for media_type in problem["available"] if "xml" in media_type]


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: CASES[number]["name"])
def test_xml_is_whole_or_refused(hostile: ServerProcess, number: int) -> None:
    case, graph = CASES[number], f"{_BASE}/graph/{thing(number)}"
    pattern = f"GRAPH <{graph}> {{ ?s ?p ?o }}"
    rows = quote(f"SELECT ?s ?p ?o {{ {pattern} }}")
    reply = hostile.get(f"/sparql?query={rows}", "application/sparql-results+xml")
    require_whole_or_refused(reply, case.get("xml"), "application/sparql-results+json")
    triples = quote(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}")
    for address in (f"/sparql?query={triples}", f"/graph-store?graph={quote(graph, safe='')}"):
        reply = hostile.get(address, "application/rdf+xml")
        require_whole_or_refused(reply, case.get("rdfxml"), "text/turtle")
    if "_:" not in case["statement"]:
        require_whole_or_refused(hostile.get(f"/data/id/{thing(number)}.rdf"), case.get("rdfxml"), "text/turtle")
        assert hostile.get(f"/data/id/{thing(number)}.ttl").status == 200


def test_a_carriage_return_arrives(hostile: ServerProcess) -> None:
    query = quote('SELECT ("a\\rb\\r\\nc" AS ?v) {}')
    reply = hostile.get(f"/sparql?query={query}", "application/sparql-results+xml")
    assert b"a&#13;b&#13;\nc" in reply.body
    rows = parse_query_results(reply.body, QueryResultsFormat.XML)
    assert isinstance(rows, QuerySolutions)
    assert [row["v"].value for row in rows] == ["a\rb\r\nc"]
