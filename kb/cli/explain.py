"""`kb explain`: why a statement holds."""

import click

from kb.cli.commands import ExampleCommand
from kb.cli.console import deliver
from kb.cli.session import Session
from kb.explain import FORMATS, assertions, find_proof, find_statement, render, render_missing
from kb.files.documents import load_documents, named_graphs
from kb.reasoning import Materialization

__all__ = ["explain"]


@click.command(
    cls=ExampleCommand,
    examples=['kb explain "Viet Nam" a foaf:Agent', "kb explain id:viet-nam a foaf:Agent --format json"],
)
@click.argument("subject", metavar="S")
@click.argument("predicate", metavar="P")
@click.argument("value", metavar="O")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="Of the proof.")
@click.pass_obj
def explain(session: Session, subject: str, predicate: str, value: str, form: str) -> int:
    """Say why a statement holds: the steps of inference down to asserted statements, each with its evidence.

    S, P and O are IRIs, CURIEs or names; P may be "a", O a literal in quotation marks. The proof is the one that
    needs the fewest rounds. Of one that does not follow it says what is missing nearest to it, and exits with 1.
    """
    generation = session.generation()
    statement = find_statement(generation.store(), (subject, predicate, value))
    if (proof := find_proof(generation, statement)) is None:
        materialization = Materialization.of_statements(named_graphs(load_documents(session.project)))
        proof = materialization.prove(statement)  # one of those that are not written, being trivial or too many
        if proof is None:
            deliver(render_missing(statement, materialization.missing(statement)))
            return 1
    deliver(render(proof, assertions(generation, proof.asserted()), form))
    return 0
