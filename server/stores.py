"""What remote stores must be to be served: they hold the generation, and answer as the embedded engine does."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from kb.cli.console import deliver, is_terminal, progress
from kb.cli.session import Session
from kb.errors import DataError, RemoteError, UsageError, without_secrets
from kb.generations.generation import Generation
from kb.remote.access import open_client, read_credentials
from kb.remote.client import Client
from kb.remote.profiles import OTHER, find_profile
from kb.remote.record import read_record
from kb.remote.verify import settle
from kb.remote.verify import verify as verify_stores
from server.evaluation.remote import require_content
from server.verification import tables, trials

__all__ = ["Found", "find_stores"]

_log = logging.getLogger("server.stores")


@dataclass(frozen=True)
class Found:
    """What all stores have in common.

    :param engine: name of their profile
    :param default_graph: how they got their default graph
    """

    engine: str
    default_graph: str


def find_stores(
    session: Session,
    generation: Generation,
    urls: Sequence[str],
    engine: str,
    *,
    unverified: bool,
) -> Found:
    """Return what the stores are that a server is to ask, if they may be served.

    Those that cannot be reached now are left for later where there is another one; the log says so.

    :param engine: name of their profile, or "" for as they say
    :param unverified: what stands against them is logged, and no error
    :raises UsageError: when an address or the credentials cannot be used, or the stores are of several kinds
    :raises RemoteError: when none can be asked, or none holds the generation
    :raises DataError: when one answers otherwise; the table is on standard output then
    """
    with _clients(urls, engine, unverified=unverified) as clients:
        if not clients:
            return Found(engine or OTHER, find_profile(engine or OTHER).default_graph)
        holding = [client for client in clients if _holds(client, generation, unverified=unverified)]
        kinds = {(client.profile.name, client.profile.default_graph) for client in clients}
        if len(kinds) > 1:
            named = ", ".join(sorted(f"{name} ({graph})" for name, graph in kinds))
            raise UsageError(f"The stores are of several kinds: {named}", "Serve stores of one kind, published alike")
        _verify(session, generation, holding, unverified=unverified)
        ((name, default_graph),) = kinds
        return Found(name, default_graph)


@contextmanager
def _clients(urls: Sequence[str], engine: str, *, unverified: bool) -> Iterator[list[Client]]:
    """Yield clients of the stores that can be reached, each of which knows how its store got its default graph."""
    found: list[Client] = []
    failure: RemoteError | None = None
    given = read_credentials()
    with ExitStack() as stack:
        for url in urls:
            try:
                client = stack.enter_context(open_client(url, engine=engine, credentials=given))
                settle(client, read_record(client))
                found.append(client)
            except RemoteError as error:
                _log.error("%s", error.problem)
                failure = failure or error
        if not found and failure and not unverified:
            raise failure
        yield found


def _holds(client: Client, generation: Generation, *, unverified: bool) -> bool:
    """Return whether a store holds a generation; log it where it does not."""
    try:
        found = read_record(client).generation
        require_content(client.addresses.query, found, generation.manifest.hash, unverified=unverified)
    except RemoteError as error:
        _log.error("%s", error.problem)
        return False
    return True


def _verify(session: Session, generation: Generation, clients: Sequence[Client], *, unverified: bool) -> None:
    if not clients:
        if unverified:
            return
        problem = f"No store holds the generation {generation.manifest.hash[:12]}"
        raise DataError(problem, "Publish it with `kb publish`, or serve with --unverified")
    with progress("Verifying") as report:
        report("choosing what to ask")
        asked = trials(session, generation)
        reports = verify_stores(clients, generation, asked, report=report)
    if all(each.is_alike for each in reports):
        return
    if unverified:
        for each in reports:
            named = ", ".join(answer.trial.name for answer in each.differing) or each.unlike
            _log.warning("%s answers otherwise than the embedded engine: %s", without_secrets(each.url), named)
        return
    deliver(tables(reports, terminal=is_terminal()))
    problem = "The stores do not answer as the embedded engine does"
    raise DataError(problem, "See the table; --unverified serves them all the same, with these differences")
