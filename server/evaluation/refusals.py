"""What is refused before the engine sees a query: updates, and graphs that are not in the dataset.

The engine takes a graph that it has not for an empty one; a client that writes ``FROM <http://…>`` expects the graph to
be fetched, and would take the empty answer for the truth. SPARQL 1.1 Query, section 13.2
(https://www.w3.org/TR/sparql11-query/#specifyingDataset). SERVICE is refused by `kb.sparql.query` itself.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from pyoxigraph import NamedNode, Store

from kb.namespaces import PREFIXES
from kb.sparql.scan import Token, tokenize
from server.evaluation.messages import Task
from server.problems import Problem

__all__ = ["Dataset", "read_dataset", "refuse_unknown_graphs", "refuse_updates"]

_QUERIES = ("select", "ask", "construct", "describe")
_UPDATES = ("insert", "delete", "load", "clear", "create", "drop", "copy", "move", "add", "with")
_UCHAR = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")  # [SPARQL 1.1 Query, section 19.2]


def refuse_updates(text: str) -> None:
    """Check that the first operation in a text is a query.

    :raises Problem: 403, with the operation named
    """
    for token in tokenize(text):
        if token.is_word(*_UPDATES):
            detail = f"This endpoint is read-only: {token.text.upper()} is refused"
            raise Problem("read-only", detail, "Send a SELECT, ASK, CONSTRUCT or DESCRIBE query")
        if token.kind not in ("word", "name", "iri") or token.is_word(*_QUERIES):
            return


@dataclass(frozen=True)
class Dataset:
    """The graphs that a request names for its dataset.

    :param default: IRIs of those whose merge is the default graph
    :param named: IRIs of the named ones
    :param clause: where they are named, for messages
    """

    default: tuple[str, ...]
    named: tuple[str, ...]
    clause: str


def read_dataset(task: Task) -> Dataset | None:
    """Return the dataset that a task names, else that its query names; None for the store's own."""
    if task.default_graphs is not None or task.named_graphs is not None:
        return Dataset(task.default_graphs or (), task.named_graphs or (), "graph parameter")
    clauses = list(_from_clauses(task.query, task.base))
    default, named = (tuple(iri for iri, is_named in clauses if is_named is wanted) for wanted in (False, True))
    return Dataset(default, named, "FROM") if clauses else None


def refuse_unknown_graphs(store: Store, dataset: Dataset) -> None:
    """Check that the store has every graph of a dataset.

    :raises Problem: 400, with the graph named
    """
    for iri in (*dataset.default, *dataset.named):
        if not _has_graph(store, iri):
            raise Problem(
                "unknown-graph",
                f"{dataset.clause} <{iri}>: this dataset has no such graph, and none is fetched from elsewhere",
                "Name one of the graphs in the service description",
            )


def _has_graph(store: Store, iri: str) -> bool:
    try:
        return store.contains_named_graph(NamedNode(iri))
    except ValueError:
        return False


def _from_clauses(query: str, base: str) -> Iterator[tuple[str, bool]]:
    """Yield the graphs of the clauses FROM, and whether it is FROM NAMED."""
    if "from" not in query.lower():
        return
    tokens = list(tokenize(query))
    prefixes, base = _prologue(tokens, base)
    for position, token in enumerate(tokens):
        if token.is_word("from"):
            following = tokens[position + 1 : position + 3]
            is_named = bool(following) and following[0].is_word("named")
            names = following[1:] if is_named else following[:1]
            yield from ((_resolve(name, prefixes, base), is_named) for name in names if name.kind in ("iri", "name"))


def _prologue(tokens: Sequence[Token], base: str) -> tuple[Mapping[str, str], str]:
    prefixes = dict(PREFIXES)
    for position, token in enumerate(tokens):
        if token.is_word("prefix") and position + 2 < len(tokens):
            name, iri = tokens[position + 1 : position + 3]
            prefixes[name.text.removesuffix(":")] = _resolve(iri, prefixes, base)
        elif token.is_word("base") and position + 1 < len(tokens):
            base = _resolve(tokens[position + 1], prefixes, base)
        elif token.is_word(*_QUERIES):
            break
    return prefixes, base


def _resolve(token: Token, prefixes: Mapping[str, str], base: str) -> str:
    if token.kind == "iri":
        return urljoin(base, _UCHAR.sub(_character, token.text[1:-1]))
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, f"{prefix}:") + re.sub(r"\\(.)", r"\1", local)


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code <= sys.maxunicode else escape[0]
