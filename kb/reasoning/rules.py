"""The rules on columns: what follows in one step from new statements, together with all that are known.

Each function takes the new statements and the tables of a `kb.reasoning.program.Program`, and yields conclusions as
packed statements, known or not. Names of rules are those of tables 4 to 8 of
https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from rdflib.namespace import OWL, RDF

from kb.reasoning.columns import Column, Mask, among, distinct, firsts, joined
from kb.reasoning.facts import Facts, KeyLayout
from kb.reasoning.program import Intersection, Key, MaxCardinality, Program, Row
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["Step", "conclude", "members_by_class", "superclasses"]

#: Numbers below this one have 16 bits.
_SHORT = 1 << 16
_TYPE, _SAME, _THING = NUMBER_OF[RDF.type], NUMBER_OF[OWL.sameAs], NUMBER_OF[OWL.Thing]


@dataclass(frozen=True)
class Step:
    """New statements beside all that are known; the new ones are among these.

    :param new: packed statements, sorted, each once
    :param program: what follows; new statements that nothing follows from are left out of `links` and `members`
    """

    facts: Facts
    new: Column
    program: Program

    @property
    def layout(self) -> KeyLayout:
        """How statements are packed."""
        return self.facts.layout

    @cached_property
    def links(self) -> Mapping[int, tuple[Column, Column]]:
        """Predicate -> subjects and objects of the new statements, sorted by subject."""
        parts = self.layout.parts(self.new, self.program.predicates)
        return {p: (self.layout.subject(part), self.layout.object(part)) for p, part in parts}

    @cached_property
    def members(self) -> Mapping[int, Column]:
        """Class -> individuals of the new types, sorted."""
        return members_by_class(self.layout, self.layout.part(self.new, _TYPE), self.program.classes)

    def of_predicate(self, name: str) -> Iterator[tuple[int, Column, Column, Row]]:
        """Yield predicate, subjects and objects of new statements with each row of a table that is about them."""
        table = self.program.tables[name]
        for p in self.links.keys() & table.keys():
            for row in table[p]:
                yield p, *self.links[p], row

    def of_class(self, name: str) -> Iterator[tuple[int, Column, Row]]:
        """Yield class and individuals of new types with each row of a table that is about them."""
        table = self.program.tables[name]
        for c in self.members.keys() & table.keys():
            for row in table[c]:
                yield c, self.members[c], row

    def are(self, individuals: Column, c: int) -> Mask:
        """Return which individuals are known to belong to a class."""
        return self.facts.contains(self.layout.key(_TYPE, individuals, c))


def members_by_class(layout: KeyLayout, types: Column, classes: Column) -> dict[int, Column]:
    """Return the individuals, sorted, of each of some classes that has any.

    :param types: packed statements of rdf:type, sorted
    :param classes: sorted, each once
    """
    chosen = types[among(layout.object(types), classes)]
    place = classes.searchsorted(layout.object(chosen))
    short = place.astype(np.uint16) if len(classes) < _SHORT else place  # short numbers are sorted in linear time
    ordered = layout.subject(chosen[np.argsort(short, kind="stable")])
    stops = np.bincount(place, minlength=len(classes)).cumsum().tolist()
    bounds = zip(classes.tolist(), [0, *stops], stops, strict=False)
    return {c: ordered[start:stop] for c, start, stop in bounds if start < stop}


def superclasses(step: Step) -> Column:
    """Return the new types' superclasses: cax-sco and the rules that the table stands for."""
    rows = step.of_class("up")
    return joined(step.layout.key(_TYPE, members, d) for _, members, (d,) in rows)


def conclude(step: Step) -> Column:
    """Return what follows in one step by all rules but those in `superclasses`."""
    return joined(part for rule in _RULES for part in rule(step))


def _forward(step: Step) -> Iterator[Column]:
    for _, s, o, (q,) in step.of_predicate("forward"):
        yield step.layout.key(q, s, o)


def _backward(step: Step) -> Iterator[Column]:
    for _, s, o, (q,) in step.of_predicate("backward"):
        yield step.layout.key(q, o, s)


def _domain(step: Step) -> Iterator[Column]:
    for _, s, _, (c,) in step.of_predicate("domain"):
        yield step.layout.key(_TYPE, firsts(s), c)


def _range(step: Step) -> Iterator[Column]:
    for _, _, o, (c,) in step.of_predicate("range"):
        yield step.layout.key(_TYPE, distinct(o), c)


def _chain_first(step: Step) -> Iterator[Column]:
    """prp-trp and prp-spo2, from the first part."""
    for _, s, o, (second, q) in step.of_predicate("chain"):
        rows, ends = step.facts.objects(second, o)
        yield step.layout.key(q, s[rows], ends)


def _chain_second(step: Step) -> Iterator[Column]:
    """prp-trp and prp-spo2, from the second part."""
    for _, s, o, (first, q) in step.of_predicate("chain by second"):
        rows, starts = step.facts.subjects(first, s)
        yield step.layout.key(q, starts, o[rows])


def _some_of_link(step: Step) -> Iterator[Column]:
    """cls-svf1, from the property's statement."""
    for _, s, o, (c, r) in step.of_predicate("some"):
        yield step.layout.key(_TYPE, s[step.are(o, c)], r)


def _some_of_type(step: Step) -> Iterator[Column]:
    """cls-svf1, from the value's type."""
    for _, values, (p, r) in step.of_class("some by class"):
        yield step.layout.key(_TYPE, step.facts.subjects(p, values)[1], r)


def _every_of_link(step: Step) -> Iterator[Column]:
    """cls-avf, from the property's statement."""
    for _, s, o, (r, c) in step.of_predicate("every"):
        yield step.layout.key(_TYPE, o[step.are(s, r)], c)


def _every_of_type(step: Step) -> Iterator[Column]:
    """cls-avf, from the individual's type."""
    for _, members, (p, c) in step.of_class("every by class"):
        yield step.layout.key(_TYPE, step.facts.objects(p, members)[1], c)


def _value_of_link(step: Step) -> Iterator[Column]:
    """cls-hv2."""
    for _, s, o, (value, r) in step.of_predicate("value"):
        yield step.layout.key(_TYPE, s[o == value], r)


def _value_of_type(step: Step) -> Iterator[Column]:
    """cls-hv1."""
    for _, members, (p, value) in step.of_class("value by class"):
        yield step.layout.key(p, members, value)


def _intersections(step: Step) -> Iterator[Column]:
    for intersection in step.program.parts:
        yield _intersection(step, intersection)


def _intersection(step: Step, intersection: Intersection) -> Column:
    """cls-int1."""
    members = distinct(joined(step.members[m] for m in intersection.parts if m in step.members))
    for m in intersection.parts:
        members = members[step.are(members, m)]
    return step.layout.key(_TYPE, members, intersection.whole)


def _functional(step: Step) -> Iterator[Column]:
    """prp-fp."""
    for p in step.links.keys() & step.program.functional:
        rows, values = step.facts.objects(p, firsts(step.links[p][0]))
        yield _same(step, values, rows)


def _inverse_functional(step: Step) -> Iterator[Column]:
    """prp-ifp."""
    for p in step.links.keys() & step.program.inverse:
        rows, holders = step.facts.subjects(p, distinct(step.links[p][1]))
        yield _same(step, holders, rows)


def _maxima(step: Step) -> Iterator[Column]:
    for maximum in step.program.maxima:
        limited = distinct(joined(_perhaps_limited(step, maximum)))
        if len(limited):
            yield _at_most_one(step, maximum, limited[step.are(limited, maximum.r)])


def _perhaps_limited(step: Step, maximum: MaxCardinality) -> Iterator[Column]:
    """Yield the individuals about which a new statement says something that the rule asks for."""
    if maximum.r in step.members:
        yield step.members[maximum.r]
    if maximum.p in step.links:
        yield step.links[maximum.p][0]
    if maximum.c in step.members and maximum.c != _THING:
        yield step.facts.subjects(maximum.p, step.members[maximum.c])[1]


def _at_most_one(step: Step, maximum: MaxCardinality, limited: Column) -> Column:
    """cls-maxc2, cls-maxqc3 and cls-maxqc4."""
    rows, values = step.facts.objects(maximum.p, limited)
    if maximum.c != _THING:
        counted = step.are(values, maximum.c)
        rows, values = rows[counted], values[counted]
    return _same(step, values, rows)


def _keys(step: Step) -> Iterator[Column]:
    for key in step.program.keys:
        touched = [step.links[p][0] for p in key.properties if p in step.links]
        touched += [step.members[key.keyed]] if key.keyed in step.members else []
        if touched:
            yield _same_by_key(step, key, distinct(joined(touched)))


def _same_by_key(step: Step, key: Key, touched: Column) -> Column:
    """prp-key: individuals that share a value of each property, one of them among those that something new is about."""
    first = key.properties[0]
    holders = distinct(step.facts.subjects(first, distinct(step.facts.objects(first, touched)[1]))[1])
    holders = holders[step.are(holders, key.keyed)]
    shared: list[Column] = []
    for p in key.properties:
        rows, values = step.facts.objects(p, holders)
        holders, shared = holders[rows], [*(column[rows] for column in shared), values]
    return _same(step, holders, *shared)


def _same(step: Step, nodes: Column, *group: npt.NDArray[Any]) -> Column:
    """Return that in each group, rows with the same numbers, all nodes are the same as the least of them."""
    order = np.lexsort((nodes, *group))
    nodes = nodes[order]
    starts = np.ones(len(nodes), dtype=np.bool_)
    starts[1:] = np.any([part[order][1:] != part[order][:-1] for part in group], axis=0)
    least = nodes[starts][np.cumsum(starts) - 1]
    differing = least != nodes
    return step.layout.key(_SAME, least[differing], nodes[differing])


_RULES = (
    _forward,
    _backward,
    _domain,
    _range,
    _chain_first,
    _chain_second,
    _some_of_link,
    _some_of_type,
    _every_of_link,
    _every_of_type,
    _value_of_link,
    _value_of_type,
    _intersections,
    _functional,
    _inverse_functional,
    _maxima,
    _keys,
)
