"""`kb verify` on each engine: what it answers alike, what its profile knows it answers otherwise, and nothing else."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pyoxigraph import NamedNode, Store
from support.engines import ENGINES, VARYING, Engine

from kb.cli.app import cli
from kb.config import Project
from kb.errors import QueryError, RemoteCut, UnknownName
from kb.generations.generation import Generation
from kb.namespaces import GRAPH, PREFIXES
from kb.remote.cases import CASES_GRAPH
from kb.remote.client import Client, Credentials
from kb.remote.comparison import difference, read_rows
from kb.remote.evaluation import evaluate
from kb.remote.profiles import find_profile
from kb.remote.publish import Publisher
from kb.remote.record import count
from kb.sparql.query import evaluate as evaluate_here
from kb.sparql.scan import Scanned

Start = Callable[..., Engine]

pytestmark = pytest.mark.xdist_group("engines")

_TIMEOUT = 300.0


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest,
    starter: Callable[[ExitStack, Path], Start],
    tmp_path_factory: pytest.TempPathFactory,
    generation: Generation,
) -> Iterator[Engine]:
    """Each engine in turn, with the generation."""
    name: str = request.param
    with ExitStack() as stack:
        options: dict[str, Any] = {} if name == "virtuoso" else {"union": False}
        engine = starter(stack, tmp_path_factory.mktemp("verify"))(name, **options)
        with _client(engine) as client:
            publisher = Publisher(client, generation)
            publisher.run(publisher.plan())
        yield engine


@pytest.fixture
def client(engine: Engine) -> Iterator[Client]:
    with _client(engine) as client:
        yield client


@pytest.fixture
def graphs(generation: Generation) -> tuple[str, ...]:
    return tuple(generation.manifest.sizes.named_graphs)


def _client(engine: Engine) -> Client:
    profile = find_profile(engine.name)
    addresses = profile.addresses(engine.query_url, engine.update_url, engine.graph_store_url)
    credentials = Credentials(engine.login.user, engine.login.password) if engine.login else None
    return Client(addresses, profile, credentials, seconds=_TIMEOUT)


def test_all_is_alike_but_what_the_profile_knows(
    engine: Engine, project: Project, generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [f"--project={project.root}", f"--build-dir={generation.folder.parent}", "verify", engine.query_url]
    command += [f"--update={engine.update_url}", f"--engine={engine.name}", "--write", f"--timeout={_TIMEOUT:g}"]
    if engine.login:
        monkeypatch.setenv("KB_STORE_PASSWORD", engine.login.password)
        command.append(f"--user={engine.login.user}")
    done = CliRunner().invoke(cli, [*command, "--format=json"], standalone_mode=False)
    (report,) = json.loads(done.stdout)
    assert report["unlike"] is None
    wrong = [answer for answer in report["answers"] if answer["outcome"] != "alike" and not answer["cause"]]
    told = [(answer["name"], answer["outcome"], answer["words"]) for answer in wrong]
    sys.stdout.write(f"{engine.name} otherwise than its profile knows: {told}\n" if told else "")
    assert len(told) <= VARYING.get(engine.name, 0), told
    assert (report["alike"], done.return_value) == ((False, 1) if told else (True, 0))
    known = {answer["name"] for answer in report["answers"] if answer["cause"]}
    assert {"oxigraph": {"alternatives"}, "jena": set[str]()}.get(engine.name, known) == known
    with _client(engine) as client:
        assert count(client, CASES_GRAPH) == 0


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (COUNT(*) AS ?n) FROM graph:entities WHERE { ?s ?p ?o }",
        "SELECT ?g (COUNT(?s) AS ?n) FROM NAMED graph:entities FROM NAMED graph:inferred { GRAPH ?g { ?s a ?o } } GROUP BY ?g",  # noqa: E501  one query
        "SELECT (COUNT(*) AS ?n) FROM NAMED graph:entities WHERE { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) FROM graph:entities WHERE { GRAPH ?g { ?s ?p ?o } }",
        "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
        "ASK { id:malaysia a ammtc:State }",
        "ASK { id:malaysia a ammtc:Event }",
        "CONSTRUCT { ?x ammtc:place [ rdfs:label ?p ] } { ?x a ammtc:State OPTIONAL { ?x ammtc:capital ?p } }",
        "CONSTRUCT { ?x rdfs:label ?n ; ammtc:kind [ rdfs:label ?n ] } WHERE { ?x a ammtc:State ; rdfs:label ?n }",
    ],
)
def test_a_query_sees_the_graphs_that_it_names(
    client: Client, graphs: tuple[str, ...], generation: Generation, text: str
) -> None:
    ours, theirs = evaluate_here(generation.store(), text), evaluate(client, text, graphs=graphs)
    assert difference(read_rows(ours), read_rows(theirs), Scanned(text)) == ""


def test_a_graph_that_is_not_there_is_unknown(client: Client, graphs: tuple[str, ...]) -> None:
    with pytest.raises(UnknownName):
        evaluate(client, "SELECT * FROM graph:publication WHERE { ?s ?p ?o }", graphs=graphs)


def test_a_merge_of_graphs_has_each_triple_once(
    client: Client, graphs: tuple[str, ...], generation: Generation
) -> None:
    store = generation.store()
    text = f"ASK {' '.join(f'FROM <{iri}>' for iri in graphs)} {{ ?s ?p ?o }}"
    if _shares(store, graphs) and not client.profile.merges:
        with pytest.raises(QueryError, match="in common"):
            evaluate(client, text, graphs=graphs)
    apart = (GRAPH["entities"], GRAPH["inferred"])
    counted = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    (row,) = read_rows(evaluate(client, counted, default_graphs=apart, graphs=graphs)).rows
    expected = sum(1 for iri in apart for _ in store.quads_for_pattern(None, None, None, NamedNode(iri)))
    assert row == (f'"{expected}"^^<{PREFIXES["xsd"]}integer>',)


def test_what_is_cut_is_an_error(client: Client, graphs: tuple[str, ...]) -> None:
    for text in ("SELECT * { ?s ?p ?o }", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"):
        if client.profile.name == "virtuoso":
            with pytest.raises(RemoteCut):
                evaluate(client, text, graphs=graphs)
        else:
            assert len(read_rows(evaluate(client, text, graphs=graphs)).rows) > 80_000
    assert len(read_rows(evaluate(client, "SELECT * { ?s ?p ?o } LIMIT 10000", graphs=graphs)).rows) == 10_000


def _shares(store: Store, graphs: tuple[str, ...]) -> bool:
    """Return whether a triple is in two graphs."""
    seen: set[object] = set()
    number = 0
    for iri in graphs:
        triples = {quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(iri))}
        number += len(triples)
        seen |= triples
    return number > len(seen)
