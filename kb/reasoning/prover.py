"""Finding proofs: why a statement follows, down to statements that are asserted.

Each statement that was found keeps the round in which it was. Some rule concludes it from statements of earlier rounds;
a proof takes, at each step, the premises whose latest round is the earliest. So it ends, and no other way leads to the
asserted statements in fewer rounds.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from typing import NamedTuple

from rdflib.namespace import OWL, RDF
from rdflib.term import Node, URIRef

from kb.rdf.convert import Triple
from kb.rdf.datatypes import is_contained
from kb.rdf.proofs import Proof
from kb.reasoning.engine import Engine
from kb.reasoning.facts import Facts, Row, indexed
from kb.reasoning.literals import types_of
from kb.reasoning.rulebook import Atom, Rule, rules_by_predicate
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["Missing", "Prover", "Statement"]

#: Subject, predicate and object, as numbers of terms.
Statement = tuple[int, int, int]

_NEVER = 1 << 32  # later than any round

_TYPE, _SAME = NUMBER_OF[RDF.type], NUMBER_OF[OWL.sameAs]
_FIRST, _REST = NUMBER_OF[RDF.first], NUMBER_OF[RDF.rest]
_AND, _CHAIN, _KEY = NUMBER_OF[OWL.intersectionOf], NUMBER_OF[OWL.propertyChainAxiom], NUMBER_OF[OWL.hasKey]
_CLASS = NUMBER_OF[OWL.Class]
#: What is a class without any premise -> the rule that says so.
_FREE = {NUMBER_OF[OWL.Thing]: "cls-thing", NUMBER_OF[OWL.Nothing]: "cls-nothing1"}
_MEMBER, _EQUALS = "in", "="
_REPLACED = "eq-rep"  # one or more of the rules eq-rep-s, eq-rep-p and eq-rep-o
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


class _Derivation(NamedTuple):
    """The last step of a proof.

    :param rule: its name in the tables, or None for a statement that is asserted
    :param premises: what it is concluded from, in the order of the table
    :param latest: the round of the latest premise
    """

    rule: str | None
    premises: tuple[Statement, ...] = ()
    latest: int = 0


#: A statement to prove, and the round before which it was found.
_Goal = tuple[Statement, int]


class Prover:
    """Proves statements of a materialization; one proof a statement, however often it is a premise.

    :param asserted: what is asserted, under the names that it has there
    """

    def __init__(self, engine: Engine, asserted: Facts) -> None:
        self._engine = engine
        self._asserted = asserted
        self._names: dict[int, str] = {}
        self._proofs: dict[_Goal, Proof[int] | None] = {}

    def prove(self, statement: Statement) -> Proof[int] | None:
        """Return a proof of a statement, the shortest in rounds, or None where it does not follow."""
        return self._proof(self._goal(statement, _NEVER)) if self._follows(statement) else None

    def missing(self, statement: Statement) -> Missing | None:
        """Return the rule that lacks least for concluding a statement that does not follow.

        Only rules with some premise that holds count: what the schema says, mostly.
        """
        found: list[tuple[int, int, str, tuple[Statement, ...], tuple[Atom, ...]]] = []
        for rule, bindings in _rules(statement):
            for ends, lacking in self._partly(rule.body, bindings):
                met = (atom for atom in rule.body if atom not in lacking)
                known = tuple(_ground(atom, ends) for atom in met if atom[1] not in (_MEMBER, _EQUALS))
                unmet = tuple(_bound(atom, ends) for atom in lacking)
                if known and statement not in unmet:
                    found.append((len(unmet), -len(known), rule.name, known, unmet))
        if not found:
            return None
        _, _, name, known, unmet = min(found, key=lambda way: (*way[:3], str(way[3:])))
        node = self._engine.dictionary.node
        return Missing(
            name,
            tuple((node(s), node(p), node(o)) for s, p, o in known),
            tuple((self._open(s), self._open(p), self._open(o)) for s, p, o in unmet if p not in (_MEMBER, _EQUALS)),
        )

    def _open(self, term: int | str) -> Node | None:
        return self._engine.dictionary.node(term) if isinstance(term, int) else None

    def _goal(self, statement: Statement, before: int) -> _Goal:
        return statement, min(before, self._round_of(statement) + 1)

    def _proof(self, goal: _Goal) -> Proof[int] | None:
        """Prove a statement and, before it, all that it rests on: no recursion, proofs are deeper than calls can be."""
        steps: dict[_Goal, tuple[str | None, list[_Goal]]] = {}
        waiting = [goal]
        while waiting:
            statement, before = current = waiting[-1]
            if current in self._proofs:
                waiting.pop()
            elif current not in steps:
                if (derivation := self._derive(statement, before)) is None:
                    self._proofs[current] = None
                else:
                    earlier = min(before, self._round_of(statement))
                    steps[current] = derivation.rule, [self._goal(p, earlier) for p in derivation.premises]
            elif lacking := [other for other in steps[current][1] if other not in self._proofs]:
                waiting += lacking
            else:
                rule, goals = steps[current]
                premises = [proof for other in goals if (proof := self._proofs[other]) is not None]
                whole = len(premises) == len(goals)
                self._proofs[current] = _proof_of(statement, rule, premises) if whole else None
        return self._proofs[goal]

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
        if found < before:
            return self._by_rule(statement, found)
        return self._renamed(statement, before)

    def _is_asserted(self, statement: Statement) -> bool:
        s, p, o = statement
        number = self._engine.predicates.find(p)
        return number is not None and any(True for _ in self._asserted.match(number, s, o))

    def _round_of(self, statement: Statement) -> int:
        """Return the round in which a statement was found under just these names."""
        s, p, o = statement
        return min((found for _, _, found in self._match(s, p, o)), default=_NEVER)

    def _follows(self, statement: Statement) -> bool:
        """Return whether a statement is asserted or follows, under any names."""
        s, p, o = map(self._engine.equality.representative, statement)
        number = self._engine.predicates.find(p)
        same = statement[1] == _SAME and s == o
        return same or (number is not None and any(True for _ in self._engine.facts.match(number, s, o)))

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
        return self._renamed(statement, found)

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
        if p == _TYPE and o == _CLASS and s in _FREE:
            yield _Derivation(_FREE[s])
        for name, body, named in self._rules_of_lists(statement):
            for latest, ends in self._solve(body, {}, before):
                yield _Derivation(name, tuple(_ground(atom, ends) for atom in named), latest)
        for rule, bindings in _rules(statement):
            for latest, ends in self._solve(rule.body, bindings, before):
                if (premises := self._premises(rule, ends, before)) is not None:
                    yield _Derivation(rule.name, premises, latest)

    def _rules_of_lists(self, statement: Statement) -> Iterator[tuple[str, tuple[Atom, ...], tuple[Atom, ...]]]:
        """Yield cls-int1, prp-spo2 and prp-key for each list, which have premises for each of its members.

        A rule has its name, its body, and its body with the names that the members have in the list. It may have
        applied before the members were renamed.
        """
        _, p, o = statement
        axioms = [("prp-spo2", (p, _CHAIN, head)) for _, head, _ in self._match(p, _CHAIN, None)]
        if p == _TYPE:
            axioms += [("cls-int1", (o, _AND, head)) for _, head, _ in self._match(o, _AND, None)]
        elif p == _SAME:
            axioms += [("prp-key", (c, _KEY, head)) for c, head, _ in self._match(None, _KEY, None)]
        for name, axiom in axioms:
            members, written = self._engine.schema.members(axiom[2]), self._written(axiom[2])
            names = written if len(written) == len(members) else members
            for solved in ([members] if members == names else [members, names]) if members else []:
                yield name, _body(axiom, statement, solved), _body(axiom, statement, names)

    def _premises(self, rule: Rule, ends: Mapping[str, int], before: int) -> tuple[Statement, ...] | None:
        """Return the premises of a rule, and where a list has its member under another name, that both are the same.

        None where it was not known yet that they are.
        """
        atoms = [_bound(atom, ends) for atom in rule.body]
        premises = [_ground(atom, ends) for atom in atoms if atom[1] not in (_MEMBER, _EQUALS)]
        for member, kind, head in atoms:
            if kind == _MEMBER and isinstance(member, int) and isinstance(head, int):
                written = self._written(head)
                if member not in written:
                    name = next((name for name in written if self._path(name, member, before)), None)
                    if name is None:
                        return None
                    premises.append((name, _SAME, member))
        return tuple(premises)

    def _written(self, head: int) -> list[int]:
        """Return the members that are asserted of a list."""
        found: list[int] = []
        cells: set[int] = set()
        while head not in cells:
            cells.add(head)
            found += [member for _, member, _ in self._asserted.match(_FIRST, head, None)]
            head = next((rest for _, rest, _ in self._asserted.match(_REST, head, None)), head)
        return found

    def _solve(
        self, body: tuple[Atom, ...], bindings: Mapping[str, int], before: int, latest: int = 0
    ) -> Iterator[tuple[int, Mapping[str, int]]]:
        """Yield the ways to make a body true by statements found earlier, each with its latest round."""
        if not body:
            yield latest, bindings
            return
        bound = [_bound(atom, bindings) for atom in body]
        place = max(range(len(bound)), key=lambda place: _selectivity(bound[place]))
        rest = body[:place] + body[place + 1 :]
        for statement, found in self._atom(bound[place]):
            if found < before and (extended := _unify(bound[place], statement, bindings)) is not None:
                yield from self._solve(rest, extended, before, max(latest, found))

    def _atom(self, atom: Atom) -> Iterator[tuple[tuple[int | str, ...], int]]:
        s, p, o = (term if isinstance(term, int) else None for term in atom)
        if atom[1] == _MEMBER and isinstance(atom[2], int):
            written = self._written(atom[2]) if self._engine.equality else []  # it may have applied under these names
            members = dict.fromkeys([*self._engine.schema.members(atom[2]), *written])
            yield from (((member, _MEMBER, atom[2]), 0) for member in members)
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
        datatype = self._engine.dictionary.node(statement[2])
        if literal is None or not isinstance(datatype, URIRef):
            return False
        return datatype in types_of(literal) or is_contained(literal, datatype)

    # Equality

    @cached_property
    def _stated_same(self) -> Mapping[int, list[tuple[int, int]]]:
        """Term -> the terms that some statement makes the same, with its round."""
        found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for x, y, round_ in self._engine.replaced.match(_SAME, None, None):
            if x != y:
                found[x].append((y, round_))
                found[y].append((x, round_))
        return found

    def _same(self, statement: Statement, before: int) -> _Derivation | None:
        """Rules eq-ref, eq-sym, eq-trans and dt-eq, and those that conclude that things are the same."""
        x, _, y = statement
        if x == y:
            return _Derivation("eq-ref")
        if (found := self._round_of(statement)) < before:
            equal_values = all(map(self._engine.dictionary.is_literal, (x, y)))
            return self._by_rule(statement, found) or (_Derivation("dt-eq") if equal_values else None)
        if self._round_of((y, _SAME, x)) < before:
            return _Derivation("eq-sym", ((y, _SAME, x),))
        path = self._path(x, y, before)
        return _Derivation("eq-trans", ((x, _SAME, path[-2]), (path[-2], _SAME, y))) if len(path) > 2 else None  # noqa: PLR2004

    def _path(self, x: int, y: int, before: int) -> list[int]:
        """Return the terms on the shortest way from one to another, or none."""
        reached: dict[int, int] = {x: x}
        waiting = deque([x])
        while waiting and y not in reached:
            node = waiting.popleft()
            for other, found in self._stated_same.get(node, ()):
                if found < before and other not in reached:
                    reached[other] = node
                    waiting.append(other)
        if y not in reached:
            return []
        path = [y]
        while path[-1] != x:
            path.append(reached[path[-1]])
        return path[::-1]

    def _renamed(self, statement: Statement, before: int) -> _Derivation | None:
        """Return how a statement follows by eq-rep-s, eq-rep-p and eq-rep-o from one with other names."""
        for s, p, o in product(*map(self._engine.equality.members, statement)):
            pairs = [(x, y) for x, y in zip((s, p, o), statement, strict=True) if x != y]
            known = self._round_of((s, p, o)) < before or self._is_literal_type((s, p, o))
            if pairs and known and all(self._path(x, y, before) for x, y in pairs):
                return _Derivation(_REPLACED, ((s, p, o), *((x, _SAME, y) for x, y in pairs)))
        return None


def _proof_of(statement: Statement, rule: str | None, premises: Sequence[Proof[int]]) -> Proof[int]:
    """Return a proof with its last step; names are replaced one after the other, each in a step of its own."""
    if rule != _REPLACED:
        return Proof(statement, rule, tuple(premises))
    proof, *same = premises
    for place, replacing in enumerate(("eq-rep-s", "eq-rep-p", "eq-rep-o")):
        if proof.statement[place] != statement[place]:
            s, p, o = (*statement[: place + 1], *proof.statement[place + 1 :])
            proof = Proof((s, p, o), replacing, (same.pop(0), proof))
    return proof


def _rules(statement: Statement) -> Iterator[tuple[Rule, Mapping[str, int]]]:
    """Yield the rules that can conclude a statement, with what this binds their variables to."""
    rules = rules_by_predicate()
    for rule in (*rules.get(statement[1], ()), *rules.get(None, ())):
        if (bindings := _unify(rule.head, statement, {})) is not None:
            yield rule, bindings


def _body(axiom: Statement, statement: Statement, members: Sequence[int]) -> tuple[Atom, ...]:
    """Return the premises of cls-int1, prp-spo2 or prp-key, by the kind of axiom, that conclude a statement."""
    (owner, kind, _), (s, _, o) = axiom, statement
    if kind == _AND:
        return axiom, *((s, _TYPE, member) for member in members)
    between: list[int | str] = [f"?{number}" for number in range(len(members))]
    if kind == _CHAIN:
        nodes = [s, *between[1:], o]
        return axiom, *((x, member, y) for x, member, y in zip(nodes, members, nodes[1:], strict=False))
    shared = ((x, member, value) for member, value in zip(members, between, strict=True) for x in (s, o))
    return axiom, (s, _TYPE, owner), (o, _TYPE, owner), *shared


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
