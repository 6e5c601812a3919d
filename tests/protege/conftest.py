"""The running OWL API, started once a test process, and what HermiT says of the whole graph, asked once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS

from kb.config import Project
from kb.files.documents import load_documents, merged
from kb.reasoning.infer import infer
from protege.model import Classification, Statement
from protege.owlapi import OwlApi, parts, start

__all__ = ["declared"]


@pytest.fixture(scope="session")
def owl_api(requires: Callable[[str, str], Path]) -> Iterator[OwlApi]:
    """The real OWL API and HermiT; where a part of them is missing the test is skipped, or fails in CI."""
    for name, how in parts().items():
        requires(name, how)
    with start() as api:
        yield api


@pytest.fixture(scope="session")
def asserted(project: Project) -> Graph:
    return merged(load_documents(project))


@pytest.fixture(scope="session")
def inferred(asserted: Graph) -> Graph:
    """What the rules add, as the build adds it."""
    return infer(asserted).inferred


@pytest.fixture(scope="session")
def questions(asserted: Graph, inferred: Graph) -> list[Statement]:
    """The inferred types, superclasses, facts and data values."""
    properties = declared(asserted, OWL.DatatypeProperty) | declared(asserted, OWL.ObjectProperty)
    return list(statements(inferred, properties, declared(asserted, OWL.Class)))


@pytest.fixture(scope="session")
def classification(
    owl_api: OwlApi, project: Project, questions: list[Statement], asserted: Graph, inferred: Graph
) -> Classification:
    properties = declared(asserted, OWL.ObjectProperty)
    known = {(str(s), str(p), str(o)) for s, p, o in asserted + inferred if p in properties}
    return owl_api.classify(project.graph / "all.ttl", questions, known=known)


def declared(graph: Graph, kind: URIRef) -> set[URIRef]:
    """Return the IRIs that a graph declares to be of a kind."""
    return {term for term in graph.subjects(RDF.type, kind) if isinstance(term, URIRef)}


def statements(graph: Graph, properties: set[URIRef], classes: set[URIRef]) -> Iterator[Statement]:
    """Return the statements of a graph that have one of the properties, or give a type or a superclass."""
    for s, p, o in sorted(graph):
        if p in properties or (p in {RDF.type, RDFS.subClassOf} and o in classes):
            assert isinstance(s, URIRef)
            assert isinstance(p, URIRef)
            assert isinstance(o, URIRef | Literal)
            yield Statement(s, p, o)
