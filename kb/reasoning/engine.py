"""The engine: all that follows from statements by OWL 2 RL, round by round.

In each round the rules see only what the round before found, beside all that is known (semi-naive evaluation). The
schema is closed first, in Python, and compiled into tables; it is compiled again when a round finds something about it.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable

import polars as pl
from rdflib import Literal
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

from kb.datatypes import is_datatype
from kb.reasoning.dictionary import Dictionary
from kb.reasoning.equality import Equality
from kb.reasoning.facts import KEY, Facts, Layout
from kb.reasoning.literals import equal_literals, types_of
from kb.reasoning.predicates import Predicates
from kb.reasoning.program import Program, compile_schema
from kb.reasoning.rules import Step, conclude, superclasses
from kb.reasoning.schema import Fact, Schema, close
from kb.reasoning.vocabulary import NUMBER_OF, SCHEMA_CLASSES, SCHEMA_PROPERTIES

__all__ = ["Engine", "Progress"]

#: Is told after each round its number and how many statements are known.
Progress = Callable[[int, int], None]

_TYPE, _SAME, _DATATYPE = NUMBER_OF[RDF.type], NUMBER_OF[OWL.sameAs], NUMBER_OF[RDFS.Datatype]


class Engine:
    """Statements with all that follows from them, each with the round that found it.

    :param dictionary: the terms; it may get more
    :param predicates: the terms that are used as predicates
    """

    def __init__(self, dictionary: Dictionary, predicates: Predicates, progress: Progress | None = None) -> None:
        self.dictionary = dictionary
        self.predicates = predicates
        self.layout = Layout.of(len(dictionary), len(predicates))
        self.facts = Facts(self.layout)
        self.equality = Equality()
        self.schema = Schema()
        #: Statements in which a term was replaced by its representative, as they were, with their rounds.
        self.replaced = Facts(self.layout)
        self.round = 0
        self._progress = progress
        self._program: Program | None = None
        self._stale = True
        self._literals = 0  # the number of terms whose literals were compared

    def add(self, asserted: pl.Series) -> None:
        """Add packed statements, with all that follows from them.

        :param asserted: those that are known already do no harm
        """
        canonical = self.equality.canonical(asserted, self.layout, self.predicates)
        if self.equality:
            self._replace(asserted, canonical)
        new = self.facts.new(canonical)
        self._note(new, self.round if self.equality else 0)
        self.saturate(_union(new, self._equal_literals()))

    def has_room(self, terms: pl.Series) -> bool:
        """Tell whether statements with some predicates still fit into the layout, all terms being in the dictionary."""
        more = sum(self.predicates.find(term) is None for term in terms.unique())
        return len(self.dictionary) <= self.layout.mask and len(self.predicates) + more < self.layout.predicates

    def saturate(self, pending: pl.Series) -> None:
        """Apply all rules until nothing new follows.

        :param pending: statements among the facts to which no rule was applied yet
        """
        while len(pending):
            pending = self._equated(pending)
            pending = self._compiled(pending)
            pending = self._risen(pending)
            if self._progress is not None:
                self._progress(self.round, len(self.facts))
            step = Step(self.facts, pending, self.program.is_meta)
            pending = self.found(conclude(step, self.program))

    @property
    def program(self) -> Program:
        """The rules of the schema as it is."""
        if self._program is None:
            self._compiled(self.facts.keys.head(0))
        return self._program or compile_schema(self.schema, self.predicates, self._is_one)

    def found(self, conclusions: Iterable[pl.Series]) -> pl.Series:
        """Note conclusions as a round of their own, and return those that are new."""
        parts = [part for part in conclusions if len(part)]
        if not parts:
            return self.facts.keys.head(0)
        new = self.facts.new(self.equality.canonical(pl.concat(parts), self.layout, self.predicates))
        if len(new):
            self.round += 1
            self._note(new, self.round)
        return new

    def types_of_literals(self) -> pl.Series:
        """Apply dt-type2 for the datatypes whose instances a rule asks for."""
        classes = sorted(self.program.asked)
        asked = {
            node for c, node in zip(classes, self.dictionary.nodes(classes), strict=True) if self._is_datatype(c, node)
        }
        literals = self.dictionary.literals(texts=True) if asked else ()
        pairs = ((n, d) for n, literal in literals for d in types_of(literal))
        return self._keys((_TYPE, n, self.dictionary.number(d)) for n, d in pairs if d in asked)

    def is_schema(self, keys: pl.Series) -> bool:
        """Tell whether there is a statement about the schema among some sorted ones."""
        bounds = (min(SCHEMA_PROPERTIES), max(SCHEMA_PROPERTIES) + 1)
        low, high = (bisect_left(keys, self.layout.pack(p, 0, 0)) for p in bounds)
        if high > low:
            return True
        classes = keys.head(bisect_left(keys, self.layout.pack(_TYPE + 1, 0, 0))) & self.layout.mask
        return bool(classes.is_between(min(SCHEMA_CLASSES), max(SCHEMA_CLASSES)).any())

    def _note(self, keys: pl.Series, found: int) -> None:
        self.facts.add(keys, found)
        self._stale = self._stale or self.is_schema(keys)

    def _replace(self, asserted: pl.Series, canonical: pl.Series) -> None:
        changed = asserted.filter(asserted != canonical)
        self.replaced.add(self.replaced.new(changed), 0)
        if len(changed):
            self.round += 1

    def _risen(self, pending: pl.Series) -> pl.Series:
        """Add the superclasses of new types; what they follow from is transitive, so once is enough."""
        new = self.found([superclasses(Step(self.facts, pending), self.program)])
        return _union(pending, new)

    def _equated(self, pending: pl.Series) -> pl.Series:
        """Merge the terms that are said to be the same, and let one stand for all in every statement."""
        low, high = (bisect_left(pending, self.layout.pack(p, 0, 0)) for p in (_SAME, _SAME + 1))
        if low == high:
            return pending
        pairs = self.layout.frame(pending.slice(low, high - low)).filter(pl.col("s") != pl.col("o"))
        gone = self.equality.merge(pairs.select("s", "o").iter_rows())
        old = self.facts.about(pl.Series(gone, dtype=pl.UInt64), self.equality.renamed(gone, self.predicates))
        removed = self.facts.remove(old)
        for (found,), rows in removed.partition_by("r", as_dict=True).items():
            self.replaced.add(self.replaced.new(rows[KEY]), int(found))
        new = self.found([old, self._types_of_equal(gone)])
        return _union(self.facts.known(pending.to_frame(KEY))[KEY], new)

    def _compiled(self, pending: pl.Series) -> pl.Series:
        """Compile the rules anew where the schema changed; return all statements where they are other ones now."""
        if not self._stale:
            return pending
        self._stale = False
        self.schema = Schema()
        added = [self._inside_schema(facts) for facts in close(self.schema, self._schema_facts())]
        before, self._program = self._program, compile_schema(self.schema, self.predicates, self._is_one)
        added.append(self.found([self.types_of_literals()]))
        self._stale = False
        if before is None or before.content != self._program.content:
            return self.facts.frame[KEY]
        return _union(pending, *added)

    def _schema_facts(self) -> list[Fact]:
        classes = pl.col("o").is_between(min(SCHEMA_CLASSES), max(SCHEMA_CLASSES))
        types = self.layout.frame(self.facts.of_predicates([_TYPE])).filter(classes)
        rows = pl.concat([types, self.layout.frame(self.facts.of_predicates(SCHEMA_PROPERTIES))])
        return list(rows.iter_rows())

    def _inside_schema(self, facts: list[Fact]) -> pl.Series:
        rows = pl.DataFrame(facts, schema={"p": pl.UInt64, "s": pl.UInt64, "o": pl.UInt64}, orient="row")
        return self.found([rows.select(self.layout.key(pl.col("p"), pl.col("s"), pl.col("o")))[KEY]])

    def _is_one(self, term: int) -> bool:
        node = self.dictionary.node(term)
        return isinstance(node, Literal) and node.value == 1

    def _equal_literals(self) -> pl.Series:
        """Apply dt-eq to the literals that no statement before had."""
        if self._literals == 0:
            literals: Iterable[tuple[int, Literal]] = self.dictionary.literals()
        elif any(True for _ in self.dictionary.literals(self._literals)):
            literals = self.dictionary.literals()
        else:
            literals = ()
        self._literals = len(self.dictionary)
        pairs = list(equal_literals(self._with_plain(literals)))
        return self.found([self._keys((_SAME, x, y) for x, y in pairs if self._is_used(x) and self._is_used(y))])

    def _with_plain(self, literals: Iterable[tuple[int, Literal]]) -> Iterable[tuple[int, Literal]]:
        """Yield with each literal of a restriction of xsd:string the plain string with the same characters."""
        for number, literal in literals:
            if XSD.string in types_of(literal):
                plain = Literal(str(literal))
                if (known := self.dictionary.find(plain)) is not None:
                    yield known, plain
            yield number, literal

    def _is_used(self, literal: int) -> bool:
        return len(self.facts.about(pl.Series([self.equality.representative(literal)], dtype=pl.UInt64))) > 0

    def _is_datatype(self, term: int, node: Node) -> bool:
        return is_datatype(node) or (_TYPE, term, _DATATYPE) in self.schema

    def _types_of_equal(self, gone: Iterable[int]) -> pl.Series:
        """Apply dt-type2 to the literals that have another name now."""
        names = {name for term in gone for name in self.equality.members(term)}
        nodes = ((name, self.dictionary.node(name)) for name in sorted(names))
        pairs = [(n, d) for n, node in nodes if isinstance(node, Literal) for d in types_of(node)]
        return self._keys((_TYPE, n, self.dictionary.number(d)) for n, d in pairs)

    def _keys(self, facts: Iterable[Fact]) -> pl.Series:
        return pl.Series(KEY, [self.layout.pack(*fact) for fact in facts], dtype=pl.UInt64)


def _union(*parts: pl.Series) -> pl.Series:
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:  # noqa: PLR2004  nothing to join
        return filled[0] if filled else parts[0]
    return pl.concat(filled).unique().sort()
