"""`kb publish`: the generation on a store elsewhere, or as files for its bulk loader."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import click

from kb.cli.commands import FOLDER, ExampleCommand
from kb.cli.console import deliver, is_terminal, progress, say
from kb.cli.session import Session
from kb.cli.tables import text_table
from kb.errors import UsageError, without_secrets
from kb.remote.access import open_client, read_credentials
from kb.remote.bulk import bulk_engines, write_bulk_files
from kb.remote.client import Client
from kb.remote.patience import Patience
from kb.remote.profiles import DefaultGraph, profile_names
from kb.remote.publish import Action, Change, Publisher

__all__ = ["publish"]

_HELP = """Bring a SPARQL 1.1 store to the state of the graph; what is not built yet is built first.

URL is that of its query endpoint. Only the graphs are sent that changed: the store keeps a record of what it holds,
in the graph graph:publication. A run that was interrupted is finished by the next one.

The environment says who writes: KB_STORE_USER and KB_STORE_PASSWORD, or KB_STORE_TOKEN.
"""


@click.command(
    cls=ExampleCommand,
    help=_HELP,
    examples=[
        "kb publish http://localhost:7878/query --dry-run",
        "kb publish http://localhost:8890/sparql --user publisher",
        "kb publish --files load/ --engine qlever",
    ],
)
@click.argument("url", required=False)
@click.option("--update", default="", metavar="URL", help="Its update endpoint, if not the engine's usual one.")
@click.option("--graph-store", default="", metavar="URL", help="Its graph store, if not the engine's usual one.")
@click.option(
    "--engine",
    type=click.Choice(sorted({*profile_names(), *bulk_engines()})),
    metavar="NAME",
    help=f"What it is, unless it says so: {', '.join(profile_names())}.",
)
@click.option("--user", default="", metavar="NAME", help="Instead of KB_STORE_USER.")
@click.option(
    "--default-graph",
    type=click.Choice([choice.value for choice in DefaultGraph]),
    help="Fill the store's own, rely on its union of all named graphs, or fill a named one; else as its engine needs.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(1, 86400),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="For each request.",
)
@click.option("--all", "everything", is_flag=True, help="Send what seems unchanged too.")
@click.option("--force", is_flag=True, help="Replace a default graph that something else wrote.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--files", type=FOLDER, metavar="DIR", help="Write a folder for the engine's bulk loader instead.")
@click.pass_obj
def publish(  # noqa: PLR0913  one parameter an option
    session: Session,
    *,
    url: str | None,
    update: str,
    graph_store: str,
    engine: str | None,
    user: str,
    default_graph: str | None,
    timeout: float,
    everything: bool,
    force: bool,
    dry_run: bool,
    files: Path | None,
) -> None:
    """Bring a SPARQL 1.1 store to the state of the graph, or write files for its bulk loader."""
    chosen = DefaultGraph(default_graph) if default_graph else None
    if files is not None:
        _write_files(session, files, url, engine, chosen)
        return
    if url is None:
        raise UsageError("No store is named", "Give the URL of its query endpoint, or --files with a folder")
    credentials = read_credentials(user)
    with open_client(
        url,
        update=update,
        graph_store=graph_store,
        engine=engine or "",
        credentials=credentials,
        seconds=timeout,
    ) as client:
        _publish(session, client, chosen, everything=everything, force=force, dry_run=dry_run)


def _publish(  # noqa: PLR0913  the options
    session: Session,
    client: Client,
    default_graph: DefaultGraph | None,
    *,
    everything: bool,
    force: bool,
    dry_run: bool,
) -> None:
    generation = session.generation()
    started = time.monotonic()
    with progress(f"Publishing to {client.profile.title}") as report:
        patience = Patience(report=report if sys.stderr.isatty() else lambda words: say(f"kb: {words}"))
        publisher = Publisher(client, generation, default_graph, report, patience)
        try:
            changes = publisher.plan(force=force, everything=everything, writing=not dry_run)
            is_current = publisher.is_current(changes)
            if not dry_run and not is_current:
                publisher.run(changes)
        except KeyboardInterrupt:
            say(f"kb: interrupted; {publisher.standing()}. Run `kb publish` again, which goes on there.")
            raise
    deliver(_table(changes))
    shown, short = without_secrets(client.addresses.query), generation.manifest.hash[:12]
    _warn(publisher)
    if dry_run:
        say(f"Nothing was written to {shown}, which is taken for {client.profile.title}")
        return
    done = "holds generation" if is_current else "was brought to generation"
    say(f"{shown} {done} {short} in {time.monotonic() - started:.1f} s; check its answers with: kb verify {shown}")


def _warn(publisher: Publisher) -> None:
    if publisher.default_graph is DefaultGraph.UNION and publisher.is_union is False:
        say(
            "kb: the store does not show the union of its named graphs: queries without GRAPH find nothing there until "
            "it is told to, or until it is published to with --default-graph filled"
        )


def _table(changes: Iterable[Change]) -> str:
    """Return what happens to each graph; what is unchanged takes one line."""
    rows: list[tuple[str, ...]] = []
    kept = [change for change in changes if change.action is Action.KEEP]
    for change in changes:
        if change.action is not Action.KEEP:
            content = change.content
            size = f"{len(content.body()) / 1024:,.0f}" if content else ""
            statements = f"{len(content.statements):,}" if content else ""
            rows.append((change.name, change.action, f"{change.held:,}", statements, size))
    if kept:
        held = f"{sum(change.held for change in kept):,}"
        rows.append((f"{len(kept)} graph{'s' * (len(kept) > 1)}", Action.KEEP, held, held, "0"))
    return text_table(("graph", "", "statements before", "after", "KiB sent"), rows, terminal=is_terminal())


def _write_files(
    session: Session, folder: Path, url: str | None, engine: str | None, default_graph: DefaultGraph | None
) -> None:
    if url is not None:
        raise UsageError("A store and --files are named", "Leave out the one or the other")
    if engine not in bulk_engines():
        raise UsageError("--files needs the engine that is to load them", f"Add --engine {'|'.join(bulk_engines())}")
    with progress("Writing") as report:
        write_bulk_files(session.generation(), folder, engine, default_graph, report)
    say(f"Written to {folder}; {folder / 'README.md'} says what to run there")
