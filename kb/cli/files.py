"""`kb fmt` and `kb index`: the canonical form of the files, and the files that are generated from them."""

from pathlib import Path
from typing import Literal

import click

from kb.cli.commands import FILE, ExampleCommand
from kb.cli.console import deliver, say
from kb.cli.session import Session
from kb.files.catalog import outdated, write_index
from kb.rdf.turtle import format_files

__all__ = ["fmt", "index"]


_COMMENTS_HELP = (
    "What becomes of comments, which the form does not have. refuse: a file with some is not written; annotate: each "
    "becomes an rdfs:comment of the subject that it stands at; drop. Those that Protégé writes always go."
)
_KEEP = " --comments annotate"


@click.command(
    cls=ExampleCommand,
    examples=["kb fmt", "kb fmt --check graph/nst-2025-09-12.ttl", "kb fmt --comments annotate mine.ttl"],
)
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change and exit with 1.")
@click.option("--comments", type=click.Choice(["refuse", "annotate", "drop"]), default="refuse", help=_COMMENTS_HELP)
@click.argument("files", nargs=-1, type=FILE, metavar="[FILE]...")
@click.pass_obj
def fmt(
    session: Session, *, files: tuple[Path, ...], check: bool, comments: Literal["refuse", "annotate", "drop"]
) -> int:
    """Bring Turtle files, or those in a folder, into the canonical form; all of the project where none is named.

    Files of the project get its prefixes; others keep their own that are in use.
    """
    ours = session.project.turtle_files()
    changes = format_files(files or ours, check=check, comments=comments, ours=ours)
    verb = "would lose" if check else "lost"
    for change in changes:
        if change.comments:
            say(f"kb: {change.path}: {verb} {change.comments_in_words}.")
        if change.prefixes:
            names = ", ".join(f"{prefix}:" for prefix in change.prefixes)
            say(f"kb: {change.path}: {verb} prefixes that nothing needs ({names}).")
    lossy = any(change.comments for change in changes)
    return _report([change.path for change in changes], f"kb fmt{_KEEP if lossy else ''}" if check else None)


@click.command(cls=ExampleCommand, examples=["kb index", "kb index --check"])
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change and exit with 1.")
@click.pass_obj
def index(session: Session, check: bool) -> int:
    """Generate graph/all.ttl, which imports everything, and the catalogs in which Protégé looks for imports."""
    changed = outdated(session.project) if check else write_index(session.project)
    return _report(changed, "kb index" if check else None)


def _report(changed: list[Path], remedy: str | None) -> int:
    """Name the files that changed; where they were only looked at, tell what would change them and return 1."""
    deliver("".join(f"{path}\n" for path in changed))
    if remedy and changed:
        say(f"kb: {len(changed)} of the files are not as they should be. Run `{remedy}`.")
        return 1
    return 0
