"""What in a graph means nothing to a reasoner: annotations, and conclusions that are trivial."""

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass

import numpy as np
from rdflib.namespace import OWL, RDF, RDFS

from kb.reasoning.columns import Column, Mask, Statements, among, column, distinct, joined
from kb.reasoning.dictionary import BLANK, LITERAL, VOCABULARY, Dictionary
from kb.reasoning.facts import KeyLayout
from kb.reasoning.predicates import Predicates
from kb.reasoning.vocabulary import BUILT_IN_ANNOTATIONS, NUMBER_OF

__all__ = [
    "EXPRESSION",
    "REFLEXIVE",
    "Annotations",
    "find_annotations",
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
#: Properties that say nothing where subject and object are the same.
REFLEXIVE = (OWL.sameAs, RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty)

_TYPE = NUMBER_OF[RDF.type]
_KIND = NUMBER_OF[OWL.AnnotationProperty]
_NODES = (NUMBER_OF[OWL.Axiom], NUMBER_OF[OWL.Annotation])
_THING, _NOTHING, _SUB = (NUMBER_OF[term] for term in (OWL.Thing, OWL.Nothing, RDFS.subClassOf))
_EXPRESSION, _REFLEXIVE = ([NUMBER_OF[term] for term in terms] for terms in (EXPRESSION, REFLEXIVE))
_CLASS_POSITIONS = [_TYPE, _SUB, NUMBER_OF[RDFS.domain], NUMBER_OF[RDFS.range]]


@dataclass(frozen=True, eq=False)
class Annotations:
    """What `kb.reasoning.infer.logical_part` leaves out.

    :param silent: the annotation properties that no axiom is about, as numbers of terms
    :param predicates: the same as numbers of predicates, sorted
    :param nodes: the nodes of annotated axioms, as numbers of terms, sorted
    """

    silent: frozenset[int]
    predicates: Column
    nodes: Column

    def logical(self, statements: Column, layout: KeyLayout) -> Column:
        """Return the packed statements that are no annotations."""
        annotating = among(layout.predicate(statements), self.predicates)
        return statements[~(annotating | among(layout.subject(statements), self.nodes))]


def find_annotations(statements: Column, layout: KeyLayout, predicates: Predicates) -> Annotations:
    """Find the annotations among the statements of a graph.

    :param statements: packed, sorted
    """
    types = layout.part(statements, _TYPE)
    nodes = distinct(layout.subject(types[among(layout.object(types), column(_NODES))]))
    kinds = types[layout.object(types) == _KIND]
    declared = frozenset({*map(NUMBER_OF.__getitem__, BUILT_IN_ANNOTATIONS), *layout.subject(kinds).tolist()})
    every = Annotations(declared, _numbers(declared, predicates), nodes)
    about = every.logical(statements, layout)
    about = about[~among(about, kinds)]
    mentioned = (part[among(part, column(sorted(declared)))] for part in (layout.subject(about), layout.object(about)))
    silent = declared - set(joined(mentioned).tolist())
    return Annotations(silent, _numbers(silent, predicates), nodes)


def without_trivial(statements: Statements, asserted: Statements, dictionary: Dictionary) -> Statements:
    """Return conclusions without the trivial ones, see `kb.reasoning.infer.conclusions`.

    :param asserted: what they follow from
    """
    s, p, o = statements
    kinds = dictionary.kinds()
    writing = asserted[0][_marked(_EXPRESSION, kinds)[asserted[1]]]
    structural = _marked(writing[kinds[writing] == BLANK], kinds)
    kept = (kinds[s] < LITERAL) & (kinds[p] < LITERAL) & (kinds[p] != BLANK)
    kept &= ~((kinds[s] == VOCABULARY) & (kinds[o] == VOCABULARY))
    kept &= ~((s == o) & _marked(_REFLEXIVE, kinds)[p])
    kept &= ~((o == _THING) & _marked(_CLASS_POSITIONS, kinds)[p])
    kept &= ~((s == _NOTHING) & (p == _SUB))
    kept &= ~(structural[s] | structural[o])
    return statements[:, kept]


def _numbers(terms: Iterable[int], predicates: Predicates) -> Column:
    return column(sorted(number for term in terms if (number := predicates.find(term)) is not None))


def _marked(numbers: Sequence[int] | Statements, terms: Sized) -> Mask:
    """Return which of all terms are among some."""
    marks = np.zeros(len(terms), dtype=np.bool_)
    marks[numbers] = True
    return marks
