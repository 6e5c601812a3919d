"""The server's own queries, asked in the web process: only stored text, with terms bound to its variables."""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from pyoxigraph import QuerySolutions, Store, Triple, Variable

from kb.namespaces import PREFIXES
from kb.rdf.terms import Term
from kb.remote.binding import bound as with_terms
from kb.sparql.query import Result
from kb.sparql.scan import Scanned
from server.stored_queries.texts import ordered_query

__all__ = ["HERE", "Elsewhere", "LookUp", "Row", "Solutions", "text_of"]

#: Queries whose rows have blank nodes that are then looked up in the generation's own store, so that they must be its.
HERE = frozenset(("property-use", "reports-by-source", "statements-about", "statements-with", "terms"))

#: Variable -> term; an unbound variable is missing.
Row = Mapping[str, Term]


def text_of(term: Term) -> str:
    """Return the IRI, the lexical form or the label of a term; a triple term in N-Triples."""
    return str(term) if isinstance(term, Triple) else term.value


class Solutions(list[Row]):
    """The solutions of a query.

    :ivar variables: that it selects, in their order
    """

    def __init__(self, variables: Sequence[str], rows: Iterable[Row]) -> None:
        super().__init__(rows)
        self.variables = tuple(variables)


class Elsewhere(Protocol):
    """What asks a remote store, see `server.evaluation.remote.Remote`."""

    def knows(self, name: str) -> bool:
        """Return whether the store's engine is not known to answer a stored query otherwise."""

    def ask(self, query: Scanned) -> Result | None:
        """Return the result of a query, or None if it must be asked here."""

    def reading(self) -> AbstractContextManager[None]:
        """Return what a result must be read in."""


class LookUp:
    """Asks a store the stored queries that one page needs, and counts them.

    :param store: the generation's
    :param union: the default graph of the queries is all graphs together, for a store whose own lacks what others have
    :param elsewhere: asks a remote store with the same content, or None; not the queries of `HERE`, and not those that
        its engine gets wrong
    :ivar asked: number of queries
    :ivar seconds: time that the engine took for them
    """

    def __init__(self, store: Store, *, union: bool = False, elsewhere: Elsewhere | None = None) -> None:
        self._store = store
        self._union = union
        self._elsewhere = elsewhere
        self.asked = 0
        self.seconds = 0.0

    def rows(self, name: str, **bound: Term) -> Solutions:
        """Return the solutions of ``server/stored_queries/<name>.rq``.

        :param bound: terms for variables, all of them variables that the query selects (SPARQL-dev SEP-0007)
        """
        start = time.perf_counter()
        elsewhere = self._elsewhere if name not in HERE else None
        if elsewhere and not elsewhere.knows(name):
            elsewhere = None
        result = elsewhere.ask(Scanned(with_terms(ordered_query(name), bound))) if elsewhere else None
        if result is None:
            elsewhere, result = (
                None,
                self._store.query(
                    ordered_query(name),
                    prefixes=PREFIXES,
                    use_default_graph_as_union=self._union,
                    substitutions={Variable(variable): term for variable, term in bound.items()},
                ),
            )
        if not isinstance(result, QuerySolutions):
            raise TypeError(f"{name}.rq is not a SELECT query")
        names = [variable.value for variable in result.variables]
        rows = ({name: term for name, term in zip(names, row, strict=True) if term is not None} for row in result)
        with elsewhere.reading() if elsewhere else nullcontext():
            found = Solutions(names, rows)
        self.seconds += time.perf_counter() - start
        self.asked += 1
        return found
