"""The findings of a comparison as tables: on a terminal, and in Markdown."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table

from benchmarks.measuring import Agreement, Hostility, Measured

__all__ = ["Findings", "Served", "machine", "markdown", "notes", "rich_tables"]

_OTHERS = ("oxigraph", "rdflib-endpoint", "virtuoso")


@dataclass(frozen=True)
class Served:
    """What it took a system to serve some data.

    :param seconds: from the file to the first answer
    :param before: MiB of memory before any load
    :param after: MiB of memory at most, under load
    """

    system: str
    seconds: float
    before: float
    after: float


@dataclass
class Findings:
    """What was found on one file of data.

    :param title: what it holds
    :param notes: what went wrong, a sentence each
    """

    title: str
    served: list[Served] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    hostility: list[Hostility] = field(default_factory=list)
    agreements: dict[str, Agreement] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Cells:
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def rich_tables(findings: Findings) -> Iterator[Table]:
    """Yield tables for a terminal."""
    for cells in _tables(findings):
        table = Table(title=f"{findings.title}: {cells.title}", title_justify="left")
        for number, column in enumerate(cells.columns):
            table.add_column(column, justify="left" if number == 0 else "right")
        for row in cells.rows:
            table.add_row(*row)
        yield table


def markdown(findings: Sequence[Findings], command: str) -> str:
    """Return all findings as a Markdown document.

    :param command: that made them
    """
    parts = [f"# Comparison of SPARQL endpoints\n\n{machine()}. Command: `{command}`\n"]
    for found in findings:
        parts.append(f"\n## {found.title[0].upper()}{found.title[1:]}\n")
        parts.extend(_markdown_table(cells) for cells in _tables(found))
        parts.extend(f"\n* {note}" for note in notes(found))
        parts.append("\n")
    return "".join(parts)


def machine() -> str:
    """Return what the figures depend on: processor, system, Python."""
    cpus = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in cpus if line.startswith("model name")), "processor")
    return f"{os.cpu_count()} CPUs ({model}), Linux {platform.release()}, Python {platform.python_version()}"


def _tables(found: Findings) -> Iterator[_Cells]:
    yield _Cells(
        "from the file to the first answer, and memory of all processes",
        ("system", "seconds", "MiB before load", "MiB under load"),
        [(s.system, f"{s.seconds:.1f}", f"{s.before:.0f}", f"{s.after:.0f}") for s in found.served],
    )
    ratios = [name for name in _OTHERS if any(m.system == name for m in found.measured)]
    yield _Cells(
        "answers a second, milliseconds of processor time for an answer, milliseconds to an answer",
        ("queries, clients", "system", "answers/s", "CPU", "p50", "p99", "lost", *(f"/ {name}" for name in ratios)),
        list(_rows(found.measured, ratios)),
    )
    if found.hostility:
        yield _Cells(
            "milliseconds to an answer for 4 clients, without and with 4 attackers",
            ("system", "quiet p50", "quiet p99", "p50", "p99", "p99 ratio", "lost", "survived"),
            [_hostile_row(hostility) for hostility in found.hostility],
        )


def _rows(measured: Sequence[Measured], ratios: Sequence[str]) -> Iterator[tuple[str, ...]]:
    rates = {(m.queries, m.clients, m.system): m.rate for m in measured}
    for m in measured:
        others = (rates.get((m.queries, m.clients, name)) for name in ratios)
        yield (
            f"{m.queries}, {m.clients}",
            m.system,
            f"{m.rate:,.1f}" if m.rate < 100 else f"{m.rate:,.0f}",
            _milliseconds(m.cpu),
            _milliseconds(m.p50),
            _milliseconds(m.p99),
            str(m.lost),
            *("" if rate is None else f"{m.rate / rate:.2f}" for rate in others),
        )


def _hostile_row(found: Hostility) -> tuple[str, ...]:
    quiet, attacked = found.quiet, found.attacked
    survived = "yes" if found.survived else "no"
    if quiet is None or attacked is None:
        peace = map(_milliseconds, (quiet.p50, quiet.p99) if quiet else ())
        return found.system, *peace, *([""] * (3 if quiet else 5)), "all", survived
    times = map(_milliseconds, (quiet.p50, quiet.p99, attacked.p50, attacked.p99))
    lost = f"{attacked.lost} of {attacked.lost + attacked.answers}"
    return found.system, *times, f"{attacked.p99 / quiet.p99:.1f}", lost, survived


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.2f}" if seconds < 0.1 else f"{seconds * 1000:,.0f}"


def notes(found: Findings) -> Iterator[str]:
    """Yield what went wrong and what was left out, a sentence each."""
    yield from found.notes
    for queries, agreement in found.agreements.items():
        for name, systems in agreement.differing.items():
            yield f"{queries}/{name}: {', '.join(systems)} answers differently; left out"
        for system, failed in agreement.failed.items():
            if failed:
                names = ", ".join(f"{name} ({why[:60]})" for name, why in list(failed.items())[:3])
                yield f"{queries}: {system} fails at {len(failed)}: {names}"


def _markdown_table(cells: _Cells) -> str:
    lines = [f"\nTable: {cells.title}.\n", _line(cells.columns), _line(["---", *["---:"] * (len(cells.columns) - 1)])]
    return "\n".join([*lines, *map(_line, cells.rows), ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
