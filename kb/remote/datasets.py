"""The dataset of a query on a remote store: the graphs of the generation, and nothing else that the store holds.

SPARQL 1.1 Protocol, section 2.1.4 (https://www.w3.org/TR/sparql11-protocol/#dataset): the parameters default-graph-uri
and named-graph-uri win over FROM and FROM NAMED, which are therefore taken out of the text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from kb.errors import QuerySyntaxError, UnknownName
from kb.namespaces import DEFAULT_GRAPH, JUSTIFICATIONS, PUBLICATION
from kb.remote.profiles import DefaultGraph, Profile
from kb.sparql.scan import DatasetClause, Scanned

__all__ = ["Asked", "overlap_question", "select_dataset"]

#: A graph that no store has: an empty default graph, or none to name, has to be said with the name of one.
_EMPTY = "urn:x-empty:graph"


@dataclass(frozen=True)
class Asked:
    """What to send.

    :param text: the query, without clauses about its dataset
    :param default: IRIs of the graphs that make up the default graph; () for the store's own
    :param named: IRIs of the named graphs; () for all
    :param chosen: the request or the query names graphs
    """

    text: str
    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    chosen: bool = False


def select_dataset(  # noqa: PLR0913  the query, and each parameter of the protocol
    query: Scanned,
    profile: Profile,
    graphs: Sequence[str] | None,
    *,
    base: str | None = None,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
) -> Asked:
    """Return a query with its dataset.

    :param graphs: IRIs of the named graphs of the generation; None where they are not known
    :param default_graphs: of the request, or None; then the query's own clauses count
    :param named_graphs: likewise
    :raises UnknownName: when a graph is named that the generation does not have
    :raises QuerySyntaxError: see `Scanned.dataset`
    """
    if default_graphs is None and named_graphs is None:
        dataset = query.dataset(base or "")
    else:
        dataset = DatasetClause(tuple(default_graphs or ()), tuple(named_graphs or ()))
    if dataset is not None:
        for iri in (*dataset.default, *dataset.named):
            if graphs is not None and iri not in graphs:
                raise UnknownName("graph", iri, tuple(graphs))
        default = tuple(dict.fromkeys(dataset.default)) or (_EMPTY,)
        return Asked(_without_clauses(query), default, dataset.named or (_EMPTY,), chosen=True)
    if profile.default_graph is DefaultGraph.NAMED:
        return Asked(query.text, (DEFAULT_GRAPH,), tuple(graphs or ()))
    hidden = (PUBLICATION,) if profile.default_graph is DefaultGraph.FILLED else (PUBLICATION, JUSTIFICATIONS)
    return Asked(_hiding(query, hidden))


def overlap_question(graphs: Sequence[str]) -> str:
    """Return a query that asks whether two graphs have a triple in common, which their merge has once."""
    pairs = (f"{{ GRAPH <{a}> {{ ?s ?p ?o }} GRAPH <{b}> {{ ?s ?p ?o }} }}" for a, b in combinations(graphs, 2))
    return f"ASK {{ {' UNION '.join(pairs)} }}"


def _without_clauses(query: Scanned) -> str:
    """Return the text without FROM and FROM NAMED; a graph may be called by any of these words, but not here."""
    tokens, parts, end = query.tokens, [], 0
    for place, token in enumerate(tokens):
        if token.is_word("from") and place + 1 < len(tokens):
            last = tokens[min(place + 1 + tokens[place + 1].is_word("named"), len(tokens) - 1)]
            parts.append(query.text[end : token.start])
            end = last.start + len(last.text)
    return "".join([*parts, query.text[end:]])


def _hiding(query: Scanned, graphs: Sequence[str]) -> str:
    """Return the text with each ``GRAPH ?g { … }`` in a group of its own, where ``?g`` is none of some graphs.

    The group is joined where the pattern was, and ``?g`` is bound in all its solutions: nothing else changes.
    """
    if "graph" not in query.text.lower():
        return query.text
    try:
        edits = [*_edits(query, ", ".join(f"<{iri}>" for iri in graphs))]
    except QuerySyntaxError:
        return query.text  # the store will say what is wrong
    text = query.text
    for place, words in sorted(edits, reverse=True):
        text = text[:place] + words + text[place:]
    return text


def _edits(query: Scanned, graphs: str) -> Iterator[tuple[int, str]]:
    opened: list[str] = []
    variable = ""
    for place, token in enumerate(query.tokens):
        if token.is_word("graph") and place + 1 < len(query.tokens) and query.tokens[place + 1].kind == "variable":
            variable = query.tokens[place + 1].text
            yield token.start, "{ "
        elif token.is_symbol("{"):
            opened.append(variable)
            variable = ""
        elif token.is_symbol("}") and opened and (named := opened.pop()):
            yield token.start + 1, f" FILTER ({named} NOT IN ({graphs})) }}"
