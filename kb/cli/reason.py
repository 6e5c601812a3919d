"""`kb reason`: what follows from any RDF files."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from pyoxigraph import Quad

from kb.cli.commands import FILE, ExampleCommand
from kb.cli.console import progress, say
from kb.cli.session import Session
from kb.errors import InvalidTerm, RdfSyntaxError
from kb.explain import statement_text
from kb.rdf.formats import format_of_file
from kb.rdf.reading import line_of_object, read_statements
from kb.reasoning import Materialization
from kb.reasoning.output import write

__all__ = ["reason"]


@click.command(
    cls=ExampleCommand,
    examples=["kb reason mine.ttl -o closed.ttl", "kb reason mine.ttl more.nq.gz -o inferred.nt.gz --inferred-only"],
)
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option(
    "-o", "--output", type=FILE, required=True, metavar="OUT", help="Where to write; its ending is the format."
)
@click.option("--inferred-only", is_flag=True, help="Write only what is not in the files.")
@click.pass_obj
def reason(_: Session, files: tuple[Path, ...], output: Path, inferred_only: bool) -> int:
    """Add to RDF files all that follows from them by OWL 2 RL, and say what contradicts itself in them.

    Any ontology, any data: Turtle, TriG, N-Triples, N-Quads, RDF/XML or JSON-LD, each also with .gz behind its ending.
    Named graphs are merged, imports are not followed. Exits with 1 where there is an inconsistency; OUT is written
    all the same.
    """
    format_of_file(output)
    with progress("Reasoning") as report:
        report("reading the files")
        being_read = [files[0]]
        try:
            materialization = Materialization.of_statements(
                _statements(files, being_read), lambda done, known: report(f"round {done}, {known:,} statements")
            )
        except InvalidTerm as error:
            (path,) = being_read
            raise RdfSyntaxError(path, error.problem, line_of_object(path, error.term)) from error
        report("looking for inconsistencies")
        inconsistencies = materialization.inconsistencies()
        report("writing")
        written = write(materialization, output, inferred_only=inferred_only)
    for inconsistency in inconsistencies:
        grounds = "".join(f"    {statement_text(triple)}\n" for triple in inconsistency.statements)
        say(f"{inconsistency.message} (rule {inconsistency.rule}):\n{grounds}".rstrip())
    say(f"{output}: {written:,} statements")
    return int(bool(inconsistencies))


def _statements(files: Sequence[Path], being_read: list[Path]) -> Iterator[Quad]:
    """Yield the statements of files; ``being_read`` holds the file that they come from."""
    for path in files:
        being_read[:] = [path]
        yield from read_statements(path)
