"""Namespaces, the prefix map and the mapping between IRIs, CURIEs and paths."""

from rdflib import Namespace
from rdflib.namespace import DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SH, SKOS, VOID, XSD

__all__ = [
    "AMMTC",
    "BASE",
    "CONCEPT",
    "GRAPH",
    "ID",
    "INFERRED",
    "ONTOLOGY",
    "PREFIXES",
    "SOURCE",
    "shorten",
]

BASE = "https://w3id.org/ammtc/"
#: The ontology's own IRI; its terms are ``ONTOLOGY#name``.
ONTOLOGY = f"{BASE}ontology"

AMMTC = Namespace(f"{ONTOLOGY}#")
ID = Namespace(f"{BASE}id/")
CONCEPT = Namespace(f"{BASE}concept/")
SOURCE = Namespace(f"{BASE}source/")
GRAPH = Namespace(f"{BASE}graph/")

#: The named graph of a generation that holds what the reasoner added; no file has this name.
INFERRED = GRAPH["inferred"]

#: Prefix -> namespace IRI, in the order in which files declare them. A source document's passages have a prefix of
#: their own, its identifier (see `passage_prefixes` in kb.rdf.turtle).
PREFIXES: dict[str, str] = {
    "ammtc": str(AMMTC),
    "id": str(ID),
    "concept": str(CONCEPT),
    "source": str(SOURCE),
    "graph": str(GRAPH),
    "shape": f"{ONTOLOGY}/shapes#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": str(DCTERMS),
    "foaf": str(FOAF),
    "oa": "http://www.w3.org/ns/oa#",
    "org": str(ORG),
    "owl": str(OWL),
    "prov": str(PROV),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "schema": str(SDO),
    "sh": str(SH),
    "skos": str(SKOS),
    "void": str(VOID),
    "xsd": str(XSD),
}


def shorten(iri: str) -> str:
    """Return the CURIE of an IRI, for example ``id:ammtc-19``, or the IRI itself where no prefix fits.

    A passage is written with its document: ``source:nst-2025-09-12#p7``.
    """
    prefix, namespace = max(
        ((p, n) for p, n in PREFIXES.items() if iri.startswith(n)), key=lambda pair: len(pair[1]), default=("", "")
    )
    return f"{prefix}:{iri[len(namespace) :]}" if namespace else iri
