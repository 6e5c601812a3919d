"""Stores beside each other: loading, disk, memory and the time of some questions, on generated quads.

Run it from the checkout::

    .venv/bin/python tests/benchmarks/stores.py --size 1000000 --markdown stores.md

Each store is measured alone, one after the other: loaded by its own loader into an empty folder, started, asked some
questions of `benchmarks.queries`, stopped; then loaded once more, empty, by Graph Store PUT, one graph a request. The
first, ``kb``, is what ``kb serve`` opens: pyoxigraph on disk, called in a process of its own, its default graph filled.
"""

import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, Protocol

import click
from pyoxigraph import DefaultGraph, RdfFormat, Store
from rich.console import Console

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from support.engines import Engine, EngineFailed, Jena, Oxigraph, Virtuoso

from benchmarks.answers import Answer, read_answer
from benchmarks.generator import generate
from benchmarks.systems import processor_seconds
from benchmarks.tables import machine
from kb.errors import QueryError
from kb.sparql.query import evaluate, serialize

__all__ = ["QUESTIONS", "STORES", "Measured", "graphs", "main", "markdown", "measure"]

_QUERIES = Path(__file__).with_name("queries")
#: Ten of the queries of the comparison of endpoints: some about one thing, some over all the data.
QUESTIONS = (
    *("small/meeting", "small/acts-at-meeting", "small/office", "paths/parts", "paths/topics"),
    *("paths/chains-of-acts", "joins/differing-counts", "joins/guests"),
    *("aggregates/acts-by-kind", "aggregates/delegates-by-host"),
)
_MEBI = 2**20
#: A question that takes longer is not asked again.
_LONG_SECONDS = 10.0
_ANSWER_SECONDS = 60.0
_VIRTUOSO_BUFFERS = 170_000  # of 8 KiB: what its manual gives a machine with 2 GB
_JENA_HEAP = 2048


@dataclass
class Measured:
    """What was measured of one store.

    :param loading: seconds that its own loader took
    :param processor: seconds of processor time that it took, which other load changes little
    :param putting: statements a second by Graph Store PUT, and how many were put; None where it has none
    :param disk: bytes after its own loader
    :param memory: resident bytes after the questions
    :param seconds: question -> median time to the whole answer, or why there is none
    :param answers: question -> what came
    """

    name: str
    loading: float = 0.0
    processor: float = 0.0
    putting: tuple[float, int] | None = None
    disk: int = 0
    memory: int = 0
    seconds: dict[str, float | str] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)


class _Store(Protocol):
    """A store that was loaded and answers."""

    def ask(self, text: str) -> bytes:
        """Return the answer as JSON; an `EngineFailed` or `OSError` says why there is none."""

    def memory(self) -> int: ...

    def disk(self) -> int: ...


class _Embedded:
    """Our own store on disk, opened read-only in a process that does nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = _process()

    def ask(self, text: str) -> bytes:
        try:
            return self._process.apply_async(_ask, (self._folder, text)).get(_ANSWER_SECONDS)
        except TimeoutError as error:
            self.close()
            self._process = _process()
            raise EngineFailed("too long") from error

    def memory(self) -> int:
        return self._process.apply(_resident)

    def disk(self) -> int:
        return sum(path.stat().st_blocks * 512 for path in self._folder.rglob("*") if path.is_file())

    def close(self) -> None:
        self._process.terminate()
        self._process.join()


class _Served:
    """An engine that was started."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.memory, self.disk = engine.memory, engine.disk

    def ask(self, text: str) -> bytes:
        reply = self._engine.query(text, timeout=_ANSWER_SECONDS)
        if reply.status != 200:
            raise EngineFailed("too long" if reply.status == 503 else f"status {reply.status}")
        return reply.body


def measure(name: str, data: Path, folder: Path, rounds: int, put_seconds: float) -> Measured:
    """Measure one of `STORES` on an N-Quads file.

    :param folder: an empty folder, or one that is not there yet
    :param rounds: how often each question is asked, beside the first time, which does not count
    :param put_seconds: after so long no further graph is put
    """
    folder.mkdir(parents=True, exist_ok=True)
    measured = Measured(name)
    STORES[name](measured, data, folder, rounds)
    if name != "kb":
        with _engine(name, folder / "put", data) as engine:
            measured.putting = _put(engine, data, put_seconds)
    return measured


def _measure_embedded(measured: Measured, data: Path, folder: Path, rounds: int) -> None:
    begin = time.monotonic()
    with _process() as process:  # of its own: the loader's memory is not that of a store that answers
        measured.processor = process.apply(_load, (data, folder))
    measured.loading = time.monotonic() - begin
    store = _Embedded(folder / "store")
    try:
        _question(measured, store, rounds)
    finally:
        store.close()


def _measure_served(measured: Measured, data: Path, folder: Path, rounds: int) -> None:
    engine = _engine(measured.name, folder / "loaded", data)
    if isinstance(engine, Virtuoso):
        engine.start()
    begin, before = time.monotonic(), _processor_seconds(engine)
    try:
        engine.load(data)
        measured.loading, measured.processor = time.monotonic() - begin, _processor_seconds(engine) - before
        if not engine.alive:
            engine.start()
        _question(measured, _Served(engine), rounds)
    finally:
        engine.stop()


#: Name of a store -> measures it, but for Graph Store PUT.
STORES: dict[str, Callable[[Measured, Path, Path, int], None]] = {
    "kb": _measure_embedded,
    "oxigraph": _measure_served,
    "virtuoso": _measure_served,
    "jena": _measure_served,
}


def _engine(name: str, folder: Path, data: Path) -> Engine:
    if name == "virtuoso":
        return Virtuoso(folder, rows=10**6, buffers=_VIRTUOSO_BUFFERS, data=data.parent)
    return Jena(folder, heap=_JENA_HEAP) if name == "jena" else Oxigraph(folder)


def _question(measured: Measured, store: _Store, rounds: int) -> None:
    for question in QUESTIONS:
        text = (_QUERIES / f"{question}.rq").read_text(encoding="utf-8")
        times: list[float] = []
        try:
            for _ in range(rounds + 1):
                begin = time.monotonic()
                body = store.ask(text)
                times.append(time.monotonic() - begin)
                if times[-1] > _LONG_SECONDS:
                    break
            measured.answers[question] = read_answer(body)
            measured.seconds[question] = statistics.median(times[1:] or times)
        except (EngineFailed, QueryError, OSError, ValueError) as error:
            measured.seconds[question] = str(error)[:60]
    measured.memory, measured.disk = store.memory(), store.disk()


def _put(engine: Engine, data: Path, seconds: float) -> tuple[float, int]:
    """Put graph after graph; return how many statements a second, and how many were put."""
    begin = time.monotonic()
    put = 0
    for graph, lines in graphs(data):
        reply = engine.put_graph(graph, b"".join(lines))
        if reply.status not in (200, 201, 204):
            raise EngineFailed(f"{engine.name}: PUT of {graph}: {reply.status} {reply.text[:200]}")
        put += len(lines)
        if time.monotonic() - begin > seconds:
            break
    return put / (time.monotonic() - begin), put


def graphs(data: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Yield each graph with its lines of N-Triples: first the sources, whose lines stand together, then the others."""
    scattered: dict[str, list[bytes]] = {}
    name, lines = "", list[bytes]()
    with data.open("rb") as file:
        for line in file:
            triple, graph = _split(line)
            if graph.endswith(("/g-entities", "/g-editorial")):
                scattered.setdefault(graph, []).append(triple)
                continue
            if graph != name and lines:
                yield name, lines
                lines = []
            name = graph
            lines.append(triple)
    if lines:
        yield name, lines
    yield from scattered.items()


def _split(line: bytes) -> tuple[bytes, str]:
    """Take a line of N-Quads as the generator writes it apart: a line of N-Triples, and the IRI of the graph."""
    triple, _, graph = line.rstrip(b" .\n").rpartition(b" <")
    return triple + b" .\n", graph[:-1].decode()


def _process() -> Pool:
    return get_context("spawn").Pool(1)


def _processor_seconds(engine: Engine) -> float:
    """Return the processor time of the engine, if it runs, and of all commands that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime + (processor_seconds(engine.pid) if engine.alive else 0)


def _load(data: Path, folder: Path) -> float:
    """Load a file into a new store: each graph under its name, and all in the default graph, as in a generation.

    :returns: seconds of processor time
    """
    store = Store(str(folder / "store"))
    store.bulk_load(path=data, format=RdfFormat.N_QUADS)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".nt") as triples, data.open("rb") as file:
        triples.writelines(_split(line)[0] for line in file)
        triples.flush()
        store.bulk_load(path=triples.name, format=RdfFormat.N_TRIPLES, to_graph=DefaultGraph())
    store.flush()
    store.optimize()
    return time.process_time()


@cache
def _opened(folder: Path) -> Store:
    return Store.read_only(str(folder))


def _ask(folder: Path, text: str) -> bytes:
    return serialize(evaluate(_opened(folder), text), "json")


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def markdown(found: Sequence[Measured], statements: int) -> str:
    """Return what was measured as tables."""
    lines = [
        f"| {statements:,} quads | loader, s | its CPU, s | by PUT, quads/s | disk, MiB | bytes a quad | memory, MiB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in found:
        rate = "" if one.putting is None else f"{one.putting[0]:,.0f}"
        if one.putting is not None and one.putting[1] < statements:
            rate += f" (of {one.putting[1]:,})"
        sizes = (one.disk / _MEBI, one.disk / statements, one.memory / _MEBI)
        lines.append(
            f"| {one.name} | {one.loading:,.1f} | {one.processor:,.1f} | {rate} | "
            + " | ".join(f"{size:,.0f}" for size in sizes)
            + " |"
        )
    lines += [
        "",
        f"| question, ms | rows | {' | '.join(one.name for one in found)} |",
        "| --- |" + " ---: |" * (1 + len(found)),
    ]
    for question in QUESTIONS:
        first = next((one.answers[question] for one in found if question in one.answers), None)
        rows = sum(first.values()) if isinstance(first, Counter) else ""
        lines.append(f"| {question} | {rows} | {' | '.join(_cell(one, question, first) for one in found)} |")
    return "\n".join(lines) + "\n"


def _cell(one: Measured, question: str, first: Answer | None) -> str:
    seconds, answer = one.seconds.get(question, ""), one.answers.get(question)
    if not isinstance(seconds, float) or answer is None:
        return str(seconds)
    milliseconds = f"{seconds * 1000:,.1f}"
    if answer == first:
        return milliseconds
    alike = isinstance(answer, Counter) and isinstance(first, Counter) and set(answer) == set(first)
    return f"{milliseconds} ({'other duplicates' if alike else 'other rows'})"


@click.command()
@click.option("--size", type=click.IntRange(1), default=1_000_000, show_default=True, help="How many statements.")
@click.option("--data", type=click.Path(path_type=Path), help="A file of the generator's instead, with N-Quads.")
@click.option("--store", "names", multiple=True, type=click.Choice(list(STORES)), help="Measure it alone; repeatable.")
@click.option(
    "--rounds", type=click.IntRange(1), default=5, show_default=True, help="How often each question is asked."
)
@click.option("--put-seconds", type=float, default=600.0, show_default=True, help="How long graphs are put at most.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the stores lie meanwhile.")
@click.option("--markdown", "output", type=click.Path(path_type=Path), help="A file for the tables.")
def main(  # noqa: PLR0913, PLR0917  options
    size: int,
    data: Path | None,
    names: Sequence[str],
    rounds: int,
    put_seconds: float,
    folder: Path | None,
    output: Path | None,
) -> None:
    """Measure stores beside each other, one after the other."""
    console = Console(stderr=True)
    found: list[Measured] = []
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        if data is None:
            data = Path(temporary, "data", "generated.nq")
            data.parent.mkdir()
            generate(data, size)
        with data.open("rb") as file:
            statements = sum(1 for _ in file)
        for name in names or STORES:
            console.print(f"{name} ...")
            with tempfile.TemporaryDirectory(dir=temporary) as own:
                try:
                    found.append(measure(name, data.resolve(), Path(own), rounds, put_seconds))
                except EngineFailed as error:
                    console.print(f"{name} is left out: {error}")
                    continue
            console.print(_summary(found[-1]))
            text = f"{machine()}\n\n{markdown(found, statements)}"
            if output is not None:
                output.write_text(text, encoding="utf-8")
    click.echo(text if found else "Nothing was measured.")


def _summary(one: Measured) -> str:
    shown: Mapping[str, Any] = {name: value for name, value in vars(one).items() if name not in ("answers", "name")}
    return json.dumps(shown, indent=2, default=str)


if __name__ == "__main__":
    main()
