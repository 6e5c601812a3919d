"""Our reasoner beside others: the same ontology, the same data, one run.

Run it from the checkout::

    .venv/bin/python tests/benchmarks/reasoning.py

Each system reads the project's ontology and generated data in a process of its own with a memory limit, and says how
long reading and reasoning took, inconsistencies looked for, and how much memory the process had at its most. reasonable
is installed from `requirements.txt` into ``build/benchmarks``. A size ``chainN`` is a transitive property with N links
in a row, without the ontology. With `--before` kb of another commit runs too.
"""

import json
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import click
from rdflib.namespace import OWL, RDF
from rich import box
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.generator import generate
from benchmarks.systems import ENVIRONMENT, ROOT, SystemFailed, install
from benchmarks.tables import machine
from kb.config import Project
from kb.files.documents import load_documents

__all__ = ["RUNNERS", "Limits", "Outcome", "main", "measure"]

RUNNERS = Path(__file__).with_name("reasoners")
_SHIPPED = "shipped"
_CHAIN = "chain"
_BEFORE = "before"
#: System -> the most statements that it reasons on unless it is named: the slow ones where they finish.
_LARGEST = {"kb": 10**8, _BEFORE: 10**8, "reasonable": 1_000_000, "owlrl": 100_000}
#: Up to this many statements kb reads and reasons several times; on more, once: there chance matters less.
_REPEATED = 100_000
_MIB = 1024 * 1024
_COLUMNS = (
    "statements",
    "system",
    "reading s",
    "reasoning s",
    "CPU s",
    "MiB at most",
    "statements out",
    "inconsistencies",
    "ratio",
    "CPU ratio",
)
#: The first columns hold texts, the others numbers.
_TEXT_COLUMNS = 2


@dataclass(frozen=True)
class Outcome:
    """What a system did with some data; only the title, the system and the failure where it failed.

    :param given: statements read, the ontology's among them
    :param reading: seconds from the files to the statements in memory
    :param reasoning: seconds from these to all that follows; the least of several runs where there were several
    :param processor: seconds of processor time for the same
    :param before: most memory of the process until it began to reason, in bytes
    :param most: most memory of the process, in bytes
    :param statements: statements afterwards, what is asserted among them, as the system counts
    :param inconsistencies: how many were found, where the system says so
    """

    title: str
    system: str
    given: int = 0
    reading: float = 0
    reasoning: float = 0
    processor: float = 0
    before: int = 0
    most: int = 0
    statements: int = 0
    inconsistencies: int | None = None
    failure: str = ""


@dataclass(frozen=True)
class Limits:
    """What a process may have.

    :param memory: bytes of address space
    :param seconds: after which it is ended
    """

    memory: int
    seconds: float


def measure(  # noqa: PLR0913  what to run, on what, and how
    system: str, title: str, files: Sequence[Path], limits: Limits, repeat: int = 1, *, root: Path = ROOT
) -> Outcome:
    """Run a system on some files.

    :param repeat: how often the data are reasoned on, where the system can do so on fresh data in one process
    :param root: the checkout that has kb, another one for the system ``before``
    """
    python = ENVIRONMENT / "bin" / "python" if system == "reasonable" else Path(sys.executable)
    runner = root / RUNNERS.relative_to(ROOT) / f"{'kb' if system == _BEFORE else system}_runner.py"
    command = [str(python), str(runner), str(repeat), *map(str, files)]
    try:
        done = subprocess.run(  # the limit is set in the child, before the program starts
            command,
            capture_output=True,
            text=True,
            timeout=limits.seconds,
            check=False,
            env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limits.memory,) * 2),
        )
    except subprocess.TimeoutExpired:
        return Outcome(title, system, failure=f"not done after {limits.seconds:,.0f} s")
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return Outcome(title, system, failure=reason[0][:100])
    return Outcome(title, system, **json.loads(done.stdout.splitlines()[-1]))


@click.command()
@click.option(
    "--sizes", default=f"{_SHIPPED},10000,100000,1000000,10000000,chain1000,chain3000", show_default=True, metavar="N,…"
)
@click.option("--systems", default="", metavar="NAME,…", help="Only these, at any size. Of: kb, reasonable, owlrl.")
@click.option("--before", default="", metavar="COMMIT", help="Run kb of this commit too.")
@click.option("--memory", type=click.IntRange(1), default=12, show_default=True, metavar="GIB", help="For a process.")
@click.option("--seconds", type=click.FloatRange(1), default=600.0, show_default=True, help="After which one is ended.")
@click.option("--repeat", type=click.IntRange(1), default=5, show_default=True, help="Runs of kb, on up to 100,000.")
@click.option(
    "--markdown", "output", type=click.Path(path_type=Path), metavar="FILE", help="Write the table there too."
)
@click.option("--json", "raw", type=click.Path(path_type=Path), metavar="FILE", help="Write the figures there.")
def main(  # noqa: PLR0913  one parameter an option
    *,
    sizes: str,
    systems: str,
    before: str,
    memory: int,
    seconds: float,
    repeat: int,
    output: Path | None,
    raw: Path | None,
) -> None:
    """Compare kb's reasoner with owlrl and reasonable; `shipped` is the graph of the project."""
    others = [name for name in _LARGEST if name != _BEFORE]
    names = systems.split(",") if systems else others
    if unknown := set(names) - set(others):
        raise click.UsageError(f"no system is called {min(unknown)!r}; there are {', '.join(others)}")
    names += [_BEFORE] if before else []
    console = Console(stderr=True)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder, _progress(console) as progress:
        task = progress.add_task("", total=None)
        if "reasonable" in names:
            progress.update(task, description="installing reasonable")
            try:
                install()
            except SystemFailed as error:
                raise click.ClickException(str(error)) from error
        checkout = _checkout(before, Path(folder)) if before else ROOT
        for size in sizes.split(","):
            files = _files(size, Path(folder))
            for name in names:
                progress.update(task, description=f"{size}: {name}")
                if systems or _count(size) <= _LARGEST[name]:
                    times = repeat if _count(size) <= _REPEATED else 1
                    root = checkout if name == _BEFORE else ROOT
                    outcomes.append(measure(name, size, files, Limits(memory << 30, seconds), times, root=root))
                else:
                    outcomes.append(_left_out(size, name))
    Console(width=140).print(_table(outcomes, box.ROUNDED))
    if output is not None:
        output.write_text(_markdown(outcomes), encoding="utf-8")
    if raw is not None:
        raw.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1) + "\n", encoding="utf-8")


def _files(size: str, folder: Path) -> list[Path]:
    """Return the ontology's files with the project's graph, or with a generated one."""
    if size.startswith(_CHAIN):
        data = folder / f"{size}.nt"
        data.write_text("".join(_chain(int(size.removeprefix(_CHAIN)))), encoding="utf-8")
        return [data]
    documents = load_documents(Project(ROOT))
    if size == _SHIPPED:
        return [document.path for document in documents]
    data = folder / f"{size}.nt"
    generate(data, int(size))
    return [*(document.path for document in documents if document.is_schema), data]


def _chain(links: int) -> Iterator[str]:
    yield f"<urn:x:before> <{RDF.type}> <{OWL.TransitiveProperty}> .\n"
    yield from (f"<urn:x:{number}> <urn:x:before> <urn:x:{number + 1}> .\n" for number in range(links))


def _checkout(commit: str, folder: Path) -> Path:
    """Write the files of a commit into a folder, and return it."""
    archive, target = folder / "before.zip", folder / _BEFORE
    subprocess.run(["git", "-C", str(ROOT), "archive", "-o", str(archive), commit], check=True)
    with zipfile.ZipFile(archive) as files:
        files.extractall(target)
    return target


def _count(size: str) -> int:
    """Return how many statements there are, or in a chain, how many follow."""
    if size.startswith(_CHAIN):
        links = int(size.removeprefix(_CHAIN))
        return links * (links + 1) // 2
    return 0 if size == _SHIPPED else int(size)


def _left_out(size: str, system: str) -> Outcome:
    reason = f"not run: too slow or too large beyond {_LARGEST[system]:,} statements; --systems {system} tries"
    return Outcome(size, system, failure=reason)


def _rows(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    ours = {outcome.title: outcome for outcome in outcomes if outcome.system == "kb" and not outcome.failure}
    return [_row(outcome, ours.get(outcome.title)) for outcome in outcomes]


def _row(outcome: Outcome, ours: Outcome | None) -> tuple[str, ...]:
    if outcome.failure:
        return (outcome.title, outcome.system, outcome.failure, *("" for _ in _COLUMNS[3:]))
    times = (f"{seconds:,.3f}" for seconds in (outcome.reading, outcome.reasoning, outcome.processor))
    memory = f"{outcome.most / _MIB:,.0f} ({outcome.before / _MIB:,.0f} before)"
    counts = (f"{outcome.statements:,}", "" if outcome.inconsistencies is None else f"{outcome.inconsistencies:,}")
    return (f"{outcome.title}: {outcome.given:,}", outcome.system, *times, memory, *counts, *_ratios(outcome, ours))


def _ratios(outcome: Outcome, ours: Outcome | None) -> tuple[str, str]:
    """Return how many times as long as kb a system took, by the clock and by processor time."""
    if ours is None:
        return "", ""
    return f"{outcome.reasoning / ours.reasoning:,.1f}", f"{outcome.processor / ours.processor:,.1f}"


def _table(outcomes: Sequence[Outcome], style: box.Box) -> Table:
    table = Table(*_COLUMNS, box=style, caption=machine())
    for row in _rows(outcomes):
        table.add_row(*row)
    return table


def _markdown(outcomes: Sequence[Outcome]) -> str:
    rule = tuple("---" if place < _TEXT_COLUMNS else "---:" for place, _ in enumerate(_COLUMNS))
    rows = "".join(f"| {' | '.join(cells)} |\n" for cells in chain((_COLUMNS, rule), _rows(outcomes)))
    return f"{machine()}\n\n{rows}"


def _progress(console: Console) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


if __name__ == "__main__":
    main()
