"""Names for the terms of RDF, RDFS and OWL, which no file of the graph labels."""

from kb.namespaces import INFERRED, expand

__all__ = ["VOCABULARY"]

_KINDS = ("by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd")
_VERSIONS = ("2.0", "2.5", "3.0", "4.0")
_NAMES = {
    "rdf:first": "first member",
    "rdf:rest": "other members",
    "rdf:type": "type",
    "rdfs:Datatype": "datatype",
    "rdfs:comment": "comment",
    "rdfs:domain": "domain",
    "rdfs:isDefinedBy": "defined by",
    "rdfs:label": "label",
    "rdfs:range": "range",
    "rdfs:seeAlso": "see also",
    "rdf:object": "object of the statement",
    "rdf:predicate": "property of the statement",
    "rdf:reifies": "statement",
    "rdf:subject": "subject of the statement",
    "rdfs:subClassOf": "subclass of",
    "rdfs:subPropertyOf": "subproperty of",
    "owl:AllDisjointClasses": "disjoint classes",
    "owl:Axiom": "annotated statement",
    "owl:AnnotationProperty": "annotation property",
    "owl:Class": "class",
    "owl:DatatypeProperty": "datatype property",
    "owl:NamedIndividual": "named individual",
    "owl:ObjectProperty": "object property",
    "owl:Ontology": "ontology",
    "owl:Restriction": "restriction",
    "owl:SymmetricProperty": "symmetric property",
    "owl:TransitiveProperty": "transitive property",
    "owl:annotatedProperty": "annotated property",
    "owl:annotatedSource": "annotated subject",
    "owl:annotatedTarget": "annotated object",
    "owl:deprecated": "deprecated",
    "owl:disjointWith": "disjoint with",
    "owl:equivalentClass": "equivalent class",
    "owl:equivalentProperty": "equivalent property",
    "owl:hasValue": "has value",
    "owl:imports": "imports",
    "owl:intersectionOf": "intersection of",
    "owl:inverseOf": "inverse of",
    "owl:members": "members",
    "owl:onProperty": "on property",
    "owl:oneOf": "one of",
    "owl:priorVersion": "prior version",
    "owl:propertyChainAxiom": "property chain",
    "owl:sameAs": "same as",
    "owl:someValuesFrom": "some values from",
    "owl:versionIRI": "version IRI",
    "owl:versionInfo": "version",
}

_LICENCES = {
    **{f"licenses/{kind}/{version}/": f"CC {kind.upper()} {version}" for kind in _KINDS for version in _VERSIONS},
    "publicdomain/zero/1.0/": "CC0 1.0",
    "publicdomain/mark/1.0/": "Public Domain Mark 1.0",
}

#: IRI -> name in English; also of licences and of the graph of inferred statements.
VOCABULARY = {expand(curie): name for curie, name in _NAMES.items()} | {
    **{
        f"{scheme}://creativecommons.org/{path}": name
        for path, name in _LICENCES.items()
        for scheme in ("https", "http")
    },
    INFERRED: "Inferred statements",
}
