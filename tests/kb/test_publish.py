"""`kb publish` on a store in this process: what is sent, what is left alone, and what a failure leaves."""

import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse
from support.commands import KB, run_kb
from support.small_store import Fault, SmallStore, serve_store

from kb.config import Project
from kb.errors import RemoteUnreachable, Unpublished
from kb.generations.build import ensure_generation
from kb.generations.generation import Generation
from kb.namespaces import DEFAULT_GRAPH, GRAPH, INFERRED, JUSTIFICATIONS, PUBLICATION, STAGING
from kb.rdf.blank_nodes import canonical_digest
from kb.rdf.terms import Statement, Term
from kb.remote.client import Client
from kb.remote.contents import GraphContent, read_contents
from kb.remote.patience import Patience
from kb.remote.profiles import DefaultGraph, find_profile
from kb.remote.publish import Action, Publisher
from kb.remote.record import State, read_record
from kb.remote.transfer import batches

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def store() -> Iterator[SmallStore]:
    with serve_store(server="oxigraph") as store:
        yield store


@pytest.fixture
def run(small_generation: Generation, tmp_path: Path) -> Run:
    """`run(*arguments)`: `kb publish` on the small project."""
    options = ["--project", Path(__file__).parent / "small", "--build-dir", small_generation.folder.parent]

    def call(*arguments: str | Path) -> CompletedProcess[str]:
        return run_kb(*options, "publish", *arguments, cwd=tmp_path)

    return call


@contextmanager
def publisher(
    store: SmallStore, generation: Generation, engine: str = "oxigraph", default_graph: DefaultGraph | None = None
) -> Iterator[Publisher]:
    profile = find_profile(engine)
    with Client(profile.addresses(store.url, store.url.replace("query", "update")), profile) as client:
        yield Publisher(client, generation, default_graph, patience=Patience(sleep=lambda _: None))


def publish(
    store: SmallStore, generation: Generation, engine: str = "oxigraph", default_graph: DefaultGraph | None = None
) -> list[Action]:
    with publisher(store, generation, engine, default_graph) as made:
        changes = made.plan()
        if not made.is_current(changes):
            made.run(changes)
        return [change.action for change in changes]


def graphs(store: Store, *left_out: str) -> dict[str, str]:
    """Return the hash of each graph of a store but for the record."""
    found: dict[str, set[Statement]] = {}
    for quad in store:
        name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        found.setdefault(name, set()).add((quad.subject, quad.predicate, quad.object))
    return {name: canonical_digest(found[name]) for name in found if name not in (PUBLICATION, *left_out)}


def state(store: SmallStore) -> set[str]:
    return {str(quad.object) for quad in store.store.quads_for_pattern(None, None, None, NamedNode(PUBLICATION))}


# What a store holds


def test_a_store_gets_what_the_generation_holds(store: SmallStore, run: Run, small_generation: Generation) -> None:
    done = run(store.url)
    assert done.returncode == 0, done.stderr
    assert f"kb verify {store.url}" in done.stderr
    written = Store()
    written.extend(
        parse(small_generation.dumps["ammtc-rdf12.nq.gz"].read_bytes(), RdfFormat.N_QUADS)
    ) if False else None
    expected = graphs(small_generation.store())
    assert graphs(store.store) == expected


def test_nothing_is_written_the_second_time(store: SmallStore, run: Run) -> None:
    assert run(store.url).returncode == 0
    store.requests.clear()
    again = run(store.url)
    assert again.returncode == 0
    assert "unchanged" in again.stdout
    assert "holds generation" in again.stderr
    assert store.writes == []


def test_a_dry_run_writes_nothing(store: SmallStore, run: Run) -> None:
    done = run(store.url, "--dry-run")
    assert done.returncode == 0
    assert "Nothing was written" in done.stderr
    assert re.search(r"the default graph +\| added +\| 0", done.stdout)
    assert store.writes == []
    assert len(store.store) == 0


@pytest.mark.parametrize(
    ("default_graph", "more"),
    [(DefaultGraph.FILLED, {""}), (DefaultGraph.NAMED, {DEFAULT_GRAPH}), (DefaultGraph.UNION, {JUSTIFICATIONS})],
)
@pytest.mark.parametrize("engine", ["oxigraph", "jena", "other"])
def test_the_default_graph_is_had_as_the_store_needs_it(
    store: SmallStore, small_generation: Generation, default_graph: DefaultGraph, more: set[str], engine: str
) -> None:
    publish(store, small_generation, engine, default_graph=default_graph)
    named = {iri.value for iri in small_generation.store().named_graphs() if isinstance(iri, NamedNode)}
    assert graphs(store.store).keys() == named | more
    assert any(isinstance(quad.object, Triple) for quad in store.store) is (engine == "oxigraph")
    assert publish(store, small_generation, engine, default_graph=default_graph).count(Action.KEEP) == len(named) + 1


def test_another_choice_of_default_graph_removes_the_one_before(
    store: SmallStore, small_generation: Generation
) -> None:
    publish(store, small_generation)
    for choice, gone in ((DefaultGraph.NAMED, None), (DefaultGraph.UNION, DEFAULT_GRAPH), (None, JUSTIFICATIONS)):
        assert store.size(gone)
        actions = Counter(publish(store, small_generation, default_graph=choice))
        assert actions[Action.ADD] == actions[Action.REMOVE] == 1
        assert not store.size(gone)


def test_a_store_that_shows_the_union_needs_no_other_default_graph(run: Run) -> None:
    with serve_store(union=True, server="oxigraph") as store:
        assert run(store.url).returncode == 0
        assert store.size(None) == 0
        assert store.size(JUSTIFICATIONS)
        refused = run(store.url, "--default-graph", "filled")
    assert refused.returncode == 2
    assert "is the union" in refused.stderr


def test_the_union_is_not_expected_of_a_store_that_has_none(store: SmallStore, run: Run) -> None:
    done = run(store.url, "--default-graph", "union")
    assert done.returncode == 0
    assert "queries without GRAPH find nothing" in done.stderr


# What is left alone


def test_graphs_of_others_stay(store: SmallStore, run: Run) -> None:
    other = Quad(NamedNode("urn:x"), NamedNode("urn:p"), Literal("1"), NamedNode("urn:other"))
    store.store.add(other)
    assert run(store.url).returncode == 0
    assert other in store.store


def test_a_default_graph_of_others_is_replaced_by_force_only(store: SmallStore, run: Run) -> None:
    other = Quad(NamedNode("urn:x"), NamedNode("urn:p"), Literal("1"))
    store.store.add(other)
    for options in ((), ("--dry-run",)):
        refused = run(store.url, *options)
        assert refused.returncode == 2
        assert "1 statements that `kb publish` did not write" in refused.stderr
        assert list(store.store) == [other]
    assert run(store.url, "--force").returncode == 0
    assert other not in store.store


def test_a_graph_that_the_generation_has_no_longer_is_removed(
    store: SmallStore, small_project: Project, tmp_path: Path
) -> None:
    publish(store, ensure_generation(small_project, tmp_path / "one"))
    before = graphs(store.store)
    gone = next(path for path in sorted(small_project.graph.glob("*.ttl")) if path.stem not in ("entities", "all"))
    gone.unlink()
    actions = Counter(publish(store, ensure_generation(small_project, tmp_path / "two")))
    assert actions[Action.REMOVE] == 1
    assert [iri.endswith(gone.stem) for iri in before.keys() - graphs(store.store).keys()] == [True]


def test_a_change_of_one_source_sends_it_and_what_follows(
    store: SmallStore, small_project: Project, tmp_path: Path
) -> None:
    publish(store, ensure_generation(small_project, tmp_path / "one"))
    entities = small_project.graph / "entities.ttl"
    entities.write_text(entities.read_text() + '\n<https://w3id.org/ammtc/id/new> <http://schema.org/name> "new" .\n')
    store.requests.clear()
    actions = publish(store, ensure_generation(small_project, tmp_path / "two"))
    assert actions.count(Action.REPLACE) == 3  # the file's graph, the default one, and that of discovery, which counts
    assert sum("PUT" in request for request in store.requests) == 3


def test_blank_nodes_by_other_names_change_nothing(small_generation: Generation) -> None:
    contents = read_contents(small_generation, DefaultGraph.FILLED, triple_terms=True)
    for content in contents:
        renamed = [[_renamed(term) for term in statement] for statement in content.statements]
        assert canonical_digest([(s, p, o) for s, p, o in renamed]) == content.digest
    assert any(isinstance(s, BlankNode) for content in contents for s, _, _ in content.statements)


def _renamed(term: Term) -> Term:
    return BlankNode(f"r{term.value}") if isinstance(term, BlankNode) else term


# Failures


def test_a_busy_store_is_asked_again_when_it_says(store: SmallStore, small_generation: Generation) -> None:
    waits: list[float] = []
    profile = find_profile("oxigraph")
    store.faults.extend([Fault(503, {"Retry-After": "11"}), Fault(429), None, Fault(0), Fault(502), None])
    with Client(profile.addresses(store.url), profile) as client:
        made = Publisher(client, small_generation, patience=Patience(sleep=waits.append))
        made.run(made.plan())
    assert waits == [11.0, 2.0, 1.0, 2.0]
    assert publish(store, small_generation).count(Action.KEEP) == len(graphs(store.store))


@pytest.mark.parametrize("engine", ["oxigraph", "other"])
@pytest.mark.parametrize("does", [False, True])
def test_whatever_request_fails_the_next_run_mends(small_generation: Generation, engine: str, does: bool) -> None:
    """One request or another is the last that arrives, carried out or not."""
    with serve_store() as whole:
        publish(whole, small_generation, engine)
        expected, requests = graphs(whole.store), len(whole.requests)
    for last in range(1, requests, 5):
        with serve_store() as store:
            store.faults.extend([*[None] * last, Fault(500, does=does)])
            store.fault_of = lambda _request, _body: Fault(500)
            with pytest.raises(Exception, match="status 500"):
                publish(store, small_generation, engine)
            store.faults.clear()
            store.fault_of = lambda _request, _body: None
            publish(store, small_generation, engine)
            assert graphs(store.store) == expected, last
            assert str(Literal(State.WRITTEN)) not in state(store)


def test_a_store_that_is_not_there_is_not_waited_for(small_generation: Generation) -> None:
    with serve_store() as store:
        pass
    with pytest.raises(RemoteUnreachable), publisher(store, small_generation) as made:
        made.plan()


def test_all_is_sent_when_asked_for(store: SmallStore, run: Run) -> None:
    assert run(store.url).returncode == 0
    again = run(store.url, "--all")
    assert again.returncode == 0
    assert "unchanged" not in again.stdout


def test_a_failure_says_what_is_half_done(store: SmallStore, small_generation: Generation) -> None:
    store.fault_of = lambda request, _: (
        Fault(500, body=b"no space left") if "PUT" in request and "inferred" in request else None
    )
    with pytest.raises(Unpublished) as failed:
        publish(store, small_generation)
    words = str(failed.value)
    assert f"{INFERRED} is as it was or as it is to be" in words
    assert "Make room" in words
    assert "again" in words
    profile = find_profile("oxigraph")
    with Client(profile.addresses(store.url), profile) as client:
        record = read_record(client)
    assert record.graphs[INFERRED].state is State.WRITTEN
    assert record.generation is not None
    assert record.generation.state is State.WRITTEN


def test_what_something_else_changed_is_mended(store: SmallStore, small_generation: Generation) -> None:
    publish(store, small_generation)
    expected = graphs(store.store)
    store.store.update(f"DELETE WHERE {{ GRAPH <{INFERRED}> {{ ?s a ?o }} }}")
    assert publish(store, small_generation).count(Action.MEND) == 1
    assert graphs(store.store) == expected


def test_a_lost_answer_to_blank_nodes_does_not_double_them(small_generation: Generation) -> None:
    """The second portion of each graph is carried out, and its answer is lost."""
    with serve_store() as store:
        seen: set[bytes] = set()

        def lose(_request: str, body: bytes) -> Fault | None:
            if b"_:" in body and b"INSERT DATA" in body and body not in seen:
                seen.add(body)
                return Fault(0, does=True)
            return None

        store.fault_of = lose
        publish(store, small_generation, "other")
        assert seen
        sizes = {
            content.iri: len(content.statements)
            for content in read_contents(small_generation, DefaultGraph.FILLED, triple_terms=False)
        }
        assert {iri: store.size(iri) for iri in sizes} == sizes
        assert store.size(STAGING) == 0


def test_a_store_that_keeps_less_than_it_says_is_found_out(store: SmallStore, small_generation: Generation) -> None:
    store.fault_of = lambda request, _: Fault(204) if "PUT" in request else None
    with pytest.raises(Unpublished, match="0 statements in the graph"):
        publish(store, small_generation)


def test_two_publications_at_once_are_noticed(store: SmallStore, small_generation: Generation) -> None:
    def begin_another(request: str, _body: bytes) -> None:
        if "PUT" in request and "inferred" in request:
            store.fault_of = lambda _request, _body: None
            with publisher(store, small_generation) as other:
                other.run([])

    store.fault_of = begin_another
    with pytest.raises(Unpublished, match="not written by this run alone"):
        publish(store, small_generation)
    publish(store, small_generation)
    assert graphs(store.store) == graphs(small_generation.store())


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(401), "KB_STORE_PASSWORD"),
        (Fault(403, body=b"read-only"), "written to"),
        (Fault(405), "--update"),
        (Fault(302, {"Location": "http://other.example/"}), "redirects to http://other.example/"),
    ],
)
def test_a_refusal_says_what_to_do(store: SmallStore, run: Run, fault: Fault, words: str) -> None:
    store.fault_of = lambda request, _: None if "/query" in request else fault
    refused = run(store.url)
    assert refused.returncode == 1
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_secrets_are_never_shown(store: SmallStore, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_STORE_PASSWORD", "sesame")
    refused = run(store.url.replace("//", "//ada:sesame@"))
    assert refused.returncode == 2
    assert "KB_STORE_PASSWORD" in refused.stderr
    store.fault_of = lambda request, _: None if "/query" in request else Fault(401)
    wrong = run(store.url, "--user", "ada")
    assert wrong.returncode == 1
    assert "sesame" not in refused.stderr + wrong.stderr + wrong.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_killed_run_is_finished_by_the_next(
    store: SmallStore, run: Run, small_generation: Generation, number: signal.Signals
) -> None:
    waiting = []

    def wait(request: str, _body: bytes) -> None:
        if "PUT" in request and "inferred" in request:
            waiting.append(request)
            time.sleep(1)

    store.fault_of = wait
    options = ["--project", Path(__file__).parent / "small", "--build-dir", small_generation.folder.parent]
    with subprocess.Popen([*KB, *options, "publish", store.url], stderr=subprocess.PIPE, text=True) as process:
        while not waiting:
            time.sleep(0.05)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert process.returncode != 0
    if number is signal.SIGINT:
        assert f"{INFERRED} is as it was or as it is to be" in errors
        assert "Traceback" not in errors
    store.fault_of = lambda _request, _body: None
    assert run(store.url).returncode == 0
    assert graphs(store.store) == graphs(small_generation.store())


# Portions


def test_statements_that_share_blank_nodes_stay_together() -> None:
    statements = {(BlankNode(f"b{i}"), NamedNode("urn:p"), Literal(str(j))) for i in range(7) for j in range(3)}
    statements |= {(NamedNode(f"urn:{i}"), NamedNode("urn:p"), Literal("x")) for i in range(10)}
    content = GraphContent("urn:g", frozenset(statements), "")
    portions = list(batches(content, 7))
    assert all(len(lines) <= 7 for lines, _ in portions)
    whole = Store()
    for lines, has_blank_nodes in portions:
        assert has_blank_nodes is any("_:" in line for line in lines)
        whole.extend(parse("\n".join(lines), RdfFormat.N_TRIPLES, rename_blank_nodes=True))
    assert canonical_digest({(q.subject, q.predicate, q.object) for q in whole}) == canonical_digest(statements)


def test_a_group_of_blank_nodes_larger_than_a_portion_gets_the_same_iris_each_time() -> None:
    def found(prefix: str) -> list[str]:
        chain = {(BlankNode(f"{prefix}{i}"), NamedNode("urn:p"), BlankNode(f"{prefix}{i + 1}")) for i in range(9)}
        return [line for lines, _ in batches(GraphContent("urn:g", frozenset(chain), ""), 4) for line in lines]

    assert found("a") == found("b9x")
    assert len(found("a")) == 9
    assert all(line.startswith(f"<{GRAPH.removesuffix('graph/')}.well-known/genid/") for line in found("a"))
