"""The rules of OWL 2 RL against HermiT, which knows the whole of OWL 2 DL, on the project's own files.

On this ontology the two must agree: whoever reasons in Protégé sees what a query sees.
"""

import pytest
from rdflib import Graph
from rdflib.namespace import OWL, RDF, RDFS

from protege.conftest import declared
from protege.model import Classification, Statement

pytestmark = pytest.mark.xdist_group("owlapi")


def test_inferred_types_and_values_are_entailed(
    asserted: Graph, classification: Classification, questions: list[Statement]
) -> None:
    facts = declared(asserted, OWL.ObjectProperty)
    follows = {q: yes for q, yes in zip(questions, classification.entailed, strict=True) if q.predicate not in facts}
    assert {RDF.type, RDFS.subClassOf} <= {question.predicate for question in follows}
    assert [question for question, yes in follows.items() if not yes] == []


def test_inferred_facts_are_entailed(
    asserted: Graph, classification: Classification, questions: list[Statement]
) -> None:
    facts = declared(asserted, OWL.ObjectProperty)
    follows = {q: yes for q, yes in zip(questions, classification.entailed, strict=True) if q.predicate in facts}
    assert len(follows) > 100
    assert [question for question, yes in follows.items() if not yes] == []


def test_the_rules_miss_no_fact(classification: Classification) -> None:
    assert classification.unknown_facts == set()


def test_the_rules_miss_no_type(asserted: Graph, inferred: Graph, classification: Classification) -> None:
    known = {(str(s), str(o)) for s, o in (asserted + inferred).subject_objects(RDF.type)}
    assert {(i, c) for i, classes in classification.types.items() for c in classes - {str(OWL.Thing)}} - known == set()


def test_the_rules_miss_no_superclass(asserted: Graph, inferred: Graph, classification: Classification) -> None:
    known = {(str(s), str(o)) for s, o in (asserted + inferred).subject_objects(RDFS.subClassOf)}
    above = classification.superclasses
    assert {(c, d) for c, classes in above.items() for d in classes - {str(OWL.Thing)}} - known == set()
