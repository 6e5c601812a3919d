"""What is refused before the engine sees a query: updates, and graphs that are not in the dataset.

The engine takes a graph that it has not for an empty one; a client that writes ``FROM <http://…>`` expects the graph to
be fetched, and would take the empty answer for the truth. SPARQL 1.1 Query, section 13.2
(https://www.w3.org/TR/sparql11-query/#specifyingDataset). SERVICE is refused by `kb.query` itself.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urljoin

from pyoxigraph import NamedNode, Store

from kb.namespaces import PREFIXES
from kb.sparql_scan import Token, tokenize
from server.errors import Problem
from server.messages import Task

__all__ = ["refuse_unknown_graphs", "refuse_updates"]

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


def refuse_unknown_graphs(store: Store, task: Task) -> None:
    """Check that the store has every graph that the task or its query names for the dataset.

    :raises Problem: 400, with the graph named
    """
    given = (task.default_graphs, task.named_graphs)
    if given == (None, None):
        clause, graphs = "FROM", _from_clauses(task.query, task.base)
    else:
        clause, graphs = "graph parameter", (iri for iris in given for iri in iris or ())
    for iri in graphs:
        if not _has_graph(store, iri):
            raise Problem(
                "unknown-graph",
                f"{clause} <{iri}>: this dataset has no such graph, and none is fetched from elsewhere",
                "Name one of the graphs in the service description",
            )


def _has_graph(store: Store, iri: str) -> bool:
    try:
        return store.contains_named_graph(NamedNode(iri))
    except ValueError:
        return False


def _from_clauses(query: str, base: str) -> Iterator[str]:
    if "from" not in query.lower():
        return
    tokens = list(tokenize(query))
    prefixes, base = _prologue(tokens, base)
    for position, token in enumerate(tokens):
        if token.is_word("from"):
            following = tokens[position + 1 : position + 3]
            named = following[1:] if following and following[0].is_word("named") else following
            yield from (_resolve(name, prefixes, base) for name in named[:1] if name.kind in ("iri", "name"))


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
