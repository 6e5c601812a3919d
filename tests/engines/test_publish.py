"""`kb publish` to each engine: what it holds then, what is sent again, and what a kill in the middle leaves."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from pyoxigraph import RdfFormat, parse
from support.commands import KB
from support.engines import ENGINES, Engine
from support.engines.engine import installed
from support.engines.faulty import Faulty

from kb.config import Project
from kb.generations.build import ensure_generation
from kb.generations.generation import Generation
from kb.namespaces import INFERRED, PUBLICATION, STAGING
from kb.rdf.blank_nodes import canonical_digest
from kb.remote.client import Client, Credentials
from kb.remote.contents import read_contents
from kb.remote.profiles import DefaultGraph, find_profile

Start = Callable[..., Engine]
Publish = Callable[..., CompletedProcess[str]]

pytestmark = pytest.mark.xdist_group("engines")

_BEGUN = f'ASK {{ GRAPH <{PUBLICATION}> {{ <{INFERRED}> ?p "being written" }} }}'


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, start_engine: Start) -> Engine:
    """Each engine in turn, without data; its default graph is its own where it can have one."""
    name: str = request.param
    return start_engine(name, rows=1_000_000) if name == "virtuoso" else start_engine(name, union=False)


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.Popen[str]]:
    """`begin(engine, generation, *arguments, url)`: `kb publish` in a process of its own."""

    def start(engine: Engine, generation: Generation, *arguments: str, url: str = "") -> subprocess.Popen[str]:
        url = url or engine.url
        if engine.login is not None:
            monkeypatch.setenv("KB_STORE_PASSWORD", engine.login.password)
            arguments = ("--user", engine.login.user, *arguments)
        where = [f"{url}{engine.query_path}", f"--update={url}{engine.update_path}"]
        where += [f"--graph-store={url}{engine.graph_store_path}", f"--engine={engine.name}"]
        files = [f"--project={_project(generation)}", f"--build-dir={generation.folder.parent}"]
        command = [*KB, *files, "publish", *where, *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


@pytest.fixture
def publish(begin: Callable[..., subprocess.Popen[str]]) -> Publish:
    """`publish(engine, generation, *arguments, url)`: `kb publish` to its end."""

    def run(engine: Engine, generation: Generation, *arguments: str, url: str = "") -> CompletedProcess[str]:
        with begin(engine, generation, *arguments, url=url) as process:
            output, errors = process.communicate(timeout=280)
        return CompletedProcess([], process.returncode, output, errors)

    return run


_PROJECTS: dict[Path, Path] = {}


def _project(generation: Generation) -> Path:
    return _PROJECTS[generation.folder.parent]


@pytest.fixture
def whole(project: Project, generation: Generation) -> Generation:
    """The generation of the checkout."""
    _PROJECTS[generation.folder.parent] = project.root
    return generation


@pytest.fixture
def small(small_project: Project, tmp_path: Path) -> Generation:
    """The generation of the small project, whose files a test may change."""
    generation = ensure_generation(small_project, tmp_path / "small")
    _PROJECTS[generation.folder.parent] = small_project.root
    return generation


def assert_held(engine: Engine, generation: Generation, default_graph: DefaultGraph | None = None) -> None:
    """Read each graph back and compare it, blank nodes by their place."""
    profile = find_profile(engine.name)
    credentials = Credentials(engine.login.user, engine.login.password) if engine.login else None
    addresses = profile.addresses(engine.query_url, engine.update_url, engine.graph_store_url)
    mode = default_graph or profile.default_graph
    with Client(addresses, profile, credentials) as client:
        for content in read_contents(generation, mode, triple_terms=profile.triple_terms):
            read = parse(client.get_graph(content.iri).body, RdfFormat.N_TRIPLES)
            found = {(quad.subject, quad.predicate, quad.object) for quad in read}
            assert len(found) == len(content.statements), content.iri
            assert canonical_digest(found) == content.digest, content.iri
    assert not engine.ask(f"ASK {{ GRAPH <{STAGING}> {{ ?s ?p ?o }} }}")


@contextmanager
def requests(engine: Engine) -> Iterator[tuple[str, list[str]]]:
    """Give an address in front of the engine, and the requests that change something there, as they come."""
    with Faulty(engine.url) as faulty:
        writes: list[str] = []
        yield faulty.url, writes
        writes += [
            received.path
            for received in faulty.received
            if received.method in ("PUT", "DELETE") or received.path.startswith(engine.update_path)
        ]


def test_an_engine_holds_the_generation_and_gets_nothing_the_second_time(
    engine: Engine, publish: Publish, whole: Generation
) -> None:
    first = publish(engine, whole)
    assert first.returncode == 0, first.stderr
    assert_held(engine, whole)
    with requests(engine) as (url, writes):
        again = publish(engine, whole, url=url)
    assert again.returncode == 0, again.stderr
    assert "holds generation" in again.stderr
    assert writes == []
    for done in (first, again):
        print(engine.name, re.findall(r"in [\d.]+ s", done.stderr))  # noqa: T201  figures for the documentation


def test_a_changed_file_is_sent_with_what_follows(
    engine: Engine, publish: Publish, small: Generation, small_project: Project
) -> None:
    assert publish(engine, small).returncode == 0
    entities = small_project.graph / "entities.ttl"
    entities.write_text(entities.read_text() + '\n<https://w3id.org/ammtc/id/new> <http://schema.org/name> "new" .\n')
    changed = ensure_generation(small_project, small.folder.parent)
    done = publish(engine, changed)
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"\| replaced", done.stdout)) == 3  # with the description of the dataset, and the default one
    assert_held(engine, changed)


@pytest.mark.parametrize("killed", ["engine", "kb"])
def test_a_kill_in_the_middle_is_mended(
    engine: Engine,
    publish: Publish,
    begin: Callable[..., subprocess.Popen[str]],
    whole: Generation,
    killed: str,
) -> None:
    """An engine that comes back is waited for; a run that was killed is finished by the next one."""
    with begin(engine, whole) as process:
        end = time.monotonic() + 120
        while not engine.ask(_BEGUN):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.02)
        if killed == "kb":
            process.kill()
        else:
            engine.kill()
            time.sleep(1)
            engine.restart()
        _, errors = process.communicate(timeout=280)
    assert (process.returncode == 0) is (killed == "engine"), errors
    done = publish(engine, whole)
    assert done.returncode == 0, done.stderr
    assert ("holds generation" in done.stderr) is (killed == "engine")
    assert_held(engine, whole)


@pytest.mark.parametrize("behaviour", ["503", "429", "resetting", "closing", "short"])
def test_a_store_that_fails_for_a_while_is_asked_again(
    engine: Engine, publish: Publish, small: Generation, behaviour: str
) -> None:
    with Faulty(engine.url) as faulty:
        faulty.behave(*["good"] * 5, behaviour, behaviour, "good", behaviour)
        done = publish(engine, small, url=faulty.url)
    assert done.returncode == 0, done.stderr
    assert_held(engine, small)


def test_a_union_that_the_engine_shows_is_not_filled(start_engine: Start, publish: Publish, small: Generation) -> None:
    engine = start_engine("oxigraph", union=True)
    assert publish(engine, small).returncode == 0
    assert_held(engine, small, DefaultGraph.UNION)


def test_wrong_credentials_change_nothing(
    start_engine: Start, publish: Publish, small: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = start_engine("virtuoso")
    login, engine.login = engine.login, None
    for environment in ({}, {"KB_STORE_USER": "publisher", "KB_STORE_PASSWORD": "open sesame"}):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        refused = publish(engine, small)
        assert refused.returncode == 1
        assert "status 401" in refused.stderr
        assert "sesame" not in refused.stderr + refused.stdout
    assert not engine.ask(f"ASK {{ GRAPH <{PUBLICATION}> {{ ?s ?p ?o }} }}")
    engine.login = login


def test_a_store_that_is_only_read_is_refused(start_engine: Start, publish: Publish, small: Generation) -> None:
    engine = start_engine("oxigraph")
    engine.stop()
    command = [installed("oxigraph"), "serve-read-only", "--location", engine.folder / "store"]
    with subprocess.Popen([*command, "--bind", f"127.0.0.1:{engine.port}"], stderr=subprocess.DEVNULL) as reader:
        try:
            for _ in range(100):
                refused = publish(engine, small)
                if "Connection refused" not in refused.stderr:
                    break
        finally:
            reader.kill()
    assert refused.returncode == 1
    assert "written to" in refused.stderr
