"""What evidence costs: queries with the source and the paragraph of each answer beside the plain ones, as ratios.

``python tests/benchmarks/evidence.py --size 1000000`` measures the shipped graph and generated data of that size; each
case takes turns with its plain pattern, in one process on a store in memory and on one on disk, by processor time, and
as a client of ``kb serve`` sees it. Every request comes with a comment of its own, so that no cache answers. All times
are the least of some, which other work on the machine disturbs least.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from urllib.parse import quote_plus

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pyoxigraph import DefaultGraph, QuerySolutions, RdfFormat, Store

from benchmarks.justified import generate
from benchmarks.systems import ROOT, SYSTEMS, Running
from kb.config import Project
from kb.generations.build import ensure_generation
from kb.sparql.query import evaluate, serialize

__all__ = ["EVIDENCE", "Measured", "cases", "measure", "over_http", "prepared", "shipped", "table"]

#: What is asked beside the plain pattern: the variables, and the annotation.
EVIDENCE = {
    "basis": ("?basis", "{| ammtc:basis ?basis |}"),
    "passage": (
        "?source ?paragraph",
        "{| ammtc:passage [ ammtc:source ?source ; ammtc:paragraph ?paragraph ] |}",
    ),
}
#: Asks a query and returns the number of its answers and the seconds that it took.
Ask = Callable[[str], tuple[int, float]]

_COMMONEST = "SELECT ?{0} {{ ?s ammtc:actor ?o }} GROUP BY ?{0} ORDER BY DESC(COUNT(*)) ?{0} LIMIT 1"
_JSON = "application/sparql-results+json"


@dataclass(frozen=True)
class Measured:
    """One case on one store.

    :param case: what is bound, and what is asked
    :param rows: of the plain query, and of the one with evidence
    :param seconds: that each of the two takes at least
    """

    where: str
    case: str
    rows: tuple[int, int]
    seconds: tuple[float, float]

    @property
    def ratio(self) -> float:
        """The time as a multiple of the plain query's."""
        return self.seconds[1] / self.seconds[0]


def cases(store: Store) -> dict[str, str]:
    """Return plain patterns by what is bound in them: who acts in what, asked from each side."""
    found = {}
    for variable in "so":
        result = evaluate(store, _COMMONEST.format(variable))
        assert isinstance(result, QuerySolutions)
        found[variable] = str(next(result)[0])
    return {
        "subject bound": f"{found['s']} ammtc:actor ?o",
        "object bound": f"?s ammtc:actor {found['o']}",
        "nothing bound, few": "?s ammtc:place ?o",
        "nothing bound": "?s ammtc:actor ?o",
    }


def measure(where: str, patterns: Mapping[str, str], ask: Ask, rounds: int) -> Iterator[Measured]:
    """Yield each case and evidence: the plain query and the other one take turns."""
    for bound, pattern in patterns.items():
        asked = " ".join(word for word in pattern.split() if word.startswith("?"))
        for name, (variables, annotation) in EVIDENCE.items():
            texts = f"SELECT {asked} {{ {pattern} }}", f"SELECT {asked} {variables} {{ {pattern} {annotation} }}"
            plain, more = zip(*((ask(texts[0]), ask(texts[1])) for _ in range(rounds)), strict=True)
            yield Measured(where, f"{bound}, {name}", (plain[0][0], more[0][0]), (_least(plain), _least(more)))


def in_process(store: Store) -> Ask:
    """Return how to ask a store, its result written as JSON: what a query worker does for a query."""

    def ask(text: str) -> tuple[int, float]:
        begin = time.thread_time()
        body = serialize(evaluate(store, text), "json")
        return body.count(b'},{"') + 1, time.thread_time() - begin

    return ask


@contextmanager
def over_http(data: Path, folder: Path) -> Iterator[Ask]:
    """Serve a file, and give how to ask the server, one request after another on one connection."""
    running, numbers = Running(SYSTEMS["kb"], data, folder), count()
    connection = HTTPConnection("127.0.0.1", running.port, timeout=60)

    def ask(text: str) -> tuple[int, float]:
        target = f"{running.system.path}?query={quote_plus(f'{text}#{next(numbers)}')}"
        begin = time.perf_counter()
        connection.request("GET", target, headers={"Accept": _JSON})
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body[:200]
        return body.count(b'},{"') + 1, time.perf_counter() - begin

    try:
        yield ask
    finally:
        connection.close()
        running.stop()


def shipped() -> Store:
    """Return the shipped dataset in memory."""
    store = Store()
    store.bulk_extend(ensure_generation(Project(ROOT), ROOT / "build").store())
    return store


def prepared(data: Path, folder: Path) -> tuple[Store, Store]:
    """Return the statements of a file as a store in memory and as one on disk."""
    memory, disk = Store(), Store(folder)
    for store in (memory, disk):
        store.bulk_load(path=data, format=RdfFormat.N_TRIPLES)
    disk.optimize()
    return memory, disk


def table(found: list[Measured]) -> str:
    """Return a Markdown table."""
    lines = ["| where | asked | rows | ms | / plain | / plain, a row |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for one in found:
        a_row = one.ratio * one.rows[0] / one.rows[1]
        rows = f"{one.rows[0]:,} to {one.rows[1]:,}"
        times = " to ".join(f"{seconds * 1000:.2f}" for seconds in one.seconds)
        lines.append(f"| {one.where} | {one.case} | {rows} | {times} | {one.ratio:.1f} | {a_row:.1f} |")
    return "\n".join(lines)


def _all(title: str, data: Path, rounds: int, *, served: bool) -> Iterator[Measured]:
    memory, disk = prepared(data, data.parent / "store")
    patterns = cases(memory)
    yield from measure(f"{title}, in memory", patterns, in_process(memory), rounds)
    yield from measure(f"{title}, on disk", patterns, in_process(disk), rounds)
    if not served:
        return
    del memory, disk
    folder = data.parent / "served"
    folder.mkdir()
    with over_http(data, folder) as ask:
        yield from measure(f"{title}, over HTTP", patterns, ask, rounds)


def _least(asked: Iterable[tuple[int, float]]) -> float:
    return min(seconds for _, seconds in asked)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="generated statements, without their reifiers")
    parser.add_argument("--rounds", type=int, default=15, help="how often each query is asked")
    parser.add_argument("--no-http", dest="served", action="store_false", help="measure in process only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        for title in ("shipped", f"{options.size:,}"):
            data = Path(folder) / title / "data.nt"
            data.parent.mkdir()
            if title == "shipped":
                shipped().dump(data, RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
            else:
                generate(data, options.size)
            sys.stdout.write(f"{table(list(_all(title, data, options.rounds, served=options.served)))}\n\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
