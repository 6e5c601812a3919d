"""Which representation the current request asks for: by ``?format=``, which people write, else by its Accept header."""

from collections.abc import Sequence
from functools import lru_cache

from flask import request

from kb.rdf.formats import Format, GraphFormat
from server.problems import Problem
from server.representations.formats import (
    CITATION_FORMATS,
    FORMAT_NAMES,
    GRAPH_FORMATS,
    PAGE_FORMAT,
    ROW_FORMATS,
    named,
)
from server.representations.negotiation import Choice, best
from server.representations.validators import accept_header

__all__ = ["citation_choice", "graph_choice", "query_choices"]

_MEMORABLE = 500
_DATASETS = tuple(found for found in GRAPH_FORMATS if found.keeps_graphs)
_TRIPLES = tuple(found for found in GRAPH_FORMATS if not found.keeps_graphs)


def graph_choice(*, page: bool, citations: bool = False, has_name: bool = False) -> Choice:
    """Return the format in which the client of the current request wants a graph.

    TriG and N-Quads have a graph with a name where readers do not look who ask for triples: in a dataset whose default
    graph is empty. There a client gets them only if it accepts no format of triples, or names one of them by
    ``?format=``, however much it prefers them: those that rank them first read triples too, and would find nothing,
    without a word (Comunica does). A server need not follow a client's weights (RFC 9110, section 12.5.1).

    :param page: there is a page too
    :param citations: there are citations too
    :param has_name: in formats that keep graphs, the statements are in named graphs
    :raises Problem: 400 for a name that stands for no format, 406 where nothing that is offered is accepted
    """
    offered = (*GRAPH_FORMATS, *((PAGE_FORMAT,) if page else ()), *(CITATION_FORMATS if citations else ()))
    return _chosen(offered, _TRIPLES if has_name else ())


def citation_choice() -> Choice:
    """Return the format in which the client of the current request wants a citation.

    :raises Problem: 400 for a name that stands for no format, 406 where nothing that is offered is accepted
    """
    return _chosen(CITATION_FORMATS)


def query_choices(formats: Sequence[str], accept: str | None) -> tuple[Choice | None, Choice | None]:
    """Return the format for rows and booleans and that for graphs: which of them is needed, the result decides.

    :param formats: values of ``format``
    :param accept: the Accept header, if there is one
    :raises Problem: 400 for a name that stands for no format, 406 where nothing that is offered is accepted
    """
    if formats:
        return _named(formats, (*ROW_FORMATS, *GRAPH_FORMATS, PAGE_FORMAT))
    short = accept is None or len(accept) <= _MEMORABLE
    rows, graph = _accepted(accept) if short else _accepted.__wrapped__(accept)
    if rows is None and graph is None:
        raise _not_acceptable((*ROW_FORMATS, *GRAPH_FORMATS))
    return rows, graph


def _chosen(offered: Sequence[Format], before_datasets: Sequence[GraphFormat] = ()) -> Choice:
    names = request.args.getlist("format")
    accept = accept_header()  # also where a name decides: a client that names none may get another format
    cited = {name: found for found in CITATION_FORMATS if found in offered for name in (found.name, found.media_type)}
    if found := next((cited[name.lower()] for name in names if name.lower() in cited), None):
        return Choice(found, found.media_type)
    choice = _named(names, offered)[1] if names else best(accept, offered)
    if before_datasets and not names and choice and choice.format in _DATASETS:
        choice = best(accept, before_datasets) or choice
    if choice is None or choice.format not in offered:
        raise _not_acceptable(offered)
    return choice


@lru_cache(maxsize=256)
def _accepted(accept: str | None) -> tuple[Choice | None, Choice | None]:
    """Return what a header accepts; clients of one kind send the same one each time."""
    return best(accept, (*ROW_FORMATS, PAGE_FORMAT)), best(accept, (*GRAPH_FORMATS, PAGE_FORMAT))


def _named(names: Sequence[str], offered: Sequence[Format]) -> tuple[Choice | None, Choice | None]:
    """Return what the first known name stands for: clients send the names of several systems."""
    found = next(filter(None, map(named, names)), None)
    if found is None:
        known = [name for name in FORMAT_NAMES if any(format_ in offered for format_ in named(name) or ())]
        known += [format_.name for format_ in CITATION_FORMATS if format_ in offered]
        raise Problem("unknown-format", f"No format is called {names[0]!r}", f"Use one of {', '.join(known)}")
    rows, graph = (Choice(format_, format_.media_type) if format_ else None for format_ in found)
    return rows, graph


def _not_acceptable(offered: Sequence[Format]) -> Problem:
    available = [found.media_type for found in offered]
    return Problem(
        "not-acceptable",
        "The Accept header, or the parameter `format`, allows none of the formats in which this is here",
        f"Accept one of {', '.join(available)}",
        members={"available": available},
    )
