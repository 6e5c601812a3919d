"""The terms that rules and kb itself name, with fixed numbers: the same in every dictionary."""

from rdflib import URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD

__all__ = ["BUILT_IN_ANNOTATIONS", "NUMBER_OF", "SCHEMA_CLASSES", "SCHEMA_PROPERTIES", "TERMS"]

#: https://www.w3.org/TR/owl2-syntax/#Annotation_Properties
BUILT_IN_ANNOTATIONS = (
    RDFS.label,
    RDFS.comment,
    RDFS.seeAlso,
    RDFS.isDefinedBy,
    OWL.deprecated,
    OWL.versionInfo,
    OWL.priorVersion,
    OWL.backwardCompatibleWith,
    OWL.incompatibleWith,
)

#: Number -> term; each is a number of a term and of a predicate at once. rdf:type is 0 so that types sort first.
TERMS: tuple[URIRef, ...] = (
    RDF.type,
    OWL.sameAs,
    OWL.differentFrom,
    RDF.first,
    RDF.rest,
    RDF.nil,
    RDFS.subClassOf,
    RDFS.subPropertyOf,
    RDFS.domain,
    RDFS.range,
    OWL.equivalentClass,
    OWL.equivalentProperty,
    OWL.inverseOf,
    OWL.propertyChainAxiom,
    OWL.hasKey,
    OWL.propertyDisjointWith,
    OWL.disjointWith,
    OWL.complementOf,
    OWL.intersectionOf,
    OWL.unionOf,
    OWL.oneOf,
    OWL.onProperty,
    OWL.onClass,
    OWL.someValuesFrom,
    OWL.allValuesFrom,
    OWL.hasValue,
    OWL.maxCardinality,
    OWL.maxQualifiedCardinality,
    OWL.members,
    OWL.distinctMembers,
    OWL.sourceIndividual,
    OWL.assertionProperty,
    OWL.targetIndividual,
    OWL.targetValue,
    OWL.Thing,
    OWL.Nothing,
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.SymmetricProperty,
    OWL.AsymmetricProperty,
    OWL.TransitiveProperty,
    OWL.AllDifferent,
    OWL.AllDisjointClasses,
    OWL.AllDisjointProperties,
    OWL.Axiom,
    OWL.Annotation,
    RDFS.Datatype,
    RDFS.Literal,
    *BUILT_IN_ANNOTATIONS,
    OWL.annotatedSource,
    OWL.datatypeComplementOf,
    OWL.onDatatype,
    *(XSD[name] for name in ("string", "integer", "decimal", "boolean", "double", "date", "dateTime")),
)

#: Term -> number.
NUMBER_OF: dict[URIRef, int] = {term: number for number, term in enumerate(TERMS)}

#: Numbers of the predicates from whose statements rules are compiled.
SCHEMA_PROPERTIES = range(NUMBER_OF[RDF.first], NUMBER_OF[OWL.Thing])

#: Numbers of the classes with which a type statement is part of the schema.
SCHEMA_CLASSES = range(NUMBER_OF[OWL.Class], NUMBER_OF[OWL.Axiom])
