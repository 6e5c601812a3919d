"""`kb fmt` and `kb index`: the canonical form of the files, and the files that are generated from them."""

from pathlib import Path

import click

from kb.cli.commands import FILE, ExampleCommand
from kb.cli.console import deliver, say
from kb.cli.session import Session
from kb.files.catalog import outdated, write_index
from kb.rdf.turtle import format_files

__all__ = ["fmt", "index"]


@click.command(cls=ExampleCommand, examples=["kb fmt", "kb fmt --check graph/nst-2025-09-12.ttl"])
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change and exit with 1.")
@click.argument("files", nargs=-1, type=FILE, metavar="[FILE]...")
@click.pass_obj
def fmt(session: Session, files: tuple[Path, ...], check: bool) -> int:
    """Bring Turtle files, or those in a folder, into the canonical form; all of the project where none is named."""
    changed = format_files(files or session.project.turtle_files(), check=check)
    return _report(changed, "kb fmt" if check else None)


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
