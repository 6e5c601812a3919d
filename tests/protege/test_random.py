"""kb's rules against HermiT on random ontologies of OWL 2 DL: whatever the rules conclude is entailed.

The axioms are chosen so that any of them go together in OWL 2 DL: properties with cardinalities are simple, and
chains are regular.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, XSD

from kb.reasoning.infer import infer
from protege.catalog import CATALOG
from protege.model import Statement
from protege.owlapi import OwlApi

pytestmark = pytest.mark.xdist_group("owlapi")

EX = Namespace("https://w3id.org/ammtc/id/")
CLASSES = [EX[name] for name in "ABCDE"]
#: Of the first some are made transitive or implied by chains; the others have cardinalities.
COMPLEX, SIMPLE = [EX[name] for name in "pq"], [EX[name] for name in "rst"]
INDIVIDUALS = [EX[name] for name in "uvwxyz"]
SEEDS = range(16)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_rules_conclude_is_entailed(seed: int, owl_api: OwlApi, tmp_path: Path) -> None:
    graph = ontology(random.Random(seed))
    (tmp_path / CATALOG).write_text('<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog"/>', encoding="utf-8")
    graph.serialize(tmp_path / "random.ttl", format="turtle")
    inference = infer(graph)
    asked = list(questions(inference.inferred))
    found = owl_api.ask(tmp_path / "random.ttl", asked)
    if inference.inconsistencies:
        assert not found.consistent
    elif found.consistent:
        assert [question for question, follows in zip(asked, found.entailed, strict=True) if not follows] == []


def test_what_does_not_follow_is_not_entailed(owl_api: OwlApi, tmp_path: Path) -> None:
    (tmp_path / CATALOG).write_text('<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog"/>', encoding="utf-8")
    graph = ontology(random.Random(1))
    u, v, new, other = INDIVIDUALS[0], INDIVIDUALS[1], EX.new, EX.other
    for individual in (new, other):
        graph.add((individual, RDF.type, OWL.NamedIndividual))
    graph.add((u, OWL.sameAs, v))
    graph.serialize(tmp_path / "random.ttl", format="turtle")
    asked = [Statement(new, RDF.type, CLASSES[0]), Statement(new, OWL.sameAs, other), Statement(new, SIMPLE[0], other)]
    found = owl_api.ask(tmp_path / "random.ttl", [*asked, Statement(v, OWL.sameAs, u)])
    assert found.entailed == (False, False, False, True)


def test_the_sample_concludes_something() -> None:
    inferences = [infer(ontology(random.Random(seed))) for seed in SEEDS]
    asked = [question for inference in inferences for question in questions(inference.inferred)]
    assert len(asked) > 100
    assert sum(question.predicate == OWL.sameAs for question in asked) > 10
    assert any(inference.inconsistencies for inference in inferences)
    assert sum(not inference.inconsistencies for inference in inferences) >= 5


def questions(inferred: Graph) -> Iterator[Statement]:
    """Yield what HermiT can be asked: types, superclasses, facts and equality of named things."""
    kinds = {RDF.type, RDFS.subClassOf, OWL.sameAs, *COMPLEX, *SIMPLE}
    for s, p, o in sorted(inferred):
        named = isinstance(s, URIRef) and isinstance(p, URIRef) and isinstance(o, URIRef)
        if named and p in kinds and (p != RDF.type or o in CLASSES):
            yield Statement(s, p, o)


def ontology(chance: random.Random) -> Graph:
    graph = Graph()
    graph.add((URIRef("https://w3id.org/ammtc/graph/random"), RDF.type, OWL.Ontology))
    for kind, terms in (
        (OWL.Class, CLASSES),
        (OWL.ObjectProperty, [*COMPLEX, *SIMPLE]),
        (OWL.NamedIndividual, INDIVIDUALS),
    ):
        for term in terms:
            graph.add((term, RDF.type, kind))
    for _ in range(chance.randint(8, 14)):
        add_axiom(graph, chance)
    for _ in range(chance.randint(0, 2)):
        graph.add((chance.choice(INDIVIDUALS), OWL.sameAs, chance.choice(INDIVIDUALS)))
    for _ in range(10):
        link = chance.choice([*COMPLEX, *SIMPLE])
        graph.add((chance.choice(INDIVIDUALS), link, chance.choice(INDIVIDUALS)))
        graph.add((chance.choice(INDIVIDUALS), RDF.type, chance.choice(CLASSES)))
    return graph


def add_axiom(graph: Graph, chance: random.Random) -> None:
    c, d, e = (chance.choice(CLASSES) for _ in range(3))
    p, r, s = chance.choice([*COMPLEX, *SIMPLE]), chance.choice(SIMPLE), chance.choice(SIMPLE)
    match chance.randrange(12):
        case 0:
            graph.add((c, chance.choice([RDFS.subClassOf, OWL.equivalentClass]), d))
        case 1 if c != d:
            graph.add((c, OWL.disjointWith, d))
        case 2:
            expression = BNode()
            graph.add((expression, RDF.type, OWL.Class))
            Collection(graph, head := BNode(), [d, e])
            graph.add((expression, chance.choice([OWL.intersectionOf, OWL.unionOf]), head))
            graph.add((c, OWL.equivalentClass, expression))
        case 3 | 4 | 5:
            add_restriction(graph, chance, c, d)
        case 6:
            graph.add((p, chance.choice([RDFS.domain, RDFS.range]), c))
        case 7:
            graph.add((r, chance.choice([RDFS.subPropertyOf, OWL.inverseOf]), s))
        case 8:
            graph.add((r, RDF.type, chance.choice([OWL.FunctionalProperty, OWL.SymmetricProperty])))
        case 9:
            graph.add((COMPLEX[0], RDF.type, OWL.TransitiveProperty))
        case 10:
            Collection(graph, head := BNode(), [r, s])
            graph.add((COMPLEX[1], OWL.propertyChainAxiom, head))
        case _:
            graph.add((r, RDFS.subPropertyOf, chance.choice(COMPLEX)))


def add_restriction(graph: Graph, chance: random.Random, c: URIRef, d: URIRef) -> None:
    node, kind = BNode(), chance.randrange(4)
    graph.add((node, RDF.type, OWL.Restriction))
    on = chance.choice(SIMPLE) if kind == 3 else chance.choice([*COMPLEX, *SIMPLE])
    graph.add((node, OWL.onProperty, on))
    if kind == 3:
        graph.add((node, OWL.maxCardinality, Literal(1, datatype=XSD.nonNegativeInteger)))
    else:
        quantifier = (OWL.someValuesFrom, OWL.allValuesFrom, OWL.hasValue)[kind]
        graph.add((node, quantifier, chance.choice(INDIVIDUALS) if kind == 2 else d))
    relation = (c, RDFS.subClassOf, node) if chance.random() < 0.5 else (node, RDFS.subClassOf, c)
    graph.add(relation)
