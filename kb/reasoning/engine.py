"""The engine: all that follows from statements by OWL 2 RL, round by round.

In each round the rules see only what the round before found, beside all that is known (semi-naive evaluation). The
schema is closed first, in Python, and compiled into tables; it is compiled again when a round finds something about it.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from rdflib import Literal
from rdflib.namespace import OWL, RDF, XSD
from rdflib.term import Node

from kb.rdf.datatypes import datatype_of, is_datatype, is_well_formed
from kb.reasoning.columns import Column, Mask, among, column, distinct, joined
from kb.reasoning.dictionary import VOCABULARY, Dictionary
from kb.reasoning.equality import Equality
from kb.reasoning.facts import Facts, Layout
from kb.reasoning.literals import equal_literals, types_of
from kb.reasoning.predicates import Predicates
from kb.reasoning.program import Program, compile_schema
from kb.reasoning.rules import Step, conclude, superclasses
from kb.reasoning.schema import Fact, Schema, close
from kb.reasoning.vocabulary import NUMBER_OF, SCHEMA_CLASSES, SCHEMA_PROPERTIES

__all__ = ["Engine", "Progress"]

#: Is told after each round its number and how many statements are known.
Progress = Callable[[int, int], None]

_TYPE, _SAME = NUMBER_OF[RDF.type], NUMBER_OF[OWL.sameAs]


class Engine:
    """Statements with all that follows from them, each with the round that found it.

    :param dictionary: the terms; it may get more
    :param predicates: the terms that are used as predicates, as many as the layout has room for
    :raises NoRoom: as every method that adds statements, when rules need more predicates; it is of no use then
    """

    def __init__(
        self, dictionary: Dictionary, predicates: Predicates, layout: Layout, progress: Progress | None = None
    ) -> None:
        self.dictionary = dictionary
        self.predicates = predicates
        self.layout = layout
        self.facts = Facts(self.layout)
        self.equality = Equality()
        self.schema = Schema()
        #: Statements in which a term was replaced by its representative, as they were, with their rounds.
        self.replaced = Facts(self.layout)
        self.round = 0
        self._progress = progress
        self._program: Program | None = None
        self._stale = True
        #: Literals that are no value of their own datatype.
        self.ill_formed: set[int] = set()
        self._values: dict[tuple[str, ...], int] = {}  # value -> a literal that has it

    def add(self, asserted: Column) -> None:
        """Add packed statements, with all that follows from them.

        :param asserted: sorted, each once; those that are known already do no harm
        """
        canonical = self.equality.canonical(asserted, self.layout, self.predicates)
        if self.equality:
            self._replace(asserted, canonical)
        new = self.facts.new(canonical)
        literals = self._new_literals(new)
        self._note(new, self.round if self.equality else 0)
        self.saturate(_union(new, self._equal_literals(literals)))

    def has_room(self, predicates: Iterable[int]) -> bool:
        """Tell whether statements with some predicates still fit into the layout, all terms being in the dictionary."""
        more = sum(self.predicates.find(term) is None for term in set(predicates))
        return len(self.dictionary) <= self.layout.mask and len(self.predicates) + more <= self.layout.predicates

    def saturate(self, pending: Column) -> None:
        """Apply all rules until nothing new follows.

        :param pending: statements among the facts to which no rule was applied yet, sorted
        """
        while len(pending):
            pending = self._equated(pending)
            pending = self._compiled(pending)
            pending = _union(pending, self.found(superclasses(self.step(pending))))
            if self._progress is not None:
                self._progress(self.round, len(self.facts))
            pending = self.found(conclude(self.step(pending)))

    def step(self, new: Column) -> Step:
        """Return the next step from some of the facts, sorted."""
        return Step(self.facts, new, self.program)

    @property
    def program(self) -> Program:
        """The rules of the schema as it was compiled last."""
        while self._program is None:  # once: an engine without statements has compiled nothing
            self._compiled(column(()))
        return self._program

    def found(self, conclusions: Column) -> Column:
        """Note conclusions as a round of their own, and return those that are new, sorted."""
        new = self.facts.new(self.equality.canonical(conclusions, self.layout, self.predicates))
        if len(new):
            self.round += 1
            self._note(new, self.round)
        return new

    def types_of_literals(self) -> Column:
        """Apply dt-type2 for the datatypes whose instances a rule asks for."""
        asked = dict(self._datatypes())
        literals = self.dictionary.literals(texts=True) if asked else ()
        packable = ((n, literal) for n, literal in literals if n <= self.layout.mask)  # others are in no statement
        return self._keys((_TYPE, n, asked[d]) for n, literal in packable for d in types_of(literal) if d in asked)

    def is_schema(self, keys: Column) -> bool:
        """Tell whether there is a statement about the schema among some sorted ones."""
        low, _ = self.layout.span(min(SCHEMA_PROPERTIES), 0)
        _, high = self.layout.span(0, max(SCHEMA_PROPERTIES))
        start, stop = keys.searchsorted(column((low, high)))
        return bool(start < stop) or bool(self._is_schema_type(self.layout.part(keys, _TYPE)).any())

    def _is_schema_type(self, types: Column) -> Mask:
        classes = self.layout.object(types)
        return (classes >= min(SCHEMA_CLASSES)) & (classes <= max(SCHEMA_CLASSES))

    def _datatypes(self) -> Iterator[tuple[Node, int]]:
        """Yield the datatypes of OWL 2 RL whose instances a rule asks for, with their numbers."""
        kinds = self.dictionary.kinds()
        for c in sorted(self.program.asked):
            if kinds[c] == VOCABULARY and is_datatype(node := self.dictionary.node(c)):
                yield node, c

    def _note(self, keys: Column, found: int) -> None:
        self.facts.add(keys, found)
        self._stale = self._stale or self.is_schema(keys)

    def _replace(self, asserted: Column, canonical: Column) -> None:
        changed = asserted[asserted != canonical]
        self.replaced.add(self.replaced.new(changed), 0)
        if len(changed):
            self.round += 1

    def _equated(self, pending: Column) -> Column:
        """Merge the terms that are said to be the same, and let one stand for all in every statement."""
        said = self.layout.part(pending, _SAME)
        if len(said) == 0:
            return pending
        pairs = zip(self.layout.subject(said).tolist(), self.layout.object(said).tolist(), strict=True)
        gone = self.equality.merge((x, y) for x, y in pairs if x != y)
        old = self.facts.about(column(sorted(gone)), self.equality.renamed(gone, self.predicates))
        removed, rounds = self.facts.remove(old)
        for found in np.unique(rounds).tolist():
            self.replaced.add(self.replaced.new(removed[rounds == found]), found)
        new = self.found(joined((old, self._types_of_equal(gone))))
        return _union(pending[self.facts.known(pending)], new)

    def _compiled(self, pending: Column) -> Column:
        """Compile the rules anew where the schema changed; return all statements where they are other ones now."""
        if not self._stale:
            return pending
        self._stale = False
        self.schema = Schema()
        rounds = close(self.schema, self._schema_facts())
        added = [self.found(self._keys(facts)) for facts in rounds]
        before, self._program = self._program, compile_schema(self.schema, self.predicates, self.is_one)
        added.append(self.found(self.types_of_literals()))
        self._stale = False
        return self.facts.keys if before != self._program else _union(pending, *added)

    def _schema_facts(self) -> Iterator[Fact]:
        types = self.facts.of_predicate(_TYPE)
        others = self.facts.of_predicates(min(SCHEMA_PROPERTIES), max(SCHEMA_PROPERTIES))
        return map(self.layout.unpack, joined((types[self._is_schema_type(types)], others)).tolist())

    def is_one(self, term: int) -> bool:
        """Tell whether a term is the cardinality 1."""
        node = self.dictionary.node(term)
        return isinstance(node, Literal) and node.value == 1

    def _new_literals(self, new: Column) -> list[tuple[int, Literal]]:
        """Return the literals among the objects of statements; of the first statements those with a datatype alone."""
        if len(self.facts) == 0:
            return list(self.dictionary.literals())
        numbers = distinct(self.layout.object(new)).tolist()
        names = [name for number in numbers for name in self.equality.members(number)]
        nodes = zip(names, self.dictionary.nodes(names), strict=True)
        return [(number, node) for number, node in nodes if isinstance(node, Literal)]

    def _equal_literals(self, literals: Iterable[tuple[int, Literal]]) -> Column:
        """Apply dt-eq to literals beside those that were compared before."""
        for number, literal in literals:
            if not is_well_formed(str(literal), datatype_of(literal)):
                self.ill_formed.add(number)
        pairs = equal_literals(self._with_plain(literals), self._values, self.used)
        return self.found(self._keys((_SAME, x, y) for x, y in pairs))

    def _with_plain(self, literals: Iterable[tuple[int, Literal]]) -> Iterable[tuple[int, Literal]]:
        """Yield with each literal of a restriction of xsd:string the plain string with the same characters."""
        for number, literal in literals:
            if XSD.string in types_of(literal):
                plain = Literal(str(literal))
                if (known := self.dictionary.find(plain)) is not None:
                    yield known, plain
            yield number, literal

    def used(self, terms: set[int]) -> set[int]:
        """Return those of some terms about which there is a statement."""
        if not terms:
            return set()
        stand_ins = {term: self.equality.representative(term) for term in terms}
        wanted = column(sorted(set(stand_ins.values())))
        about = self.facts.about(wanted)
        mentioned = distinct(joined((self.layout.subject(about), self.layout.object(about))))
        present = set(wanted[among(wanted, mentioned)].tolist())
        return {term for term, stand_in in stand_ins.items() if stand_in in present}

    def _types_of_equal(self, gone: Iterable[int]) -> Column:
        """Apply dt-type2 to the literals that have another name now."""
        names = {name for term in gone for name in self.equality.members(term)}
        nodes = ((name, self.dictionary.node(name)) for name in sorted(names))
        pairs = [(n, d) for n, node in nodes if isinstance(node, Literal) for d in types_of(node)]
        return self._keys((_TYPE, n, self.dictionary.number(d)) for n, d in pairs)

    def _keys(self, facts: Iterable[Fact]) -> Column:
        return column(self.layout.pack(*fact) for fact in facts)


def _union(*parts: Column) -> Column:
    filled = [part for part in parts if len(part)]
    return distinct(joined(filled)) if len(filled) > 1 else joined(filled)
