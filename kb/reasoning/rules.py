"""The rules on columns: what follows in one step from new statements, together with all that are known.

Each function takes the new statements and a table of `kb.reasoning.program.Program`, and returns conclusions as packed
statements, known or not. Names of rules are those of tables 4 to 8 of
https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl
from polars import col
from rdflib.namespace import OWL, RDF

from kb.reasoning.facts import KEY, Facts, Layout
from kb.reasoning.program import Key, Program, Table
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["Step", "conclude", "superclasses"]

_TYPE, _SAME, _THING = NUMBER_OF[RDF.type], NUMBER_OF[OWL.sameAs], NUMBER_OF[OWL.Thing]


@dataclass(frozen=True)
class Step:
    """New statements beside all that are known; the new ones are among these.

    :param new: packed statements, sorted, each once
    :param meta: whether rules ask for rdf:type as for any other property
    """

    facts: Facts
    new: pl.Series
    meta: bool = False

    @property
    def layout(self) -> Layout:
        """How statements are packed."""
        return self.facts.layout

    @cached_property
    def types(self) -> pl.DataFrame:
        """The new types: individual ``s`` and class ``c``."""
        return self.layout.frame(self.new.head(self._types)).select("s", c="o")

    @cached_property
    def links(self) -> pl.DataFrame:
        """The other new statements: ``p``, ``s`` and ``o``."""
        return self.layout.frame(self.new if self.meta else self.new.slice(self._types))

    @cached_property
    def classes(self) -> frozenset[int]:
        """The classes of the new types."""
        return frozenset(self.types["c"].unique())

    @cached_property
    def predicates(self) -> frozenset[int]:
        """The predicates of the other new statements."""
        return frozenset(self.links["p"].unique())

    @cached_property
    def _types(self) -> int:
        return bisect_left(self.new, self.layout.pack(_TYPE + 1, 0, 0))


def superclasses(step: Step, program: Program) -> pl.Series:
    """Return the new types' superclasses: cax-sco and the rules that the table stands for."""
    if step.classes.isdisjoint(program.up.values["c"]):
        return _none()
    return step.types.join(program.up.frame, on="c").select(step.layout.key(_TYPE, col("s"), col("d")))[KEY]


def conclude(step: Step, program: Program) -> list[pl.Series]:
    """Return what follows in one step by all rules but those in `superclasses`."""
    found = [
        rule(step, table)
        for name, column, rule in _LINK_RULES
        if (table := getattr(program, name)) and not step.predicates.isdisjoint(table.values[column])
    ]
    found += [
        rule(step, table)
        for name, column, rule in _TYPE_RULES
        if (table := getattr(program, name)) and not step.classes.isdisjoint(table.values[column])
    ]
    return [*found, *_at_most_one(step, program.most), *(_same_by_key(step, key) for key in program.keys)]


def _forward(step: Step, table: Table) -> pl.Series:
    return step.links.join(table.frame, on="p").select(step.layout.key(col("q"), col("s"), col("o")))[KEY]


def _backward(step: Step, table: Table) -> pl.Series:
    return step.links.join(table.frame, on="p").select(step.layout.key(col("q"), col("o"), col("s")))[KEY]


def _domain(step: Step, table: Table) -> pl.Series:
    return _typed(step, table, "s")


def _range(step: Step, table: Table) -> pl.Series:
    return _typed(step, table, "o")


def _typed(step: Step, table: Table, end: str) -> pl.Series:
    chosen = step.links.filter(_is_in("p", table)).select(step.layout.prefix(col("p"), col(end)))
    ends = pl.DataFrame({"prefix": chosen["prefix"].unique()}).select(
        p=col("prefix") // (1 << step.layout.bits), node=col("prefix") & step.layout.mask
    )
    return ends.join(table.frame, on="p").select(step.layout.key(_TYPE, col("node"), col("c")))[KEY]


def _chain_first(step: Step, table: Table) -> pl.Series:
    """prp-trp and prp-spo2, from the first part."""
    rows = step.links.join(table.frame, left_on="p", right_on="p1")
    hits = step.facts.objects(rows.select("s", "q", step.layout.prefix(col("p2"), col("o"))))
    return hits.select(step.layout.key(col("q"), col("s"), col("hit")))[KEY]


def _chain_second(step: Step, table: Table) -> pl.Series:
    """prp-trp and prp-spo2, from the second part."""
    rows = step.links.join(table.frame, left_on="p", right_on="p2")
    hits = step.facts.subjects(rows.select("o", "q", step.layout.prefix(col("p1"), col("s"))))
    return hits.select(step.layout.key(col("q"), col("hit"), col("o")))[KEY]


def _some_of_link(step: Step, table: Table) -> pl.Series:
    """cls-svf1, from the property's statement."""
    rows = step.links.join(table.frame, on="p").with_columns(step.layout.key(_TYPE, col("o"), col("c")))
    return step.facts.known(rows).select(step.layout.key(_TYPE, col("s"), col("r")))[KEY]


def _some_of_type(step: Step, table: Table) -> pl.Series:
    """cls-svf1, from the value's type."""
    rows = step.types.join(table.frame, on="c").select("r", step.layout.prefix(col("p"), col("s")))
    return step.facts.subjects(rows).select(step.layout.key(_TYPE, col("hit"), col("r")))[KEY]


def _every_of_link(step: Step, table: Table) -> pl.Series:
    """cls-avf, from the property's statement."""
    rows = step.links.join(table.frame, on="p").with_columns(step.layout.key(_TYPE, col("s"), col("r")))
    return step.facts.known(rows).select(step.layout.key(_TYPE, col("o"), col("c")))[KEY]


def _every_of_type(step: Step, table: Table) -> pl.Series:
    """cls-avf, from the individual's type."""
    rows = step.types.join(table.frame, left_on="c", right_on="r")
    hits = step.facts.objects(rows.select(step.layout.prefix(col("p"), col("s")), c="c_right"))
    return hits.select(step.layout.key(_TYPE, col("hit"), col("c")))[KEY]


def _value_of_link(step: Step, table: Table) -> pl.Series:
    """cls-hv2."""
    rows = step.links.join(table.frame, on=["p", "o"])
    return rows.select(step.layout.key(_TYPE, col("s"), col("r")))[KEY]


def _value_of_type(step: Step, table: Table) -> pl.Series:
    """cls-hv1."""
    rows = step.types.join(table.frame, left_on="c", right_on="r")
    return rows.select(step.layout.key(col("p"), col("s"), col("o")))[KEY]


def _intersection(step: Step, table: Table) -> pl.Series:
    """cls-int1."""
    candidates = step.types.join(table.frame.select("i", c="m"), on="c").select("s", "i").unique()
    rows = candidates.join(table.frame, on="i")
    member = step.facts.known(rows.with_columns(step.layout.key(_TYPE, col("s"), col("m")))).unique()
    sizes = table.frame.group_by("i", "c").agg(size=pl.len())
    counted = member.group_by("s", "i").agg(found=pl.len()).join(sizes, on="i").filter(col("found") == col("size"))
    return counted.select(step.layout.key(_TYPE, col("s"), col("c")))[KEY]


def _functional(step: Step, table: Table) -> pl.Series:
    """prp-fp."""
    probes = step.links.filter(_is_in("p", table)).select(step.layout.prefix(col("p"), col("s"))).unique()
    return _same(step, step.facts.objects(probes), "prefix")


def _inverse_functional(step: Step, table: Table) -> pl.Series:
    """prp-ifp."""
    probes = step.links.filter(_is_in("p", table)).select(step.layout.prefix(col("p"), col("o"))).unique()
    return _same(step, step.facts.subjects(probes), "prefix")


def _at_most_one(step: Step, table: Table) -> Iterator[pl.Series]:
    """cls-maxc2, cls-maxqc3 and cls-maxqc4."""
    if not table:
        return
    layout, rows = step.layout, table.frame
    by_type = step.types.join(rows, left_on="c", right_on="r").select("s", "p", r="c", c="c_right")
    by_link = step.links.join(rows, on="p").select("s", "p", "r", "c")
    of_value = step.types.join(rows, on="c").select("r", "p", "c", layout.prefix(col("p"), col("s")))
    by_value = step.facts.subjects(of_value).select("p", "r", "c", s="hit")
    limited = pl.concat([by_type, by_link, by_value], how="diagonal").unique()
    limited = step.facts.known(limited.with_columns(layout.key(_TYPE, col("s"), col("r"))))
    values = step.facts.objects(limited.select("s", "r", "p", "c", layout.prefix(col("p"), col("s"))))
    values = values.with_columns(layout.key(_TYPE, col("hit"), col("c")))
    counted = [values.filter(col("c") == _THING), step.facts.known(values.filter(col("c") != _THING))]
    yield _same(step, pl.concat(counted), "s", "r", "p", "c")


def _same_by_key(step: Step, key: Key) -> pl.Series:
    """prp-key."""
    if key.keyed not in step.classes and step.predicates.isdisjoint(key.properties):
        return _none()
    pairs = step.layout.frame(step.facts.of_predicates([_TYPE]))
    holders = pairs.filter(col("o") == key.keyed).select("s")
    for i, p in enumerate(key.properties):
        probes = holders.with_columns(step.layout.prefix(pl.lit(p, pl.UInt64), col("s")))
        holders = step.facts.objects(probes).drop("prefix").rename({"hit": f"v{i}"})
    return _same(step, holders.rename({"s": "hit"}), *(f"v{i}" for i in range(len(key.properties))))


def _same(step: Step, values: pl.DataFrame, *group: str) -> pl.Series:
    """Return that in each group all values in the column ``hit`` are the same as the least of them."""
    repeated = col(*group) if len(group) == 1 else pl.struct(*group)
    several = values.filter(repeated.is_duplicated()).with_columns(least=col("hit").min().over(*group))
    several = several.filter(col("least") != col("hit"))
    return several.select(step.layout.key(_SAME, col("least"), col("hit")))[KEY]


def _is_in(column: str, table: Table) -> pl.Expr:
    return col(column).is_in(table.frame[column].implode())


def _none() -> pl.Series:
    return pl.Series(KEY, [], dtype=pl.UInt64)


#: Table, the column that a new statement's predicate must be in, and the function.
_LINK_RULES = (
    ("forward", "p", _forward),
    ("backward", "p", _backward),
    ("domain", "p", _domain),
    ("range", "p", _range),
    ("chain", "p1", _chain_first),
    ("chain", "p2", _chain_second),
    ("some", "p", _some_of_link),
    ("every", "p", _every_of_link),
    ("value", "p", _value_of_link),
    ("functional", "p", _functional),
    ("inverse", "p", _inverse_functional),
)
#: The same for the class of a new type.
_TYPE_RULES = (
    ("some", "c", _some_of_type),
    ("every", "r", _every_of_type),
    ("value", "r", _value_of_type),
    ("part", "m", _intersection),
)
