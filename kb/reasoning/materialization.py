"""Statements with all that follows from them, that can be added to, taken from, and asked why.

Semantics: the rules of OWL 2 RL, https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules.
"""

from collections.abc import Iterable
from itertools import islice

import polars as pl
import pyoxigraph
from polars import col
from rdflib import Graph, Literal
from rdflib.namespace import OWL, RDF

from kb.clashes import Clash, Triple, find_clashes
from kb.errors import DataError
from kb.reasoning.annotations import ANNOTATING, Annotations, find_annotations, is_in, without_trivial
from kb.reasoning.contradictions import ill_formed, suspects
from kb.reasoning.dictionary import Dictionary, NodeDictionary, TextDictionary
from kb.reasoning.engine import Engine, Progress
from kb.reasoning.facts import KEY
from kb.reasoning.literals import types_of
from kb.reasoning.predicates import Predicates
from kb.reasoning.proof import Explainer, Missing, Proof
from kb.reasoning.proofs import Prover
from kb.reasoning.removal import remove
from kb.reasoning.vocabulary import NUMBER_OF, SCHEMA_CLASSES, SCHEMA_PROPERTIES
from kb.reasoning.wellformed import require_well_formed, touches_lists

__all__ = ["EngineStatement", "Materialization"]

#: A statement of pyoxigraph.
EngineStatement = pyoxigraph.Triple | pyoxigraph.Quad

_TYPE = NUMBER_OF[RDF.type]
_LISTS = {NUMBER_OF[RDF.first], NUMBER_OF[RDF.rest]}
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
        self._asserted = asserted.unique(maintain_order=True)
        self._progress = progress
        self._explaining: Explainer | None = None
        self._start()

    @classmethod
    def of_graph(cls, graph: Iterable[Triple], progress: Progress | None = None) -> "Materialization":
        """Return the materialization of an rdflib graph, or of any statements of rdflib's terms."""
        dictionary = NodeDictionary()
        return cls(dictionary, _numbered(graph, dictionary), progress)

    @classmethod
    def of_statements(
        cls, statements: Iterable[EngineStatement], progress: Progress | None = None
    ) -> "Materialization":
        """Return the materialization of pyoxigraph's statements, such as a store; named graphs are merged."""
        dictionary = TextDictionary()
        return cls(dictionary, read(statements, dictionary), progress)

    def add(self, statements: Iterable[Triple]) -> None:
        """Add statements, with what follows from them.

        What was known is not derived again, unless the schema changes; then the rules are compiled anew.

        :raises DataError: as for the whole; nothing is changed then
        """
        self._explaining = None
        more = _numbered(statements, self.dictionary).unique(maintain_order=True)
        more = more.join(self._asserted, on=["s", "p", "o"], how="anti", maintain_order="left")
        before, self._asserted = self._asserted, pl.concat([self._asserted, more])
        annotations, engine = self._annotations_after(more), self._engine
        new = annotations.without(more)
        if annotations != self._annotations or touches_lists(new) or not engine.has_room(new["p"]):
            self._restart(before)
        else:
            engine.add(_packed(new, engine))

    def remove(self, statements: Iterable[Triple]) -> None:
        """Take asserted statements back, with what follows no longer; others that are named are ignored.

        What rested on them is derived again where it can be; where the schema or an equality rested on them, all is.
        """
        self._explaining = None
        less = _numbered(statements, self.dictionary).join(self._asserted, on=["s", "p", "o"], how="semi")
        before, self._asserted = self._asserted, self._asserted.join(less, on=["s", "p", "o"], how="anti")
        annotations, engine = self._annotations_after(less), self._engine
        if annotations == self._annotations:
            kept = annotations.without(self._asserted)
            if remove(engine, _packed(annotations.without(less), engine), _packed(kept, engine)):
                return
        self._restart(before)

    def statements(self) -> pl.DataFrame:
        """Return all that holds, also the trivial: numbers of terms in the columns s, p and o."""
        return self._under_all_names(_terms(self._engine.facts.keys, self._engine))

    def conclusions(self) -> pl.DataFrame:
        """Return what is neither asserted nor trivial (see `kb.reason.conclusions`), in the order of the numbers."""
        new = self.statements().join(self._asserted, on=["s", "p", "o"], how="anti")
        new = new.filter(~is_in("p", self._annotations.silent))
        return without_trivial(new, self._asserted, self.dictionary).sort("s", "p", "o")

    def inferred(self) -> Graph:
        """Return what is neither asserted nor trivial as a graph."""
        return self._graph(self.conclusions())

    @property
    def asserted(self) -> pl.DataFrame:
        """What is asserted, annotations included: numbers of terms in the columns s, p and o."""
        return self._asserted

    @property
    def rounds(self) -> int:
        """The number of rounds so far."""
        return self._engine.round

    def clashes(self) -> tuple[Clash, ...]:
        """Return the contradictions, ordered by rule and message, see `kb.clashes`."""
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
            known = set(self._asserted.iter_rows())
            self._explaining = Explainer(Prover(self._engine, known.__contains__), self.dictionary)
        return self._explaining

    def _start(self) -> None:
        annotations = find_annotations(self._asserted, self.dictionary)
        logical = annotations.without(self._asserted)
        require_well_formed(logical, self.dictionary)
        predicates = Predicates()
        for term in logical["p"].unique().sort():
            predicates.number(term)
        engine = Engine(self.dictionary, predicates, self._progress)
        engine.add(_packed(logical, engine))
        self._annotations, self._engine = annotations, engine

    def _restart(self, before: pl.DataFrame) -> None:
        """Reason from scratch; on an error everything is as it was."""
        try:
            self._start()
        except DataError:
            self._asserted = before
            raise

    def _annotations_after(self, changed: pl.DataFrame) -> Annotations:
        """Return what is an annotation now; only statements about annotations can change it."""
        rows = changed.filter(
            is_in("s", self._annotations.declared) | is_in("o", {*self._annotations.declared, *ANNOTATING})
        )
        return find_annotations(self._asserted, self.dictionary) if rows.height else self._annotations

    def _under_all_names(self, statements: pl.DataFrame) -> pl.DataFrame:
        """Apply eq-rep-s, eq-rep-p and eq-rep-o: repeat statements for each name of their terms."""
        if not self._engine.equality:
            return statements
        names = self._engine.equality.table()
        for column in ("s", "p", "o"):
            named = statements.join(names, left_on=column, right_on="term", how="left")
            statements = named.with_columns(pl.coalesce("name", column).alias(column)).select("s", "p", "o")
        return statements

    def _evidence(self, found: set[int]) -> Graph:
        """Return what `find_clashes` needs to know about some terms: their statements, and the schema."""
        engine = self._engine
        classes = self._engine.layout.frame(engine.facts.of_predicates([_TYPE])).filter(is_in("o", SCHEMA_CLASSES))
        keys = [
            engine.facts.about(pl.Series(sorted(found), dtype=pl.UInt64)),
            engine.facts.of_predicates(SCHEMA_PROPERTIES - _LISTS),
            classes.select(engine.layout.key(col("p"), col("s"), col("o")))[KEY],
        ]
        # Lists as they are written: under all names of its member a cell would have several firsts.
        lists = self._asserted.filter(is_in("p", _LISTS))
        rows = _terms(pl.concat(keys).unique(), engine).filter(~is_in("p", _LISTS))
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


def _packed(statements: pl.DataFrame, engine: Engine) -> pl.Series:
    """Return statements as the engine packs them."""
    numbers = {term: engine.predicates.number(term) for term in statements["p"].unique().sort()}
    key = engine.layout.key(col("p").replace(numbers), col("s"), col("o"))
    return statements.select(key)[KEY].unique().sort()


def _terms(keys: pl.Series, engine: Engine) -> pl.DataFrame:
    """Return packed statements as numbers of terms, without those inside chains."""
    frame = engine.layout.frame(keys)
    terms = pl.Series(engine.predicates.terms(), dtype=pl.UInt64)
    return frame.with_columns(p=terms.gather(frame["p"])).drop_nulls("p").select("s", "p", "o")


def _numbered(statements: Iterable[Triple], dictionary: Dictionary) -> pl.DataFrame:
    rows = list(statements)
    return pl.DataFrame({name: dictionary.numbers_of([row[i] for row in rows]) for i, name in enumerate("spo")})


def read(statements: Iterable[EngineStatement], dictionary: TextDictionary) -> pl.DataFrame:
    waiting = iter(statements)
    frames = [pl.DataFrame(schema=dict.fromkeys("spo", pl.UInt64))]
    while chunk := list(islice(waiting, _CHUNK)):
        texts = {
            "s": [str(statement.subject) for statement in chunk],
            "p": [str(statement.predicate) for statement in chunk],
            "o": [str(statement.object) for statement in chunk],
        }
        frames.append(pl.DataFrame({name: dictionary.numbers(pl.Series(column)) for name, column in texts.items()}))
    return pl.concat(frames)
