"""The engine: all that follows from statements by OWL 2 RL, round by round.

In each round the rules see only what the round before found, beside all that is known (semi-naive evaluation). The
schema is closed first, in Python, and compiled into tables; it is compiled again when a round finds something about it.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress

import numpy as np
from rdflib import Literal, URIRef
from rdflib.namespace import OWL, RDF

from kb.errors import DataError
from kb.rdf.datatypes import datatype_of, is_datatype, is_well_formed, plain_form
from kb.reasoning.columns import Column, Mask, among, column, distinct, joined
from kb.reasoning.dictionary import VOCABULARY, Dictionary
from kb.reasoning.equality import Equality
from kb.reasoning.facts import Facts, KeyLayout
from kb.reasoning.literals import equal_literals, types_among, types_of
from kb.reasoning.predicates import Predicates
from kb.reasoning.program import compile_schema
from kb.reasoning.rules import Step, conclude, superclasses
from kb.reasoning.schema import Fact, Schema, close
from kb.reasoning.vocabulary import NUMBER_OF, SCHEMA_CLASSES, SCHEMA_PROPERTIES

__all__ = ["Engine", "Progress"]

#: Is told after each round its number and how many statements are known.
Progress = Callable[[int, int], None]

_TYPE, _SAME = NUMBER_OF[RDF.type], NUMBER_OF[OWL.sameAs]
_SCHEMA = (SCHEMA_PROPERTIES[0], SCHEMA_PROPERTIES[-1])


class Engine:
    """Statements with all that follows from them, each with the round that found it.

    :param dictionary: the terms; it may get more
    :param predicates: the terms that are used as predicates, as many as the layout has room for
    :param asserted: packed statements, sorted, each once
    :raises NoRoom: when rules need more predicates than there is room for
    """

    def __init__(
        self,
        dictionary: Dictionary,
        predicates: Predicates,
        layout: KeyLayout,
        asserted: Column,
        progress: Progress | None = None,
    ) -> None:
        self.dictionary = dictionary
        self.predicates = predicates
        self.layout = layout
        self.facts = Facts(layout)
        self.equality = Equality()
        self.schema = Schema()
        #: Statements in which a term was replaced by its representative, as they were, with their rounds.
        self.replaced = Facts(layout)
        self.round = 0
        #: Literals that are no value of their own datatype.
        self.ill_formed: set[int] = set()
        #: The rules of the schema as it was compiled last.
        self.program = compile_schema(self.schema, predicates, self.is_one)
        self._progress = progress
        self._stale = True
        self._note(asserted, 0)
        self._saturate(_union(asserted, self._equal_literals()))

    def _saturate(self, pending: Column) -> None:
        """Apply all rules until nothing new follows.

        :param pending: statements among the facts to which no rule was applied yet, sorted
        """
        while len(pending):
            pending = self._equated(pending)
            pending = self._compile(pending)
            pending = _union(pending, self._found(superclasses(Step(self.facts, pending, self.program))))
            if self._progress is not None:
                self._progress(self.round, len(self.facts))
            pending = self._found(conclude(Step(self.facts, pending, self.program)))

    def _found(self, conclusions: Column) -> Column:
        """Note conclusions as a round of their own, and return those that are new, sorted."""
        new = self.facts.missing_from(self.equality.canonical(conclusions, self.layout, self.predicates))
        if len(new):
            self.round += 1
            self._note(new, self.round)
        return new

    def _types_of_literals(self) -> Column:
        """Apply dt-type2 for the datatypes whose instances a rule asks for."""
        kinds, node = self.dictionary.kinds(), self.dictionary.node
        terms = [c for c in sorted(self.program.asked) if kinds[c] == VOCABULARY]
        asked = {term: c for c in terms if isinstance(term := node(c), URIRef) and is_datatype(term)}
        literals = self.dictionary.literals(plain=True) if asked else ()
        return self._keys((_TYPE, n, asked[d]) for n, d in types_among(literals, asked))

    def schema_statements(self) -> Column:
        """Return the statements that rules are compiled from."""
        types, others = self.facts.of_predicate(_TYPE), self.facts.of_predicate(*_SCHEMA)
        return joined((types[self._is_schema_type(types)], others))

    def _is_schema_type(self, types: Column) -> Mask:
        classes = self.layout.object(types)
        return (classes >= SCHEMA_CLASSES[0]) & (classes <= SCHEMA_CLASSES[-1])

    def _note(self, keys: Column, found: int) -> None:
        self.facts.add(keys, found)
        types = self.layout.part(keys, _TYPE)
        self._stale |= bool(len(self.layout.part(keys, *_SCHEMA)) or self._is_schema_type(types).any())

    def _equated(self, pending: Column) -> Column:
        """Merge the terms that are said to be the same, and let one stand for all in every statement."""
        said = self.layout.part(pending, _SAME)
        if len(said) == 0:
            return pending
        pairs = zip(self.layout.subject(said).tolist(), self.layout.object(said).tolist(), strict=True)
        gone = self.equality.merge((x, y) for x, y in pairs if x != y)
        old = self.facts.about(column(sorted(gone)), self.predicates.used(gone))
        removed, rounds = self.facts.remove(old)
        for found in np.unique(rounds).tolist():
            self.replaced.add(self.replaced.missing_from(removed[rounds == found]), found)
        new = self._found(joined((old, self._types_of_equal(gone))))
        return _union(pending[self.facts.contains(pending)], new)

    def _compile(self, pending: Column) -> Column:
        """Compile the rules where the schema changed; return all statements where they are other ones now."""
        if not self._stale:
            return pending
        self._stale = False
        self.schema = Schema()
        rounds = close(self.schema, map(self.layout.unpack, self.schema_statements().tolist()))
        added = [self._found(self._keys(facts)) for facts in rounds]
        before, self.program = self.program, compile_schema(self.schema, self.predicates, self.is_one)
        added.append(self._found(self._types_of_literals()))
        self._stale = False
        return self.facts.keys if before != self.program else _union(pending, *added)

    def is_one(self, term: int) -> bool:
        """Return whether a term is the cardinality 1."""
        literal = self.dictionary.literal(term)
        return literal is not None and literal.value == 1

    def _equal_literals(self) -> Column:
        """Apply dt-eq to the literals with a datatype of their own, and note those that are ill-formed."""
        literals = list(self.dictionary.literals())
        for number, literal in literals:
            if not is_well_formed(str(literal), datatype_of(literal)):
                self.ill_formed.add(number)
        pairs = equal_literals(self._with_plain(literals), self.used)
        return self._found(self._keys((_SAME, x, y) for x, y in pairs))

    def _with_plain(self, literals: Iterable[tuple[int, Literal]]) -> Iterable[tuple[int, Literal]]:
        """Yield before each literal the one with the same value that has no datatype, where there is one."""
        for number, literal in literals:
            if (plain := plain_form(literal)) is not None:
                with suppress(DataError):  # of rdf:PlainLiteral with a tag that is no language tag
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
        literals = ((name, self.dictionary.literal(name)) for name in sorted(names))
        pairs = [(n, d) for n, literal in literals if literal is not None for d in types_of(literal)]
        return self._keys((_TYPE, n, self.dictionary.number(d)) for n, d in pairs)

    def _keys(self, facts: Iterable[Fact]) -> Column:
        return column(self.layout.pack(*fact) for fact in facts)


def _union(*parts: Column) -> Column:
    filled = [part for part in parts if len(part)]
    return distinct(joined(filled)) if len(filled) > 1 else joined(filled)
