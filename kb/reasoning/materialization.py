"""A graph with all that follows from it by OWL 2 RL, what contradicts itself in it, and why each statement holds.

Semantics: the rules of OWL 2 RL, https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
import pyoxigraph
from rdflib import Graph
from rdflib.namespace import OWL, RDF
from rdflib.term import Node

from kb.errors import NoRoom
from kb.rdf.convert import Triple
from kb.rdf.datatypes import datatype_of
from kb.rdf.proofs import Proof
from kb.rdf.terms import Rdf11Statement, to_statement
from kb.reasoning.annotations import find_annotations, without_trivial
from kb.reasoning.columns import Column, Mask, Statements, column, distinct, joined
from kb.reasoning.dictionary import Dictionary
from kb.reasoning.engine import Engine, Progress
from kb.reasoning.facts import Facts, KeyLayout
from kb.reasoning.inconsistencies import Inconsistency, find_inconsistencies, inconsistent_terms
from kb.reasoning.predicates import Predicates
from kb.reasoning.prover import Missing, Prover
from kb.reasoning.trivial import with_trivial
from kb.reasoning.updates import write_updates
from kb.reasoning.vocabulary import NUMBER_OF
from kb.reasoning.wellformed import require_well_formed

__all__ = ["Materialization"]

_LISTS = [NUMBER_OF[RDF.first], NUMBER_OF[RDF.rest]]
_UNNAMED = (1 << 32) - 1  # stands for a predicate inside a chain, which is no term, or for one that has no number


class Materialization:
    """A graph together with all that follows from it.

    Numbers stand for terms inside; `of_graph` and `of_statements` make one from graphs.

    :param asserted: what is asserted, as the dictionary numbers it
    :param progress: is told after each round its number and how many statements are known
    :raises DataError: when an RDF list or a cardinality is malformed, or there are too many terms
    """

    def __init__(self, dictionary: Dictionary, asserted: Statements, progress: Progress | None = None) -> None:
        self.dictionary = dictionary
        first, second = KeyLayout.choices(len(dictionary))
        try:
            self._reason(first, asserted, progress)
        except NoRoom:
            self._reason(second, asserted, progress)

    @classmethod
    def of_graph(cls, graph: Iterable[Triple], progress: Progress | None = None) -> "Materialization":
        """Return the materialization of an rdflib graph, or of any statements of rdflib's nodes."""
        dictionary = Dictionary()
        return cls(dictionary, dictionary.read_graph(graph), progress)

    @classmethod
    def of_statements(
        cls, statements: Iterable[pyoxigraph.Triple | pyoxigraph.Quad], progress: Progress | None = None
    ) -> "Materialization":
        """Return the materialization of pyoxigraph's statements, such as a store; named graphs are merged.

        :raises DataError: as for the whole, and when a triple is a term, which OWL 2 does not know
        """
        dictionary = Dictionary()
        return cls(dictionary, dictionary.read_statements(statements), progress)

    @cached_property
    def asserted(self) -> Statements:
        """What is asserted, also annotations, each statement once, in the order of reading."""
        if self._given.shape[1] == len(self._known):
            return self._given
        _, first = np.unique(self._keys(self._given), return_index=True)
        return self._given[:, np.sort(first)]

    def conclusions(self, *, trivial: bool = False) -> Statements:
        """Return what is neither asserted nor trivial (see `kb.reasoning.infer.conclusions`), sorted by subject.

        :param trivial: whether to return what is trivial too, see `kb.reasoning.trivial`
        """
        keys = self._engine.facts.keys
        if trivial:
            new = with_trivial(self._engine, self.asserted, self._numbers(keys))
            return new[:, ~self._is_asserted(new)]
        if self._engine.equality:
            new = self._engine.equality.under_all_names(self._numbers(keys))
            new = new[:, ~self._is_asserted(new)]
        else:
            new = self._numbers(keys[~self._known.contains(keys)])
        new = without_trivial(new, self.asserted, self._silent, self.dictionary)
        return new[:, np.lexsort((new[2], new[1], new[0]))]

    def inferred(self) -> Graph:
        """Return what is neither asserted nor trivial as a graph."""
        return self.dictionary.graph(self.conclusions())

    def statements(self, numbers: Statements) -> Iterator[Rdf11Statement]:
        """Yield statements as pyoxigraph has them.

        :raises DataError: when RDF has no such statement
        """
        term = self.dictionary.term
        return (to_statement(term(s), term(p), term(o)) for s, p, o in numbers.T.tolist())

    def updates(self, inferred: str, rounds: int) -> str:
        """Return the rules as they are compiled for this graph, an ontology, see `kb.reasoning.updates`.

        :param inferred: IRI of the graph of conclusions
        :param rounds: how often one request applies the rules
        """
        return write_updates(self._engine, self.conclusions(), self._silent.tolist(), inferred, rounds)

    def inconsistencies(self) -> tuple[Inconsistency, ...]:
        """Return the inconsistencies, ordered by rule and message, see `kb.reasoning.inconsistencies`."""
        found = inconsistent_terms(self._engine)
        return find_inconsistencies(self._closure_about(found)) if found else ()

    def prove(self, statement: Triple) -> Proof[Node] | None:
        """Return a proof of a statement, the shortest in rounds, or None where it neither is asserted nor follows."""
        s, p, o = map(self.dictionary.find, statement)
        proof = None if s is None or p is None or o is None else self._prover.prove((s, p, o))
        return None if proof is None else proof.translated(self.dictionary.node)

    def proofs(self) -> Iterator[Proof[int]]:
        """Yield a proof of each of the conclusions, in their order, as numbers of terms; equal steps are shared."""
        for numbers in self.conclusions().T.tolist():
            if (proof := self.prove_numbered(numbers)) is not None:
                yield proof

    def prove_numbered(self, statement: Iterable[int]) -> Proof[int] | None:
        """Return a proof of a statement, all in numbers of terms, or None; equal steps of all proofs are shared."""
        s, p, o = statement
        return self._prover.prove((s, p, o))

    def missing(self, statement: Triple) -> Missing | None:
        """Return the rule that comes nearest to concluding a statement that does not follow, where one comes near."""
        s, p, o = map(self.dictionary.find, statement)
        return None if s is None or p is None or o is None else self._prover.missing((s, p, o))

    @cached_property
    def _prover(self) -> Prover:
        return Prover(self._engine, self._known)

    def _reason(self, layout: KeyLayout, asserted: Statements, progress: Progress | None) -> None:
        self._predicates = Predicates(layout.predicates)
        for term in np.flatnonzero(np.bincount(asserted[1])).tolist():
            self._predicates.number(term)
        self._layout, self._given = layout, asserted
        keys = distinct(self._keys(asserted))
        self._known = Facts(layout)
        self._known.add(keys, 0)
        self._engine = Engine(self.dictionary, self._predicates, layout, self._logical(keys), progress)

    def _logical(self, keys: Column) -> Column:
        """Return those of the packed asserted statements that are no annotations."""
        statements = self._numbers(keys)
        annotating, self._silent = find_annotations(statements, self.dictionary)
        require_well_formed(statements[:, ~annotating], self._given, self.dictionary)
        return keys[~annotating]

    def _keys(self, statements: Statements) -> Column:
        """Return statements packed, in their order; the number of each predicate is known."""
        s, p, o = statements
        return self._layout.key(self._numbers_of_predicates[p], s.astype(np.uint64), o.astype(np.uint64))

    @property
    def _numbers_of_predicates(self) -> Column:
        """The number of each term as a predicate."""
        numbers = np.full(len(self.dictionary), _UNNAMED, dtype=np.uint64)
        for number, term in enumerate(self._predicates.terms()):
            if term is not None:
                numbers[term] = number
        return numbers

    def _numbers(self, keys: Column) -> Statements:
        """Return packed statements as numbers of terms, without those inside chains."""
        terms = np.array([_UNNAMED if term is None else term for term in self._predicates.terms()], dtype=np.uint32)
        predicates = terms[self._layout.predicate(keys)]
        named = predicates != _UNNAMED
        if not named.all():
            keys, predicates = keys[named], predicates[named]
        rows = np.empty((3, len(keys)), dtype=np.uint32)
        rows[0], rows[1], rows[2] = self._layout.subject(keys), predicates, self._layout.object(keys)
        return rows

    def _is_asserted(self, statements: Statements) -> Mask:
        found: Mask = self._numbers_of_predicates[statements[1]] != _UNNAMED
        found[found] = self._known.contains(self._keys(statements[:, found]))
        return found

    def _closure_about(self, found: set[int]) -> Graph:
        """Return what `find_inconsistencies` needs to know about some terms: their statements, and the schema."""
        engine, dictionary = self._engine, self.dictionary
        keys = engine.facts.about(column(sorted(found))), engine.schema_statements()
        rows = self._numbers(distinct(joined(keys)))
        # Lists as they are written: under all names of its member a cell would have several firsts.
        lists = self.asserted[:, np.isin(self.asserted[1], _LISTS)]
        others = engine.equality.under_all_names(rows[:, ~np.isin(rows[1], _LISTS)])
        graph = self.dictionary.graph(np.concatenate([others, lists], axis=1))
        for number in engine.used(engine.ill_formed):
            for name in engine.equality.members(number):
                if (literal := dictionary.literal(name)) is not None:
                    graph.add((literal, RDF.type, datatype_of(literal)))
        for same in [*graph.subject_objects(OWL.sameAs)]:
            if same[0] == same[1]:
                graph.remove((same[0], OWL.sameAs, same[1]))
        return graph
