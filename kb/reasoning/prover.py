"""Finding proofs: why a statement follows, down to statements that are asserted.

Each statement that was found keeps the round in which it was. Some rule concludes it from statements of earlier rounds;
a proof takes, at each step, the premises whose latest round is the earliest. So it ends, and no other way leads to the
asserted statements in fewer rounds.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, product

from rdflib.namespace import OWL, RDF
from rdflib.term import Node

from kb.rdf.convert import Triple
from kb.rdf.proofs import Proof
from kb.reasoning.engine import Engine
from kb.reasoning.facts import Facts, Row, indexed
from kb.reasoning.literals import types_of
from kb.reasoning.rulebook import Atom, Rule, rules_by_predicate
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["Missing", "Prover", "Statement"]

#: Subject, predicate and object, as numbers of terms.
Statement = tuple[int, int, int]

_ALWAYS = 1 << 32  # later than any round

_TYPE, _SAME = NUMBER_OF[RDF.type], NUMBER_OF[OWL.sameAs]
_FIRST, _REST = NUMBER_OF[RDF.first], NUMBER_OF[RDF.rest]
_AND, _CHAIN, _KEY = NUMBER_OF[OWL.intersectionOf], NUMBER_OF[OWL.propertyChainAxiom], NUMBER_OF[OWL.hasKey]
_CLASS = NUMBER_OF[OWL.Class]
#: What is a class without any premise -> the rule that says so.
_FREE = {NUMBER_OF[OWL.Thing]: "cls-thing", NUMBER_OF[OWL.Nothing]: "cls-nothing1"}
_MEMBER, _EQUALS = "in", "="
_INDEXED_STATEMENTS = 500_000  # up to which they are indexed in Python's memory
_DESCRIPTION_STEPS = 2  # from a blank node to what tells it from others
_TRIED_PREMISES = 1000  # of a kind, for what is nearest to a proof


@dataclass(frozen=True)
class Missing:
    """A rule that would conclude a statement, if more was known.

    :param rule: its name
    :param known: premises that hold
    :param lacking: premises that do not hold, as far as they are determined; None stands for anything
    """

    rule: str
    known: tuple[Triple, ...]
    lacking: tuple[tuple[Node | None, Node | None, Node | None], ...]


@dataclass(frozen=True)
class _Derivation:
    """The last step of a proof.

    :param rule: its name in the tables, or None for a statement that is asserted
    :param premises: what it is concluded from, in the order of the table
    :param inner: the derivations of premises that are steps on the way to this one
    :param latest: the round of the latest premise
    """

    rule: str | None
    premises: tuple[Statement, ...] = ()
    inner: Mapping[Statement, "_Derivation"] = field(default_factory=dict)
    latest: int = 0


#: A proof on the way: yields the proofs that it needs, is sent what they return, and returns itself.
_Proving = Generator["_Proving", Proof[int] | None, Proof[int] | None]


class Prover:
    """Proves statements of a materialization; one proof a statement, however often it is a premise.

    :param asserted: what is asserted, under the names that it has there
    """

    def __init__(self, engine: Engine, asserted: Facts) -> None:
        self._engine = engine
        self._asserted = asserted
        self._names: dict[int, str] = {}
        self._proofs: dict[tuple[Statement, int], Proof[int] | None] = {}

    def prove(self, statement: Statement) -> Proof[int] | None:
        """Return a proof of a statement, the shortest in rounds, or None where it does not follow."""
        return _finished(self._proof(statement, _ALWAYS)) if self._follows(statement) else None

    def missing(self, statement: Statement) -> Missing | None:
        """Return what comes nearest to a proof of a statement that does not follow, where something does."""
        if (found := self._nearest(statement)) is None:
            return None
        rule, known, lacking = found
        node = self._engine.dictionary.node
        return Missing(
            rule,
            tuple((node(s), node(p), node(o)) for s, p, o in known),
            tuple((self._open(s), self._open(p), self._open(o)) for s, p, o in lacking if p not in (_MEMBER, _EQUALS)),
        )

    def _open(self, term: int | str) -> Node | None:
        return self._engine.dictionary.node(term) if isinstance(term, int) else None

    def _proof(self, statement: Statement, before: int) -> _Proving:
        found = self._round_of(statement)
        bound = before if found is None else min(before, found)
        if (statement, bound) not in self._proofs:
            derivation = self._derive(statement, before)
            built = None if derivation is None else (yield from self._built(statement, derivation, bound))
            self._proofs[statement, bound] = built
        return self._proofs[statement, bound]

    def _built(self, statement: Statement, derivation: _Derivation, bound: int) -> _Proving:
        proofs: list[Proof[int]] = []
        for premise in derivation.premises:
            if premise in derivation.inner:
                found = yield from self._built(premise, derivation.inner[premise], bound)
            else:
                found = yield self._proof(premise, bound)
            if found is None:
                return None
            proofs.append(found)
        return Proof(statement, derivation.rule, tuple(proofs))

    def _derive(self, statement: Statement, before: int) -> _Derivation | None:
        """Return the last step of a proof, or None when the statement does not follow.

        :param before: the round of a statement that it is a premise of; only what was found earlier counts
        """
        if self._is_asserted(statement):
            return _Derivation(None)
        if self._is_literal_type(statement):
            return _Derivation("dt-type2")
        if statement[1] == _SAME:
            return self._same(statement, before)
        found = self._round_of(statement)
        if found is not None and found < before:
            return self._by_rule(statement, found)
        s, p, o = map(self._engine.equality.representative, statement)
        return self._renamed(statement, [(s, p, o)], before)

    def _is_asserted(self, statement: Statement) -> bool:
        s, p, o = statement
        number = self._engine.predicates.find(p)
        return number is not None and any(True for _ in self._asserted.match(number, s, o))

    def _round_of(self, statement: Statement) -> int | None:
        """Return the round in which a statement was found under just these names."""
        s, p, o = statement
        return min((found for _, _, found in self._match(s, p, o)), default=None)

    def _follows(self, statement: Statement) -> bool:
        """Return whether a statement is asserted or follows, under any names."""
        s, p, o = map(self._engine.equality.representative, statement)
        number = self._engine.predicates.find(p)
        same = statement[1] == _SAME and s == o
        return same or (number is not None and any(True for _ in self._engine.facts.match(number, s, o)))

    def _nearest(self, statement: Statement) -> tuple[str, tuple[Statement, ...], tuple[Atom, ...]] | None:
        """Return the rule that lacks least for concluding a statement, what it has, and what it lacks.

        Only rules with some premise that holds count: what the schema says, mostly.
        """
        found: list[tuple[int, int, str, tuple[Statement, ...], tuple[Atom, ...]]] = []
        for rule in self._rules(statement):
            bindings = _unify(rule.head, statement, {})
            if bindings is not None:
                for ends, lacking in self._partly(rule.body, bindings):
                    known = tuple(
                        _ground(a, ends) for a in rule.body if a not in lacking and a[1] not in (_MEMBER, _EQUALS)
                    )
                    bound = tuple(_bound(atom, ends) for atom in lacking)
                    if known and statement not in bound:
                        found.append((len(lacking), -len(known), rule.name, known, bound))
        best = min(found, key=lambda way: (*way[:3], str(way[3:])), default=None)
        return None if best is None else best[2:]

    def _partly(
        self, body: tuple[Atom, ...], bindings: Mapping[str, int]
    ) -> Iterator[tuple[Mapping[str, int], tuple[Atom, ...]]]:
        """Yield the ways to make the first atoms of a body true, and the atoms after them that then are not."""
        atom = max(body, key=lambda atom: _selectivity(_bound(atom, bindings)))
        rest = tuple(other for other in body if other is not atom)
        matched = False
        for statement, _ in islice(self._atom(_bound(atom, bindings)), _TRIED_PREMISES):
            extended = _unify(atom, statement, bindings)
            if extended is not None and rest:
                matched = True
                yield from self._partly(rest, extended)
        if not matched:
            yield bindings, body

    def _by_rule(self, statement: Statement, found: int) -> _Derivation | None:
        earliest: list[_Derivation] = []
        for candidate in self._candidates(statement, found):
            if not earliest or candidate.latest < earliest[0].latest:
                earliest = [candidate]
            elif candidate.latest == earliest[0].latest:
                earliest.append(candidate)
        if earliest:
            return min(earliest, key=self._order) if len(earliest) > 1 else earliest[0]
        return self._renamed(statement, self._replaced_names(statement, found), found)

    def _order(self, candidate: _Derivation) -> tuple[str, ...]:
        """Return what decides between ways with equally late premises: what is the same in each run."""
        terms = (term for premise in candidate.premises for term in premise)
        return candidate.rule or "", *map(self._name, terms)

    def _name(self, term: int) -> str:
        if term not in self._names:
            dictionary = self._engine.dictionary
            blank = dictionary.is_blank(term)
            self._names[term] = self._description(term, _DESCRIPTION_STEPS) if blank else str(dictionary.node(term))
        return self._names[term]

    def _description(self, term: int, near: int) -> str:
        """Return what is said of a blank node, as far as some steps from it, instead of its label, which varies."""
        properties = [p for p in self._engine.predicates.terms() if p is not None] if near else []
        said = ((self._name(p), o) for p in properties for _, o, _ in self._match(term, p, None))
        is_blank = self._engine.dictionary.is_blank
        return str(sorted((p, self._description(o, near - 1) if is_blank(o) else self._name(o)) for p, o in said))

    def _candidates(self, statement: Statement, before: int) -> Iterator[_Derivation]:
        s, p, o = statement
        if p == _TYPE:
            if o == _CLASS and s in _FREE:
                yield _Derivation(_FREE[s])
            yield from self._intersection(s, o, before)
        yield from self._chains(statement, before)
        for rule in self._rules(statement):
            bindings = _unify(rule.head, statement, {})
            if bindings is not None:
                for latest, ends in self._solve(rule.body, bindings, before):
                    yield _Derivation(rule.name, tuple(self._premises(rule, ends)), latest=latest)

    def _premises(self, rule: Rule, ends: Mapping[str, int]) -> Iterator[Statement]:
        """Yield the premises of a rule, and where a list has its member under another name, that both are the same."""
        atoms = [_bound(atom, ends) for atom in rule.body]
        yield from (_ground(atom, ends) for atom in atoms if atom[1] not in (_MEMBER, _EQUALS))
        for member, kind, head in atoms:
            if kind == _MEMBER and isinstance(member, int) and isinstance(head, int):
                written = self._written(head)
                same = (w for w in written if w in self._engine.equality.members(member))
                if member not in written and (name := next(same, None)) is not None:
                    yield name, _SAME, member

    def _written(self, head: int) -> list[int]:
        """Return the members that are asserted of a list."""
        found: list[int] = []
        cells: set[int] = set()
        while head not in cells:
            cells.add(head)
            found += [member for _, member, _ in self._asserted.match(_FIRST, head, None)]
            head = next((rest for _, rest, _ in self._asserted.match(_REST, head, None)), head)
        return found

    def _rules(self, statement: Statement) -> Iterable[Rule]:
        rules = rules_by_predicate()
        return (*rules.get(statement[1], ()), *rules.get(None, ()))

    def _solve(
        self, body: tuple[Atom, ...], bindings: Mapping[str, int], before: int, latest: int = 0
    ) -> Iterator[tuple[int, Mapping[str, int]]]:
        """Yield the ways to make a body true by statements found earlier, each with its latest round."""
        if not body:
            yield latest, bindings
            return
        bound = [_bound(atom, bindings) for atom in body]
        rank = [_selectivity(atom) for atom in bound]
        place = rank.index(max(rank))
        rest = body[:place] + body[place + 1 :]
        for statement, found in self._atom(bound[place]):
            if found < before and (extended := _unify(bound[place], statement, bindings)) is not None:
                yield from self._solve(rest, extended, before, max(latest, found))

    def _atom(self, atom: Atom) -> Iterator[tuple[tuple[int | str, ...], int]]:
        s, p, o = (term if isinstance(term, int) else None for term in atom)
        if atom[1] == _MEMBER and isinstance(atom[2], int):
            yield from (((m, _MEMBER, atom[2]), 0) for m in self._engine.schema.members(atom[2]))
        elif atom[1] == _EQUALS:
            if s is not None and self._engine.is_one(s):
                yield (s, _EQUALS, atom[2]), 0
        elif p is not None:
            yield from (((x, p, y), found) for x, y, found in self._match(s, p, o))

    def _match(self, s: int | None, p: int, o: int | None) -> Iterator[tuple[int, int, int]]:
        number = self._engine.predicates.find(p)
        if number is None:
            return
        for match in self._lookups:
            yield from match(number, s, o)

    @cached_property
    def _lookups(self) -> list[Callable[[int, int | None, int | None], Iterable[Row]]]:
        both = (self._engine.facts, self._engine.replaced)
        return [indexed(facts) if len(facts) <= _INDEXED_STATEMENTS else facts.match for facts in both]

    def _is_literal_type(self, statement: Statement) -> bool:
        """Return whether a statement gives a literal one of its datatypes (dt-type2)."""
        literal = self._engine.dictionary.literal(statement[0]) if statement[1] == _TYPE else None
        return literal is not None and self._engine.dictionary.node(statement[2]) in types_of(literal)

    def _intersection(self, x: int, c: int, before: int) -> Iterator[_Derivation]:
        """Rule cls-int1."""
        for _, head, stated in self._match(c, _AND, None):
            members = self._engine.schema.members(head)
            rounds = [stated, *(self._when((x, _TYPE, m)) for m in members)]
            if members and max(rounds) < before:
                types = ((x, _TYPE, m) for m in self._as_written(head, members))
                yield _Derivation("cls-int1", ((c, _AND, head), *types), latest=max(rounds))

    def _as_written(self, head: int, members: list[int]) -> list[int]:
        """Return the members of a list under the names that they have there, where that can be told."""
        written = self._written(head)
        return written if len(written) == len(members) else members

    def _chains(self, statement: Statement, before: int) -> Iterator[_Derivation]:
        """Rule prp-spo2."""
        s, p, o = statement
        for _, head, stated in self._match(p, _CHAIN, None):
            chain = self._engine.schema.members(head)
            if stated < before and chain:
                names = self._as_written(head, chain)
                for latest, path in self._paths(s, chain, o, before):
                    links = ((x, name, y) for (x, _, y), name in zip(path, names, strict=True))
                    yield _Derivation("prp-spo2", ((p, _CHAIN, head), *links), latest=max(latest, stated))

    def _paths(self, s: int, chain: list[int], o: int, before: int) -> Iterator[tuple[int, tuple[Statement, ...]]]:
        first, *rest = chain
        for _, y, found in self._match(s, first, None if rest else o):
            if found < before:
                step = (s, first, y)
                if not rest:
                    yield found, (step,)
                else:
                    yield from ((max(found, latest), (step, *path)) for latest, path in self._paths(y, rest, o, before))

    # Equality

    @cached_property
    def _stated_same(self) -> dict[int, list[tuple[int, Statement, int]]]:
        """Term -> the terms that some statement makes the same, with the statement and its round."""
        found: dict[int, list[tuple[int, Statement, int]]] = {}
        for x, y, round_ in self._engine.replaced.match(_SAME, None, None):
            if x != y:
                found.setdefault(x, []).append((y, (x, _SAME, y), round_))
                found.setdefault(y, []).append((x, (x, _SAME, y), round_))
        return found

    def _same(self, statement: Statement, before: int) -> _Derivation | None:
        """Rules eq-ref, eq-sym and eq-trans, and those that conclude that things are the same."""
        x, _, y = statement
        found = self._round_of(statement)
        if x == y:
            return _Derivation("eq-ref")
        if found is not None and found < before:
            return self._by_rule(statement, found) or self._by_key(statement, found)
        if (stated := self._round_of((y, _SAME, x))) is not None and stated < before:
            return _Derivation("eq-sym", ((y, _SAME, x),))
        path = self._path(x, y, before)
        return _Derivation("eq-trans", ((x, _SAME, path[-2]), (path[-2], _SAME, y))) if len(path) > 2 else None  # noqa: PLR2004

    def _path(self, x: int, y: int, before: int) -> list[int]:
        """Return the terms on the shortest way from one to another, or none."""
        reached: dict[int, int] = {x: x}
        waiting = deque([x])
        while waiting and y not in reached:
            node = waiting.popleft()
            for other, _, found in self._stated_same.get(node, ()):
                if found < before and other not in reached:
                    reached[other] = node
                    waiting.append(other)
        if y not in reached:
            return []
        path = [y]
        while path[-1] != x:
            path.append(reached[path[-1]])
        return path[::-1]

    def _by_key(self, statement: Statement, before: int) -> _Derivation | None:
        """Rules prp-key and dt-eq."""
        x, _, y = statement
        for c, head, stated in self._match(None, _KEY, None):
            first = [((c, _KEY, head), stated), *(((z, _TYPE, c), self._when((z, _TYPE, c))) for z in (x, y))]
            properties = self._engine.schema.members(head)
            shared = [self._shared(x, p, y, before) for p in properties]
            if max(found for _, found in first) < before and shared and all(shared):
                named = zip(shared, self._as_written(head, properties), strict=True)
                values = ((z, name, value) for pair, name in named for z, _, value in pair)
                return _Derivation("prp-key", (*(premise for premise, _ in first), *values))
        return _Derivation("dt-eq") if all(map(self._engine.dictionary.is_literal, (x, y))) else None

    def _when(self, statement: Statement) -> int:
        found = self._round_of(statement)
        return _ALWAYS if found is None else found

    def _shared(self, x: int, p: int, y: int, before: int) -> tuple[Statement, ...]:
        for _, value, found in self._match(x, p, None):
            if max(found, self._when((y, p, value))) < before:
                return (x, p, value), (y, p, value)
        return ()

    def _replaced_names(self, statement: Statement, before: int) -> Iterator[Statement]:
        """Yield a statement under the names that it had before they were replaced."""
        for s, p, o in product(*map(self._engine.equality.members, statement)):
            found = self._when((s, p, o))
            if (s, p, o) != statement and (found < before or self._is_literal_type((s, p, o))):
                yield s, p, o

    def _renamed(self, statement: Statement, others: Iterable[Statement], before: int) -> _Derivation | None:
        """Rules eq-rep-s, eq-rep-p and eq-rep-o: one name after the other."""
        for other in others:
            known = self._round_of(other) is not None or self._is_literal_type(other)
            pairs = zip(other, statement, strict=True)
            if known and other != statement and all(x == y or self._path(x, y, before) for x, y in pairs):
                return self._replacement(statement, other)
        return None

    def _replacement(self, statement: Statement, other: Statement) -> _Derivation:
        current, last = other, _Derivation(None)
        inner: dict[Statement, _Derivation] = {}
        for place, rule in enumerate(("eq-rep-s", "eq-rep-p", "eq-rep-o")):
            old, new = other[place], statement[place]
            if old != new:
                last = _Derivation(rule, ((old, _SAME, new), current), dict(inner))
                s, p, o = (*statement[: place + 1], *other[place + 1 :])
                current = (s, p, o)
                inner = {current: last}
        return last


def _finished(proving: _Proving) -> Proof[int] | None:
    """Return a proof with all that it needs: on a stack of its own, since proofs are deeper than calls can be."""
    waiting, found = [proving], None
    while waiting:
        try:
            waiting.append(waiting[-1].send(found))
        except StopIteration as done:
            waiting.pop()
            found = done.value
        else:
            found = None
    return found


def _selectivity(atom: Atom) -> tuple[bool, int]:
    """Return how soon an atom should be solved: never before its predicate is known, then the more is known."""
    known = isinstance(atom[1], int) or (atom[1] == _MEMBER and isinstance(atom[2], int))
    known = known or (atom[1] == _EQUALS and isinstance(atom[0], int))
    return known, sum(isinstance(term, int) for term in (atom[0], atom[2]))


def _bound(atom: Atom, bindings: Mapping[str, int]) -> Atom:
    s, p, o = (bindings.get(term, term) if isinstance(term, str) else term for term in atom)
    return s, p, o


def _ground(atom: Atom, bindings: Mapping[str, int]) -> Statement:
    s, p, o = (bindings[term] if isinstance(term, str) else term for term in atom)
    return s, p, o


def _unify(atom: Atom, statement: tuple[int | str, ...], bindings: Mapping[str, int]) -> dict[str, int] | None:
    """Return the bindings with which an atom is a statement, or None."""
    extended = dict(bindings)
    for term, value in zip(atom, statement, strict=True):
        if isinstance(term, str) and term.startswith("?") and isinstance(value, int):
            if extended.setdefault(term, value) != value:
                return None
        elif term != value:
            return None
    return extended
