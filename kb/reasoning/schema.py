"""What follows inside the schema: the rules of table 9, and cls-oo, on sets of numbers.

https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules, table 9 ("The Semantics of Schema
Vocabulary"). A schema is small beside its data, so this is plain Python; what it concludes is compiled into tables
for the columns by `kb.reasoning.program`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import product

from rdflib.namespace import OWL, RDF, RDFS

from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["Fact", "Schema", "close"]

#: Predicate, subject, object, as numbers.
Fact = tuple[int, int, int]

_TYPE, _FIRST, _REST, _NIL = (NUMBER_OF[term] for term in (RDF.type, RDF.first, RDF.rest, RDF.nil))
_SUB, _EQUIVALENT = NUMBER_OF[RDFS.subClassOf], NUMBER_OF[OWL.equivalentClass]
_SUB_PROPERTY, _EQUIVALENT_PROPERTY = NUMBER_OF[RDFS.subPropertyOf], NUMBER_OF[OWL.equivalentProperty]
_DOMAIN, _RANGE = NUMBER_OF[RDFS.domain], NUMBER_OF[RDFS.range]
_ON, _SOME, _ALL = NUMBER_OF[OWL.onProperty], NUMBER_OF[OWL.someValuesFrom], NUMBER_OF[OWL.allValuesFrom]
_VALUE = NUMBER_OF[OWL.hasValue]
_AND, _OR, _ONE_OF = NUMBER_OF[OWL.intersectionOf], NUMBER_OF[OWL.unionOf], NUMBER_OF[OWL.oneOf]
_THING, _NOTHING, _CLASS = NUMBER_OF[OWL.Thing], NUMBER_OF[OWL.Nothing], NUMBER_OF[OWL.Class]
_PROPERTIES = (NUMBER_OF[OWL.ObjectProperty], NUMBER_OF[OWL.DatatypeProperty])

#: Rules cls-thing and cls-nothing1, which have no premises.
_CLASSES = ((_TYPE, _THING, _CLASS), (_TYPE, _NOTHING, _CLASS))
_NONE: frozenset[int] = frozenset()


class Schema:
    """Statements indexed by predicate and subject, and by predicate and object."""

    def __init__(self) -> None:
        self._objects: defaultdict[int, defaultdict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._subjects: defaultdict[int, defaultdict[int, set[int]]] = defaultdict(lambda: defaultdict(set))

    def add(self, facts: Iterable[Fact]) -> None:
        """Add statements."""
        objects, subjects = self._objects, self._subjects
        for p, s, o in facts:
            objects[p][s].add(o)
            subjects[p][o].add(s)

    def objects(self, p: int, s: int) -> AbstractSet[int]:
        """Return the objects of a predicate and a subject."""
        return self._objects[p].get(s, _NONE)

    def subjects(self, p: int, o: int) -> AbstractSet[int]:
        """Return the subjects of a predicate and an object."""
        return self._subjects[p].get(o, _NONE)

    def by_subject(self, p: int) -> Mapping[int, AbstractSet[int]]:
        """Return the statements of a predicate: subject -> objects."""
        return self._objects[p]

    def pairs(self, p: int) -> Iterator[tuple[int, int]]:
        """Yield subject and object of each statement of a predicate."""
        return ((s, o) for s, objects in self._objects[p].items() for o in objects)

    def members(self, head: int) -> list[int]:
        """Return the members of an RDF list; of one that is damaged, those up to the damage."""
        found: list[int] = []
        seen: set[int] = set()
        while head != _NIL and head not in seen:
            seen.add(head)
            found += sorted(self.objects(_FIRST, head))[:1]
            head = min(self.objects(_REST, head), default=_NIL)
        return found

    def lists(self, p: int) -> Iterator[tuple[int, list[int]]]:
        """Yield the subjects of a predicate, each with the members of the list that is its object."""
        return ((s, self.members(head)) for s, head in self.pairs(p))


def close(schema: Schema, facts: Iterable[Fact]) -> list[list[Fact]]:
    """Add statements to an empty schema, with all that follows by table 9, cls-oo, cls-thing and cls-nothing1.

    :return: the new statements, one list a round
    """
    latest = list(dict.fromkeys([*facts, *_CLASSES]))
    known = set(latest)
    rounds: list[list[Fact]] = [list(_CLASSES)]
    schema.add(latest)
    while latest:
        found = (fact for p, s, o in latest if p in _RULES for fact in _RULES[p](schema, s, o))
        latest = [fact for fact in dict.fromkeys(found) if fact not in known]
        known.update(latest)
        schema.add(latest)
        rounds += [latest] if latest else []
    return rounds


def _declaration(_: Schema, s: int, kind: int) -> Iterator[Fact]:
    """Rules scm-cls, scm-op and scm-dp."""
    if kind == _CLASS:
        yield from ((_SUB, s, s), (_EQUIVALENT, s, s), (_SUB, s, _THING), (_SUB, _NOTHING, s))
    elif kind in _PROPERTIES:
        yield from ((_SUB_PROPERTY, s, s), (_EQUIVALENT_PROPERTY, s, s))


def _hierarchy(schema: Schema, sub: int, equivalent: int, c: int, d: int) -> Iterator[Fact]:
    """Rules scm-sco and scm-eqc2, or scm-spo and scm-eqp2, from a statement that c is below d."""
    if c != d:
        yield from ((sub, c, e) for e in schema.objects(sub, d) - schema.objects(sub, c))
        yield from ((sub, b, d) for b in schema.subjects(sub, c) - schema.subjects(sub, d))
    if c in schema.objects(sub, d):
        yield from ((equivalent, c, d), (equivalent, d, c))


def _sub_class(schema: Schema, c: int, d: int) -> Iterator[Fact]:
    """Rules scm-sco, scm-eqc2, scm-dom1, scm-rng1, scm-svf1 and scm-avf1, from a statement c rdfs:subClassOf d."""
    yield from _hierarchy(schema, _SUB, _EQUIVALENT, c, d)
    for axiom in (_DOMAIN, _RANGE):
        yield from ((axiom, p, d) for p in schema.subjects(axiom, c) - schema.subjects(axiom, d))
    for quantifier in (_SOME, _ALL):
        if uppers := schema.subjects(quantifier, d):
            for lower, upper in product(schema.subjects(quantifier, c), uppers):
                if schema.objects(_ON, lower) & schema.objects(_ON, upper):
                    yield _SUB, lower, upper


def _sub_property(schema: Schema, p: int, q: int) -> Iterator[Fact]:
    """Rules scm-spo, scm-eqp2, scm-dom2, scm-rng2, scm-hv, scm-svf2 and scm-avf2, from p rdfs:subPropertyOf q."""
    yield from _hierarchy(schema, _SUB_PROPERTY, _EQUIVALENT_PROPERTY, p, q)
    for axiom in (_DOMAIN, _RANGE):
        yield from ((axiom, p, c) for c in schema.objects(axiom, q) - schema.objects(axiom, p))
    if uppers := schema.subjects(_ON, q):
        for lower, upper in product(schema.subjects(_ON, p), uppers):
            if any(schema.objects(kind, lower) & schema.objects(kind, upper) for kind in (_VALUE, _SOME)):
                yield _SUB, lower, upper
            if schema.objects(_ALL, lower) & schema.objects(_ALL, upper):
                yield _SUB, upper, lower


def _domain_or_range(axiom: int, schema: Schema, p: int, c: int) -> Iterator[Fact]:
    """Rules scm-dom1 and scm-dom2, or scm-rng1 and scm-rng2."""
    yield from ((axiom, p, d) for d in schema.objects(_SUB, c) - schema.objects(axiom, p))
    yield from ((axiom, q, c) for q in schema.subjects(_SUB_PROPERTY, p) - schema.subjects(axiom, c))


#: Predicate -> the rules that a statement with it can start. Restrictions are all there from the first round on.
_RULES: dict[int, Callable[[Schema, int, int], Iterable[Fact]]] = {
    _TYPE: _declaration,
    _SUB: _sub_class,
    _EQUIVALENT: lambda _, c, d: ((_SUB, c, d), (_SUB, d, c)),  # scm-eqc1
    _SUB_PROPERTY: _sub_property,
    _EQUIVALENT_PROPERTY: lambda _, p, q: ((_SUB_PROPERTY, p, q), (_SUB_PROPERTY, q, p)),  # scm-eqp1
    _DOMAIN: partial(_domain_or_range, _DOMAIN),
    _RANGE: partial(_domain_or_range, _RANGE),
    _AND: lambda schema, c, head: [(_SUB, c, member) for member in schema.members(head)],  # scm-int
    _OR: lambda schema, c, head: [(_SUB, member, c) for member in schema.members(head)],  # scm-uni
    _ONE_OF: lambda schema, c, head: [(_TYPE, member, c) for member in schema.members(head)],  # cls-oo
}
