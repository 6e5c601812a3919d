"""`kb query`: a stored question, a file or a text, on the built graph or on any RDF files."""

import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import click
from pyoxigraph import DefaultGraph, QueryBoolean, QuerySolutions, QueryTriples, Store

from kb.cli.commands import DEFAULT_GRAPH, FILE, ExampleCommand, is_union
from kb.cli.console import deliver, is_terminal, progress, say
from kb.cli.session import Session
from kb.cli.tables import result_table
from kb.errors import KbError, UsageError
from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS
from kb.rdf.reading import load_files, unite
from kb.sparql.labels import labels
from kb.sparql.query import evaluate, serialize
from kb.sparql.questions import decode_query, find_question, load_questions, read_query

__all__ = ["query"]

_TABLE = "table"
#: Words with which a query asks named graphs.
_DATASET = re.compile(r"\b(?:graph|from)\b", re.IGNORECASE)
_FORMATS = (*RESULT_FORMATS, *RDF_FORMATS, _TABLE)
_DATA_HELP = (
    "Query this RDF file instead of the graph; may be repeated. Numbers, truth values and times come back by "
    "value: see 'What the engine changes' in docs/serving.md."
)
_FORMATS_HELP = (
    f"{', '.join(RESULT_FORMATS)} or {_TABLE} for rows; {', '.join(RDF_FORMATS)} for the graph of a CONSTRUCT or "
    "DESCRIBE. Without: a table on a terminal, CSV in a pipe, Turtle for a graph."
)
_STACK = 512 * 1024 * 1024  # bytes; the engine needs about 5 KiB for each level of nesting

T = TypeVar("T")


@click.command(
    cls=ExampleCommand,
    examples=[
        "kb query --list",
        'kb query -e "SELECT ?meeting { ?meeting a ammtc:MinisterialMeeting }"',
        "kb query my.rq --data mine.ttl --data more.nq.gz --format json",
    ],
)
@click.argument("name", required=False, metavar="[NAME|FILE.rq]")
@click.option("-e", "--execute", "text", metavar="TEXT", help="The query itself.")
@click.option("--data", type=FILE, multiple=True, metavar="FILE", help=_DATA_HELP)
@DEFAULT_GRAPH
@click.option("--format", "format_name", type=click.Choice(_FORMATS), metavar="FORMAT", help=_FORMATS_HELP)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Write to a file.")
@click.option("--list", "list_", is_flag=True, help="List the stored questions.")
@click.pass_obj
def query(  # noqa: PLR0913  one parameter an option
    session: Session,
    *,
    name: str | None,
    text: str | None,
    data: tuple[Path, ...],
    default_graph: str | None,
    format_name: str | None,
    output: Path | None,
    list_: bool,
) -> None:
    """Run a stored question, a query in a file (- is standard input) or the text behind -e.

    The prefixes of the project need no declaration. docs/engine.md says where results differ from SPARQL 1.1, and what
    to write instead: GROUP_CONCAT(STR(?x)) for IRIs and numbers, for example.
    """
    if list_:
        deliver("".join(f"{question.name}\t{question.title}\n" for question in load_questions(session.project)))
        return
    sparql = _text(session, name, text)
    union = is_union(default_graph, data)
    with progress("Loading"):
        store = _load(data, sparql, union=union) if data else session.generation().store()
    _let_ctrl_c_end_the_process()
    deliver(_with_deep_stack(lambda: _answer(store, sparql, format_name, to_file=output is not None)), output)


def _text(session: Session, name: str | None, text: str | None) -> str:
    """Return the query that is asked for in one of three ways."""
    if (name is None) == (text is None):
        raise UsageError(
            "There must be one query", "Name a question (`kb query --list`), a file, or write it behind -e"
        )
    if name is None:
        return text or ""
    if name == "-":
        return decode_query(sys.stdin.buffer.read(), "standard input")
    return read_query(Path(name)) if name.endswith(".rq") or "/" in name else find_question(session.project, name).text


def _load(data: Sequence[Path], sparql: str, *, union: bool) -> Store:
    """Return a store of files; tell who asks a default graph in which there is nothing."""
    store = load_files(data)
    if union:
        unite(store)
    elif not _DATASET.search(sparql) and any(store.named_graphs()) and not _has_default_graph(store):
        say("kb: The default graph of the files is empty. Ask with GRAPH or FROM, or give --default-graph union.")
    return store


def _has_default_graph(store: Store) -> bool:
    return any(True for _ in store.quads_for_pattern(None, None, None, DefaultGraph()))


def _answer(store: Store, sparql: str, format_name: str | None, *, to_file: bool) -> bytes:
    result, terminal = evaluate(store, sparql), is_terminal() and not to_file
    default = "turtle" if isinstance(result, QueryTriples) else _TABLE if terminal else "csv"
    chosen = format_name or default
    if chosen == _TABLE and isinstance(result, QuerySolutions):
        return result_table(result, labels(store), terminal=terminal).encode()
    return serialize(result, "csv" if chosen == _TABLE and isinstance(result, QueryBoolean) else chosen)


def _let_ctrl_c_end_the_process() -> None:
    """Restore the default SIGINT action: Python's handler would only run after the query finishes.

    Nothing is being written meanwhile. A process that was started with the signal ignored keeps ignoring it.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _with_deep_stack(work: Callable[[], T]) -> T:
    """Return what a function returns; a deeply nested query would overflow the stack of the main thread."""

    def guarded() -> T:
        try:
            return work()
        except KbError as error:
            traceback.clear_frames(error.__traceback__)  # a result must not outlive the thread that it belongs to
            raise

    threading.stack_size(_STACK)
    with ThreadPoolExecutor(max_workers=1) as executor:
        return executor.submit(guarded).result()
