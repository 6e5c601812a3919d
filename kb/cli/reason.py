"""`kb reason`: what follows from any RDF files."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
from pyoxigraph import Quad

from kb.cli.commands import FILE, ExampleCommand
from kb.cli.console import progress, say
from kb.cli.session import Session
from kb.errors import InvalidTerm, MalformedAxiom, RdfSyntaxError
from kb.explain import statement_text
from kb.memory import free_mebibytes, limited_memory, watched
from kb.rdf.formats import format_of_file
from kb.rdf.reading import line_of_object, read_statements
from kb.reasoning import Materialization
from kb.reasoning.engine import Progress
from kb.reasoning.output import write

__all__ = ["materialized", "reason"]


@click.command(
    cls=ExampleCommand,
    examples=["kb reason mine.ttl -o closed.ttl", "kb reason mine.ttl more.nq.gz -o inferred.nt.gz --inferred-only"],
)
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option(
    "-o", "--output", type=FILE, required=True, metavar="OUT", help="Where to write; its ending is the format."
)
@click.option("--inferred-only", is_flag=True, help="Write only what is not in the files.")
@click.option(
    "--trivial",
    is_flag=True,
    help="Write what is true of any data too: that a thing is the same as itself, an owl:Thing, and the like.",
)
@click.option(
    "--memory",
    type=click.IntRange(1),
    metavar="MIB",
    help="How much memory to take at most; without, what the machine has free.",
)
@click.pass_obj
def reason(
    _: Session, files: tuple[Path, ...], output: Path, *, inferred_only: bool, trivial: bool, memory: int | None
) -> int:
    """Add to RDF files all that follows from them by OWL 2 RL, and say what contradicts itself in them.

    Any ontology, any data: Turtle, TriG, N-Triples, N-Quads, RDF/XML or JSON-LD, each also with .gz behind its ending.
    Named graphs are merged, imports are not followed. Exits with 1 where there is an inconsistency; OUT is written
    all the same. What takes too much memory ends with a message, and OUT stays as it was.
    """
    format_of_file(output)
    with progress("Reasoning") as report, limited_memory(memory or free_mebibytes()) as look:
        report("reading the files")
        materialization = materialized(files, look, lambda done, known: report(f"round {done}, {known:,} statements"))
        report("looking for inconsistencies")
        inconsistencies = materialization.inconsistencies()
        report("writing")
        look()
        written = write(materialization, output, inferred_only=inferred_only, trivial=trivial)
    for inconsistency in inconsistencies:
        grounds = "".join(f"    {statement_text(triple)}\n" for triple in inconsistency.statements)
        say(f"{inconsistency.message} (rule {inconsistency.rule}):\n{grounds}".rstrip())
    say(f"{output}: {written:,} statements")
    return int(bool(inconsistencies))


def materialized(
    files: Sequence[Path], look: Callable[[], None] = lambda: None, report: Progress | None = None
) -> Materialization:
    """Read files and reason over what they say together.

    :param look: is called while they are read, and may end that
    :param report: is told about each round
    :raises DataError: when a file cannot be read, or means nothing to a reasoner
    """
    reading = _Reading(files)
    try:
        return Materialization.of_statements(watched(reading, look), report)
    except InvalidTerm as error:
        path = reading.files_begun[-1]
        raise RdfSyntaxError(path, error.problem, line_of_object(path, error.term)) from error
    except MalformedAxiom as error:
        raise reading.located(error) from error


class _Reading:
    """The statements of some files, one file after the other, which remembers how many each has.

    :param files: what to read
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self._stops: list[int] = []
        #: The files that were opened; the statement that was given last is from the last of them.
        self.files_begun: list[Path] = []

    def __iter__(self) -> Iterator[Quad]:
        count = 0
        for path in self._files:
            self.files_begun.append(path)
            for statement in read_statements(path):
                yield statement
                count += 1
            self._stops.append(count)

    def located(self, error: MalformedAxiom) -> MalformedAxiom:
        """Return an error with the file that has the statement which shows it."""
        if error.place is None:
            return error
        path = self._files[bisect_right(self._stops, error.place)]
        return MalformedAxiom(f"{path}: {error.problem}", error.remedy, error.place)
