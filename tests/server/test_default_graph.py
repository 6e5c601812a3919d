"""`--default-graph`: queries, graph store, pages and descriptions agree on what the default graph of files holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rdflib import VOID, Graph, Literal, URIRef
from support.commands import run_kb
from support.servers import KbServe

pytestmark = pytest.mark.xdist_group("reload")

SD = "http://www.w3.org/ns/sparql-service-description#"
_EX = "PREFIX ex: <http://example.org/> "
_NAMED = """\
<http://example.org/both> <http://example.org/p> "1" <http://example.org/g> .
<http://example.org/both> <http://example.org/p> "1" <http://example.org/h> .
<http://example.org/g-only> <http://example.org/p> _:b <http://example.org/g> .
_:b <http://example.org/p> "blank" _:graph .
"""
_OWN = '<http://example.org/own> <http://example.org/p> "2" .\n<http://example.org/both> <http://example.org/p> "1" .\n'


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("graphs")
    contents = {"named": _NAMED, "both": _NAMED + _OWN, "own": _OWN}
    paths = {name: folder / f"{name}.nq" for name in contents}
    for name, path in paths.items():
        path.write_text(contents[name], encoding="utf-8")
    return paths


@pytest.fixture(
    scope="module",
    params=[
        ("named", None, 0, 4, ""),
        ("named", "default", 0, 4, ""),
        ("named", "union", 3, 3, "union"),
        ("both", "default", 2, 6, ""),
        ("both", "union", 4, 4, ""),
        ("own", "union", 2, 2, ""),
    ],
    ids=lambda case: f"{case[0]}-{case[1]}",
)
def served(
    request: pytest.FixtureRequest, files: dict[str, Path]
) -> Iterator[tuple[KbServe, tuple[str, str | None, int, int, str]]]:
    name, option, *_ = request.param
    with KbServe(["--data", files[name], *(["--default-graph", option] if option else [])]) as running:
        yield running, request.param


def count(server: KbServe, query: str) -> int:
    (row,) = server.query(_EX + query).json["results"]["bindings"]
    return int(row["n"]["value"])


def test_all_say_the_same(served: tuple[KbServe, tuple[str, str | None, int, int, str]]) -> None:
    server, (name, _, triples, described, union) = served
    assert count(server, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == triples
    assert server.get("/graph-store?default", "application/n-triples").text.count("\n") == triples
    assert count(server, "SELECT (COUNT(*) AS ?n) { ex:both ex:p ?o }") == (triples > 0), "each statement once"
    named = 0 if name == "own" else 4
    assert count(server, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }") == named
    if named:
        assert count(server, "SELECT (COUNT(*) AS ?n) FROM ex:g FROM ex:h { ?s ?p ?o }") == 2
        assert count(server, "SELECT (COUNT(*) AS ?n) FROM NAMED ex:g { ?s ?p ?o }") == 0
    service = Graph().parse(data=server.get("/sparql", "text/turtle").body, format="turtle")
    features = set(service.objects(None, URIRef(f"{SD}feature")))
    assert features == ({URIRef(f"{SD}UnionDefaultGraph")} if union else set())
    (default,) = service.objects(None, URIRef(f"{SD}defaultGraph"))
    assert service.value(default, VOID.triples) == Literal(triples)
    dataset = Graph().parse(data=server.get("/.well-known/void", "text/turtle").body, format="turtle")
    whole = URIRef(f"{server.url}/.well-known/void#dataset")
    assert dataset.value(whole, VOID.triples) == Literal(described), "of all graphs"


def test_pages_show_all_graphs(served: tuple[KbServe, tuple[str, str | None, int, int, str]]) -> None:
    server, (name, *_) = served
    reply = server.get("/resource?iri=http://example.org/both", "text/html")
    assert reply.status == 200
    assert server.get("/resource?iri=http://example.org/g-only", "text/html").status == (404 if name == "own" else 200)


def test_the_log_warns_of_an_empty_default_graph(
    served: tuple[KbServe, tuple[str, str | None, int, int, str]],
) -> None:
    server, (name, option, *_) = served
    warned = "The default graph of the files is empty" in server.log_text()
    assert warned == (name == "named" and option != "union")


@pytest.mark.parametrize(
    ("name", "options", "rows", "warned"),
    [
        ("named", ["-e", "SELECT * { ?s ?p ?o }"], 0, True),
        ("named", ["-e", "SELECT * { GRAPH ?g { ?s ?p ?o } }"], 4, False),
        ("named", ["-e", "SELECT * { ?s ?p ?o }", "--default-graph", "union"], 3, False),
        ("both", ["-e", "SELECT * { ?s ?p ?o }"], 2, False),
        ("both", ["-e", "SELECT * { ?s ?p ?o }", "--default-graph", "union"], 4, False),
        ("own", ["-e", "SELECT * { ?s ?p ?o }"], 2, False),
    ],
)
def test_the_command_has_the_same_choice(
    files: dict[str, Path], name: str, options: list[str], rows: int, *, warned: bool
) -> None:
    done = run_kb("query", "--data", files[name], *options, cwd=files[name].parent)
    assert done.returncode == 0
    assert done.stdout.count("\n") == rows + 1
    assert ("--default-graph union" in done.stderr) == warned


@pytest.mark.parametrize("command", [["query", "-e", "ASK {}"], ["serve", "--port", "0"]])
def test_the_choice_is_about_files(command: list[str], tmp_path: Path) -> None:
    done = run_kb(*command, "--default-graph", "union", cwd=tmp_path)
    assert done.returncode == 2
    assert "--default-graph is about the files of --data, and there are none" in done.stderr
