"""A worker's way to the stores elsewhere that answer in place of the embedded engine.

The web process says with each task which replica to ask (`server.evaluation.replicas`). A query is read by the embedded
engine's parser first: what it refuses never leaves, and the client is told the same as without a remote store.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Self

from pyoxigraph import QuerySolutions, Store

from kb.errors import (
    QueryError,
    RemoteCut,
    RemoteError,
    RemoteOther,
    RemoteTooLarge,
    RemoteUnreachable,
    RemoteWrongAnswer,
)
from kb.generations.generation import Generation
from kb.generations.manifest import Manifest
from kb.remote import evaluation
from kb.remote.access import open_client, read_credentials
from kb.remote.client import Client
from kb.remote.profiles import DefaultGraph
from kb.remote.record import Entry, State, read_publication
from kb.sparql.query import Result, evaluate
from kb.sparql.scan import Scanned
from server.config import ServerConfig
from server.evaluation.names import look_up_names

__all__ = ["Remote", "clients_of", "require_content"]

_NOBODY = "no store"
#: Most bytes of a reply for each byte that the result of a client may have: JSON says more of each term than CSV.
_WIDER = 2


def clients_of(config: ServerConfig, seconds: float) -> list[Client]:
    """Return a client for each replica, with the credentials of the environment; none connects before it is used.

    :param seconds: for a request
    """
    given = read_credentials()
    clients = [open_client(url, engine=config.engine, credentials=given, seconds=seconds) for url in config.endpoints]
    if config.default_graph:
        for client in clients:
            client.profile = replace(client.profile, default_graph=DefaultGraph(config.default_graph))
    return clients


def require_content(url: str, found: Entry | None, generation: str, *, unverified: bool) -> None:
    """Check that a store holds a generation and nothing else.

    :param found: what its record says, or None where it has none
    :param unverified: it need not have one
    :raises RemoteOther: if it does not
    """
    if found is None and not unverified:
        raise RemoteOther(url, "nothing that `kb publish` wrote")
    if found and found.state is not State.WHOLE:
        raise RemoteOther(url, "what is just being published")
    if found and found.digest != generation:
        raise RemoteOther(url, f"the generation {found.digest[:12]}")


class Remote:
    """The replicas, one of which is asked at a time.

    What they answer counts only if `confirm` finds afterwards that they hold the generation and nothing else: whoever
    publishes something else there takes that back before the first change (`kb.remote.record`).

    :param generation: what they should hold
    :param most_bytes: of the result of a client
    :param unverified: a store that says nothing of what it holds is trusted
    :ivar failure: the last error of a store since a replica was chosen, or None
    """

    def __init__(
        self, clients: Sequence[Client], generation: Manifest, most_bytes: int, *, unverified: bool = False
    ) -> None:
        self._clients = clients
        self._generation = generation.hash
        self._graphs = tuple(generation.sizes.named_graphs)
        self._unverified = unverified
        self._most_bytes = _WIDER * most_bytes
        self._chosen: Client | None = None
        self._was_asked = False
        self._empty = Store()
        self.failure: RemoteError | None = None

    @classmethod
    def of(cls, config: ServerConfig, generation: Generation) -> Self:
        """Return what a configuration says, for a generation."""
        clients = clients_of(config, config.limits.query_seconds)
        return cls(clients, generation.manifest, config.limits.result_bytes, unverified=config.unverified)

    def prepare(self) -> None:
        """Look up where the stores are, in a process that will be able to open no file: a worker."""
        look_up_names(self._clients)

    def choose(self, number: int) -> None:
        """Ask a replica from now on.

        :param number: of the replica, counted from 1; 0 for none
        """
        self._chosen = self._clients[number - 1] if 0 < number <= len(self._clients) else None
        self.failure = None
        self._was_asked = False

    def knows(self, name: str) -> bool:
        """Return whether the engine of the replica is not known to answer a stored query otherwise."""
        return self._chosen is None or name not in self._chosen.profile.known

    def confirm(self) -> None:
        """Check that the replica, if it was asked, still holds the generation and nothing else.

        :raises RemoteError: the last one since a replica was chosen, or because it does not
        """
        if self.failure:
            raise self.failure
        if self._was_asked and self._chosen:
            with self.reading():
                found = read_publication(self._chosen)
                require_content(self._chosen.addresses.query, found, self._generation, unverified=self._unverified)

    def ask(
        self,
        query: Scanned,
        *,
        base: str | None = None,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        most_rows: int | None = None,
    ) -> Result | None:
        """Return the result of a query, see `kb.sparql.query.evaluate`; read it within `reading`.

        None stands for a query that the engine of the replicas is known to answer wrongly.

        :param most_rows: the store may leave out all that come after so many and one more
        :raises QueryError: as the embedded engine does
        :raises RemoteError: when there is no whole result
        """
        expected = evaluate(self._empty, query, base=base)  # of nothing: this only reads the text
        if most_rows is not None and isinstance(expected, QuerySolutions):
            query = self._limited(query, base, most_rows + 1)
        with self.reading():
            if self._chosen is None:
                raise RemoteUnreachable(_NOBODY, "none can be asked now")
            self._was_asked = True
            try:
                ask = partial(
                    evaluation.evaluate,
                    self._chosen,
                    query,
                    base=base,
                    default_graphs=default_graphs,
                    named_graphs=named_graphs,
                    graphs=self._graphs,
                    most_bytes=self._most_bytes,
                )
                try:
                    result = ask()
                except RemoteUnreachable:  # a kept connection that the store has just closed, perhaps
                    result = ask()
            except QueryError:
                return None
            if _form(result) != _form(expected):
                raise RemoteWrongAnswer(self._chosen.addresses.query, "the result of another query")
            return result

    def _limited(self, query: Scanned, base: str | None, most: int) -> Scanned:
        """Return a query with a LIMIT of its own, unless it has one, or is one that cannot end so."""
        limited = Scanned(f"{query.text}\nLIMIT {most}")
        try:
            evaluate(self._empty, limited, base=base)
        except QueryError:
            return query
        return limited

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turn what comes up while a result is read, which no parser has seen whole before, into a `RemoteError`."""
        try:
            yield
        except (RemoteCut, RemoteTooLarge):
            raise
        except RemoteError as error:
            self.failure = error
            raise
        except (SyntaxError, ValueError, RuntimeError, OSError, QueryError) as error:
            url = self._chosen.addresses.query if self._chosen else _NOBODY
            self.failure = RemoteWrongAnswer(url, f"a result that cannot be read ({error})")
            raise self.failure from error


def _form(result: Result) -> frozenset[str] | type[Result]:
    """Return the columns of a table, or of which other kind a result is."""
    if isinstance(result, QuerySolutions):
        return frozenset(variable.value for variable in result.variables)
    return type(result)
