"""What in a graph means nothing to a reasoner: annotations, and conclusions that are trivial."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl
from polars import col
from rdflib.namespace import OWL, RDF, RDFS

from kb.reasoning.columns import Column, among, column, distinct, joined
from kb.reasoning.dictionary import BLANK, LITERAL, VOCABULARY, Dictionary
from kb.reasoning.facts import Layout
from kb.reasoning.predicates import Predicates
from kb.reasoning.vocabulary import BUILT_IN_ANNOTATIONS, NUMBER_OF

__all__ = [
    "EXPRESSION",
    "REFLEXIVE",
    "Annotations",
    "axiom_nodes",
    "find_annotations",
    "is_in",
    "without_trivial",
]

#: A blank node that is the subject of one of these writes an expression or an axiom, and is no individual
#: (https://www.w3.org/TR/owl2-mapping-to-rdf/#Mapping_from_the_Structural_Specification_to_RDF_Graphs).
EXPRESSION = (
    RDF.first,
    RDF.rest,
    OWL.annotatedSource,
    OWL.complementOf,
    OWL.datatypeComplementOf,
    OWL.distinctMembers,
    OWL.intersectionOf,
    OWL.inverseOf,
    OWL.members,
    OWL.onDatatype,
    OWL.onProperty,
    OWL.oneOf,
    OWL.sourceIndividual,
    OWL.unionOf,
)
#: Properties of which a statement about one thing alone says nothing.
REFLEXIVE = (OWL.sameAs, RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty)

_TYPE = NUMBER_OF[RDF.type]
_KIND = NUMBER_OF[OWL.AnnotationProperty]
_NODES = (NUMBER_OF[OWL.Axiom], NUMBER_OF[OWL.Annotation])
_THING, _NOTHING, _SUB = (NUMBER_OF[term] for term in (OWL.Thing, OWL.Nothing, RDFS.subClassOf))
_CLASS_POSITIONS = (_TYPE, _SUB, NUMBER_OF[RDFS.domain], NUMBER_OF[RDFS.range])


@dataclass(frozen=True, eq=False)
class Annotations:
    """What `kb.reasoning.infer.logical_part` leaves out.

    :param declared: the annotation properties, as numbers of terms
    :param silent: those of them that no axiom is about
    :param predicates: the same as numbers of predicates, sorted
    :param nodes: the nodes of annotated axioms, as numbers of terms, sorted
    """

    declared: frozenset[int]
    silent: frozenset[int]
    predicates: Column
    nodes: Column

    def logical(self, statements: Column, layout: Layout) -> Column:
        """Return the packed statements that are no annotations."""
        annotating = among(layout.predicate(statements), self.predicates)
        return statements[~(annotating | among(layout.subject(statements), self.nodes))]

    def concerns(self, statements: Column, layout: Layout) -> bool:
        """Tell whether packed statements say something about annotation properties, so that others may be silent."""
        declared = column(sorted({*self.declared, _KIND}))
        return bool((among(layout.subject(statements), declared) | among(layout.object(statements), declared)).any())

    def numbered(self, predicates: Predicates) -> "Annotations":
        """Return the same when more terms have numbers as predicates."""
        return replace(self, predicates=_numbers(self.silent, predicates))

    def without(self, nodes: Column) -> "Annotations":
        """Return the same with fewer nodes."""
        return replace(self, nodes=self.nodes[~among(self.nodes, nodes)])

    def with_more(self, nodes: Column) -> "Annotations":
        """Return the same with more nodes."""
        return replace(self, nodes=distinct(joined((self.nodes, nodes))))


def axiom_nodes(statements: Column, layout: Layout) -> Column:
    """Return the nodes that packed statements, sorted, make nodes of annotated axioms."""
    types = statements[: statements.searchsorted(column((layout.pack(_TYPE + 1, 0, 0),)))[0]]
    return distinct(layout.subject(types[among(layout.object(types), column(_NODES))]))


def find_annotations(statements: Column, layout: Layout, predicates: Predicates) -> Annotations:
    """Find the annotations among the statements of a graph.

    :param statements: packed, sorted
    """
    types = statements[: statements.searchsorted(column((layout.pack(_TYPE + 1, 0, 0),)))[0]]
    kinds = types[layout.object(types) == _KIND]
    declared = frozenset({*map(NUMBER_OF.__getitem__, BUILT_IN_ANNOTATIONS), *layout.subject(kinds).tolist()})
    every = Annotations(declared, declared, _numbers(declared, predicates), axiom_nodes(statements, layout))
    about = every.logical(statements, layout)
    about = about[~among(about, kinds)]
    mentioned = (part[among(part, column(sorted(declared)))] for part in (layout.subject(about), layout.object(about)))
    silent = declared - set(joined(mentioned).tolist())
    return replace(every, silent=silent, predicates=_numbers(silent, predicates))


def _numbers(terms: Iterable[int], predicates: Predicates) -> Column:
    return column(sorted(number for term in terms if (number := predicates.find(term)) is not None))


def without_trivial(statements: pl.DataFrame, asserted: pl.DataFrame, dictionary: Dictionary) -> pl.DataFrame:
    """Return conclusions without the trivial ones, see `kb.reasoning.infer.conclusions`.

    :param statements: numbers of terms in the columns p, s and o
    :param asserted: what they follow from
    """
    expressions = map(NUMBER_OF.__getitem__, EXPRESSION)
    kinds = dictionary.kinds()
    writing = asserted.filter(is_in("p", expressions))["s"].unique()
    structural = writing.filter(pl.Series(kinds[writing.to_numpy()] == BLANK))
    s, p, o = (kinds[statements[name].to_numpy()] for name in "spo")
    stated = (s < LITERAL) & (p < LITERAL) & (p != BLANK) & ~((s == VOCABULARY) & (o == VOCABULARY))
    kept = statements.filter(pl.Series(stated))
    return kept.filter(
        ~((col("s") == col("o")) & is_in("p", [NUMBER_OF[term] for term in REFLEXIVE])),
        ~((col("o") == _THING) & is_in("p", _CLASS_POSITIONS)),
        ~((col("s") == _NOTHING) & (col("p") == _SUB)),
        ~col("s").is_in(structural.implode()),
        ~col("o").is_in(structural.implode()),
    )


def is_in(column: str, numbers: Iterable[int]) -> pl.Expr:
    """Return the condition that a column holds one of some numbers."""
    return col(column).is_in(pl.Series(list(numbers), dtype=pl.UInt64).implode())
