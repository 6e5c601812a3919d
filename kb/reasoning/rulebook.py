"""The rules as the recommendation writes them: premises and conclusion, for finding proofs.

Tables 4 to 9 of https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules. The rules that
conclude "false" are in `kb.reasoning.inconsistencies`; those whose number of premises depends
on a list, and those that have none, are in `kb.reasoning.prover`. ``?m in ?l`` says that m is a member of the RDF
list l, ``?n = 1`` that n is the number 1.
"""

import re
from dataclasses import dataclass
from functools import cache

from rdflib.namespace import OWL, RDF, RDFS

from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["Atom", "Rule", "rules_by_predicate"]

_RULES = """
prp-dom      ?p rdfs:domain ?c . ?x ?p ?y => ?x rdf:type ?c
prp-rng      ?p rdfs:range ?c . ?x ?p ?y => ?y rdf:type ?c
prp-fp       ?p rdf:type owl:FunctionalProperty . ?x ?p ?y1 . ?x ?p ?y2 => ?y1 owl:sameAs ?y2
prp-ifp      ?p rdf:type owl:InverseFunctionalProperty . ?x1 ?p ?y . ?x2 ?p ?y => ?x1 owl:sameAs ?x2
prp-symp     ?p rdf:type owl:SymmetricProperty . ?x ?p ?y => ?y ?p ?x
prp-trp      ?p rdf:type owl:TransitiveProperty . ?x ?p ?y . ?y ?p ?z => ?x ?p ?z
prp-spo1     ?p1 rdfs:subPropertyOf ?p2 . ?x ?p1 ?y => ?x ?p2 ?y
prp-eqp1     ?p1 owl:equivalentProperty ?p2 . ?x ?p1 ?y => ?x ?p2 ?y
prp-eqp2     ?p1 owl:equivalentProperty ?p2 . ?x ?p2 ?y => ?x ?p1 ?y
prp-inv1     ?p1 owl:inverseOf ?p2 . ?x ?p1 ?y => ?y ?p2 ?x
prp-inv2     ?p1 owl:inverseOf ?p2 . ?x ?p2 ?y => ?y ?p1 ?x
cls-int2     ?c owl:intersectionOf ?l . ?m in ?l . ?x rdf:type ?c => ?x rdf:type ?m
cls-uni      ?c owl:unionOf ?l . ?m in ?l . ?x rdf:type ?m => ?x rdf:type ?c
cls-svf1     ?r owl:someValuesFrom ?c . ?r owl:onProperty ?p . ?x ?p ?y . ?y rdf:type ?c => ?x rdf:type ?r
cls-svf2     ?r owl:someValuesFrom owl:Thing . ?r owl:onProperty ?p . ?x ?p ?y => ?x rdf:type ?r
cls-avf      ?r owl:allValuesFrom ?c . ?r owl:onProperty ?p . ?x rdf:type ?r . ?x ?p ?y => ?y rdf:type ?c
cls-hv1      ?r owl:hasValue ?v . ?r owl:onProperty ?p . ?x rdf:type ?r => ?x ?p ?v
cls-hv2      ?r owl:hasValue ?v . ?r owl:onProperty ?p . ?x ?p ?v => ?x rdf:type ?r
cls-maxc2    ?r owl:maxCardinality ?n . ?n = 1 . ?r owl:onProperty ?p . ?x rdf:type ?r . ?x ?p ?y1 . ?x ?p ?y2 \
=> ?y1 owl:sameAs ?y2
cls-maxqc3   ?r owl:maxQualifiedCardinality ?n . ?n = 1 . ?r owl:onProperty ?p . ?r owl:onClass ?c . ?x rdf:type ?r . \
?x ?p ?y1 . ?y1 rdf:type ?c . ?x ?p ?y2 . ?y2 rdf:type ?c => ?y1 owl:sameAs ?y2
cls-maxqc4   ?r owl:maxQualifiedCardinality ?n . ?n = 1 . ?r owl:onProperty ?p . ?r owl:onClass owl:Thing . \
?x rdf:type ?r . ?x ?p ?y1 . ?x ?p ?y2 => ?y1 owl:sameAs ?y2
cls-oo       ?c owl:oneOf ?l . ?m in ?l => ?m rdf:type ?c
cax-sco      ?c1 rdfs:subClassOf ?c2 . ?x rdf:type ?c1 => ?x rdf:type ?c2
cax-eqc1     ?c1 owl:equivalentClass ?c2 . ?x rdf:type ?c1 => ?x rdf:type ?c2
cax-eqc2     ?c1 owl:equivalentClass ?c2 . ?x rdf:type ?c2 => ?x rdf:type ?c1
scm-cls      ?c rdf:type owl:Class => ?c rdfs:subClassOf ?c
scm-cls      ?c rdf:type owl:Class => ?c owl:equivalentClass ?c
scm-cls      ?c rdf:type owl:Class => ?c rdfs:subClassOf owl:Thing
scm-cls      ?c rdf:type owl:Class => owl:Nothing rdfs:subClassOf ?c
scm-sco      ?c1 rdfs:subClassOf ?c2 . ?c2 rdfs:subClassOf ?c3 => ?c1 rdfs:subClassOf ?c3
scm-eqc1     ?c1 owl:equivalentClass ?c2 => ?c1 rdfs:subClassOf ?c2
scm-eqc1     ?c1 owl:equivalentClass ?c2 => ?c2 rdfs:subClassOf ?c1
scm-eqc2     ?c1 rdfs:subClassOf ?c2 . ?c2 rdfs:subClassOf ?c1 => ?c1 owl:equivalentClass ?c2
scm-op       ?p rdf:type owl:ObjectProperty => ?p rdfs:subPropertyOf ?p
scm-op       ?p rdf:type owl:ObjectProperty => ?p owl:equivalentProperty ?p
scm-dp       ?p rdf:type owl:DatatypeProperty => ?p rdfs:subPropertyOf ?p
scm-dp       ?p rdf:type owl:DatatypeProperty => ?p owl:equivalentProperty ?p
scm-spo      ?p1 rdfs:subPropertyOf ?p2 . ?p2 rdfs:subPropertyOf ?p3 => ?p1 rdfs:subPropertyOf ?p3
scm-eqp1     ?p1 owl:equivalentProperty ?p2 => ?p1 rdfs:subPropertyOf ?p2
scm-eqp1     ?p1 owl:equivalentProperty ?p2 => ?p2 rdfs:subPropertyOf ?p1
scm-eqp2     ?p1 rdfs:subPropertyOf ?p2 . ?p2 rdfs:subPropertyOf ?p1 => ?p1 owl:equivalentProperty ?p2
scm-dom1     ?p rdfs:domain ?c1 . ?c1 rdfs:subClassOf ?c2 => ?p rdfs:domain ?c2
scm-dom2     ?p2 rdfs:domain ?c . ?p1 rdfs:subPropertyOf ?p2 => ?p1 rdfs:domain ?c
scm-rng1     ?p rdfs:range ?c1 . ?c1 rdfs:subClassOf ?c2 => ?p rdfs:range ?c2
scm-rng2     ?p2 rdfs:range ?c . ?p1 rdfs:subPropertyOf ?p2 => ?p1 rdfs:range ?c
scm-hv       ?c1 owl:hasValue ?i . ?c1 owl:onProperty ?p1 . ?c2 owl:hasValue ?i . ?c2 owl:onProperty ?p2 . \
?p1 rdfs:subPropertyOf ?p2 => ?c1 rdfs:subClassOf ?c2
scm-svf1     ?c1 owl:someValuesFrom ?y1 . ?c1 owl:onProperty ?p . ?c2 owl:someValuesFrom ?y2 . ?c2 owl:onProperty ?p . \
?y1 rdfs:subClassOf ?y2 => ?c1 rdfs:subClassOf ?c2
scm-svf2     ?c1 owl:someValuesFrom ?y . ?c1 owl:onProperty ?p1 . ?c2 owl:someValuesFrom ?y . ?c2 owl:onProperty ?p2 . \
?p1 rdfs:subPropertyOf ?p2 => ?c1 rdfs:subClassOf ?c2
scm-avf1     ?c1 owl:allValuesFrom ?y1 . ?c1 owl:onProperty ?p . ?c2 owl:allValuesFrom ?y2 . ?c2 owl:onProperty ?p . \
?y1 rdfs:subClassOf ?y2 => ?c1 rdfs:subClassOf ?c2
scm-avf2     ?c1 owl:allValuesFrom ?y . ?c1 owl:onProperty ?p1 . ?c2 owl:allValuesFrom ?y . ?c2 owl:onProperty ?p2 . \
?p1 rdfs:subPropertyOf ?p2 => ?c2 rdfs:subClassOf ?c1
scm-int      ?c owl:intersectionOf ?l . ?m in ?l => ?c rdfs:subClassOf ?m
scm-uni      ?c owl:unionOf ?l . ?m in ?l => ?m rdfs:subClassOf ?c
"""

#: Subject, predicate (or ``in`` or ``=``) and object: numbers of terms, or variables as strings.
Atom = tuple[int | str, int | str, int | str]

_PREFIXES = {"rdf": RDF, "rdfs": RDFS, "owl": OWL}


@dataclass(frozen=True)
class Rule:
    """A rule: from all of the body follows the head."""

    name: str
    body: tuple[Atom, ...]
    head: Atom


@cache
def rules_by_predicate() -> dict[int | None, tuple[Rule, ...]]:
    """Return the rules by the number of the predicate of what they conclude; None where it can be any."""
    found: dict[int | None, tuple[Rule, ...]] = {}
    for line in filter(None, _RULES.splitlines()):
        name, text = line.split(maxsplit=1)
        *body, head = map(_atom, re.split(" [.] | => ", text))
        predicate = head[1] if isinstance(head[1], int) else None
        found[predicate] = (*found.get(predicate, ()), Rule(name, tuple(body), head))
    return found


def _atom(text: str) -> Atom:
    s, p, o = map(_term, text.split())
    return s, p, o


def _term(word: str) -> int | str:
    prefix, colon, local = word.partition(":")
    return NUMBER_OF[_PREFIXES[prefix][local]] if colon else word
