"""What in a graph means nothing to a reasoner: annotations, and conclusions that are trivial."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
from polars import col
from rdflib.namespace import OWL, RDF, RDFS

from kb.reasoning.dictionary import BLANK, LITERAL, VOCABULARY, Dictionary
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = [
    "ANNOTATING",
    "BUILT_IN_ANNOTATIONS",
    "EXPRESSION",
    "REFLEXIVE",
    "Annotations",
    "find_annotations",
    "is_in",
    "without_trivial",
]

#: https://www.w3.org/TR/owl2-syntax/#Annotation_Properties
BUILT_IN_ANNOTATIONS = frozenset(
    {
        RDFS.label,
        RDFS.comment,
        RDFS.seeAlso,
        RDFS.isDefinedBy,
        OWL.deprecated,
        OWL.versionInfo,
        OWL.priorVersion,
        OWL.backwardCompatibleWith,
        OWL.incompatibleWith,
    }
)
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
#: Numbers of the classes of annotation properties and of annotated axioms' nodes.
ANNOTATING = (_KIND, *_NODES)
_THING, _NOTHING, _SUB = (NUMBER_OF[term] for term in (OWL.Thing, OWL.Nothing, RDFS.subClassOf))
_CLASS_POSITIONS = (_TYPE, _SUB, NUMBER_OF[RDFS.domain], NUMBER_OF[RDFS.range])


@dataclass(frozen=True)
class Annotations:
    """What `kb.reason.logical_part` leaves out, as numbers of terms.

    :param declared: the annotation properties
    :param silent: those of them that no axiom is about
    :param nodes: the nodes of annotated axioms
    """

    declared: frozenset[int]
    silent: frozenset[int]
    nodes: frozenset[int]

    def without(self, statements: pl.DataFrame) -> pl.DataFrame:
        """Return the statements that are no annotations, of a frame of terms with the columns p, s and o."""
        return statements.filter(~is_in("p", self.silent) & ~is_in("s", self.nodes))


def find_annotations(statements: pl.DataFrame, dictionary: Dictionary) -> Annotations:
    """Find the annotations among the statements of a graph.

    :param statements: numbers of terms in the columns p, s and o
    """
    types = statements.filter(col("p") == _TYPE)
    nodes = frozenset(types.filter(is_in("o", _NODES))["s"])
    built_in = {number for term in BUILT_IN_ANNOTATIONS if (number := dictionary.find(term)) is not None}
    declared = frozenset(built_in | set(types.filter(col("o") == _KIND)["s"]))
    about = statements.filter(is_in("s", declared) | is_in("o", declared)).filter(
        ~is_in("p", declared), ~is_in("s", nodes), ~((col("p") == _TYPE) & (col("o") == _KIND))
    )
    return Annotations(declared, declared - set(about["s"]) - set(about["o"]), nodes)


def without_trivial(statements: pl.DataFrame, asserted: pl.DataFrame, dictionary: Dictionary) -> pl.DataFrame:
    """Return conclusions without the trivial ones, see `kb.reason.conclusions`.

    :param statements: numbers of terms in the columns p, s and o
    :param asserted: what they follow from
    """
    expressions = frozenset(n for term in EXPRESSION if (n := dictionary.find(term)) is not None)
    kinds = dictionary.kinds()
    writing = asserted.filter(is_in("p", expressions))["s"].unique()
    structural = writing.filter(kinds.gather(writing) == BLANK)
    s, p, o = (kinds.gather(statements[name]) for name in "spo")
    kept = statements.filter((s != LITERAL) & (p != LITERAL) & (p != BLANK) & ~((s == VOCABULARY) & (o == VOCABULARY)))
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
