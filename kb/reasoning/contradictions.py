"""Contradictions on columns: which terms take part in one, so that `kb.clashes` need look at these only."""

from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

import polars as pl
from polars import col
from rdflib import Literal, URIRef
from rdflib.namespace import OWL, RDF
from rdflib.term import Node

from kb.datatypes import belongs, datatype_of, is_well_formed
from kb.reasoning.dictionary import LITERAL
from kb.reasoning.engine import Engine
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["ill_formed", "suspects"]

_TYPE, _DIFFERENT = NUMBER_OF[RDF.type], NUMBER_OF[OWL.differentFrom]
_THING, _NOTHING, _MEMBERS = NUMBER_OF[OWL.Thing], NUMBER_OF[OWL.Nothing], NUMBER_OF[OWL.members]
_ON, _ON_CLASS = NUMBER_OF[OWL.onProperty], NUMBER_OF[OWL.onClass]


def suspects(engine: Engine) -> set[int]:
    """Return the terms, as their representatives, about which some rule concludes "false"; all of them, hardly more.

    The rules are those of `kb.clashes.RULES`.
    """
    found: set[int] = set()
    for part in (_same_and_different(engine), _properties(engine), _classes(engine), _none_allowed(engine)):
        found.update(part)
    return found | set(ill_formed(engine)) | set(_outside(engine))


def ill_formed(engine: Engine) -> Iterator[int]:
    """Yield the literals in statements that are no value of their own datatype (dt-not-type)."""
    for number, literal in engine.dictionary.literals():
        if not is_well_formed(str(literal), datatype_of(literal)):
            number_of = engine.equality.representative(number)
            if len(engine.facts.about(pl.Series([number_of], dtype=pl.UInt64))):
                yield number_of


def _same_and_different(engine: Engine) -> Iterator[int]:
    """Rules eq-diff1, eq-diff2, eq-diff3 and dt-diff."""
    rows = engine.layout.frame(engine.facts.of_predicates([_DIFFERENT]))
    yield from rows.filter(col("s") == col("o"))["s"]
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
    layout, schema = engine.layout, engine.schema
    for p in _numbers(engine, schema.subjects(_TYPE, NUMBER_OF[OWL.IrreflexiveProperty])):
        yield from layout.frame(engine.facts.of_predicates([p])).filter(col("s") == col("o"))["s"]
    for p in _numbers(engine, schema.subjects(_TYPE, NUMBER_OF[OWL.AsymmetricProperty])):
        rows = layout.frame(engine.facts.of_predicates([p])).with_columns(layout.key(col("p"), col("o"), col("s")))
        yield from _ends(engine.facts.known(rows))
    for p, q in _disjoint_properties(engine):
        rows = layout.frame(engine.facts.of_predicates([p])).with_columns(layout.key(q, col("s"), col("o")))
        yield from _ends(engine.facts.known(rows))
    for fact in _denied(engine):
        if any(True for _ in engine.facts.match(*fact)):
            yield from fact[1:]


def _disjoint_properties(engine: Engine) -> Iterator[tuple[int, int]]:
    for p, q in engine.schema.pairs(NUMBER_OF[OWL.propertyDisjointWith]):
        yield engine.predicates.number(p), engine.predicates.number(q)
    for members in _axioms(engine, NUMBER_OF[OWL.AllDisjointProperties]):
        yield from combinations(map(engine.predicates.number, members), 2)


def _denied(engine: Engine) -> Iterator[tuple[int, int, int]]:
    schema = engine.schema
    for target in (NUMBER_OF[OWL.targetIndividual], NUMBER_OF[OWL.targetValue]):
        for axiom, value in schema.pairs(target):
            for x in schema.objects(NUMBER_OF[OWL.sourceIndividual], axiom):
                for p in schema.objects(NUMBER_OF[OWL.assertionProperty], axiom):
                    yield engine.predicates.number(p), x, value


def _classes(engine: Engine) -> Iterator[int]:
    """Rules cls-nothing2, cls-com, cax-dw and cax-adc: nothing belongs to two of a set."""
    types = engine.layout.frame(engine.facts.of_predicates([_TYPE])).select("s", c="o")
    yield from types.filter(col("c") == _NOTHING)["s"]
    rows: list[tuple[int, int]] = []
    for number, disjoint in enumerate(_disjoint_classes(engine)):
        if len(set(disjoint)) < len(disjoint):  # what is disjoint with itself has no instance
            yield from types.filter(col("c").is_in([c for c in disjoint if disjoint.count(c) > 1]))["s"]
        rows += [(number, c) for c in set(disjoint)]
    sets = pl.DataFrame(rows, schema={"set": pl.UInt64, "c": pl.UInt64}, orient="row")
    yield from types.join(sets, on="c").select("s", "set").filter(pl.struct("s", "set").is_duplicated())["s"].unique()


def _disjoint_classes(engine: Engine) -> Iterator[list[int]]:
    for p in (NUMBER_OF[OWL.disjointWith], NUMBER_OF[OWL.complementOf]):
        yield from map(list, engine.schema.pairs(p))
    yield from _axioms(engine, NUMBER_OF[OWL.AllDisjointClasses])


def _none_allowed(engine: Engine) -> Iterator[int]:
    """Rules cls-maxc1, cls-maxqc1 and cls-maxqc2; whether the class of the value fits is for `kb.clashes` to see."""
    for kind in (NUMBER_OF[OWL.maxCardinality], NUMBER_OF[OWL.maxQualifiedCardinality]):
        for r, number in engine.schema.pairs(kind):
            node = engine.dictionary.node(number)
            if isinstance(node, Literal) and node.value == 0:
                for p in engine.schema.objects(_ON, r):
                    rows = engine.layout.frame(engine.facts.of_predicates([engine.predicates.number(p)]))
                    rows = engine.facts.known(
                        rows.with_columns(engine.layout.key(_TYPE, col("s"), pl.lit(r, pl.UInt64)))
                    )
                    yield from _ends(rows)


def _outside(engine: Engine) -> Iterator[int]:
    """Rule dt-not-type: literals that a statement puts into a datatype whose values they are not."""
    types = engine.layout.frame(engine.facts.of_predicates([_TYPE])).select("s", "o")
    literals = _literals(engine, types["s"])
    rows = types.filter(col("s").is_in(literals.implode())).rows()
    pairs = [(number, name, datatype) for number, datatype in rows for name in engine.equality.members(number)]
    nodes = engine.dictionary.nodes([name for _, name, _ in pairs])
    datatypes = sorted({datatype for _, _, datatype in pairs})
    kinds = dict(zip(datatypes, engine.dictionary.nodes(datatypes), strict=True))
    for (number, _, datatype), literal in zip(pairs, nodes, strict=True):
        if _is_outside(literal, kinds[datatype]):
            yield number


def _is_outside(literal: Node, datatype: Node) -> bool:
    """Tell whether a literal is no value of a datatype; `ill_formed` tells whether it is one of its own."""
    if not isinstance(literal, Literal) or not isinstance(datatype, URIRef):
        return False
    return datatype_of(literal) != datatype and not belongs(literal, datatype)


def _literals(engine: Engine, terms: pl.Series) -> pl.Series:
    """Return the representatives among some terms that are literals or have a literal as a name."""
    unique = terms.unique()
    named = [names[0] for names in engine.equality.classes()]
    chosen = (engine.dictionary.kinds().gather(unique) == LITERAL) | unique.is_in(
        pl.Series(named, dtype=pl.UInt64).implode()
    )
    return unique.filter(chosen)


def _axioms(engine: Engine, kind: int) -> Iterator[list[int]]:
    """Yield the members of the axioms of a kind."""
    for axiom in engine.schema.subjects(_TYPE, kind):
        yield from (engine.schema.members(head) for head in engine.schema.objects(_MEMBERS, axiom))


def _numbers(engine: Engine, terms: Iterable[int]) -> list[int]:
    return [engine.predicates.number(term) for term in sorted(terms)]


def _ends(rows: pl.DataFrame) -> Iterator[int]:
    yield from rows["s"]
    yield from rows["o"]
