"""Taking statements back: what rested on them goes, and what also follows otherwise comes again."""

from collections.abc import Callable

from rdflib.namespace import OWL, RDF

from kb.reasoning.columns import Column, Mask, among, column, distinct, joined
from kb.reasoning.engine import Engine
from kb.reasoning.rules import conclude, superclasses
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["remove"]

_TYPE, _SAME, _ONE_OF = NUMBER_OF[RDF.type], NUMBER_OF[OWL.sameAs], NUMBER_OF[OWL.oneOf]


def remove(engine: Engine, gone: Column, is_asserted: Callable[[Column], Mask]) -> bool:
    """Take packed statements out of an engine, together with all that follows no longer.

    First everything goes that follows from them, whether or not it also follows otherwise; then, from the statements
    around what is gone, that comes back which still follows: delete and rederive (Gupta, Mumick and Subrahmanian 1993,
    https://doi.org/10.1145/170035.170066).

    :param gone: statements that are not asserted any more, sorted
    :param is_asserted: tells which statements still are
    :return: False, with nothing changed, where the schema or an equality rests on them: then reason from scratch
    """
    if _touches_equality(engine, gone):
        return False
    doomed = _overdeleted(engine, gone, is_asserted)
    if engine.is_schema(doomed) or _touches_equality(engine, doomed):
        return False
    engine.facts.index()
    engine.facts.remove(doomed)
    step = engine.step(_around(engine, doomed))
    again = joined((conclude(step), superclasses(step), engine.types_of_literals(), _enumerated(engine)))
    engine.saturate(engine.found(again[among(again, doomed)]))
    return True


def _overdeleted(engine: Engine, gone: Column, is_asserted: Callable[[Column], Mask]) -> Column:
    enumerated = _enumerated(engine)
    doomed = latest = gone[engine.facts.known(gone)]
    while len(latest):
        step = engine.step(latest)
        follows = distinct(joined((conclude(step), superclasses(step))))
        follows = follows[engine.facts.known(follows) & ~among(follows, doomed)]
        latest = follows[~is_asserted(follows) & ~among(follows, enumerated)]
        doomed = distinct(joined((doomed, latest)))
    return doomed


def _enumerated(engine: Engine) -> Column:
    """Return what cls-oo concludes, which rests on the schema alone."""
    pairs = [(m, c) for c, members in engine.schema.lists(_ONE_OF) for m in members]
    return column(sorted({engine.layout.pack(_TYPE, m, c) for m, c in pairs}))


def _touches_equality(engine: Engine, doomed: Column) -> bool:
    """Tell whether a statement is about a term with several names, or is one of those that make terms the same."""
    if not engine.equality:
        return False
    layout, program = engine.layout, engine.program
    named = column(sorted(name for names in engine.equality.classes() for name in names))
    predicates = {_SAME, *engine.equality.renamed(named.tolist(), engine.predicates)}
    predicates |= {p for key in program.keys for p in key.properties}
    classes = {key.keyed for key in program.keys} | {c for most in program.most for c in (most.r, most.c)}
    touched = among(layout.subject(doomed), named) | among(layout.object(doomed), named)
    touched |= among(layout.predicate(doomed), column(sorted(predicates)))
    types = engine.layout.part(doomed, _TYPE)
    return bool(touched.any() or among(layout.object(types), column(sorted(classes))).any())


def _around(engine: Engine, doomed: Column) -> Column:
    """Return the statements about the individuals that lost one: every rule has a premise about them."""
    layout = engine.layout
    values = layout.object(doomed[layout.predicate(doomed) != _TYPE])
    return engine.facts.about(distinct(joined((layout.subject(doomed), values))))
