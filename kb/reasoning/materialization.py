"""Statements with all that follows from them, that can be added to, taken from, and asked why.

Semantics: the rules of OWL 2 RL, https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules.
"""

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
import polars as pl
import pyoxigraph
from polars import col
from rdflib import Graph, Literal
from rdflib.namespace import OWL, RDF

from kb.errors import DataError, NoRoom
from kb.rdf.convert import no_term
from kb.reasoning.annotations import Annotations, axiom_nodes, find_annotations, is_in, without_trivial
from kb.reasoning.columns import Column, Mask, among, column, distinct, joined
from kb.reasoning.contradictions import ill_formed, suspects
from kb.reasoning.dictionary import Dictionary, NodeDictionary, TextDictionary
from kb.reasoning.engine import Engine, Progress
from kb.reasoning.facts import Facts, Layout
from kb.reasoning.inconsistencies import Clash, Triple, find_clashes
from kb.reasoning.literals import types_of
from kb.reasoning.predicates import Predicates
from kb.reasoning.proof import Explainer, Missing, Proof
from kb.reasoning.prover import Prover
from kb.reasoning.removal import remove
from kb.reasoning.vocabulary import NUMBER_OF, SCHEMA_CLASSES, SCHEMA_PROPERTIES
from kb.reasoning.wellformed import require_well_formed, touches_lists

__all__ = ["EngineStatement", "Materialization", "read"]

#: A statement of pyoxigraph.
EngineStatement = pyoxigraph.Triple | pyoxigraph.Quad

_TYPE = NUMBER_OF[RDF.type]
_LISTS = {NUMBER_OF[RDF.first], NUMBER_OF[RDF.rest]}
_INSIDE = (1 << 64) - 1  # stands for a predicate inside a chain, which is no term
_CHUNK = 200_000  # statements that are read at a time


class Materialization:
    """A graph together with all that follows from it.

    Numbers stand for terms inside; `of_graph` and `of_statements` make one from graphs.

    :param asserted: numbers of terms in the columns s, p and o
    :param progress: is told after each round its number and how many statements are known
    :raises DataError: when an RDF list or a cardinality is malformed, or there are too many terms
    """

    def __init__(self, dictionary: Dictionary, asserted: pl.DataFrame, progress: Progress | None = None) -> None:
        self.dictionary = dictionary
        self._progress = progress
        self._explaining: Explainer | None = None
        self._given: list[pl.DataFrame] = []  # what is asserted, with what is not any more
        self._are_gone = False
        self._engine: Engine
        self._start(asserted)

    @classmethod
    def of_graph(cls, graph: Iterable[Triple], progress: Progress | None = None) -> "Materialization":
        """Return the materialization of an rdflib graph, or of any statements of rdflib's terms."""
        dictionary = NodeDictionary()
        return cls(dictionary, _numbered(graph, dictionary), progress)

    @classmethod
    def of_statements(
        cls, statements: Iterable[EngineStatement], progress: Progress | None = None
    ) -> "Materialization":
        """Return the materialization of pyoxigraph's statements, such as a store; named graphs are merged.

        :raises DataError: as for the whole, and when a triple is a term, which OWL 2 does not know
        """
        dictionary = TextDictionary()
        return cls(dictionary, read(statements, dictionary), progress)

    def add(self, statements: Iterable[Triple]) -> None:
        """Add statements, with what follows from them.

        What was known is not derived again, unless the schema changes; then the rules are compiled anew.

        :raises DataError: as for the whole; nothing is changed then
        """
        rows = _numbered(statements, self.dictionary)
        try:
            added = self._add(rows)
        except NoRoom:
            self._restart_with(rows)
        else:
            if not added:
                self._start(pl.concat([self.asserted, rows]))

    def remove(self, statements: Iterable[Triple]) -> None:
        """Take asserted statements back, with what follows no longer; others that are named are ignored.

        What rested on them is derived again where it can be; where the schema or an equality rested on them, all is.

        :raises DataError: when an RDF list is broken without them; nothing is changed then
        """
        engine = self._engine
        keys = _packed(_with_room(_numbered(statements, self.dictionary), engine), engine)
        gone, _ = self._known.remove(keys[self._known.known(keys)])
        self._are_gone, self._explaining = self._are_gone or len(gone) > 0, None
        annotations = self._annotations_without(gone)
        if annotations is None or not remove(engine, annotations.logical(gone, engine.layout), self._is_asserted):
            self._restart_without(gone)
        else:
            self._annotations = annotations

    def statements(self) -> pl.DataFrame:
        """Return all that holds, also the trivial: numbers of terms in the columns s, p and o."""
        return self._under_all_names(_terms(self._engine.facts.keys, self._engine))

    def conclusions(self) -> pl.DataFrame:
        """Return what is neither asserted nor trivial (see `infer.conclusions`), in the order of the numbers."""
        asserted = self.asserted
        new = self.statements().join(asserted, on=["s", "p", "o"], how="anti")
        new = new.filter(~is_in("p", self._annotations.silent))
        return without_trivial(new, asserted, self.dictionary).sort("s", "p", "o")

    def inferred(self) -> Graph:
        """Return what is neither asserted nor trivial as a graph."""
        return self._graph(self.conclusions())

    @property
    def asserted(self) -> pl.DataFrame:
        """What is asserted, also annotations, in the order of adding: numbers of terms in the columns s, p and o."""
        rows = pl.concat(self._given).unique(maintain_order=True)
        if self._are_gone:
            rows = rows.filter(pl.Series(self._known.known(_keys(rows, self._engine)), dtype=pl.Boolean))
        self._given, self._are_gone = [rows], False
        return rows

    @property
    def rounds(self) -> int:
        """The number of rounds so far."""
        return self._engine.round

    def clashes(self) -> tuple[Clash, ...]:
        """Return the contradictions, ordered by rule and message, see `kb.reasoning.inconsistencies`."""
        found = suspects(self._engine)
        return find_clashes(self._evidence(found)) if found else ()

    def prove(self, statement: Triple) -> Proof | None:
        """Return a proof of a statement, the shortest in rounds, or None where it neither is asserted nor follows."""
        return self._explainer.prove(statement)

    def missing(self, statement: Triple) -> Missing | None:
        """Return the rule that comes nearest to concluding a statement that does not follow, where one comes near."""
        return self._explainer.missing(statement)

    @property
    def _explainer(self) -> Explainer:
        if self._explaining is None:
            self._explaining = Explainer(Prover(self._engine, self._known), self.dictionary)
        return self._explaining

    def _start(self, asserted: pl.DataFrame, layouts: Sequence[Layout] = ()) -> None:
        """Reason from scratch, in the first layout with room; on an error everything is as it was.

        :param layouts: those to try; without any, those for the terms that are known
        """
        first, *others = layouts or Layout.choices(len(self.dictionary))
        try:
            self._start_in(first, asserted)
        except NoRoom:
            if not others:
                raise
            self._start(asserted, others)

    def _start_in(self, layout: Layout, asserted: pl.DataFrame) -> None:
        predicates = Predicates(layout.predicates)
        for term in np.flatnonzero(np.bincount(asserted["p"].to_numpy())).tolist():
            predicates.number(term)
        engine = Engine(self.dictionary, predicates, layout, self._progress)
        keys = _packed(asserted, engine)
        annotations = find_annotations(keys, engine.layout, predicates)
        logical = annotations.logical(keys, engine.layout)
        require_well_formed(logical, engine.layout, predicates, self.dictionary)
        engine.add(logical)
        known = Facts(engine.layout)
        known.add(keys, 0)
        self._known, self._given, self._are_gone = known, [asserted], False
        self._annotations, self._engine = annotations, engine
        self._explaining = None

    def _add(self, rows: pl.DataFrame) -> bool:
        """Add statements to what is known; False, with nothing changed, where all has to be reasoned anew."""
        engine = self._engine
        if not engine.has_room(rows["p"]):
            return False
        new = self._known.new(_packed(rows, engine))
        annotations = self._annotations_with(new)
        if annotations is None or touches_lists(annotations.logical(new, engine.layout), engine.layout):
            return False
        engine.add(annotations.logical(new, engine.layout))
        self._given.append(rows)
        self._known.add(new, 0)
        self._annotations, self._explaining = annotations, None
        return True

    def _restart_with(self, rows: pl.DataFrame) -> None:
        """Reason from scratch with more statements, for which the engine had no room; on an error without them."""
        layout = self._engine.layout
        try:
            self._start(pl.concat([self.asserted, rows]))
        except DataError:
            self._start(self.asserted, [layout])
            raise

    def _restart_without(self, gone: Column) -> None:
        given = self._given
        try:
            self._start(self.asserted)
        except DataError:
            self._known.add(gone, 0)
            self._given, self._are_gone = given, True
            raise

    def _annotations_with(self, new: Column) -> Annotations | None:
        """Return what is an annotation beside new statements, or None where older ones have to be looked at again."""
        layout = self._engine.layout
        nodes = axiom_nodes(new, layout)
        if self._annotations.concerns(new, layout) or self._engine.facts.has_subject(nodes):
            return None
        annotations = self._annotations.numbered(self._engine.predicates)
        return annotations.with_more(nodes) if len(nodes) else annotations

    def _annotations_without(self, gone: Column) -> Annotations | None:
        """Return what is an annotation without statements, or None where others have to be looked at again."""
        layout = self._engine.layout
        nodes = axiom_nodes(gone, layout)
        if self._annotations.concerns(gone, layout) or self._known.has_subject(nodes):
            return None
        return self._annotations.without(nodes) if len(nodes) else self._annotations

    def _is_asserted(self, keys: Column) -> Mask:
        """Tell which statements are asserted, and no annotations."""
        known = self._known.known(keys)
        if known.any():
            layout, annotations = self._engine.layout, self._annotations
            known &= ~among(layout.predicate(keys), annotations.predicates)
            known &= ~among(layout.subject(keys), annotations.nodes)
        return known

    def _under_all_names(self, statements: pl.DataFrame) -> pl.DataFrame:
        """Apply eq-rep-s, eq-rep-p and eq-rep-o: repeat statements for each name of their terms."""
        if not self._engine.equality:
            return statements
        names = self._engine.equality.table()
        for place in ("s", "p", "o"):
            named = statements.join(names, left_on=place, right_on="term", how="left")
            statements = named.with_columns(pl.coalesce("name", place).alias(place)).select("s", "p", "o")
        return statements

    def _evidence(self, found: set[int]) -> Graph:
        """Return what `find_clashes` needs to know about some terms: their statements, and the schema."""
        engine = self._engine
        types = engine.facts.of_predicate(_TYPE)
        keys = (
            engine.facts.about(column(sorted(found))),
            engine.facts.of_predicates(min(SCHEMA_PROPERTIES), max(SCHEMA_PROPERTIES)),
            types[among(engine.layout.object(types), column(sorted(SCHEMA_CLASSES)))],
        )
        # Lists as they are written: under all names of its member a cell would have several firsts.
        lists = self.asserted.filter(is_in("p", _LISTS))
        rows = _terms(distinct(joined(keys)), engine).filter(~is_in("p", _LISTS))
        graph = self._graph(pl.concat([self._under_all_names(rows), lists]))
        for number in ill_formed(engine):
            literals = (self.dictionary.node(name) for name in engine.equality.members(number))
            for literal in literals:
                if isinstance(literal, Literal):
                    graph.add((literal, RDF.type, types_of(literal)[0]))
        for same in [*graph.subject_objects(OWL.sameAs)]:
            if same[0] == same[1]:
                graph.remove((same[0], OWL.sameAs, same[1]))
        return graph

    def _graph(self, statements: pl.DataFrame) -> Graph:
        graph = Graph()
        columns = (self.dictionary.nodes(statements[name].to_list()) for name in ("s", "p", "o"))
        for s, p, o in zip(*columns, strict=True):
            graph.add((s, p, o))
        return graph


def _keys(statements: pl.DataFrame, engine: Engine) -> Column:
    """Return statements as the engine packs them, in their order."""
    s, p, o = (statements[name].to_numpy() for name in "spo")
    terms = np.flatnonzero(np.bincount(p.astype(np.intp))).tolist()
    numbers = np.zeros(max(terms, default=0) + 1, dtype=np.uint64)
    numbers[terms] = list(map(engine.predicates.number, terms))
    return engine.layout.key(numbers[p], s, o)


def _packed(statements: pl.DataFrame, engine: Engine) -> Column:
    """Return statements as the engine packs them, sorted, each once."""
    return distinct(_keys(statements, engine))


def _with_room(statements: pl.DataFrame, engine: Engine) -> pl.DataFrame:
    """Return the statements that can be packed; all that are known can."""
    known = [engine.predicates.find(term) is not None for term in statements["p"].to_list()]
    fits = pl.max_horizontal("s", "o") <= engine.layout.mask
    return statements.filter(pl.Series(known, dtype=pl.Boolean)).filter(fits)


def _terms(keys: Column, engine: Engine) -> pl.DataFrame:
    """Return packed statements as numbers of terms, without those inside chains."""
    terms = np.array([_INSIDE if term is None else term for term in engine.predicates.terms()], dtype=np.uint64)
    layout = engine.layout
    columns = {"s": layout.subject(keys), "p": terms[layout.predicate(keys)], "o": layout.object(keys)}
    return pl.DataFrame(columns).filter(col("p") != _INSIDE)


def _numbered(statements: Iterable[Triple], dictionary: Dictionary) -> pl.DataFrame:
    rows = list(statements)
    return pl.DataFrame({name: dictionary.numbers_of([row[i] for row in rows]) for i, name in enumerate("spo")})


def read(statements: Iterable[EngineStatement], dictionary: TextDictionary) -> pl.DataFrame:
    """Return pyoxigraph's statements as numbers of terms in the columns s, p and o.

    :raises DataError: when a triple is a term
    """
    waiting = iter(statements)
    frames = [pl.DataFrame(schema=dict.fromkeys("spo", pl.UInt64))]
    while chunk := list(islice(waiting, _CHUNK)):
        for statement in chunk:
            if isinstance(statement.object, pyoxigraph.Triple):
                raise no_term(statement.object)
        texts = {
            "s": [str(statement.subject) for statement in chunk],
            "p": [str(statement.predicate) for statement in chunk],
            "o": [str(statement.object) for statement in chunk],
        }
        frames.append(pl.DataFrame({name: dictionary.numbers(pl.Series(column)) for name, column in texts.items()}))
    return pl.concat(frames)
