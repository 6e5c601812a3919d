"""The project's namespaces as rdflib has them: ``AMMTC.evidence`` and ``ID["ammtc-19"]`` are URIRefs."""

from rdflib import Namespace

from kb import namespaces

__all__ = ["AMMTC", "CONCEPT", "GRAPH", "ID", "SOURCE"]

AMMTC = Namespace(namespaces.AMMTC)
CONCEPT = Namespace(namespaces.CONCEPT)
GRAPH = Namespace(namespaces.GRAPH)
ID = Namespace(namespaces.ID)
SOURCE = Namespace(namespaces.SOURCE)
