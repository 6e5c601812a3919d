"""The inconsistencies of OWL 2 RL: what contradicts itself in a graph with all that follows from it.

`inconsistent_terms` finds the terms that take part in one on the reasoner's columns, where millions of statements take
no time; `find_inconsistencies` looks at an rdflib graph, and says which statements they are, in words.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise, product, starmap

import numpy as np
import pyoxigraph
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

from kb.namespaces import shorten
from kb.rdf.convert import Triple
from kb.rdf.datatypes import belongs, datatype_of, differ, is_well_formed
from kb.reasoning.columns import Column, among, column, joined
from kb.reasoning.dictionary import LITERAL
from kb.reasoning.engine import Engine
from kb.reasoning.rules import members_by_class
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["RULES", "Inconsistency", "find_inconsistencies", "inconsistent_terms"]

_TYPE = NUMBER_OF[RDF.type]


@dataclass(frozen=True)
class Inconsistency:
    """Statements that contradict each other.

    :param rule: name of the rule in the tables of OWL 2 RL/RDF, for example ``"cax-dw"``
        (https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules)
    :param message: what is wrong in words, with CURIEs, without a full stop
    :param statements: asserted or inferred, those about individuals first, then the axiom that they violate
    """

    rule: str
    message: str
    statements: tuple[Triple, ...]


def inconsistent_terms(engine: Engine) -> set[int]:
    """Return the terms about which one of `RULES` concludes "false", as their representatives: all, and hardly more."""
    found: set[int] = set()
    for part in (_same_and_different, _properties, _classes, _none_allowed, _ill_typed):
        found.update(part(engine))
    return found


def find_inconsistencies(closure: Graph) -> tuple[Inconsistency, ...]:
    """Return all inconsistencies of a graph, ordered by rule and message, one of each message.

    :param closure: a graph together with all that follows from it by the rules of OWL 2 RL, reflexive `owl:sameAs`
        statements aside; its RDF lists are well-formed
    """
    found: dict[tuple[str, str], Inconsistency] = {}
    for inconsistency in (inconsistency for rule in RULES for inconsistency in rule(closure)):
        key = inconsistency.rule, inconsistency.message
        found[key] = min(found.get(key, inconsistency), inconsistency, key=_order)
    return tuple(found[key] for key in sorted(found))


def _order(inconsistency: Inconsistency) -> tuple[list[str], list[str]]:
    """Return what decides which of several with the same message is told; labels of blank nodes only at last."""
    nodes = [node for statement in inconsistency.statements for node in statement]
    return ["" if isinstance(node, BNode) else node.n3() for node in nodes], [node.n3() for node in nodes]


def _eq_diff1(closure: Graph) -> Iterator[Inconsistency]:
    for x, y in _sorted_pairs(closure.subject_objects(OWL.differentFrom)):
        either = _present(closure, (x, OWL.differentFrom, y), (y, OWL.differentFrom, x))
        same = _same(closure, x, y)
        if x == y and set(closure.objects(x, OWL.sameAs)) <= {x}:
            yield Inconsistency("eq-diff1", f"{_name(x)} is said to be different from itself", either)
        elif x != y and same:
            yield Inconsistency(
                "eq-diff1", f"{_name(x)} and {_name(y)} are the same and are different", (*same, *either)
            )


def _eq_diff2_and_3(closure: Graph) -> Iterator[Inconsistency]:
    """Compare all members; an individual that is listed twice is the same as itself."""
    for rule, lists in (("eq-diff2", OWL.members), ("eq-diff3", OWL.distinctMembers)):
        for axiom, individuals in _axioms(closure, OWL.AllDifferent, lists):
            for x, y in _sorted_pairs(combinations(individuals, 2)):
                same = _same(closure, x, y)
                if x == y or same:
                    message = f"{_name(x)} and {_name(y)} are the same and are in a list of different individuals"
                    yield Inconsistency(rule, message, (*same, (axiom, RDF.type, OWL.AllDifferent)))


def _dt_diff(closure: Graph) -> Iterator[Inconsistency]:
    """Find literals that were made the same, though their values differ: dt-diff together with eq-diff1."""
    for x, y in _sorted_pairs(closure.subject_objects(OWL.sameAs)):
        if isinstance(x, Literal) and isinstance(y, Literal) and differ(x, y):
            message = f"{_name(x)} and {_name(y)} would have to be the same value"
            yield Inconsistency("dt-diff", message, (*_shared_uses(closure, x, y), *_same(closure, x, y)))


def _prp_irp(closure: Graph) -> Iterator[Inconsistency]:
    for p in closure.subjects(RDF.type, OWL.IrreflexiveProperty):
        for x, y in closure.subject_objects(p):
            if x == y:
                message = f"{_name(x)} has itself as {_name(p)}, which no thing can"
                yield Inconsistency("prp-irp", message, ((x, p, x), (p, RDF.type, OWL.IrreflexiveProperty)))


def _prp_asyp(closure: Graph) -> Iterator[Inconsistency]:
    for p in closure.subjects(RDF.type, OWL.AsymmetricProperty):
        for x, y in _sorted_pairs(closure.subject_objects(p)):
            if (x, p, y) in closure and (y, p, x) in closure:
                message = f"{_name(x)} and {_name(y)} are each the {_name(p)} of the other, which cannot be"
                yield Inconsistency("prp-asyp", message, ((x, p, y), (y, p, x), (p, RDF.type, OWL.AsymmetricProperty)))


def _prp_pdw_and_adp(closure: Graph) -> Iterator[Inconsistency]:
    axioms = _disjoint(closure, {OWL.propertyDisjointWith: "prp-pdw"}, {OWL.AllDisjointProperties: "prp-adp"})
    for rule, p, q, axiom in axioms:
        for x, y in closure.subject_objects(p):
            if (x, q, y) in closure:
                message = f"{_name(x)} has {_name(y)} as {_name(p)} and as {_name(q)}, which exclude each other"
                yield Inconsistency(rule, message, ((x, p, y), (x, q, y), axiom))


def _prp_npa1_and_2(closure: Graph) -> Iterator[Inconsistency]:
    for rule, target in (("prp-npa1", OWL.targetIndividual), ("prp-npa2", OWL.targetValue)):
        for axiom, y in closure.subject_objects(target):
            for x in closure.objects(axiom, OWL.sourceIndividual):
                for p in closure.objects(axiom, OWL.assertionProperty):
                    if (x, p, y) in closure:
                        message = f"{_name(x)} {_name(p)} {_name(y)} is stated and denied"
                        yield Inconsistency(rule, message, ((x, p, y), (axiom, target, y)))


def _cls_nothing2(closure: Graph) -> Iterator[Inconsistency]:
    for x in closure.subjects(RDF.type, OWL.Nothing):
        message = f"{_name(x)} belongs to owl:Nothing, which has no members"
        yield Inconsistency("cls-nothing2", message, ((x, RDF.type, OWL.Nothing),))


def _cls_com_and_cax(closure: Graph) -> Iterator[Inconsistency]:
    """Rules cls-com, cax-dw and cax-adc."""
    relations = {OWL.complementOf: "cls-com", OWL.disjointWith: "cax-dw"}
    for rule, c, d, axiom in _disjoint(closure, relations, {OWL.AllDisjointClasses: "cax-adc"}):
        for x in set(closure.subjects(RDF.type, c)) & set(closure.subjects(RDF.type, d)):
            message = f"{_name(x)} belongs to {_name(c)} and to {_name(d)}, which have no common members"
            yield Inconsistency(rule, message, ((x, RDF.type, c), (x, RDF.type, d), axiom))


def _cls_maxc1(closure: Graph) -> Iterator[Inconsistency]:
    for (x, p, y), *axioms in _forbidden(closure, OWL.maxCardinality):
        message = f"{_name(x)} has {_name(y)} as {_name(p)}, of which it can have none"
        yield Inconsistency("cls-maxc1", message, ((x, p, y), *axioms))


def _cls_maxqc1_and_2(closure: Graph) -> Iterator[Inconsistency]:
    for (x, p, y), membership, axiom in _forbidden(closure, OWL.maxQualifiedCardinality):
        for c in closure.objects(axiom[0], OWL.onClass):
            kind = _present(closure, (y, RDF.type, c))
            if kind or c == OWL.Thing:
                rule = "cls-maxqc2" if c == OWL.Thing else "cls-maxqc1"
                message = f"{_name(x)} has {_name(y)} as {_name(p)}, of which it can have none in {_name(c)}"
                yield Inconsistency(rule, message, ((x, p, y), *kind, membership, axiom))


def _dt_not_type(closure: Graph) -> Iterator[Inconsistency]:
    """Find ill-formed literals, and literals that the schema puts into a datatype whose values they are not."""
    for literal, datatype in closure.subject_objects(RDF.type):
        if isinstance(literal, Literal) and _is_outside(literal, datatype):
            uses, axioms = _uses_as(closure, literal, datatype)
            message = f"{_name(literal)} is no value of {_name(datatype)}"
            yield Inconsistency("dt-not-type", message, (*uses, *axioms))


#: The rules of tables 4 to 8 of OWL 2 RL/RDF that conclude "false".
RULES: tuple[Callable[[Graph], Iterator[Inconsistency]], ...] = (
    _eq_diff1,
    _eq_diff2_and_3,
    _dt_diff,
    _prp_irp,
    _prp_asyp,
    _prp_pdw_and_adp,
    _prp_npa1_and_2,
    _cls_nothing2,
    _cls_com_and_cax,
    _cls_maxc1,
    _cls_maxqc1_and_2,
    _dt_not_type,
)


def _disjoint(
    closure: Graph, relations: Mapping[URIRef, str], kinds: Mapping[URIRef, str]
) -> Iterator[tuple[str, Node, Node, Triple]]:
    """Yield rule, two classes or properties that have nothing in common, sorted, and the axiom that says so.

    :param relations: predicate of an axiom about two -> rule
    :param kinds: class of an axiom about all members of a list -> rule
    """
    for relation, rule in relations.items():
        for one, other in closure.subject_objects(relation):
            yield rule, *_sorted(one, other), (one, relation, other)
    for kind, rule in kinds.items():
        for axiom, members in _axioms(closure, kind, OWL.members):
            for pair in combinations(members, 2):
                yield rule, *_sorted(*pair), (axiom, RDF.type, kind)


def _axioms(closure: Graph, kind: Node, lists: Node) -> Iterator[tuple[Node, list[Node]]]:
    """Yield the axioms of a kind with the members of their lists."""
    for axiom in closure.subjects(RDF.type, kind):
        for head in closure.objects(axiom, lists):
            yield axiom, list(closure.items(head))


def _forbidden(closure: Graph, cardinality: Node) -> Iterator[tuple[Triple, Triple, Triple]]:
    """Yield the statements to which a restriction allows no value, each with its subject's type and the restriction."""
    for restriction, number in closure.subject_objects(cardinality):
        if isinstance(number, Literal) and number.value == 0:
            properties, members = closure.objects(restriction, OWL.onProperty), closure.subjects(RDF.type, restriction)
            for p, x in product(properties, members):
                for y in closure.objects(x, p):
                    yield (x, p, y), (x, RDF.type, restriction), (restriction, cardinality, number)


def _is_outside(literal: Literal, datatype: Node) -> bool:
    """Return whether a value is not of a datatype; an ill-formed literal is outside its own only, to be told once."""
    own = datatype_of(literal)
    if not is_well_formed(str(literal), own):
        return datatype == own
    return isinstance(datatype, URIRef) and not belongs(literal, datatype)


def _uses_as(closure: Graph, literal: Literal, datatype: Node) -> tuple[list[Triple], list[Triple]]:
    """Return the statements that put a literal into a datatype, and the range axioms by which they do."""
    uses: list[Triple] = sorted(closure.triples((None, None, literal)), key=str)
    ranges: set[Triple] = {(p, RDFS.range, datatype) for _, p, _ in uses}
    axioms = sorted((axiom for axiom in ranges if axiom in closure), key=str)
    if datatype == datatype_of(literal) or not axioms:
        return uses, axioms
    ranged = {p for p, _, _ in axioms}
    return [use for use in uses if use[1] in ranged], axioms


def _shared_uses(closure: Graph, x: Node, y: Node) -> list[Triple]:
    """Return the pairs of statements with the same subject and predicate, one with each of two objects."""
    shared = set(closure.subject_predicates(x)) & set(closure.subject_predicates(y))
    return [(s, p, o) for s, p in sorted(shared, key=str) for o in (x, y) if p != OWL.sameAs]


def _same(closure: Graph, x: Node, y: Node) -> tuple[Triple, ...]:
    return _present(closure, (x, OWL.sameAs, y), (y, OWL.sameAs, x))[:1]


def _present(closure: Graph, *statements: Triple) -> tuple[Triple, ...]:
    return tuple(statement for statement in dict.fromkeys(statements) if statement in closure)


def _sorted_pairs(pairs: Iterable[tuple[Node, Node]]) -> set[tuple[Node, Node]]:
    """Return each unordered pair once."""
    return set(starmap(_sorted, pairs))


def _sorted(x: Node, y: Node) -> tuple[Node, Node]:
    return (x, y) if _rank(x) <= _rank(y) else (y, x)


def _rank(node: Node) -> tuple[str, str, str]:
    """Return what orders nodes, also literals that differ in language or datatype alone."""
    return str(node), str(getattr(node, "language", "")), str(getattr(node, "datatype", ""))


def _name(node: Node) -> str:
    if isinstance(node, BNode):
        return "an anonymous node"
    if not isinstance(node, Literal):
        return shorten(str(node))
    datatype = datatype_of(node)
    text = Literal(str(node), lang=node.language).n3()
    return text if datatype in {XSD.string, RDF.langString} else f"{text}^^{shorten(datatype)}"


# On columns


def _same_and_different(engine: Engine) -> Iterator[int]:
    """Rules eq-diff1, eq-diff2, eq-diff3 and dt-diff."""
    different = engine.facts.of_predicate(NUMBER_OF[OWL.differentFrom])
    subjects = engine.layout.subject(different)
    yield from subjects[subjects == engine.layout.object(different)].tolist()
    for axiom in engine.schema.subjects(_TYPE, NUMBER_OF[OWL.AllDifferent]):
        for lists in (NUMBER_OF[OWL.members], NUMBER_OF[OWL.distinctMembers]):
            for head in engine.schema.objects(lists, axiom):
                members = sorted(engine.schema.members(head))
                yield from (x for x, y in pairwise(members) if x == y)
    for names in engine.equality.classes():
        if sum(engine.dictionary.is_literal(name) for name in names) > 1:
            yield names[0]


def _properties(engine: Engine) -> Iterator[int]:
    """Rules prp-irp, prp-asyp, prp-pdw, prp-adp, prp-npa1 and prp-npa2."""
    layout, facts = engine.layout, engine.facts
    for p in _numbers(engine, OWL.IrreflexiveProperty):
        rows = facts.of_predicate(p)
        yield from layout.subject(rows[layout.subject(rows) == layout.object(rows)]).tolist()
    for p in _numbers(engine, OWL.AsymmetricProperty):
        rows = facts.of_predicate(p)
        yield from _ends(engine, rows[facts.contains(layout.exchange(rows))])
    for disjoint in _exclusive(engine, [OWL.propertyDisjointWith], OWL.AllDisjointProperties):
        for p, q in combinations(engine.predicates.used(disjoint), 2):
            rows = facts.of_predicate(p)
            yield from _ends(engine, rows[facts.contains(layout.key(q, layout.subject(rows), layout.object(rows)))])
    for fact in _denied(engine):
        if any(True for _ in facts.match(*fact)):
            yield from fact[1:]


def _denied(engine: Engine) -> Iterator[tuple[int, int, int]]:
    schema = engine.schema
    for target in (NUMBER_OF[OWL.targetIndividual], NUMBER_OF[OWL.targetValue]):
        for axiom, value in schema.pairs(target):
            for x in schema.objects(NUMBER_OF[OWL.sourceIndividual], axiom):
                for p in engine.predicates.used(schema.objects(NUMBER_OF[OWL.assertionProperty], axiom)):
                    yield p, x, value


def _classes(engine: Engine) -> Iterator[int]:
    """Rules cls-nothing2, cls-com, cax-dw and cax-adc: nothing belongs to two of a set."""
    sets = list(_exclusive(engine, [OWL.disjointWith, OWL.complementOf], OWL.AllDisjointClasses))
    classes = column(sorted({NUMBER_OF[OWL.Nothing], *chain.from_iterable(sets)}))
    members = members_by_class(engine.layout, engine.facts.of_predicate(_TYPE), classes)
    yield from members.get(NUMBER_OF[OWL.Nothing], column(())).tolist()
    for disjoint in sets:  # what is disjoint with itself is there twice, so it has no instance
        together = np.sort(joined(members[c] for c in disjoint if c in members), kind="stable")
        yield from together[1:][together[1:] == together[:-1]].tolist()


def _none_allowed(engine: Engine) -> Iterator[int]:
    """Rules cls-maxc1, cls-maxqc1 and cls-maxqc2; whether the value's class fits, `_cls_maxqc1_and_2` sees."""
    for kind in (NUMBER_OF[OWL.maxCardinality], NUMBER_OF[OWL.maxQualifiedCardinality]):
        for r, number in engine.schema.pairs(kind):
            literal = engine.dictionary.literal(number)
            if literal is not None and literal.value == 0:
                for p in engine.predicates.used(engine.schema.objects(NUMBER_OF[OWL.onProperty], r)):
                    rows = engine.facts.of_predicate(p)
                    limited = engine.layout.key(_TYPE, engine.layout.subject(rows), r)
                    yield from _ends(engine, rows[engine.facts.contains(limited)])


def _ill_typed(engine: Engine) -> Iterator[int]:
    """Rule dt-not-type: literals that are no value of their own datatype, or of one that a statement puts them into."""
    yield from map(engine.equality.representative, engine.used(engine.ill_formed))
    dictionary = engine.dictionary
    for name, kind in _typed_literals(engine):
        term = dictionary.term(name)
        if isinstance(term, pyoxigraph.Literal) and term.datatype != dictionary.term(kind):
            literal = dictionary.literal(name)
            if literal is not None and _is_outside(literal, dictionary.node(kind)):
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


def _exclusive(engine: Engine, relations: Iterable[URIRef], kind: URIRef) -> Iterator[Sequence[int]]:
    """Yield the sets of classes or properties that have nothing in common: as `_disjoint` does, with their numbers."""
    for relation in relations:
        yield from engine.schema.pairs(NUMBER_OF[relation])
    for axiom in engine.schema.subjects(_TYPE, NUMBER_OF[kind]):
        yield from map(engine.schema.members, engine.schema.objects(NUMBER_OF[OWL.members], axiom))


def _numbers(engine: Engine, kind: URIRef) -> list[int]:
    """Return the numbers of the properties of a kind."""
    return engine.predicates.used(sorted(engine.schema.subjects(_TYPE, NUMBER_OF[kind])))


def _ends(engine: Engine, statements: Column) -> Iterator[int]:
    yield from engine.layout.subject(statements).tolist()
    yield from engine.layout.object(statements).tolist()
