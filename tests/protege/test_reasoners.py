"""The rules of OWL 2 RL against HermiT, which knows the whole of OWL 2 DL, on the project's own files.

On this ontology the two must agree: whoever reasons in Protégé sees what a query sees.
"""

from collections.abc import Iterator

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS

from kb.config import Project
from kb.files.documents import load_documents, merged
from kb.reasoning.infer import infer
from protege.model import Classification, Statement
from protege.owlapi import OwlApi

pytestmark = pytest.mark.xdist_group("owlapi")


@pytest.fixture(scope="module")
def asserted(project: Project) -> Graph:
    return merged(load_documents(project))


@pytest.fixture(scope="module")
def inferred(asserted: Graph) -> Graph:
    """What the rules add, as the build adds it."""
    return infer(asserted).inferred


@pytest.fixture(scope="module")
def questions(asserted: Graph, inferred: Graph) -> list[Statement]:
    """The inferred types, superclasses and data values."""
    return list(statements(inferred, declared(asserted, OWL.DatatypeProperty), declared(asserted, OWL.Class)))


@pytest.fixture(scope="module")
def classification(owl_api: OwlApi, project: Project, questions: list[Statement]) -> Classification:
    return owl_api.classify(project.graph / "all.ttl", questions, facts=True)


def test_inferred_types_and_values_are_entailed(classification: Classification, questions: list[Statement]) -> None:
    assert {RDF.type, RDFS.subClassOf} <= {question.predicate for question in questions}
    wrong = [question for question, follows in zip(questions, classification.entailed, strict=True) if not follows]
    assert wrong == []


def test_inferred_facts_are_entailed(asserted: Graph, inferred: Graph, classification: Classification) -> None:
    properties = declared(asserted, OWL.ObjectProperty)
    facts = {(str(s), str(p), str(o)) for s, p, o in inferred if p in properties}
    assert facts - classification.facts == set() != facts


def test_the_rules_miss_no_fact(asserted: Graph, inferred: Graph, classification: Classification) -> None:
    known = {(str(s), str(p), str(o)) for s, p, o in asserted + inferred}
    assert classification.facts - known == set()


def test_the_rules_miss_no_type(asserted: Graph, inferred: Graph, classification: Classification) -> None:
    known = {(str(s), str(o)) for s, o in (asserted + inferred).subject_objects(RDF.type)}
    assert {(i, c) for i, classes in classification.types.items() for c in classes - {str(OWL.Thing)}} - known == set()


def test_the_rules_miss_no_superclass(asserted: Graph, inferred: Graph, classification: Classification) -> None:
    known = {(str(s), str(o)) for s, o in (asserted + inferred).subject_objects(RDFS.subClassOf)}
    above = classification.superclasses
    assert {(c, d) for c, classes in above.items() for d in classes - {str(OWL.Thing)}} - known == set()


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
