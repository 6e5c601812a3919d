"""Names for the terms of RDF, RDFS and OWL, which no file of the graph labels."""

from kb.namespaces import INFERRED, PREFIXES

__all__ = ["VOCABULARY"]

_NAMES = {
    "rdf": {"type": "type"},
    "rdfs": {
        "comment": "comment",
        "domain": "domain",
        "isDefinedBy": "defined by",
        "label": "label",
        "range": "range",
        "seeAlso": "see also",
        "subClassOf": "subclass of",
        "subPropertyOf": "subproperty of",
    },
    "owl": {
        "Axiom": "annotated statement",
        "AnnotationProperty": "annotation property",
        "Class": "class",
        "DatatypeProperty": "datatype property",
        "NamedIndividual": "named individual",
        "ObjectProperty": "object property",
        "Ontology": "ontology",
        "SymmetricProperty": "symmetric property",
        "TransitiveProperty": "transitive property",
        "disjointWith": "disjoint with",
        "equivalentClass": "equivalent class",
        "equivalentProperty": "equivalent property",
        "imports": "imports",
        "inverseOf": "inverse of",
        "propertyChainAxiom": "property chain",
        "sameAs": "same as",
        "versionIRI": "version IRI",
        "versionInfo": "version",
    },
}

_TERMS = {f"{PREFIXES[prefix]}{local}": name for prefix, names in _NAMES.items() for local, name in names.items()}
#: IRI -> name in English; also of the licence of the data and of the graph of inferred statements.
VOCABULARY = _TERMS | {"https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0", INFERRED: "Inferred statements"}
