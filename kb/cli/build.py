"""`kb build`: the generation of the files as they are."""

from pathlib import Path

import click

from kb.checks import Context, run_checks
from kb.checks.findings import render
from kb.cli.commands import FOLDER, REASONER, ExampleCommand
from kb.cli.console import deliver, is_terminal, progress, say
from kb.cli.session import Session
from kb.cli.tables import size_table
from kb.generations.build import Knowledge
from kb.generations.build import build as build_generation

__all__ = ["build"]


@click.command(cls=ExampleCommand, examples=["kb build", "kb build --out /srv/ammtc"])
@click.option("--out", type=FOLDER, metavar="DIR", help="Where generations are kept; instead of --build-dir.")
@click.option("--no-check", is_flag=True, help="Build although the checks find errors.")
@REASONER
@click.pass_obj
def build(session: Session, out: Path | None, no_check: bool, reasoner: str) -> int:
    """Load, reason, validate, write the store and the dumps; print how much they hold.

    The generation appears whole or not at all, and the one before it stays. Where `kb check` finds errors, nothing is
    written. A generation of the files as they are is not written again.
    """
    context, knowledge = Context(session.project, reasoner=reasoner), None
    with progress("Building") as report:
        if not no_check:
            findings = run_checks(context, report)
            if any(finding.severity == "error" for finding in findings):
                deliver(render(findings, "text", session.project.root))
                return 1
            knowledge = Knowledge(context.documents, context.inference)
        generation = build_generation(session.project, out or session.generations, report, reasoner, knowledge)
    deliver(size_table(generation, terminal=is_terminal()))
    say(f"Built in {generation.folder}")
    return 0
