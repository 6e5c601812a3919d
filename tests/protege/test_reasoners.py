"""The rules of OWL 2 RL against HermiT, which knows the whole of OWL 2 DL, on the project's own files.

On this ontology the two must agree: whoever reasons in Protégé sees what a query sees.
"""

import pytest
from rdflib import Graph
from rdflib.namespace import OWL, RDF, RDFS

from protege.conftest import declared
from protege.model import Classification, Statement

pytestmark = pytest.mark.xdist_group("owlapi")


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
