"""What is concluded of any graph, and says little: statements that are left out unless one asks for them.

The rules of https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules that the engine does
not apply, as they would be most of what it knows: eq-ref, dt-type1, prp-ap, what leads to `owl:Thing`, and eq-rep-s,
eq-rep-p and eq-rep-o on annotations.
"""

from collections.abc import Iterator

import numpy as np
from rdflib.namespace import OWL, RDF, RDFS, XSD

from kb.reasoning.annotations import Terms, find_annotations
from kb.reasoning.columns import Column, Statements, among, column, distinct, joined
from kb.reasoning.dictionary import BLANK, LITERAL
from kb.reasoning.engine import Engine
from kb.reasoning.vocabulary import BUILT_IN_ANNOTATIONS, NUMBER_OF

__all__ = ["with_trivial"]

_TYPE, _SAME, _SUB = NUMBER_OF[RDF.type], NUMBER_OF[OWL.sameAs], NUMBER_OF[RDFS.subClassOf]
_DOMAIN, _RANGE, _THING = NUMBER_OF[RDFS.domain], NUMBER_OF[RDFS.range], NUMBER_OF[OWL.Thing]

#: The datatypes of OWL 2 RL, in the order of the recommendation.
_DATATYPES = (
    RDF.PlainLiteral,
    RDF.XMLLiteral,
    RDFS.Literal,
    XSD.decimal,
    XSD.integer,
    XSD.nonNegativeInteger,
    XSD.nonPositiveInteger,
    XSD.positiveInteger,
    XSD.negativeInteger,
    XSD.long,
    XSD.int,
    XSD.short,
    XSD.byte,
    XSD.unsignedLong,
    XSD.unsignedInt,
    XSD.unsignedShort,
    XSD.unsignedByte,
    XSD.float,
    XSD.double,
    XSD.string,
    XSD.normalizedString,
    XSD.token,
    XSD.language,
    XSD.Name,
    XSD.NCName,
    XSD.NMTOKEN,
    XSD.boolean,
    XSD.hexBinary,
    XSD.base64Binary,
    XSD.anyURI,
    XSD.dateTime,
    XSD.dateTimeStamp,
)


def with_trivial(engine: Engine, asserted: Statements, known: Statements) -> Statements:
    """Return all that is known and all trivial conclusions, as far as RDF can state them, sorted, each once.

    A literal is no subject in RDF, so what dt-type2, dt-eq and dt-diff say of literals, and that they are the same as
    themselves, stays out; so does what has a literal or a blank node as its predicate.

    :param asserted: also annotations
    :param known: what the engine knows, with representatives for all names
    """
    parts = [known, _axioms(engine), _things(engine), _annotations(engine, asserted)]
    found = engine.equality.under_all_names(np.concatenate(parts, axis=1))
    terms = np.unique(np.concatenate([found.ravel(), asserted.ravel(), [_SAME]])).astype(np.uint32)
    found = np.concatenate([found, _rows(terms, _SAME, terms)], axis=1)
    kinds = engine.dictionary.kinds()
    found = found[:, (kinds[found[0]] < LITERAL) & (kinds[found[1]] < BLANK)]
    found = found[:, np.lexsort((found[2], found[1], found[0]))]
    changed = np.ones(found.shape[1], dtype=np.bool_)
    changed[1:] = (found[:, 1:] != found[:, :-1]).any(axis=0)
    return found[:, changed]


def _axioms(engine: Engine) -> Statements:
    """Return the conclusions of dt-type1 and prp-ap, which have no premises."""
    number = engine.dictionary.number
    datatypes = np.array([number(datatype) for datatype in _DATATYPES], dtype=np.uint32)
    annotations = np.array([NUMBER_OF[p] for p in BUILT_IN_ANNOTATIONS], dtype=np.uint32)
    kinds = (NUMBER_OF[RDFS.Datatype], NUMBER_OF[OWL.AnnotationProperty])
    return np.concatenate([_rows(datatypes, _TYPE, kinds[0]), _rows(annotations, _TYPE, kinds[1])], axis=1)


def _things(engine: Engine) -> Statements:
    """Return that something is an owl:Thing, by cax-sco, prp-dom and prp-rng."""
    individuals = distinct(joined(_individuals(engine))).astype(np.uint32)
    return _rows(individuals, _TYPE, _THING)


def _individuals(engine: Engine) -> Iterator[Column]:
    layout, facts, schema = engine.layout, engine.facts, engine.schema
    types = facts.of_predicate(_TYPE)
    classes = column(sorted(schema.subjects(_SUB, _THING)))
    yield layout.subject(types[among(layout.object(types), classes)])
    for axiom, part in ((_DOMAIN, layout.subject), (_RANGE, layout.object)):
        for p in engine.predicates.used(schema.subjects(axiom, _THING)):
            yield part(facts.of_predicate(p))


def _annotations(engine: Engine, asserted: Statements) -> Statements:
    """Return the annotations with the representatives of their terms."""
    annotating, _ = find_annotations(asserted, engine.dictionary)
    representatives = np.arange(len(engine.dictionary), dtype=np.uint32)
    for names in engine.equality.classes():
        representatives[names] = names[0]
    return representatives[asserted[:, annotating]]


def _rows(subjects: Terms, p: int, objects: Terms | int) -> Statements:
    rows = np.empty((3, len(subjects)), dtype=np.uint32)
    rows[0], rows[1], rows[2] = subjects, p, objects
    return rows
