"""Contradictions on columns: the terms that take part in one, which `kb.reasoning.inconsistencies` then looks at."""

from collections.abc import Iterable, Iterator
from itertools import chain, combinations, pairwise

import numpy as np
from rdflib import Literal, URIRef
from rdflib.namespace import OWL, RDF
from rdflib.term import Node

from kb.rdf.datatypes import belongs, datatype_of
from kb.reasoning.columns import Column, among, column, joined
from kb.reasoning.dictionary import LITERAL
from kb.reasoning.engine import Engine
from kb.reasoning.rules import members_by_class
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["ill_formed", "suspects"]

_TYPE, _DIFFERENT = NUMBER_OF[RDF.type], NUMBER_OF[OWL.differentFrom]
_NOTHING, _MEMBERS = NUMBER_OF[OWL.Nothing], NUMBER_OF[OWL.members]
_ON = NUMBER_OF[OWL.onProperty]


def suspects(engine: Engine) -> set[int]:
    """Return the terms, as their representatives, about which some rule concludes "false"; all of them, hardly more.

    The rules are those of `kb.reasoning.inconsistencies.RULES`.
    """
    found: set[int] = set()
    for part in (_same_and_different, _properties, _classes, _none_allowed, ill_formed, _outside):
        found.update(part(engine))
    return found


def ill_formed(engine: Engine) -> Iterator[int]:
    """Yield the literals in statements that are no value of their own datatype (dt-not-type)."""
    return map(engine.equality.representative, sorted(engine.used(engine.ill_formed)))


def _same_and_different(engine: Engine) -> Iterator[int]:
    """Rules eq-diff1, eq-diff2, eq-diff3 and dt-diff."""
    different = engine.facts.of_predicate(_DIFFERENT)
    subjects = engine.layout.subject(different)
    yield from subjects[subjects == engine.layout.object(different)].tolist()
    for axiom in engine.schema.subjects(_TYPE, NUMBER_OF[OWL.AllDifferent]):
        for lists in (_MEMBERS, NUMBER_OF[OWL.distinctMembers]):
            for head in engine.schema.objects(lists, axiom):
                members = sorted(engine.schema.members(head))
                yield from (x for x, y in pairwise(members) if x == y)
    for names in engine.equality.classes():
        if sum(isinstance(engine.dictionary.node(name), Literal) for name in names) > 1:
            yield names[0]


def _properties(engine: Engine) -> Iterator[int]:
    """Rules prp-irp, prp-asyp, prp-pdw, prp-adp, prp-npa1 and prp-npa2."""
    layout, facts = engine.layout, engine.facts
    for p in _numbers(engine, OWL.IrreflexiveProperty):
        rows = facts.of_predicate(p)
        yield from layout.subject(rows[layout.subject(rows) == layout.object(rows)]).tolist()
    for p in _numbers(engine, OWL.AsymmetricProperty):
        rows = facts.of_predicate(p)
        yield from _ends(engine, rows[facts.known(layout.exchange(rows))])
    for p, q in _disjoint_properties(engine):
        rows = facts.of_predicate(p)
        yield from _ends(engine, rows[facts.known(layout.key(q, layout.subject(rows), layout.object(rows)))])
    for fact in _denied(engine):
        if any(True for _ in facts.match(*fact)):
            yield from fact[1:]


def _disjoint_properties(engine: Engine) -> Iterator[tuple[int, int]]:
    for p, q in engine.schema.pairs(NUMBER_OF[OWL.propertyDisjointWith]):
        yield from combinations(_used(engine, (p, q)), 2)
    for members in _axioms(engine, NUMBER_OF[OWL.AllDisjointProperties]):
        yield from combinations(_used(engine, members), 2)


def _denied(engine: Engine) -> Iterator[tuple[int, int, int]]:
    schema = engine.schema
    for target in (NUMBER_OF[OWL.targetIndividual], NUMBER_OF[OWL.targetValue]):
        for axiom, value in schema.pairs(target):
            for x in schema.objects(NUMBER_OF[OWL.sourceIndividual], axiom):
                for p in _used(engine, schema.objects(NUMBER_OF[OWL.assertionProperty], axiom)):
                    yield p, x, value


def _classes(engine: Engine) -> Iterator[int]:
    """Rules cls-nothing2, cls-com, cax-dw and cax-adc: nothing belongs to two of a set."""
    sets = list(_disjoint_classes(engine))
    classes = column(sorted({_NOTHING, *chain.from_iterable(sets)}))
    members = members_by_class(engine.layout, engine.facts.of_predicate(_TYPE), classes)
    yield from members.get(_NOTHING, column(())).tolist()
    for disjoint in sets:  # what is disjoint with itself is there twice, so it has no instance
        together = np.sort(joined(members[c] for c in disjoint if c in members), kind="stable")
        yield from together[1:][together[1:] == together[:-1]].tolist()


def _disjoint_classes(engine: Engine) -> Iterator[list[int]]:
    for p in (NUMBER_OF[OWL.disjointWith], NUMBER_OF[OWL.complementOf]):
        yield from map(list, engine.schema.pairs(p))
    yield from _axioms(engine, NUMBER_OF[OWL.AllDisjointClasses])


def _none_allowed(engine: Engine) -> Iterator[int]:
    """Rules cls-maxc1, cls-maxqc1 and cls-maxqc2; whether the value's class fits, `inconsistencies` sees."""
    for kind in (NUMBER_OF[OWL.maxCardinality], NUMBER_OF[OWL.maxQualifiedCardinality]):
        for r, number in engine.schema.pairs(kind):
            node = engine.dictionary.node(number)
            if isinstance(node, Literal) and node.value == 0:
                for p in _used(engine, engine.schema.objects(_ON, r)):
                    rows = engine.facts.of_predicate(p)
                    limited = engine.layout.key(_TYPE, engine.layout.subject(rows), r)
                    yield from _ends(engine, rows[engine.facts.known(limited)])


def _outside(engine: Engine) -> Iterator[int]:
    """Rule dt-not-type: literals that a statement puts into a datatype whose values they are not."""
    pairs = list(_typed_literals(engine))
    kinds = sorted({datatype for _, datatype in pairs})
    datatypes = dict(zip(kinds, engine.dictionary.nodes(kinds), strict=True))
    iris = {number: str(datatype) for number, datatype in datatypes.items()}
    own = engine.dictionary.datatypes([name for name, _ in pairs])
    foreign = [pair for pair, datatype in zip(pairs, own, strict=True) if datatype != iris[pair[1]]]
    literals = engine.dictionary.nodes([name for name, _ in foreign])
    for (name, datatype), literal in zip(foreign, literals, strict=True):
        if _is_outside(literal, datatypes[datatype]):
            yield engine.equality.representative(name)


def _typed_literals(engine: Engine) -> Iterator[tuple[int, int]]:
    """Yield each literal that has a type, under each of its names, with each of its types."""
    types = engine.facts.of_predicate(_TYPE)
    named = column(names[0] for names in engine.equality.classes())
    individuals = engine.layout.subject(types)
    renamed = among(individuals, named)
    chosen = types[(engine.dictionary.kinds()[individuals] >= LITERAL) & ~renamed]
    yield from zip(engine.layout.subject(chosen).tolist(), engine.layout.object(chosen).tolist(), strict=True)
    for _, number, datatype in map(engine.layout.unpack, types[renamed].tolist()):
        yield from ((name, datatype) for name in engine.equality.members(number))


def _is_outside(literal: Node, datatype: Node) -> bool:
    """Tell whether a literal is no value of a datatype; `ill_formed` tells whether it is one of its own."""
    if not isinstance(literal, Literal) or not isinstance(datatype, URIRef):
        return False
    return datatype_of(literal) != datatype and not belongs(literal, datatype)


def _axioms(engine: Engine, kind: int) -> Iterator[list[int]]:
    """Yield the members of the axioms of a kind."""
    for axiom in engine.schema.subjects(_TYPE, kind):
        yield from (engine.schema.members(head) for head in engine.schema.objects(_MEMBERS, axiom))


def _numbers(engine: Engine, kind: URIRef) -> list[int]:
    """Return the numbers of the properties of a kind."""
    return _used(engine, sorted(engine.schema.subjects(_TYPE, NUMBER_OF[kind])))


def _used(engine: Engine, properties: Iterable[int]) -> list[int]:
    """Return the numbers as predicates of some terms; one that has none is in no statement."""
    return [number for term in properties if (number := engine.predicates.find(term)) is not None]


def _ends(engine: Engine, statements: Column) -> Iterator[int]:
    yield from engine.layout.subject(statements).tolist()
    yield from engine.layout.object(statements).tolist()
