"""`kb serve --endpoint` in front of the real engines: the same answers and pages, and what happens when they die."""

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sized
from contextlib import ExitStack
from pathlib import Path

import pytest
from pyoxigraph import QueryResultsFormat, parse_query_results
from support.engines import ENGINES, VARYING, Engine
from support.servers import KbServe, eventually

from kb.config import Project
from kb.generations.generation import Generation
from kb.remote.access import open_client
from kb.remote.client import Credentials
from kb.remote.comparison import difference, read_rows
from kb.remote.profiles import find_profile
from kb.remote.publish import Publisher
from kb.sparql.query import evaluate
from kb.sparql.questions import load_questions
from kb.sparql.scan import Scanned

_SMALL = Path(__file__).parent.parent / "kb" / "small"
_PAGES = (
    *("/", "/timeline", "/network", "/comparisons", "/expected", "/page/id/ammtc-19", "/page/id/malaysia"),
    *("/page/id/melaka-declaration", "/page/id/viet-nam", "/page/id/somtc-25", "/page/id/keyu-jin"),
    *("/page/id/plan-of-action", "/page/concept/cybercrime", "/page/concept/adoption", "/terms/actsUpon"),
    *("/page/source/nst-2025-09-12", "/page/source/cong-tuan-2025-09-11", "/page/id/melaka", "/questions"),
    *("/data/id/ammtc-19.ttl", "/dump/ammtc.nq.gz", "/openapi.json", "/sparql/terms.json", "/search?q=declaration"),
)
#: Engines that may need more than a minute for a question, which is then no answer, but never a wrong one.
_SLOW = ("virtuoso",)
#: Slow engines take a while to be verified.
_START_SECONDS = 900.0
_WITH_TIMES = ("/page/source/nst-2025-09-12", "/page/source/cong-tuan-2025-09-11", "/page/id/melaka")
_COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def _publish(engine: Engine, generation: Generation) -> None:
    login = engine.login and Credentials(engine.login.user, engine.login.password)
    with open_client(
        engine.query_url,
        update=engine.update_url,
        graph_store=engine.graph_store_url,
        engine=engine.name,
        credentials=login,
        seconds=300,
    ) as client:
        publisher = Publisher(client, generation)
        publisher.run(publisher.plan())


def _serve(
    generation: Generation, *endpoints: Engine, more: tuple[str, ...] = (), project: Path | None = None
) -> KbServe:
    options = [option for engine in endpoints for option in ("--endpoint", engine.query_url, "--engine", engine.name)]
    general: list[str | Path] = ["--build-dir", generation.folder.parent]
    server = KbServe([*options, *more], general=[*general, *(("--project", project) if project else ())])
    server.start_seconds = _START_SECONDS
    return server


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest,
    starter: Callable[[ExitStack, Path], Callable[..., Engine]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Engine]:
    """Each engine in turn, with a default graph of its own where it has that: blank nodes stay the same in it."""
    with ExitStack() as stack:
        start = starter(stack, tmp_path_factory.mktemp("engines"))
        yield start(request.param, union=request.param == "virtuoso")


@pytest.fixture(scope="module")
def served(engine: Engine, generation: Generation) -> Iterator[KbServe]:
    _publish(engine, generation)
    more = ("--timeout", "60", *(("--unverified",) if engine.name in _SLOW else ()))
    with _serve(generation, engine, more=more) as running:
        yield running


@pytest.fixture(scope="module")
def embedded(generation: Generation) -> Iterator[KbServe]:
    with _serve(generation) as running:
        yield running


def assert_few(engine: Engine, wrong: Sized) -> None:
    sys.stdout.write(f"{engine.name} otherwise than its profile knows: {wrong}\n" if wrong else "")
    assert len(wrong) <= VARYING.get(engine.name, 0), wrong


def test_all_questions_have_the_same_rows(
    served: KbServe, engine: Engine, generation: Generation, project: Project
) -> None:
    """Literals count by their value: engines write some of them in another form, which `kb verify` tells."""
    store, wrong = generation.store(), {}
    for question in load_questions(project):
        if question.name in find_profile(engine.name).known:
            continue
        reply = served.query(question.text)
        if engine.name in _SLOW and reply.status == 503:
            continue
        wrong[question.name] = f"status {reply.status}"
        if reply.status == 200:
            found = read_rows(parse_query_results(reply.body, QueryResultsFormat.JSON))
            wrong[question.name] = difference(read_rows(evaluate(store, question.text)), found, Scanned(question.text))
    assert_few(engine, {name: words for name, words in wrong.items() if words})


def test_pages_and_documents_have_the_same_bytes(served: KbServe, engine: Engine, embedded: KbServe) -> None:
    wrong = []
    for path in _PAGES:
        if engine.name == "virtuoso" and path in _WITH_TIMES:  # it writes times in another form
            continue
        replies = [
            server.request("GET", path, {"Accept": "text/html, */*;q=0.1", "Host": "a"})
            for server in (served, embedded)
        ]
        if engine.name in _SLOW and replies[0].status == 503:
            continue
        if (replies[0].status, replies[0].body) != (replies[1].status, replies[1].body):
            wrong.append(path)
    assert_few(engine, wrong)


def test_it_goes_on_by_itself_when_the_store_is_back(served: KbServe, engine: Engine) -> None:
    right = served.query(_COUNT).body
    engine.kill()
    eventually(lambda: served.query(f"{_COUNT} # away").status == 503)
    assert served.query(f"{_COUNT} # still").headers["Retry-After"]
    health = served.get("/health")
    assert (health.status, health.json["status"]) == (200, "degraded")
    assert health.json["stores"][0]["reason"]
    assert served.get("/data/id/ammtc-19.ttl").status == 200
    assert served.query(_COUNT).body == right  # it is in the cache
    engine.restart()
    eventually(lambda: served.get("/health").json["status"] == "ok")
    assert served.query(f"{_COUNT} # back").body == right


def test_one_of_two_dies_under_load(start_engine: Callable[..., Engine], small_generation: Generation) -> None:
    """No client notices."""
    engines = [start_engine("oxigraph", union=False) for _ in range(2)]
    for engine in engines:
        _publish(engine, small_generation)
    with ExitStack() as stack:
        server = stack.enter_context(_serve(small_generation, *engines, more=("--cache", "0"), project=_SMALL))
        right = server.query(_COUNT).body
        found: Counter[tuple[int, bytes]] = Counter()
        enough = threading.Event()

        def ask(source: str) -> None:
            while not enough.is_set():
                headers = {"Content-Type": "application/sparql-query", "Accept": "application/sparql-results+json"}
                reply = server.request("POST", "/sparql", headers, _COUNT.encode(), source=source)
                found[reply.status, reply.body] += 1

        clients = [threading.Thread(target=ask, args=(f"127.0.2.{number}",)) for number in range(1, 4)]
        stack.callback(lambda: [client.join() for client in clients])
        stack.callback(enough.set)
        for client in clients:
            client.start()
        for engine in engines:
            before = found.total()
            engine.kill()
            eventually(lambda: server.get("/health").json["status"] == "degraded")
            eventually(lambda before=before: found.total() > before + 50)
            engine.restart()
            eventually(lambda: server.get("/health").json["status"] == "ok")
    assert found.keys() == {(200, right)}
