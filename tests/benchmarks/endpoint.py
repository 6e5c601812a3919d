"""Our endpoint beside others: the same data, the same queries, one run.

Run it from the checkout::

    .venv/bin/python tests/benchmarks/endpoint.py --quick

Each system is a process that serves one file of data on the loopback address. First the answers to all queries are
compared, then in short slices, by turns, clients ask as many queries as each system answers. Beside ``kb serve``
run the native Oxigraph server and rdflib-endpoint, installed from `requirements.txt` into ``build/benchmarks``, and
Virtuoso where it is installed.
"""

import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource
from pyoxigraph import DefaultGraph, RdfFormat, Store
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import engine
from benchmarks.generator import generate
from benchmarks.measuring import Agreement, able, compare, from_latencies, measure, texts, under_attack
from benchmarks.queries import QuerySet, competency_questions, query_sets
from benchmarks.systems import ROOT, SYSTEMS, Running, System, SystemFailed, install
from benchmarks.tables import Findings, Served, machine, markdown, notes, rich_tables
from kb.config import Project
from kb.generations.build import ensure_generation

__all__ = ["main"]

_SHIPPED = "shipped"
_DEFAULT_SIZES = (_SHIPPED, "10000", "100000", "1000000")
_HOSTILE_SECONDS = 15
_HOSTILE_TIMEOUT = 10
_ENGINE = "engine in process"


@dataclass(frozen=True)
class _Data:
    """A file to serve and the queries to ask.

    :param statements: how many it has
    :param meetings: how many generated meetings there are
    """

    title: str
    file: Path
    statements: int
    meetings: int
    sets: tuple[QuerySet, ...]


@dataclass(frozen=True)
class _Plan:
    """What to measure.

    :param named: whether the caller named the systems, so that they run at any size
    :param slices: seconds of each slice
    """

    systems: Sequence[System]
    named: bool
    clients: Sequence[int]
    slices: Sequence[float]


def _systems(_: click.Context, __: click.Parameter, value: str) -> tuple[System, ...]:
    unknown = [name for name in value.split(",") if name not in SYSTEMS]
    if unknown:
        raise click.BadParameter(f"no system is called {unknown[0]!r}; there are {', '.join(SYSTEMS)}")
    return tuple(SYSTEMS[name] for name in value.split(","))


def _sizes(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    _numbers(_, __, ",".join(size for size in value.split(",") if size != _SHIPPED) or "1")
    return tuple(value.split(","))


def _numbers(_: click.Context, __: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        numbers = tuple(map(int, value.split(",")))
    except ValueError:
        raise click.BadParameter(f"{value!r} is no list of numbers with commas between them") from None
    if min(numbers) < 1:
        raise click.BadParameter("numbers from 1 on")
    return numbers


@click.command()
@click.option("--systems", callback=_systems, default=",".join(SYSTEMS), show_default=True, metavar="NAME,…")
@click.option(
    "--sizes",
    callback=_sizes,
    default=",".join(_DEFAULT_SIZES),
    show_default=True,
    metavar="N,…",
    help="Statements to generate; `shipped` is the graph of the project with the competency questions.",
)
@click.option("--concurrency", callback=_numbers, default="1,8,32", show_default=True, metavar="N,…", help="Clients.")
@click.option(
    "--seconds", type=click.FloatRange(0.1), default=6.0, show_default=True, help="For a set, a system, a concurrency."
)
@click.option("--hostile/--no-hostile", default=True, show_default=True, help="Measure under attack too.")
@click.option("--quick", is_flag=True, help="About a minute: small data, one second each, no attack.")
@click.option(
    "--markdown", "output", type=click.Path(path_type=Path), metavar="FILE", help="Write the tables there too."
)
@click.pass_context
def main(  # noqa: PLR0913  one parameter an option
    context: click.Context,
    *,
    systems: tuple[System, ...],
    sizes: tuple[str, ...],
    concurrency: tuple[int, ...],
    seconds: float,
    hostile: bool,
    quick: bool,
    output: Path | None,
) -> None:
    """Compare SPARQL endpoints on the same data and queries, side by side."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no process and no folder is left behind
    given = {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if quick:
        sizes = sizes if "sizes" in given else (_SHIPPED, "10000")
        concurrency = concurrency if "concurrency" in given else (1, 8)
        seconds = seconds if "seconds" in given else 1.0
        hostile = hostile if "hostile" in given else False
    with _progress() as progress, tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        progress.console.print(machine())
        available = tuple(_available(systems, progress))
        plan = _Plan(available, "systems" in given, concurrency, [seconds] if seconds < 3 else [seconds / 3] * 3)
        found: list[Findings] = []
        attacked = next((size for size in sizes if size != _SHIPPED), None)
        for size in sizes:
            data = _data(size, Path(folder), progress)
            found.append(_Comparison(data, plan, progress).run(attack=hostile and size == attacked))
            for table in rich_tables(found[-1]):
                progress.console.print(table)
            for note in notes(found[-1]):
                progress.console.print(note, markup=False, highlight=False)
            if output is not None:
                command = shlex.join(["tests/benchmarks/endpoint.py", *sys.argv[1:]])
                output.write_text(markdown(found, command), encoding="utf-8")


def _progress() -> Progress:
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    return Progress(*columns, console=Console(width=None if sys.stdout.isatty() else 140), transient=True)


def _available(systems: Sequence[System], progress: Progress) -> Iterator[System]:
    """Yield the systems that can run here, installed where that is left to do."""
    progress.add_task("installing", total=None)
    if any(system.packaged for system in systems):
        install()
    for system in systems:
        missing = system.missing()
        if missing is None:
            yield system
        else:
            progress.console.print(f"Without {system.name}: {missing}")


def _data(size: str, folder: Path, progress: Progress) -> _Data:
    """Write the data of one size to a file."""
    _tell(progress, f"writing the data: {size}")
    place = folder / size
    place.mkdir()
    file = place / "data.nt"
    project = Project(ROOT)
    if size == _SHIPPED:
        store = ensure_generation(project, ROOT / "build").store()
        store.dump(file, RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
        with file.open("rb") as lines:
            return _Data("the shipped graph", file, sum(1 for _ in lines), 0, competency_questions(project.competency))
    meetings: list[int] = []
    statements = generate(file, int(size), progress=meetings.append)
    with file.open("ab") as output:
        concepts = Store()
        concepts.load(path=project.ontology / "concepts.ttl", format=RdfFormat.TURTLE)
        concepts.dump(output, RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
    return _Data(f"{statements:,} generated statements", file, statements, len(meetings), query_sets())


class _Comparison:
    """The comparison on one file of data."""

    def __init__(self, data: _Data, plan: _Plan, progress: Progress) -> None:
        self._data = data
        self._plan = plan
        self._progress = progress
        self._running: dict[str, Running] = {}
        self._found = Findings(data.title)
        self._agreements: list[tuple[QuerySet, Agreement]] = []

    def run(self, *, attack: bool) -> Findings:
        """Start the systems, compare their answers, then their speed."""
        with ExitStack() as stack:
            for system in self._plan.systems:
                if self._plan.named or self._data.statements <= 1.1 * system.largest:
                    self._start(system, stack)
            started = dict(self._running)
            before = {name: system.memory() for name, system in started.items()}
            most = dict(before)
            for queries in self._data.sets:
                self._measure(queries)
                most |= {name: max(most[name], system.memory()) for name, system in self._running.items()}
            for name, running in started.items():
                self._found.served.append(Served(name, running.seconds, before[name], most[name]))
        for name in started if attack else ():
            self._attack(SYSTEMS[name])
        return self._found

    def _start(self, system: System, stack: ExitStack) -> None:
        self._tell(f"starting {system.name}")
        try:
            running = Running(system, self._data.file, self._folder(system.name))
        except SystemFailed as error:
            self._found.notes.append(f"{system.name}: {error}")
        else:
            self._running[system.name] = running
            stack.callback(running.stop)

    def _measure(self, queries: QuerySet) -> None:
        """Compare the answers to one set of queries, then measure it at each number of clients."""
        agreement = self._agreement(queries)
        asked = texts(queries, agreement.differing, self._data.meetings)
        for clients in self._plan.clients if asked else ():
            self._tell(f"{queries.name}: {clients} at once")
            systems = able(self._running, agreement, clients, self._plan.slices[0])
            self._found.measured.extend(measure(queries, systems, asked, clients, self._plan.slices))
            if clients == 1 and "oxigraph" in systems and not queries.repeated:
                store = self._data.file.parent / "oxigraph" / "store"
                latencies, spent = engine.measure(store, asked, sum(self._plan.slices))
                self._found.measured.append(from_latencies(queries.name, _ENGINE, latencies, spent))

    def _agreement(self, queries: QuerySet) -> Agreement:
        """Compare the answers, unless they have been in another set."""
        for other, agreement in self._agreements:
            if other.queries == queries.queries:
                return agreement
        agreement = compare(
            self._running, queries, self._data.meetings, lambda name: self._tell(f"{queries.name}: {name}")
        )
        for name in agreement.stuck:
            self._running.pop(name).stop()
            self._found.notes.append(f"{name} went on for long with a query of the set {queries.name}; ended there")
        self._agreements.append((queries, agreement))
        self._found.agreements[queries.name] = agreement
        return agreement

    def _attack(self, system: System) -> None:
        """Start a system anew, with the time limit that it has in earnest, and attack it."""
        self._tell(f"attacking {system.name}")
        running = Running(
            system, self._data.file, self._folder(f"{system.name}-attacked"), timeout=_HOSTILE_TIMEOUT, limited=True
        )
        try:
            found = under_attack(running, self._data.sets[0], self._data.meetings, _HOSTILE_SECONDS)
        finally:
            running.stop()
        self._found.hostility.append(found)

    def _folder(self, name: str) -> Path:
        folder = self._data.file.parent / name
        folder.mkdir()
        return folder

    def _tell(self, doing: str) -> None:
        _tell(self._progress, f"{self._data.title}: {doing}")


def _tell(progress: Progress, doing: str) -> None:
    progress.update(progress.tasks[0].id, description=doing)


if __name__ == "__main__":
    main()
