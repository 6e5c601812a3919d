"""Loading: from a file of quads to the first answer, `kb serve --data` beside the native Oxigraph server.

Run it from the checkout::

    .venv/bin/python tests/benchmarks/loading.py --size 1000000 --rounds 3

The systems take turns, each with an empty folder, so that other load on the machine meets all of them. Time is from the
command that loads to the first answer; processor time is that of all processes until then, those that have ended too.
"""

import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.generator import generate
from benchmarks.systems import SYSTEMS, Running, System, SystemFailed, install

__all__ = ["Loaded", "main", "measure", "table"]

_PEER = "oxigraph"
_DEFAULT_SYSTEMS = ("kb", _PEER)


@dataclass(frozen=True)
class Loaded:
    """What it took one system to load the data once.

    :param seconds: from the file to the first answer
    :param processor: seconds of processor time of all its processes
    """

    system: str
    seconds: float
    processor: float


def measure(systems: Sequence[System], data: Path, rounds: int) -> Iterator[Loaded]:
    """Yield what it took the systems, in turn, to load a file.

    :raises SystemFailed: when one cannot load it
    """
    for _ in range(rounds):
        for system in systems:
            with tempfile.TemporaryDirectory(dir=data.parent) as folder:
                before = _ended_children()
                running = Running(system, data, Path(folder))
                processor = running.processor_seconds() + _ended_children() - before
                running.stop()
                yield Loaded(system.name, running.seconds, processor)


def table(loaded: Sequence[Loaded]) -> list[str]:
    """Return the lines of a Markdown table: medians, and the median of the rounds' ratios to the peer."""
    of_system: defaultdict[str, list[Loaded]] = defaultdict(list)
    for one in loaded:
        of_system[one.system].append(one)
    lines = [
        "| system | seconds | of processor time | seconds / Oxigraph | processor time / Oxigraph |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    peer = of_system.get(_PEER, [])
    for name, rounds in of_system.items():
        cells = [
            f"{_median(one.seconds for one in rounds):.1f}",
            f"{_median(one.processor for one in rounds):.1f}",
            "" if not peer else f"{_median(a.seconds / b.seconds for a, b in zip(rounds, peer, strict=False)):.2f}",
            "" if not peer else f"{_median(a.processor / b.processor for a, b in zip(rounds, peer, strict=False)):.2f}",
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _median(values: Iterator[float]) -> float:
    return statistics.median(values)


def _ended_children() -> float:
    """Return the processor time of the processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@click.command()
@click.option("--size", type=click.IntRange(1), default=1_000_000, show_default=True, help="Statements.")
@click.option(
    "--rounds", type=click.IntRange(1), default=3, show_default=True, help="How often each system loads them."
)
@click.option(
    "--systems", "names", type=click.Choice(tuple(SYSTEMS)), multiple=True, default=_DEFAULT_SYSTEMS, show_default=True
)
def main(size: int, rounds: int, names: Sequence[str]) -> None:
    """Load generated quads into each system by turns, and print what that takes."""
    systems = [SYSTEMS[name] for name in names]
    try:
        if any(system.packaged for system in systems):
            install()
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data.nq"
            statements = generate(data, size)
            begin = time.monotonic()
            loaded = []
            for one in measure(systems, data, rounds):
                loaded.append(one)
                click.echo(f"{time.monotonic() - begin:.0f} s: {one}", err=True)
    except SystemFailed as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n".join([f"{statements:,} quads, {rounds} rounds", "", *table(loaded)]))


if __name__ == "__main__":
    main()
