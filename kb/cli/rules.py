"""`kb rules`: the rules of the reasoner, compiled for an ontology, for other stores."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from pyoxigraph import NamedNode

from kb.cli.commands import FILE, ExampleCommand
from kb.cli.console import deliver, progress
from kb.cli.session import Session
from kb.errors import UsageError
from kb.namespaces import INFERRED

if TYPE_CHECKING:
    from kb.reasoning import Materialization

__all__ = ["rules"]


@click.command(
    cls=ExampleCommand,
    examples=["kb rules --sparql -o rules.ru", "kb rules --sparql mine.ttl --graph urn:mine:inferred -o rules.ru"],
)
@click.argument("files", nargs=-1, type=FILE, metavar="[FILE]...")
@click.option("--sparql", is_flag=True, required=True, help="As updates of SPARQL 1.1.")
@click.option("--graph", metavar="IRI", default=INFERRED, show_default=True, help="The graph of what follows.")
@click.option(
    "--rounds", type=click.IntRange(1), default=1, show_default=True, help="How often one request applies the rules."
)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Write to a file.")
@click.pass_obj
def rules(  # noqa: PLR0913  an option each
    session: Session, *, files: tuple[Path, ...], sparql: bool, graph: str, rounds: int, output: Path | None
) -> None:
    """Write the OWL 2 RL rules, compiled for an ontology, for stores that are fed without kb.

    The ontology is the project's, or what the FILEs say together. What is written is one request, which its first lines
    say how to run: again and again until nothing is added. Then the graph of what follows has what `kb build` infers.
    """
    del sparql  # the only form so far
    try:
        NamedNode(graph)
    except ValueError as error:
        raise UsageError(f"{graph!r} is no IRI", "Name a graph by an absolute IRI") from error
    with progress("Compiling the rules"):
        from kb.cli.reason import materialized  # noqa: PLC0415  `kb rules --help` needs no reasoner

        ontology = materialized(files) if files else _of_project(session)
        content = ontology.updates(graph, rounds)
    deliver(content, output)


def _of_project(session: Session) -> "Materialization":
    from kb.files.documents import load_documents, named_graphs  # noqa: PLC0415  as above
    from kb.reasoning import Materialization  # noqa: PLC0415

    documents = load_documents(session.project)
    return Materialization.of_statements(named_graphs(document for document in documents if document.is_schema))
