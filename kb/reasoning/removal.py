"""Taking statements back: what rested on them goes, and what also follows otherwise comes again."""

import polars as pl
from polars import col
from rdflib.namespace import OWL, RDF

from kb.reasoning.engine import Engine
from kb.reasoning.facts import KEY
from kb.reasoning.rules import Step, conclude, superclasses
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["remove"]

_TYPE, _SAME, _ONE_OF = NUMBER_OF[RDF.type], NUMBER_OF[OWL.sameAs], NUMBER_OF[OWL.oneOf]


def remove(engine: Engine, gone: pl.Series, asserted: pl.Series) -> bool:
    """Take packed statements out of an engine, together with all that follows no longer.

    First everything goes that follows from them, whether or not it also follows otherwise; then, from the statements
    around what is gone, that comes back which still follows (delete and rederive).

    :param gone: statements that are not asserted any more
    :param asserted: those that still are
    :return: False, with nothing changed, where the schema or an equality rests on them: then reason from scratch
    """
    if _touches_equality(engine, gone):
        return False
    doomed = _overdeleted(engine, gone, asserted)
    if engine.is_schema(doomed) or _touches_equality(engine, doomed):
        return False
    engine.facts.remove(doomed)
    around = _around(engine, doomed)
    step = Step(engine.facts, around, engine.program.is_meta)
    again = pl.concat([*conclude(step, engine.program), superclasses(step, engine.program), engine.types_of_literals()])
    engine.saturate(engine.found([again.filter(again.is_in(doomed.implode()))]))
    return True


def _overdeleted(engine: Engine, gone: pl.Series, asserted: pl.Series) -> pl.Series:
    kept = pl.concat([asserted, _enumerated(engine)])
    latest = engine.facts.known(gone.to_frame(KEY).filter(~col(KEY).is_in(_enumerated(engine).implode())))[KEY]
    doomed = latest = latest.unique().sort()
    while len(latest):
        step = Step(engine.facts, latest, engine.program.is_meta)
        follows = pl.concat([*conclude(step, engine.program), superclasses(step, engine.program)]).unique()
        known = engine.facts.known(follows.to_frame(KEY))
        for already in (kept, doomed):
            known = known.join(already.to_frame(KEY), on=KEY, how="anti")
        latest = known[KEY].sort()
        doomed = pl.concat([doomed, latest]).sort()
    return doomed


def _enumerated(engine: Engine) -> pl.Series:
    """Return what cls-oo concludes, which rests on the schema alone."""
    pairs = [(m, c) for c, members in engine.schema.lists(_ONE_OF) for m in members]
    return pl.Series(KEY, [engine.layout.pack(_TYPE, m, c) for m, c in pairs], dtype=pl.UInt64)


def _touches_equality(engine: Engine, doomed: pl.Series) -> bool:
    """Tell whether a statement is about a term with several names, or is one of those that make terms the same."""
    if not engine.equality:
        return False
    rows, program = engine.layout.frame(doomed), engine.program
    named = [name for names in engine.equality.classes() for name in names]
    predicates = [_SAME, *engine.equality.renamed(named, engine.predicates)]
    predicates += [p for key in program.keys for p in key.properties]
    classes = {key.keyed for key in program.keys} | program.most.values["r"] | program.most.values["c"]
    touched = rows.filter(
        col("s").is_in(named)
        | col("o").is_in(named)
        | col("p").is_in(predicates)
        | ((col("p") == _TYPE) & col("o").is_in(list(classes)))
    )
    return touched.height > 0


def _around(engine: Engine, doomed: pl.Series) -> pl.Series:
    """Return the statements about the individuals that lost one: every rule has a premise about them."""
    rows = engine.layout.frame(doomed)
    values = rows.filter(col("p") != _TYPE)["o"]
    return engine.facts.about(pl.concat([rows["s"], values]).unique()).sort()
