"""Compiling a schema into tables: what follows from a statement with a predicate, or from a type with a class.

The rules are those of https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules. p, q and
the like are numbers of predicates, the others numbers of terms.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from rdflib import URIRef
from rdflib.namespace import OWL, RDF, RDFS

from kb.reasoning.columns import Column, column
from kb.reasoning.predicates import Predicates
from kb.reasoning.schema import Schema
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["Program", "Row", "compile_schema"]

_TYPE, _THING = NUMBER_OF[RDF.type], NUMBER_OF[OWL.Thing]
_SUB, _SUB_PROPERTY = NUMBER_OF[RDFS.subClassOf], NUMBER_OF[RDFS.subPropertyOf]
_DOMAIN, _RANGE, _INVERSE = NUMBER_OF[RDFS.domain], NUMBER_OF[RDFS.range], NUMBER_OF[OWL.inverseOf]
_ON, _SOME, _ALL = NUMBER_OF[OWL.onProperty], NUMBER_OF[OWL.someValuesFrom], NUMBER_OF[OWL.allValuesFrom]
_VALUE, _AND, _MEMBERS = NUMBER_OF[OWL.hasValue], NUMBER_OF[OWL.intersectionOf], NUMBER_OF[OWL.members]
_MAX, _MAX_QUALIFIED = NUMBER_OF[OWL.maxCardinality], NUMBER_OF[OWL.maxQualifiedCardinality]
_DISJOINT, _COMPLEMENT = NUMBER_OF[OWL.disjointWith], NUMBER_OF[OWL.complementOf]
_CHAIN, _KEY, _ON_CLASS = NUMBER_OF[OWL.propertyChainAxiom], NUMBER_OF[OWL.hasKey], NUMBER_OF[OWL.onClass]

Row = tuple[int, ...]
#: Table -> the number that a new statement is looked up by -> the rows that have it.
_Tables = Mapping[str, Mapping[int, list[Row]]]
#: A row with its table and the number that it is looked up by.
_Entry = tuple[str, int, Row]


@dataclass(frozen=True)
class Program:
    """The rules of a schema; two programs are equal when their rules are.

    :param by_predicate: tables that new statements are looked up in by their predicate p:

        - forward (q): p implies q (prp-spo1, prp-eqp1, prp-eqp2, prp-spo2 with a chain of one)
        - backward (q): p implies q the other way round (prp-inv1, prp-inv2, prp-symp)
        - domain (c): what has p is a c (prp-dom, cls-svf2)
        - range (c): values of p are c (prp-rng)
        - chain (p2, q): p followed by p2 implies q (prp-trp, prp-spo2), a longer chain by predicates of its own
        - chain by second (p1, q): p1 followed by p implies q
        - some (c, r): what has a c as p is an r (cls-svf1)
        - every (r, c): values of p of an r are c (cls-avf)
        - value (v, r): what has v as p is an r (cls-hv2)
        - functional (p): a subject has one value (prp-fp)
        - inverse functional (p): a value has one subject (prp-ifp)

    :param by_class: tables that new types are looked up in by their class c:

        - up (d): instances of c are instances of d (cax-sco, cax-eqc1, cax-eqc2, cls-uni, cls-int2); transitive
        - some (p, r), every (p, d): as above, seen from the class
        - value (p, v): a c has v as p (cls-hv1)

    :param intersections: classes, each with those that it is the intersection of (cls-int1)
    :param maxima: r, p, c: an r has at most one p that is a c (cls-maxc2, cls-maxqc3, cls-maxqc4)
    :param keys: classes, each with the properties of a key (prp-key)
    :param asked: classes whose instances some rule needs to know, also one that concludes "false"
    """

    by_predicate: _Tables
    by_class: _Tables
    intersections: tuple[tuple[int, Row], ...]
    maxima: tuple[tuple[int, int, int], ...]
    keys: tuple[tuple[int, Row], ...]
    asked: frozenset[int]

    @cached_property
    def predicates(self) -> Column:
        """The predicates of new statements from which a rule concludes something, sorted."""
        numbers = set(chain.from_iterable(self.by_predicate.values()))
        return column(
            sorted(numbers.union((p for _, p, _ in self.maxima), *(properties for _, properties in self.keys)))
        )

    @cached_property
    def classes(self) -> Column:
        """The classes of new types from which a rule concludes something, sorted."""
        numbers = {*chain.from_iterable(self.by_class.values()), *(keyed for keyed, _ in self.keys)}
        numbers.update(*(parts for _, parts in self.intersections), *((r, c) for r, _, c in self.maxima))
        return column(sorted(numbers))


def compile_schema(schema: Schema, predicates: Predicates, is_one: Callable[[int], bool]) -> Program:
    """Return the rules of a schema that is closed under table 9.

    :param predicates: gives terms their numbers as predicates, and gets new ones for the inside of long chains
    :param is_one: returns whether a term is the cardinality 1
    """
    compiler = _Compiler(schema, predicates)
    return Program(
        by_predicate=_tables(compiler.by_predicate()),
        by_class=_tables(compiler.by_class()),
        intersections=tuple(compiler.intersections()),
        maxima=tuple(sorted({(r, p, c) for r, p, number, c in compiler.maxima() if is_one(number)})),
        keys=tuple(compiler.keys()),
        asked=compiler.asked,
    )


def _tables(entries: Iterable[_Entry]) -> _Tables:
    tables: dict[str, dict[int, list[Row]]] = {}
    for name, number, row in sorted(set(entries)):
        tables.setdefault(name, {}).setdefault(number, []).append(row)
    return tables


@dataclass(frozen=True)
class _Compiler:
    """The rows of the tables, as the schema has them; predicates that have no number yet get one."""

    schema: Schema
    predicates: Predicates

    def by_predicate(self) -> Iterator[_Entry]:
        number = self.predicates.number
        for p, q in self.schema.pairs(_SUB_PROPERTY):
            if p != q:
                yield "forward", number(p), (number(q),)
        for p, q in self.schema.pairs(_INVERSE):
            yield "backward", number(p), (number(q),)
            yield "backward", number(q), (number(p),)
        for name, kind in (
            ("backward", OWL.SymmetricProperty),
            ("functional", OWL.FunctionalProperty),
            ("inverse functional", OWL.InverseFunctionalProperty),
        ):
            yield from ((name, p, (p,)) for p in self._properties(kind))
        for name, axiom in (("domain", _DOMAIN), ("range", _RANGE)):
            yield from ((name, p, (c,)) for p, c in self._least(axiom))
        yield from self._chains()
        for r, p, c in self._restrictions(_SOME):
            yield ("domain", p, (r,)) if c == _THING else ("some", p, (c, r))
        yield from (("every", p, (r, c)) for r, p, c in self._restrictions(_ALL))
        yield from (("value", p, (v, r)) for r, p, v in self._restrictions(_VALUE))

    def by_class(self) -> Iterator[_Entry]:
        for c, d in self.schema.pairs(_SUB):
            if c != d and (d != _THING or _THING in self.asked):
                yield "up", c, (d,)
        yield from (("some", c, (p, r)) for r, p, c in self._restrictions(_SOME) if c != _THING)
        for name, kind in (("every", _ALL), ("value", _VALUE)):
            yield from ((name, r, (p, filler)) for r, p, filler in self._restrictions(kind))

    def intersections(self) -> Iterator[tuple[int, Row]]:
        for c, head in sorted(self.schema.pairs(_AND)):
            if members := self.schema.members(head):
                yield c, tuple(members)

    def maxima(self) -> Iterator[Row]:
        """Yield restriction, property, cardinality and class."""
        yield from ((*row, _THING) for row in self._restrictions(_MAX))
        for row in self._restrictions(_MAX_QUALIFIED):
            yield from ((*row, c) for c in self.schema.objects(_ON_CLASS, row[0]))

    def keys(self) -> Iterator[tuple[int, Row]]:
        for c, properties in sorted(self.schema.lists(_KEY)):
            if properties:
                yield c, tuple(map(self.predicates.number, properties))

    @cached_property
    def asked(self) -> frozenset[int]:
        """The classes in the premises of rules; owl:Thing not for being the superclass of itself."""
        schema = self.schema
        found = {c for c, d in schema.pairs(_SUB) if d not in {_THING, c}}
        found |= {m for _, members in schema.lists(_AND) for m in members}
        for p in (_DISJOINT, _COMPLEMENT):
            found |= {c for pair in schema.pairs(p) for c in pair}
        for axiom in schema.subjects(_TYPE, NUMBER_OF[OWL.AllDisjointClasses]):
            for head in schema.objects(_MEMBERS, axiom):
                found |= set(schema.members(head))
        for p in (_KEY, _SOME, _ALL, _VALUE, _MAX, _MAX_QUALIFIED):
            found |= {r for r, _ in schema.pairs(p)}
        for p in (_SOME, _ON_CLASS):
            found |= {c for _, c in schema.pairs(p) if c != _THING}
        return frozenset(found)

    def _properties(self, kind: URIRef) -> Iterator[int]:
        return map(self.predicates.number, self.schema.subjects(_TYPE, NUMBER_OF[kind]))

    def _chains(self) -> Iterator[_Entry]:
        chains = [(p, p, p) for p in self._properties(OWL.TransitiveProperty)]
        for term, properties in self.schema.lists(_CHAIN):
            q, numbers = self.predicates.number(term), list(map(self.predicates.number, properties))
            while len(numbers) > 2:  # noqa: PLR2004  a pair is what one join follows
                first, second, *rest = numbers
                inside = self.predicates.inside(first, second)
                chains.append((first, second, inside))
                numbers = [inside, *rest]
            if len(numbers) == 2:  # noqa: PLR2004
                chains.append((numbers[0], numbers[1], q))
            elif numbers:
                yield "forward", numbers[0], (q,)
        for first, second, q in chains:
            yield "chain", first, (second, q)
            yield "chain by second", second, (first, q)

    def _restrictions(self, kind: int) -> Iterator[tuple[int, int, int]]:
        """Yield restriction, property and filler."""
        for r, filler in self.schema.pairs(kind):
            yield from ((r, self.predicates.number(p), filler) for p in self.schema.objects(_ON, r))

    def _least(self, axiom: int) -> Iterator[tuple[int, int]]:
        """Yield each property with its classes but those above another one of them: `up` leads there."""
        for p, classes in self.schema.by_subject(axiom).items():
            number = self.predicates.number(p)
            for c in classes:
                known = c == _THING and _THING not in self.asked
                if not known and not any(self._is_above(c, other) for other in classes):
                    yield number, c

    def _is_above(self, c: int, other: int) -> bool:
        above = self.schema.objects(_SUB, other)
        return c in above and other not in self.schema.objects(_SUB, c)
