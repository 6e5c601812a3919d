"""`kb build`: the generation of the files as they are."""

from pathlib import Path

import click

from kb.cli.commands import FOLDER, ExampleCommand
from kb.cli.console import deliver, is_terminal, progress, say
from kb.cli.session import Session
from kb.cli.tables import size_table
from kb.generation import build as build_generation

__all__ = ["build"]


@click.command(cls=ExampleCommand, examples=["kb build", "kb build --out /srv/ammtc"])
@click.option("--out", type=FOLDER, metavar="DIR", help="Where generations are kept; instead of --build-dir.")
@click.pass_obj
def build(session: Session, out: Path | None) -> None:
    """Load, reason, validate, write the store and the dumps; print how much they hold.

    The generation appears whole or not at all, and the one before it stays. Nothing is done when there is one of the
    files as they are.
    """
    with progress("Building") as report:
        generation = build_generation(session.project, out or session.generations, report)
    deliver(size_table(generation, terminal=is_terminal()))
    say(f"Built in {generation.folder}")
