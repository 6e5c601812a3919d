"""What in a graph means nothing to a reasoner: annotations, and conclusions that are trivial."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rdflib.namespace import OWL, RDF, RDFS

from kb.reasoning.columns import Mask, Statements
from kb.reasoning.dictionary import BLANK, LITERAL, VOCABULARY, Dictionary
from kb.reasoning.vocabulary import BUILT_IN_ANNOTATIONS, NUMBER_OF

__all__ = ["EXPRESSION", "REFLEXIVE", "Terms", "find_annotations", "without_trivial"]

#: Numbers of terms.
Terms = npt.NDArray[np.uint32]

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
#: Properties that say nothing when subject and object are the same.
REFLEXIVE = (OWL.sameAs, RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty)

_TYPE = NUMBER_OF[RDF.type]
_ANNOTATION_PROPERTY = NUMBER_OF[OWL.AnnotationProperty]
_AXIOMS = (NUMBER_OF[OWL.Axiom], NUMBER_OF[OWL.Annotation])
_THING, _NOTHING, _SUB = (NUMBER_OF[term] for term in (OWL.Thing, OWL.Nothing, RDFS.subClassOf))
_BUILT_IN, _WRITING, _SAYING_NOTHING, _CLASS_POSITIONS = (
    [NUMBER_OF[term] for term in terms]
    for terms in (BUILT_IN_ANNOTATIONS, EXPRESSION, REFLEXIVE, (RDF.type, RDFS.subClassOf, RDFS.domain, RDFS.range))
)


def find_annotations(asserted: Statements, dictionary: Dictionary) -> tuple[Mask, Terms]:
    """Return which statements are annotations, and the annotation properties that no axiom is about.

    Annotations mean nothing to a reasoner (https://www.w3.org/TR/owl2-syntax/#Annotations):

    - the nodes of annotated axioms (`owl:Axiom`, `owl:Annotation`) with all their statements;
    - the statements of annotation properties, those of OWL 2 itself such as `rdfs:label` and those declared in the
      graph. An annotation property counts, with its statements, where an axiom is about it, such as a super-property,
      a domain or a range: the rules of OWL 2 RL apply there, and what they conclude is wanted.
    """
    s, p, o = asserted
    nodes = _marked(s[(p == _TYPE) & np.isin(o, _AXIOMS)], dictionary)
    declaring = (p == _TYPE) & (o == _ANNOTATION_PROPERTY)
    silent = _marked([*_BUILT_IN, *s[declaring].tolist()], dictionary)
    axioms = asserted[:, ~(silent[p] | nodes[s] | declaring)]
    silent[axioms[0]] = silent[axioms[2]] = False
    return silent[p] | nodes[s], np.flatnonzero(silent).astype(np.uint32)


def without_trivial(statements: Statements, asserted: Statements, silent: Terms, dictionary: Dictionary) -> Statements:
    """Return conclusions without the trivial ones, which are true of any graph or useless outside the reasoner.

    Trivial are these:

    - what RDF cannot state: a literal as subject, a literal or blank node as predicate;
    - what mentions a blank node that only writes an axiom or an expression: a class expression, a data range, a
      property's inverse, an RDF list, an axiom; other blank nodes are individuals, and what is said of them stays;
    - reflexive `owl:sameAs`, `rdfs:subClassOf`, `owl:equivalentClass`, `rdfs:subPropertyOf`, `owl:equivalentProperty`;
    - that something is an `owl:Thing`: as type, superclass, domain or range; that `owl:Nothing` is a subclass;
    - what relates two terms of OWL, RDF, RDFS and XML Schema, such as that `xsd:date` is a datatype;
    - copies of annotations to another name of the same individual.

    :param asserted: what they follow from
    :param silent: the annotation properties that no axiom is about
    """
    s, p, o = statements
    kinds = dictionary.kinds()
    writing = asserted[0][_marked(_WRITING, dictionary)[asserted[1]]]
    structural = _marked(writing[kinds[writing] == BLANK], dictionary)
    kept = (kinds[s] < LITERAL) & (kinds[p] < LITERAL) & (kinds[p] != BLANK)
    kept &= ~((kinds[s] == VOCABULARY) & (kinds[o] == VOCABULARY))
    kept &= ~((s == o) & _marked(_SAYING_NOTHING, dictionary)[p])
    kept &= ~((o == _THING) & _marked(_CLASS_POSITIONS, dictionary)[p])
    kept &= ~((s == _NOTHING) & (p == _SUB))
    kept &= ~(structural[s] | structural[o] | _marked(silent, dictionary)[p])
    return statements[:, kept]


def _marked(numbers: Sequence[int] | Terms, dictionary: Dictionary) -> Mask:
    """Return which of all terms are among some."""
    marks = np.zeros(len(dictionary), dtype=np.bool_)
    marks[numbers] = True
    return marks
