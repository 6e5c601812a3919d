"""The rules on columns: what follows in one step from new statements, together with all that are known.

Each function takes the new statements and the tables of a `kb.reasoning.program.Program`, and yields conclusions as
packed statements, known or not. Names of rules are those of tables 4 to 8 of
https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from rdflib.namespace import OWL, RDF

from kb.reasoning.columns import Column, Mask, among, distinct, firsts, joined
from kb.reasoning.composition import composed
from kb.reasoning.facts import Facts, KeyLayout
from kb.reasoning.program import Program, Row
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["Step", "conclude", "members_by_class", "superclasses"]

#: From this many conclusions on what is known is left out at once.
_MANY = 1 << 20
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

    def of_predicate(self, table: str) -> Iterator[tuple[Column, Column, Row]]:
        """Yield subjects and objects of new statements with each row of a table that is about their predicate."""
        rows = self.program.by_predicate.get(table, {})
        return ((*self.links[p], row) for p in self.links.keys() & rows.keys() for row in rows[p])

    def of_class(self, table: str) -> Iterator[tuple[Column, Row]]:
        """Yield individuals of new types with each row of a table that is about their class."""
        rows = self.program.by_class.get(table, {})
        return ((self.members[c], row) for c in self.members.keys() & rows.keys() for row in rows[c])

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
    return joined(step.layout.key(_TYPE, members, d) for members, (d,) in step.of_class("up"))


def conclude(step: Step) -> Column:
    """Return what follows in one step by all rules but those in `superclasses`."""
    return joined(chain(_of_links(step), _of_joined_links(step), _of_types(step), _of_both(step)))


def _of_links(step: Step) -> Iterator[Column]:
    """Apply the rules about a property that start from its statement."""
    facts, key = step.facts, step.layout.key
    for s, o, (q,) in step.of_predicate("forward"):
        yield key(q, s, o)
    for s, o, (q,) in step.of_predicate("backward"):
        yield key(q, o, s)
    for s, _, (c,) in step.of_predicate("domain"):
        yield key(_TYPE, firsts(s), c)
    for _, o, (c,) in step.of_predicate("range"):
        yield key(_TYPE, distinct(o), c)
    for s, _, (p,) in step.of_predicate("functional"):
        rows, values = facts.objects(p, firsts(s))
        yield _same(step, values, rows)
    for _, o, (p,) in step.of_predicate("inverse functional"):
        rows, holders = facts.subjects(p, distinct(o))
        yield _same(step, holders, rows)


def _of_joined_links(step: Step) -> Iterator[Column]:
    """Apply the rules that start from a property's statement and look for another one, or for a type or value."""
    facts, key = step.facts, step.layout.key
    for s, o, (second, q) in step.of_predicate("chain"):
        for starts, ends in composed(s, o, facts.object_ranges(second, o), step.layout):
            yield _unknown(step, key(q, starts, ends))
    for s, o, (first, q) in step.of_predicate("chain by second"):
        for ends, starts in composed(o, s, facts.subject_ranges(first, s), step.layout):
            yield _unknown(step, key(q, starts, ends))
    for s, o, (c, r) in step.of_predicate("some"):
        yield key(_TYPE, s[step.are(o, c)], r)
    for s, o, (r, c) in step.of_predicate("every"):
        yield key(_TYPE, o[step.are(s, r)], c)
    for s, o, (value, r) in step.of_predicate("value"):
        yield key(_TYPE, s[o == value], r)


def _unknown(step: Step, conclusions: Column) -> Column:
    """Return conclusions without those that are known where they are many: they come in parts, and most are known."""
    return step.facts.missing_from(conclusions) if len(conclusions) > _MANY else conclusions


def _of_types(step: Step) -> Iterator[Column]:
    """Apply the rules that start from an individual's type."""
    facts, key = step.facts, step.layout.key
    for values, (p, r) in step.of_class("some"):
        yield key(_TYPE, facts.subjects(p, values)[1], r)
    for members, (p, c) in step.of_class("every"):
        yield key(_TYPE, facts.objects(p, members)[1], c)
    for members, (p, value) in step.of_class("value"):
        yield key(p, members, value)
    for whole, parts in step.program.intersections:
        members = distinct(joined(step.members[part] for part in parts if part in step.members))
        for part in parts:
            members = members[step.are(members, part)]
        yield key(_TYPE, members, whole)


def _of_both(step: Step) -> Iterator[Column]:
    """Apply the rules that start from either: cls-maxc2, cls-maxqc3, cls-maxqc4 and prp-key."""
    for r, p, c in step.program.maxima:
        limited = distinct(joined(_perhaps_limited(step, r, p, c)))
        if len(limited):
            yield _at_most_one(step, limited[step.are(limited, r)], p, c)
    for keyed, properties in step.program.keys:
        touched = [step.links[p][0] for p in properties if p in step.links]
        touched += [step.members[keyed]] if keyed in step.members else []
        if touched:
            yield _same_by_key(step, keyed, properties, distinct(joined(touched)))


def _perhaps_limited(step: Step, r: int, p: int, c: int) -> Iterator[Column]:
    """Yield the individuals about which a new statement says something that the rule asks for."""
    if r in step.members:
        yield step.members[r]
    if p in step.links:
        yield step.links[p][0]
    if c in step.members and c != _THING:
        yield step.facts.subjects(p, step.members[c])[1]


def _at_most_one(step: Step, limited: Column, p: int, c: int) -> Column:
    """Return that all values of p in a class are the same, of each of some individuals."""
    rows, values = step.facts.objects(p, limited)
    if c != _THING:
        counted = step.are(values, c)
        rows, values = rows[counted], values[counted]
    return _same(step, values, rows)


def _same_by_key(step: Step, keyed: int, properties: Row, touched: Column) -> Column:
    """Return that individuals are the same that share a value of each property, one of them a touched one."""
    first = properties[0]
    holders = distinct(step.facts.subjects(first, distinct(step.facts.objects(first, touched)[1]))[1])
    holders = holders[step.are(holders, keyed)]
    shared: list[Column] = []
    for p in properties:
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
