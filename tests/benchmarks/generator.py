"""Data in the project's own shapes, of any size: the same bytes for the same size and seed.

Run it from the folder ``tests``::

    python -m benchmarks.generator --size 1000000 --seed 1 -o million.nt

The ending of the file says what is written: ``.nt`` N-Triples, ``.nq`` N-Quads with one named graph a source document,
one for the entities and one for the editors; ``.gz`` may follow. Topics, kinds and statuses are concepts of the
project's ontology; reasoning and validation need the whole of it beside the data. Nothing is kept in memory but one
meeting.
"""

import gzip
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO, cast

import click
from rich.console import Console
from rich.progress import Progress

from benchmarks.report import Report
from benchmarks.terms import A, Statement, curie, text
from benchmarks.world import MEETINGS_AN_ERA, Meeting, base, era

__all__ = ["Quad", "generate", "main", "meetings"]

#: The IRI of a named graph, and a statement in it.
Quad = tuple[str, Statement]

_ENTITIES = curie("graph:g-entities")
_EDITORIAL = curie("graph:g-editorial")
#: Every so many meetings, one of the sources is reprinted.
_REPRINTED = 4


def meetings(size: int, seed: int = 1) -> Iterator[list[Quad]]:
    """Yield all statements, meeting by meeting; the first ones come with what is there before any meeting.

    In one graph no statement comes twice; several graphs can make the same one about the meeting they share.

    :param size: how many statements there are to be at least, those of several graphs counted once
    :param seed: another one gives other data of the same shape
    """
    written = 0
    for number in count():
        quads = list(_meeting(number, seed))
        yield quads
        written += len({statement for _, statement in quads})
        if written >= size:
            return


def generate(path: Path, size: int, seed: int = 1, progress: Callable[[int], None] | None = None) -> int:
    """Write statements to a file, whole or not at all, and return the number of its lines.

    :param path: its ending is ``.nt`` or ``.nq``, with or without ``.gz`` behind it
    :param progress: is told after each meeting how many lines there are
    """
    lines = _quads if ".nq" in path.suffixes else _triples
    written = 0
    with _whole(path) as file:
        for quads in meetings(size, seed):
            new = lines(quads)
            file.write("".join(new))
            written += len(new)
            if progress is not None:
                progress(written)
    return written


@click.command()
@click.option("--size", type=click.IntRange(1), required=True, metavar="N", help="Number of statements, or some more.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="S", help="Another one gives other data.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The file to write."
)
def main(size: int, seed: int, output: Path) -> None:
    """Write data in the shapes of the graph: N-Triples to FILE.nt, N-Quads to FILE.nq, packed to FILE.nt.gz."""
    if not {".nt", ".nq"} & set(output.suffixes):
        raise click.UsageError("The name of the file must end with .nt or .nq, or with .gz behind that.")
    if not output.parent.is_dir():
        raise click.UsageError(f"There is no folder {output.parent}.")
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("statements", total=size)
        written = generate(output, size, seed, lambda lines: bar.update(task, completed=lines))
    click.echo(f"{output}: {written:,} statements", err=True)


def _meeting(number: int, seed: int) -> Iterator[Quad]:
    """Yield what is introduced with a meeting, and what each source says about it."""
    meeting = Meeting(number)
    yield from ((_ENTITIES, statement) for statement in _introduced(meeting))
    first, reprint = (Report(meeting, letter, seed) for letter in "ac")
    second = Report(meeting, "b", seed, first)
    yield from ((first.graph, statement) for statement in (*first.document(f"{number}-a"), *first.contents()))
    yield from ((second.graph, statement) for statement in (*second.document(f"{number}-b"), *second.contents()))
    yield from ((_EDITORIAL, statement) for statement in second.identifications())
    if number % _REPRINTED == 0:
        copied = (*reprint.document(f"{number}-a"), *reprint.copy_of(first))
        yield from ((reprint.graph, statement) for statement in copied)


def _introduced(meeting: Meeting) -> Iterator[Statement]:
    if meeting.number == 0:
        for graph, label in ((_ENTITIES, "generated entities"), (_EDITORIAL, "generated identifications")):
            yield graph, A, curie("owl:Ontology")
            yield graph, curie("rdfs:label"), text(label)
        yield from base()
    if meeting.number % MEETINGS_AN_ERA == 0:
        yield from era(meeting.era)
    yield from meeting.identities()


def _quads(quads: Iterable[Quad]) -> list[str]:
    return [f"{s} {p} {o} {graph} .\n" for graph, (s, p, o) in quads]


def _triples(quads: Iterable[Quad]) -> list[str]:
    return [f"{s} {p} {o} .\n" for s, p, o in dict.fromkeys(statement for _, statement in quads)]


@contextmanager
def _whole(path: Path) -> Iterator[IO[str]]:
    """Open a file that takes its place when it is complete."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as raw:
            packed = gzip.GzipFile("", "wb", 6, raw, 0) if path.suffix == ".gz" else raw
            with io.TextIOWrapper(cast("IO[bytes]", packed), "utf-8", newline="\n") as file:
                yield file
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    main()
