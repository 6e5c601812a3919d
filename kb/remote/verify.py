"""Whether a remote store answers as the embedded engine does: each question is asked both, and the rows compared."""

import gzip
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kb.errors import KbError, RemoteWrongAnswer
from kb.generations.dumps import REIFIED
from kb.generations.generation import Generation
from kb.namespaces import DEFAULT_GRAPH, JUSTIFICATIONS
from kb.remote.cases import CASES_GRAPH, Case, case_statements, load_cases
from kb.remote.client import Client
from kb.remote.comparison import Rows, difference, read_rows
from kb.remote.evaluation import evaluate
from kb.remote.profiles import DefaultGraph
from kb.remote.record import Record, State, count, read_record
from kb.sparql import query as embedded
from kb.sparql.annotations import in_sparql_1_1
from kb.sparql.scan import Scanned

__all__ = ["Answer", "Kind", "Outcome", "Report", "Trial", "settle", "verify"]

#: Questions under way at a store at a time.
_AT_ONCE = 4


class Kind(StrEnum):
    """Where a question comes from."""

    QUESTION = "question"
    PAGE = "page"
    CASE = "case"


class Outcome(StrEnum):
    """How a store answers."""

    ALIKE = "alike"
    DIFFERENT = "different"
    #: There is no answer, but an error.
    NOT_AT_ALL = "not at all"
    #: It was not asked: it needs a graph of its own, and nothing may be written.
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Trial:
    """A question for both engines.

    :param name: unique in its kind
    """

    kind: Kind
    name: str
    text: str


@dataclass(frozen=True)
class Answer:
    """How a store answers a question.

    :param words: the first row that differs, or the error, or ""
    :param cause: of a difference that is known of the engine, or ""
    :param seconds: until the whole answer was there
    """

    trial: Trial
    outcome: Outcome
    words: str = ""
    cause: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Report:
    """What came out for one store.

    :param url: of its query endpoint
    :param engine: title of its profile
    :param unlike: why it does not hold the generation, or ""; nothing is asked then
    :param answers: in the order of the trials
    :param changed: a literal as the store gives it -> as the embedded engine does; one of each datatype
    """

    url: str
    engine: str
    unlike: str = ""
    answers: tuple[Answer, ...] = ()
    changed: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_alike(self) -> bool:
        """Whether the store can be used in place of the embedded engine, but for what is known to differ."""
        return not self.unlike and not self.differing

    @property
    def differing(self) -> tuple[Answer, ...]:
        """The answers that differ, or are missing, for no known cause."""
        fine = (Outcome.ALIKE, Outcome.NOT_ASKED)
        return tuple(answer for answer in self.answers if answer.outcome not in fine and not answer.cause)

    def number(self, kind: Kind, *outcomes: Outcome) -> int:
        """Return the number of answers of a kind, of all or of some outcomes."""
        return sum(a.trial.kind is kind and (not outcomes or a.outcome in outcomes) for a in self.answers)


def verify(  # noqa: PLR0913  what is asked, whom, and how
    clients: Sequence[Client],
    generation: Generation,
    trials: Iterable[Trial],
    *,
    writing: bool = False,
    seconds: float = 60.0,
    report: Callable[[str], None] = lambda _: None,
) -> list[Report]:
    """Return how stores answer some questions and the cases of `kb.remote.cases`.

    :param trials: the answers of the embedded engine are computed once for all stores
    :param writing: cases may write a graph of their own, which is removed afterwards
    :param seconds: for each question
    :param report: is told what is being done
    :raises RemoteError: when a store cannot be reached at all
    """
    given = tuple(trials)
    expected = _Expected(generation, report)
    return [_Verification(client, expected, seconds, report).run(given, writing=writing) for client in clients]


def settle(client: Client, record: Record) -> None:
    """Let a client know how its store was given its default graph, as the record of what was published says."""
    graphs = record.graphs
    for iri, found in (
        (None, DefaultGraph.FILLED),
        (DEFAULT_GRAPH, DefaultGraph.NAMED),
        (JUSTIFICATIONS, DefaultGraph.UNION),
    ):
        if iri in graphs and client.profile.default_graph is not found:
            client.profile = replace(client.profile, default_graph=found)


class _Expected:
    """The answers of the embedded engine, with triple terms and without."""

    def __init__(self, generation: Generation, report: Callable[[str], None]) -> None:
        self.generation = generation
        self._report = report
        self._stores: dict[bool, Store] = {}
        self._answers: dict[tuple[bool, Trial], Rows | KbError] = {}

    def store(self, *, triple_terms: bool) -> Store:
        """Return the store as a remote one is to hold it: each justification with a triple term or an rdf:Statement."""
        if triple_terms not in self._stores:
            self._stores[triple_terms] = self.generation.store() if triple_terms else self._reified()
        return self._stores[triple_terms]

    def answer(self, trial: Trial, *, triple_terms: bool) -> Rows | KbError:
        """Return the answer to a question, or the error."""
        key = triple_terms, trial
        if key not in self._answers:
            try:
                text = trial.text if triple_terms else in_sparql_1_1(Scanned(trial.text))
                self._answers[key] = read_rows(embedded.evaluate(self.store(triple_terms=triple_terms), text))
            except KbError as error:
                traceback.clear_frames(error.__traceback__)  # a result must not outlive the thread that it belongs to
                self._answers[key] = error
        return self._answers[key]

    def _reified(self) -> Store:
        quads = [*parse(gzip.decompress(self.generation.dumps[REIFIED].read_bytes()), RdfFormat.N_QUADS)]
        store = Store()
        store.bulk_extend(quad for quad in quads if quad.graph_name != NamedNode(JUSTIFICATIONS))
        store.bulk_extend(Quad(*quad.triple) for quad in quads)
        return store


class _Verification:
    """One store under test."""

    def __init__(self, client: Client, expected: _Expected, seconds: float, report: Callable[[str], None]) -> None:
        self._client = client
        self._expected = expected
        self._seconds = seconds
        self._report = report
        self._terms = client.profile.triple_terms
        self._store = expected.store(triple_terms=self._terms)
        self._graphs = tuple(str(name)[1:-1] for name in self._store.named_graphs())
        self._done = self._all = 0
        self._changed: dict[str, str] = {}

    def run(self, trials: Sequence[Trial], *, writing: bool) -> Report:
        """Ask all, some at a time."""
        url, engine = self._client.addresses.query, self._client.profile.title
        self._report(f"{engine}: does it hold the generation?")
        record = read_record(self._client)
        settle(self._client, record)
        if unlike := self._unlike(record):
            return Report(url, engine, unlike)
        cases = load_cases()
        self._all = len(trials) + len(cases)
        with ThreadPoolExecutor(_AT_ONCE) as executor:
            try:
                answers = [*executor.map(self._ask, trials)]
                with self._cases_graph(writing=writing) as has_graph:
                    answers += executor.map(partial(self._case, has_graph=has_graph), cases)
            finally:
                executor.shutdown(cancel_futures=True)
        return Report(url, engine, "", tuple(map(self._explained, answers)), self._changed)

    def _unlike(self, record: Record) -> str:
        """Return in words why the store does not hold the generation, or ""."""
        entry = record.generation
        ours = self._expected.generation.manifest.hash
        if entry is not None:
            if entry.digest != ours:
                return f"it holds the generation {entry.digest[:12]}, not {ours[:12]}; run `kb publish`"
            return "" if entry.state is State.WHOLE else "publishing was interrupted; run `kb publish` again"
        for name in self._graphs:
            number = sum(1 for _ in self._store.quads_for_pattern(None, None, None, NamedNode(name)))
            if (found := count(self._client, name)) != number:
                return f"<{name}> has {found:,} statements in place of {number:,}; run `kb publish`"
        return ""

    def _ask(self, trial: Trial) -> Answer:
        started = time.monotonic()
        theirs = self._theirs(trial.text)
        seconds = time.monotonic() - started
        return self._compared(trial, self._expected.answer(trial, triple_terms=self._terms), theirs, seconds)

    def _case(self, case: Case, *, has_graph: bool) -> Answer:
        trial = Trial(Kind.CASE, case.name, case.query)
        if case.needs_data and not has_graph:
            return Answer(trial, Outcome.NOT_ASKED)
        started = time.monotonic()
        theirs = self._theirs(case.query, (CASES_GRAPH,) if case.needs_data else None)
        return self._compared(trial, case.rows, theirs, time.monotonic() - started)

    def _theirs(self, query: str, graphs: Sequence[str] | None = None) -> Rows | KbError:
        """Return the answer of the store, or the error.

        :param graphs: that make up the default graph; None for that of the generation
        """
        try:
            known = self._graphs if graphs is None else graphs
            result = evaluate(self._client, query, default_graphs=graphs, graphs=known, seconds=self._seconds)
            return read_rows(result)
        except KbError as error:
            traceback.clear_frames(error.__traceback__)
            return error
        except (SyntaxError, ValueError) as error:  # rows are parsed while they are read
            traceback.clear_frames(error.__traceback__)
            return RemoteWrongAnswer(self._client.addresses.query, f"a result that cannot be read ({error})")
        finally:
            self._done += 1
            self._report(f"{self._client.profile.title}: {self._done} of {self._all} questions")

    def _compared(self, trial: Trial, ours: Rows | KbError, theirs: Rows | KbError, seconds: float) -> Answer:
        if isinstance(ours, KbError):
            return Answer(trial, Outcome.NOT_AT_ALL, f"the embedded engine: {ours.problem}", seconds=seconds)
        if isinstance(theirs, KbError):
            words = theirs.problem.removeprefix(f"{self._client.addresses.query}: ")
            return Answer(trial, Outcome.NOT_AT_ALL, words, seconds=seconds)
        for term, value in theirs.changed.items():
            self._changed.setdefault(term.rpartition("^^")[2], f"{term} for {value}")
        words = difference(ours, theirs, Scanned(trial.text))
        return Answer(trial, Outcome.DIFFERENT if words else Outcome.ALIKE, words, seconds=seconds)

    def _explained(self, answer: Answer) -> Answer:
        """Return an answer with the cause of its difference, where the profile has it."""
        if answer.outcome not in (Outcome.DIFFERENT, Outcome.NOT_AT_ALL):
            return answer
        known, name = self._client.profile.known, answer.trial.name
        return replace(answer, cause=known.get(name) or known.get(name.partition(" ")[0], ""))

    @contextmanager
    def _cases_graph(self, *, writing: bool) -> Iterator[bool]:
        """Write the graph of cases for a block, and yield whether it is there."""
        if not writing:
            yield False
            return
        drop = f"DROP SILENT GRAPH <{CASES_GRAPH}>"
        self._client.update(f"{drop} ;\nINSERT DATA {{ GRAPH <{CASES_GRAPH}> {{\n{case_statements()}}} }}")
        try:
            yield True
        finally:
            self._client.update(drop)
