"""The rules of a schema as tables: what follows from a statement with a predicate, or from a type with a class.

Each table belongs to the rules of https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules
that its comment names. p, q and the like are numbers of predicates, the others numbers of terms.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rdflib import URIRef
from rdflib.namespace import OWL, RDF, RDFS

from kb.reasoning.columns import Column, column
from kb.reasoning.predicates import Predicates
from kb.reasoning.schema import Schema
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["Intersection", "Key", "MaxCardinality", "Program", "Row", "Table", "compile_schema"]

_TYPE, _THING = NUMBER_OF[RDF.type], NUMBER_OF[OWL.Thing]
_SUB, _EQUIVALENT = NUMBER_OF[RDFS.subClassOf], NUMBER_OF[OWL.equivalentClass]
_SUB_PROPERTY, _EQUIVALENT_PROPERTY = NUMBER_OF[RDFS.subPropertyOf], NUMBER_OF[OWL.equivalentProperty]
_ON, _SOME, _ALL = NUMBER_OF[OWL.onProperty], NUMBER_OF[OWL.someValuesFrom], NUMBER_OF[OWL.allValuesFrom]
_AND = NUMBER_OF[OWL.intersectionOf]
_MAXIMA = (NUMBER_OF[OWL.maxCardinality], NUMBER_OF[OWL.maxQualifiedCardinality])
_CHAIN, _KEY = NUMBER_OF[OWL.propertyChainAxiom], NUMBER_OF[OWL.hasKey]

Row = tuple[int, ...]
#: The number that a statement is looked up by -> the other numbers of the rows that have it.
Table = Mapping[int, list[Row]]


@dataclass(frozen=True)
class Key:
    """A key of a class (prp-key)."""

    keyed: int
    properties: Row


@dataclass(frozen=True)
class Intersection:
    """A class and those that it is the intersection of (cls-int1)."""

    whole: int
    parts: Row


@dataclass(frozen=True)
class MaxCardinality:
    """An r has at most one p that is a c (cls-maxc2, cls-maxqc3, cls-maxqc4)."""

    r: int
    p: int
    c: int


@dataclass(frozen=True)
class Program:
    """The tables of a schema; two programs are equal when their rules are.

    :param up: cax-sco, cax-eqc1, cax-eqc2, cls-uni, cls-int2: instances of c are instances of d; transitive
    :param forward: prp-spo1, prp-eqp1, prp-eqp2: p implies q
    :param backward: prp-inv1, prp-inv2, prp-symp: p implies q the other way round
    :param domain: prp-dom, cls-svf2: what has p is a c
    :param range: prp-rng: values of p are c
    :param chain: prp-trp, prp-spo2: p1 followed by p2 implies q; longer chains have predicates of their own between
    :param some: cls-svf1: what has a c as p is an r
    :param every: cls-avf: values of p of an r are c
    :param value: cls-hv1, cls-hv2: an r is what has the value v of p
    :param functional: prp-fp
    :param inverse: prp-ifp
    :param parts: cls-int1
    :param maxima: cls-maxc2, cls-maxqc3, cls-maxqc4
    :param keys: prp-key
    :param asked: classes whose instances some rule needs to know, also one that concludes "false"
    """

    up: tuple[Row, ...]
    forward: tuple[Row, ...]
    backward: tuple[Row, ...]
    domain: tuple[Row, ...]
    range: tuple[Row, ...]
    chain: tuple[Row, ...]
    some: tuple[Row, ...]
    every: tuple[Row, ...]
    value: tuple[Row, ...]
    functional: frozenset[int]
    inverse: frozenset[int]
    parts: tuple[Intersection, ...]
    maxima: tuple[MaxCardinality, ...]
    keys: tuple[Key, ...]
    asked: frozenset[int]

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables by what new statements are looked up by: their predicate, or, of types, their class."""
        return {
            "up": _table(self.up),
            "forward": _table(self.forward),
            "backward": _table(self.backward),
            "domain": _table(self.domain),
            "range": _table(self.range),
            "chain": _table(self.chain),
            "chain by second": _table((second, first, q) for first, second, q in self.chain),
            "some": _table(self.some),
            "some by class": _table((c, p, r) for p, c, r in self.some),
            "every": _table(self.every),
            "every by class": _table((r, p, c) for p, r, c in self.every),
            "value": _table(self.value),
            "value by class": _table((r, p, v) for p, v, r in self.value),
        }

    @cached_property
    def predicates(self) -> Column:
        """The predicates of new statements from which a rule concludes something, sorted."""
        by_predicate = ("forward", "backward", "domain", "range", "chain", "chain by second", "some", "every", "value")
        numbers = {p for name in by_predicate for p in self.tables[name]} | self.functional | self.inverse
        numbers |= {maximum.p for maximum in self.maxima} | {p for key in self.keys for p in key.properties}
        return column(sorted(numbers))

    @cached_property
    def classes(self) -> Column:
        """The classes of new types from which a rule concludes something, sorted."""
        by_class = ("up", "some by class", "every by class", "value by class")
        numbers = {c for name in by_class for c in self.tables[name]} | {key.keyed for key in self.keys}
        numbers |= {m for intersection in self.parts for m in intersection.parts}
        numbers |= {c for maximum in self.maxima for c in (maximum.r, maximum.c)}
        return column(sorted(numbers))


#: Returns whether the node, a literal, is the cardinality 1.
IsOne = Callable[[int], bool]


def compile_schema(schema: Schema, predicates: Predicates, is_one: IsOne) -> Program:
    """Return the tables of a schema that is closed under table 9.

    :param predicates: gives terms their numbers as predicates, and gets new ones for the inside of long chains
    """
    compiler = _Compiler(schema, predicates, is_one)
    asked = compiler.asked()
    return Program(
        up=_rows((c, d) for c, d in compiler.up() if d != _THING or _THING in asked),
        forward=_rows(compiler.forward()),
        backward=_rows(compiler.backward()),
        domain=_rows(compiler.domain(asked)),
        range=_rows(compiler.range(asked)),
        chain=_rows(compiler.chain()),
        some=_rows(compiler.some()),
        every=_rows(compiler.every()),
        value=_rows(compiler.value()),
        functional=frozenset(compiler.kind(OWL.FunctionalProperty)),
        inverse=frozenset(compiler.kind(OWL.InverseFunctionalProperty)),
        parts=tuple(compiler.parts()),
        maxima=tuple(MaxCardinality(*row) for row in _rows(compiler.maxima())),
        keys=tuple(compiler.keys()),
        asked=asked,
    )


def _rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(set(rows)))


def _table(rows: Iterable[Row]) -> Table:
    table: defaultdict[int, list[Row]] = defaultdict(list)
    for first, *rest in rows:
        table[first].append(tuple(rest))
    return dict(table)


@dataclass
class _Compiler:
    """The rows of the tables, as the schema has them; predicates that have no number yet get one."""

    schema: Schema
    predicates: Predicates
    is_one: IsOne

    def up(self) -> Iterator[Row]:
        yield from ((c, d) for c, d in self.schema.pairs(_SUB) if c != d)
        yield from self._both(_EQUIVALENT, lambda c: c)

    def forward(self) -> Iterator[Row]:
        number = self.predicates.number
        yield from ((number(p), number(q)) for p, q in self.schema.pairs(_SUB_PROPERTY) if p != q)
        yield from self._both(_EQUIVALENT_PROPERTY, number)
        chains = self.schema.lists(_CHAIN)
        yield from ((number(chain[0]), number(q)) for q, chain in chains if len(chain) == 1)

    def backward(self) -> Iterator[Row]:
        number = self.predicates.number
        for p, q in self.schema.pairs(NUMBER_OF[OWL.inverseOf]):
            yield from ((number(p), number(q)), (number(q), number(p)))
        yield from ((p, p) for p in self.kind(OWL.SymmetricProperty))

    def domain(self, asked: frozenset[int]) -> Iterator[Row]:
        yield from self._least(NUMBER_OF[RDFS.domain], asked)
        for r, p, c in self._restrictions(_SOME):
            if c == _THING:
                yield p, r

    def range(self, asked: frozenset[int]) -> Iterator[Row]:
        yield from self._least(NUMBER_OF[RDFS.range], asked)

    def chain(self) -> Iterator[Row]:
        yield from ((p, p, p) for p in self.kind(OWL.TransitiveProperty))
        for q, chain in self.schema.lists(_CHAIN):
            numbers = list(map(self.predicates.number, chain))
            while len(numbers) > 2:  # noqa: PLR2004  a pair is what one join follows
                first, second, *rest = numbers
                inside = self.predicates.inside(first, second)
                yield first, second, inside
                numbers = [inside, *rest]
            if len(numbers) == 2:  # noqa: PLR2004
                yield numbers[0], numbers[1], self.predicates.number(q)

    def some(self) -> Iterator[Row]:
        yield from ((p, c, r) for r, p, c in self._restrictions(_SOME) if c != _THING)

    def every(self) -> Iterator[Row]:
        yield from ((p, r, c) for r, p, c in self._restrictions(_ALL))

    def value(self) -> Iterator[Row]:
        yield from ((p, v, r) for r, p, v in self._restrictions(NUMBER_OF[OWL.hasValue]))

    def parts(self) -> Iterator[Intersection]:
        for c, head in sorted(self.schema.pairs(_AND)):
            if members := self.schema.members(head):
                yield Intersection(c, tuple(members))

    def kind(self, kind: URIRef) -> Iterator[int]:
        return map(self.predicates.number, self.schema.subjects(_TYPE, NUMBER_OF[kind]))

    def maxima(self) -> Iterator[Row]:
        for kind in _MAXIMA:
            for r, p, number in self._restrictions(kind):
                if self.is_one(number):
                    classes: Iterable[int] = (_THING,)
                    if kind == _MAXIMA[1]:
                        classes = self.schema.objects(NUMBER_OF[OWL.onClass], r)
                    yield from ((r, p, c) for c in classes)

    def keys(self) -> Iterator[Key]:
        for c, properties in sorted(self.schema.lists(_KEY)):
            if properties:
                yield Key(c, tuple(map(self.predicates.number, properties)))

    def asked(self) -> frozenset[int]:
        """Return the classes in the premises of rules; owl:Thing not for being the superclass of itself."""
        schema = self.schema
        found = {c for c, d in self.up() if d not in {_THING, c}}
        found |= {m for _, members in schema.lists(_AND) for m in members}
        for p in (OWL.disjointWith, OWL.complementOf):
            found |= {c for pair in schema.pairs(NUMBER_OF[p]) for c in pair}
        for axiom in schema.subjects(_TYPE, NUMBER_OF[OWL.AllDisjointClasses]):
            for head in schema.objects(NUMBER_OF[OWL.members], axiom):
                found |= set(schema.members(head))
        found |= {c for c, _ in schema.pairs(_KEY)}
        for kind in (_SOME, _ALL, NUMBER_OF[OWL.hasValue], *_MAXIMA):
            found |= {r for r, _ in schema.pairs(kind)}
        found |= {c for _, c in schema.pairs(_SOME) if c != _THING}
        found |= {c for _, c in schema.pairs(NUMBER_OF[OWL.onClass]) if c != _THING}
        return frozenset(found)

    def _both(self, p: int, number: Callable[[int], int]) -> Iterator[Row]:
        for c, d in self.schema.pairs(p):
            if c != d:
                yield from ((number(c), number(d)), (number(d), number(c)))

    def _restrictions(self, kind: int) -> Iterator[Row]:
        """Yield restriction, property and filler."""
        for r, filler in self.schema.pairs(kind):
            yield from ((r, self.predicates.number(p), filler) for p in self.schema.objects(_ON, r))

    def _least(self, p: int, asked: frozenset[int]) -> Iterator[Row]:
        """Yield each property with its classes but those above another one of them: `up` leads there."""
        for q, classes in self.schema.by_subject(p).items():
            number = self.predicates.number(q)
            for c in classes:
                known = c == _THING and _THING not in asked
                if not known and not any(self._is_above(c, other) for other in classes):
                    yield number, c

    def _is_above(self, c: int, other: int) -> bool:
        above = self.schema.objects(_SUB, other)
        return c in above and other not in self.schema.objects(_SUB, c)
