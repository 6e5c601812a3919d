"""Publishing: a remote store is brought to the state of a generation, one graph after the other.

Only the graphs change whose content did, by the record in the store (`kb.remote.record`). Each is as it was or as it
is to be where the engine replaces a graph at once; all of them together are not. What queries without GRAPH see is
changed last, and graphs that the generation has no longer go after that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from kb.errors import ForeignData, RemoteError, RemoteRefused, Unpublished, UsageError
from kb.generations.generation import Generation
from kb.namespaces import PUBLICATION
from kb.remote.client import Client
from kb.remote.contents import GraphContent, read_contents
from kb.remote.patience import Patience
from kb.remote.profiles import DefaultGraph
from kb.remote.record import Entry, Record, State, count, is_union, open_record, read_record, write_entry
from kb.remote.transfer import is_replaced_at_once, remove_graph, replace_graph

__all__ = ["Action", "Change", "Publisher"]


class Action(StrEnum):
    """What happens to a graph of a store."""

    KEEP = "unchanged"
    ADD = "added"
    REPLACE = "replaced"
    MEND = "mended"
    REMOVE = "removed"


@dataclass(frozen=True)
class Change:
    """What happens to one graph.

    :param iri: its name; None for the store's own default graph
    :param held: statements that the store counts in it before
    :param content: what it is to hold; None where it is removed
    """

    iri: str | None
    action: Action
    held: int
    content: GraphContent | None

    @property
    def name(self) -> str:
        """The graph in words."""
        return "the default graph" if self.iri is None else self.iri


class Publisher:
    """One run: `plan` says what is to be done, `run` does it, and `standing` says at any time how far it is.

    :param default_graph: how the store gets its default graph; None for as its profile says, unless the store turns
        out to have the union of its named graphs by itself
    """

    def __init__(
        self,
        client: Client,
        generation: Generation,
        default_graph: DefaultGraph | None = None,
        report: Callable[[str], None] = lambda _: None,
        patience: Patience | None = None,
    ) -> None:
        self.default_graph = default_graph or client.profile.default_graph
        #: Whether the store shows the union of its named graphs by itself; None while that is not known.
        self.is_union: bool | None = None
        self._is_chosen = default_graph is not None
        self._client = client
        self._source = generation
        self._generation = generation.manifest.hash
        self._contents: Sequence[GraphContent] = ()
        self._report = report
        self._patience = patience or Patience(report=report)
        self._run = f"urn:uuid:{uuid4()}"
        self._all = self._done = 0
        self._current: Change | None = None
        self._record = Record()

    def plan(self, *, force: bool = False, everything: bool = False, writing: bool = True) -> list[Change]:
        """Return what happens to each graph that the generation has, or that an earlier publication wrote.

        :param force: replace a default graph that something else wrote
        :param everything: replace what seems unchanged too
        :param writing: begin the record, where there is none: only then it is known what default graph the store has
        :raises ForeignData: when there is one
        :raises UsageError: when the default graph is to be filled that is a union
        :raises RemoteError: when the store cannot be asked
        """
        self._report("asking the store what it holds")
        # The first request tells whether there is a store at all: only one that says that it is busy is asked again.
        self._record = self._patience.call(lambda: read_record(self._client), repeatable=False)
        begun = self._record.generation is not None
        try:
            if not begun and writing:
                self._open(State.WRITTEN)
            if begun or writing:
                self._settle_default_graph()
            return self._changes(force=force, everything=everything)
        except UsageError:
            if not begun and writing:
                remove_graph(self._client, PUBLICATION, self._patience)
            raise

    def is_current(self, changes: Sequence[Change]) -> bool:
        """Return whether there is nothing to do, and the record that was read for the plan says so."""
        entry = self._record.generation
        recorded = entry is not None and (entry.digest, entry.state) == (self._generation, State.WHOLE)
        return recorded and all(change.action is Action.KEEP for change in changes)

    def run(self, changes: Sequence[Change]) -> None:
        """Do what was planned.

        :raises Unpublished: when the store is not as it is to be; it says what is half done
        """
        try:
            self._open(State.WRITTEN)
            self._carry_out_all(changes)
            self._carry_out_all(self._lost())
            if any(change.action is not Action.KEEP for change in self._lost()):
                raise self._disturbed()
            self._open(State.WHOLE)
        except RemoteError as error:
            raise Unpublished(self._client.addresses.query, error, self.standing()) from error

    def standing(self) -> str:
        """Return in words how far the run is."""
        if not self._all:
            return "the store is as it was"
        done = f"{self._done} of {self._all} graphs are done"
        if self._current is None:
            return f"{done}, none is half done"
        if self._current.action is Action.REMOVE:
            state = "whole or gone"
        elif is_replaced_at_once(self._client):
            state = "as it was or as it is to be"
        else:
            state = "as it was, unless it was just being copied: then a part of it may be missing"
        return f"{done}; {self._current.name} is {state}"

    def _settle_default_graph(self) -> None:
        self.is_union = self._patience.call(lambda: is_union(self._client))
        if self.is_union and self.default_graph is DefaultGraph.FILLED:
            if self._is_chosen:
                problem = f"{self._client.addresses.query}: the store's default graph is the union of its named graphs"
                raise UsageError(problem, "Leave out --default-graph, or let the store have one of its own")
            self.default_graph = DefaultGraph.UNION

    def _changes(self, *, force: bool, everything: bool) -> list[Change]:
        if not self._contents:
            has_terms = self._client.profile.triple_terms
            self._contents = read_contents(self._source, self.default_graph, triple_terms=has_terms)
        known = self._record.graphs
        changes = [self._change(content, everything=everything) for content in self._contents]
        for change in changes:
            if change.iri is None and change.iri not in known and change.held and not force:
                raise ForeignData(self._client.addresses.query, change.held)
        gone = known.keys() - {content.iri for content in self._contents}
        return [*changes, *(Change(iri, Action.REMOVE, self._count(iri), None) for iri in sorted(gone, key=str))]

    def _change(self, content: GraphContent, *, everything: bool) -> Change:
        held = self._count(content.iri)
        entry = self._record.graphs.get(content.iri)
        if entry is None:
            action = Action.REPLACE if held else Action.ADD
        elif entry.state is not State.WHOLE or entry.triples != held:
            action = Action.MEND
        else:
            unchanged = entry.digest == content.digest and not everything
            action = Action.KEEP if unchanged else Action.REPLACE
        return Change(content.iri, action, held, content)

    def _carry_out_all(self, changes: Sequence[Change]) -> None:
        left = [change for change in changes if change.action is not Action.KEEP]
        self._all += len(left)
        for change in left:
            self._current = change
            self._report(f"{change.name} ({self._done + 1} of {self._all})")
            self._carry_out(change)
            self._current = None
            self._done += 1

    def _carry_out(self, change: Change) -> None:
        content = change.content
        if content is None:
            self._begin(change.iri, Entry("", 0, State.REMOVED))
            remove_graph(self._client, change.iri, self._patience)
            self._enter(change.iri, None)
        else:
            self._begin(change.iri, Entry(content.digest, 0, State.WRITTEN))
            held = replace_graph(self._client, content, self._patience)
            self._enter(change.iri, Entry(content.digest, held, State.WHOLE))

    def _begin(self, iri: str | None, entry: Entry) -> None:
        """Enter what is to happen to a graph, and see that it is entered, before the graph is touched."""
        self._enter(iri, entry)
        if self._read().graphs.get(iri) != entry:
            raise self._disturbed()

    def _lost(self) -> list[Change]:
        """Return what is to be done once more: a store that was killed may have lost what it had confirmed."""
        self._record = self._read()
        return self._changes(force=True, everything=False)

    def _read(self) -> Record:
        record = self._patience.call(lambda: read_record(self._client))
        if record.run != self._run:
            raise self._disturbed()
        return record

    def _disturbed(self) -> RemoteError:
        reason = "the record of what was published was not written by this run alone"
        return RemoteError(self._client.addresses.query, reason, "See that only one `kb publish` writes at a time")

    def _open(self, state: State) -> None:
        entry = Entry(self._generation, sum(len(content.statements) for content in self._contents), state)
        try:
            self._patience.call(lambda: open_record(self._client, entry, self._run))
        except RemoteRefused as error:
            if error.status in _NO_UPDATES:
                remedy = "Name its update endpoint with --update, and see that it may be written to"
                raise RemoteError(error.url, f"{error.reason} to an update", remedy) from error
            raise

    def _enter(self, iri: str | None, entry: Entry | None) -> None:
        self._patience.call(lambda: write_entry(self._client, iri, entry, self._run))

    def _count(self, iri: str | None) -> int:
        return self._patience.call(lambda: count(self._client, iri))


_NO_UPDATES = (400, 404, 405, 415, 501)
