"""Namespaces, the prefix map and the mapping between IRIs, CURIEs and paths, all as plain strings.

`kb.rdf.namespaces` has the project's namespaces as rdflib's terms; what only queries a store need not import rdflib.
"""

from collections.abc import Mapping

__all__ = [
    "AMMTC",
    "BASE",
    "CONCEPT",
    "DEFAULT_GRAPH",
    "DISCOVERY",
    "GRAPH",
    "ID",
    "INFERRED",
    "JUSTIFICATIONS",
    "ONTOLOGY",
    "OWL",
    "PREFIXES",
    "PUBLICATION",
    "RDF",
    "SOURCE",
    "STAGING",
    "STATEMENT",
    "XSD",
    "Namespace",
    "expand",
    "is_discovery",
    "is_passage",
    "shorten",
]


class Namespace(str):
    """The beginning of IRIs; ``namespace.name`` and ``namespace["name"]`` are the IRI of a name."""

    __slots__ = ()

    def __getattr__(self, name: str) -> str:
        """Return the IRI of a name, unless it is that of a method of strings or of Python's own protocols."""
        if name.startswith("__"):
            raise AttributeError(name)
        return f"{self}{name}"

    def __getitem__(self, name: str) -> str:  # type: ignore[override]  # a namespace is not sliced
        """Return the IRI of a name."""
        return f"{self}{name}"


BASE = "https://w3id.org/ammtc/"
#: The ontology's own IRI; its terms are ``ONTOLOGY#name``.
ONTOLOGY = f"{BASE}ontology"

AMMTC = Namespace(f"{ONTOLOGY}#")
ID = Namespace(f"{BASE}id/")
CONCEPT = Namespace(f"{BASE}concept/")
SOURCE = Namespace(f"{BASE}source/")
GRAPH = Namespace(f"{BASE}graph/")
#: The justifications of statements, which a build makes.
STATEMENT = Namespace(f"{BASE}statement/")

OWL = Namespace("http://www.w3.org/2002/07/owl#")
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")

#: The named graph of a generation that holds what the reasoner added; no file has this name.
INFERRED = GRAPH["inferred"]
#: The named graph of a generation that says how to ask the others; no file has this name.
DISCOVERY = GRAPH["discovery"]
#: The named graph in which dumps say who says so; a store has that in its default graph.
JUSTIFICATIONS = GRAPH["justifications"]
#: On a remote store: the default graph, where it is a named graph there (`kb.remote.profiles.DefaultGraph.NAMED`).
DEFAULT_GRAPH = GRAPH["default-graph"]
#: On a remote store: the record of what was published. It belongs to no dataset that queries are asked about.
PUBLICATION = GRAPH["publication"]
#: On a remote store, while it is published to: a graph that is not whole yet, where an engine replaces none at once.
STAGING = GRAPH["publication-staging"]

#: Prefix -> namespace IRI, in the order in which files declare them. A source document's passages have a prefix of
#: their own, its identifier (see `passage_prefixes` in kb.rdf.canonical).
PREFIXES: dict[str, str] = {
    "ammtc": str(AMMTC),
    "id": str(ID),
    "concept": str(CONCEPT),
    "source": str(SOURCE),
    "graph": str(GRAPH),
    "statement": str(STATEMENT),
    "shape": f"{ONTOLOGY}/shapes#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": str(OWL),
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": str(RDF),
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": str(XSD),
}


def is_passage(iri: str) -> bool:
    """Return whether an IRI is that of a passage: a fragment of its source document's."""
    return iri.startswith(SOURCE) and "#" in iri


def is_discovery(iri: str) -> bool:
    """Return whether an IRI is that of the graph that says how to ask the others, or one that only this graph has."""
    return iri == DISCOVERY or iri.startswith(f"{DISCOVERY}#")


def expand(curie: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return the IRI of a CURIE, for example of ``skos:prefLabel``.

    :raises KeyError: for an unknown prefix
    """
    prefix, _, local = curie.partition(":")
    return prefixes[prefix] + local


def shorten(iri: str) -> str:
    """Return the CURIE of an IRI, for example ``id:ammtc-19``, or the IRI itself where no prefix fits.

    A passage is written with its document: ``source:nst-2025-09-12#p7``.
    """
    prefix, namespace = max(
        ((p, n) for p, n in PREFIXES.items() if iri.startswith(n)), key=lambda pair: len(pair[1]), default=("", "")
    )
    return f"{prefix}:{iri[len(namespace) :]}" if namespace else iri
