"""The server's own queries as questions for `kb verify`, those about a thing with the things that tell the most."""

from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, Store

from kb.namespaces import PREFIXES, shorten
from kb.remote.binding import bound
from kb.remote.verify import Kind, Trial
from kb.sparql.scan import Scanned
from server.stored_queries.texts import stored_query

__all__ = ["page_trials"]

_THING = "thing"
_BEFORE = ("select", "distinct", "construct", "describe")
#: Things about which a query is asked: those with the most rows.
_THINGS = 3
#: Things that these are found among.
_CANDIDATES = 25

#: Of each class the thing that the most is said of.
_LARGEST = """
SELECT ?class ?thing (COUNT(*) AS ?said) WHERE {
  ?thing a ?class ; ?property ?value FILTER (ISIRI(?thing) && !STRSTARTS(STR(?thing), STR(statement:)))
}
GROUP BY ?class ?thing ORDER BY DESC(?said) ?thing
"""


def page_trials(store: Store) -> Iterator[Trial]:
    """Yield all stored queries.

    :param store: of the generation
    """
    things = [*_things(store)]
    for file in sorted(files("server.stored_queries").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".rq"):
            name = file.name.removesuffix(".rq")
            text = stored_query(name)
            if not _is_about_a_thing(text):
                yield Trial(Kind.PAGE, name, text)
                continue
            texts = {thing: bound(text, {_THING: NamedNode(thing)}) for thing in things}
            numbers = {thing: _number(store, text) for thing, text in texts.items()}
            for thing in sorted(numbers, key=lambda thing: (-numbers[thing], thing))[:_THINGS]:
                yield Trial(Kind.PAGE, f"{name} {shorten(thing)}", texts[thing])


def _is_about_a_thing(text: str) -> bool:
    """Return whether a query selects or describes ``?thing``, for which a term is given."""
    before = next(
        pair for pair in pairwise(Scanned(text).tokens) if pair[0].is_word(*_BEFORE) and not pair[1].is_word(*_BEFORE)
    )
    return before[1].kind == "variable" and before[1].text[1:] == _THING


def _things(store: Store) -> Iterator[str]:
    result = store.query(_LARGEST, prefixes=PREFIXES)
    assert isinstance(result, QuerySolutions)  # noqa: S101  for the type checker
    first: dict[str, str] = {}
    for row in result:
        first.setdefault(str(row["class"]), str(row[_THING])[1:-1])
    yield from [*dict.fromkeys(first.values())][:_CANDIDATES]


def _number(store: Store, text: str) -> int:
    result = store.query(text, prefixes=PREFIXES)
    return 0 if isinstance(result, QueryBoolean) else sum(1 for _ in result)
