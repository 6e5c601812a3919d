"""Reasoning: the same conclusions as plain owlrl, every contradiction with its statements, nothing written back."""

from pathlib import Path

import owlrl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from owlrl.Namespaces import ERRNS
from plain_conclusions import plain_conclusions
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.compare import to_isomorphic
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node, _toPythonMapping
from support.examples import examples

from kb.errors import DataError
from kb.namespaces import shorten
from kb.rdf.convert import Triple, to_graph
from kb.rdf.turtle import parse, parse_statements
from kb.reasoning.inconsistencies import Inconsistency
from kb.reasoning.infer import infer, logical_part

CASES = Path(__file__).parent / "reason"
#: One folder a rule: a graph that violates it, what is reported, and a graph like it that is consistent.
INCONSISTENCIES = sorted(folder.name for folder in (CASES / "inconsistencies").iterdir())
#: Rules that owlrl does not have, or (eq-diff2, eq-diff3, prp-adp) applies to all members of a list but the last.
NOT_IN_OWLRL = {"dt-diff", "eq-diff2", "eq-diff3", "prp-adp"}
EX = Namespace("https://w3id.org/ammtc/id/")


def test_there_is_a_case_for_every_rule_that_concludes_false() -> None:
    # Tables 4 to 8 of https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules
    table_4, table_5 = "eq-diff1 eq-diff2 eq-diff3", "prp-irp prp-asyp prp-pdw prp-adp prp-npa1 prp-npa2"
    table_6, table_7 = "cls-nothing2 cls-com cls-maxc1 cls-maxqc1 cls-maxqc2", "cax-dw cax-adc"
    table_8 = "dt-diff dt-not-type"
    assert sorted(f"{table_4} {table_5} {table_6} {table_7} {table_8}".split()) == INCONSISTENCIES


@pytest.mark.parametrize("rule", INCONSISTENCIES)
def test_a_contradiction_is_reported_with_its_statements(rule: str) -> None:
    graph = parse(CASES / "inconsistencies" / rule / "fail.ttl")
    inconsistencies = infer(graph).inconsistencies
    assert {found.rule for found in inconsistencies} == {rule}
    assert "".join(map(_text, inconsistencies)) == (CASES / "inconsistencies" / rule / "fail.txt").read_text()


@pytest.mark.parametrize("rule", INCONSISTENCIES)
def test_the_statements_of_an_inconsistency_are_asserted_or_inferred(rule: str) -> None:
    graph = parse(CASES / "inconsistencies" / rule / "fail.ttl")
    inference = infer(graph)
    known = {*graph, *inference.inferred}
    stated = [triple for found in inference.inconsistencies for triple in found.statements if not _is_internal(triple)]
    assert stated
    assert set(stated) <= known


@pytest.mark.parametrize("rule", INCONSISTENCIES)
def test_a_consistent_graph_has_no_inconsistency(rule: str) -> None:
    assert infer(parse(CASES / "inconsistencies" / rule / "pass.ttl")).inconsistencies == ()


@pytest.mark.parametrize("rule", INCONSISTENCIES)
def test_owlrl_agrees_where_it_has_the_rule(rule: str) -> None:
    errors = _plain_closure(parse(CASES / "inconsistencies" / rule / "fail.ttl")).subjects(RDF.type, ERRNS.ErrorMessage)
    assert bool(list(errors)) == (rule not in NOT_IN_OWLRL)
    consistent = _plain_closure(parse(CASES / "inconsistencies" / rule / "pass.ttl"))
    assert (None, RDF.type, ERRNS.ErrorMessage) not in consistent


def test_the_conclusions_are_those_of_plain_owlrl() -> None:
    graph = parse(CASES / "closure" / "meetings.ttl")
    inferred = infer(graph).inferred
    assert set(inferred) == set(plain_conclusions(_plain_closure(graph), graph))
    assert {
        (EX.malaysia, EX.stateAttends, EX.plenary),
        (EX.malaysia, EX.bodyChairs, EX.opening),
        (EX.lim, RDF.type, EX.MalaysianChair),
        (EX.Chair, RDFS.subClassOf, EX.Head),
        (EX["ammtc-19"], EX.hasPart, EX.opening),
        (EX["ammtc-20"], RDF.type, EX.Ordinal),
        (EX.kl, OWL.sameAs, EX["kuala-lumpur"]),
        (EX.malaysia, EX.memberOf, EX.asean),
        (EX.jkt, OWL.sameAs, EX.jakarta),
        (EX.tan, RDFS.label, Literal("Tan")),
        (EX.monday, RDF.type, EX.Weekday),
    } <= set(inferred)


def test_keys_compare_all_their_properties() -> None:
    graph = parse(CASES / "prp-key" / "premises.ttl")
    expected = parse(CASES / "prp-key" / "conclusions.ttl")
    assert set(infer(graph).inferred.triples((None, OWL.sameAs, None))) == set(expected)


def test_a_class_is_below_itself_when_it_is_equivalent_to_another() -> None:
    text = """
        :A owl:equivalentClass [ owl:onProperty :p ; owl:someValuesFrom :A ] .
        :B owl:equivalentClass [ owl:onProperty :p ; owl:someValuesFrom :A ] .
    """
    graph = to_graph(
        parse_statements((f"@prefix : <{EX}> .\n@prefix owl: <{OWL}> .\n{text}").encode(), Path("case.ttl"))
    )
    same = (EX.B, RDFS.subClassOf, EX.A)  # by scm-sco A is below itself, and by scm-svf1 so is the restriction
    assert same in infer(graph).inferred
    assert same in infer(graph, "owlrl").inferred
    assert same not in _plain_closure(graph)


def test_nothing_is_written_into_the_asserted_graph() -> None:
    graph = parse(CASES / "closure" / "meetings.ttl")
    before = set(graph)
    infer(graph)
    assert set(graph) == before


def test_no_trivial_conclusion_is_kept() -> None:
    graph = parse(CASES / "closure" / "meetings.ttl")
    inferred = infer(graph).inferred
    assert not [t for t in inferred if isinstance(t[0], Literal) or isinstance(t[1], BNode)]
    assert not [t for t in inferred if t[0] == t[2]]
    assert (None, None, OWL.Thing) not in inferred
    assert (EX.mys, RDFS.comment, None) not in inferred  # an annotation of the same state under another name
    expressions = {node for triple in inferred for node in triple if isinstance(node, BNode)}
    assert expressions == {guest for guest in graph.objects(EX.lim, EX.metWith) if isinstance(guest, BNode)}


def test_the_logical_part_has_no_annotations() -> None:
    graph = parse(CASES / "closure" / "meetings.ttl")
    part = logical_part(graph)
    assert (None, OWL.annotatedSource, None) not in part
    assert (None, EX.evidence, None) not in part
    assert (EX.tan, EX.alias, Literal("Tan")) in part  # it has a super-property
    assert {p for _, p, _ in set(graph) - set(part)} >= {EX.evidence, OWL.annotatedTarget, OWL.annotatedProperty}
    assert {s for s, _, _ in set(graph) - set(part)} >= {EX.tan}
    assert set(part) < set(graph)


def test_the_result_does_not_depend_on_the_run() -> None:
    graph = parse(CASES / "closure" / "meetings.ttl")
    assert to_isomorphic(infer(graph).inferred) == to_isomorphic(infer(graph).inferred)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[] a owl:AllDisjointClasses ; owl:members [ rdf:first :A ] .", "An RDF list is broken"),
        (":A owl:unionOf _:l . _:l rdf:first :B ; rdf:rest _:l .", "An RDF list is broken"),
        (":A owl:unionOf :l .", None),
        ("[] owl:onProperty :p ; owl:maxCardinality :none .", "is no cardinality"),
        ('[] owl:onProperty :p ; owl:maxQualifiedCardinality "one" .', '"one" is no cardinality'),
    ],
)
def test_a_malformed_axiom_is_refused_with_a_remedy(text: str, problem: str | None) -> None:
    prefixes = "".join(f"@prefix {p}: <{n}> .\n" for p, n in (("", EX), ("owl", OWL), ("rdf", RDF)))
    graph = graph_of(prefixes + text)
    if problem is None:
        assert len(infer(graph).inferred) == 0
    else:
        with pytest.raises(DataError, match=problem):
            infer(graph)


def test_a_cardinality_that_is_made_the_same_as_a_thing_does_no_harm() -> None:
    text = """
        :A owl:equivalentClass [ a owl:Restriction ; owl:onProperty :p ; owl:maxCardinality 1 ] .
        :x a :A ; :p 1, :y .
    """
    graph = to_graph(
        parse_statements((f"@prefix : <{EX}> .\n@prefix owl: <{OWL}> .\n{text}").encode(), Path("case.ttl"))
    )
    assert (EX.y, OWL.sameAs, Literal(1)) in infer(graph).inferred


# Random ontologies: a few classes, properties and individuals, so that axioms meet each other.

CLASS = st.sampled_from([EX[name] for name in "ABCD"])
PROPERTY = st.sampled_from([EX[name] for name in "pqrs"])
INDIVIDUAL = st.sampled_from([EX[name] for name in "vwxyz"])
# owlrl types no literal without a datatype; by RDF 1.1 that is an xsd:string. It has no dt-eq: no two are equal here.
VALUE = st.sampled_from([Literal(7), Literal("a", datatype=XSD.string), Literal("8", datatype=XSD.byte)])
CARDINAL = XSD.nonNegativeInteger
DATATYPE = st.sampled_from([XSD.integer, XSD.decimal, XSD.string])
KINDS = (
    *(OWL.FunctionalProperty, OWL.InverseFunctionalProperty, OWL.SymmetricProperty, OWL.TransitiveProperty),
    *(OWL.ObjectProperty, OWL.DatatypeProperty),
)
STATEMENT = st.one_of(
    st.tuples(INDIVIDUAL, st.just(RDF.type), CLASS),
    st.tuples(INDIVIDUAL, PROPERTY, INDIVIDUAL | VALUE),
    st.tuples(INDIVIDUAL, st.just(OWL.sameAs), INDIVIDUAL),
    st.tuples(CLASS, st.sampled_from([RDFS.subClassOf, OWL.equivalentClass, OWL.disjointWith]), CLASS),
    st.tuples(CLASS, st.just(RDF.type), st.just(OWL.Class)),
    st.tuples(CLASS, st.just(RDFS.subClassOf), st.sampled_from([OWL.Thing, OWL.Nothing])),
    st.tuples(PROPERTY, st.sampled_from([RDFS.subPropertyOf, OWL.equivalentProperty, OWL.inverseOf]), PROPERTY),
    st.tuples(PROPERTY, st.sampled_from([RDFS.domain, RDFS.range]), CLASS),
    st.tuples(PROPERTY, st.just(RDFS.range), DATATYPE),
    st.tuples(PROPERTY, st.just(RDF.type), st.sampled_from(KINDS)),
)
LISTED = st.one_of(
    st.tuples(PROPERTY, st.just(OWL.propertyChainAxiom), st.lists(PROPERTY, min_size=1, max_size=3)),
    st.tuples(CLASS, st.sampled_from([OWL.intersectionOf, OWL.unionOf]), st.lists(CLASS, min_size=1, max_size=3)),
    st.tuples(CLASS, st.just(OWL.oneOf), st.lists(INDIVIDUAL, max_size=3)),
)
RESTRICTION = st.tuples(
    CLASS,
    st.sampled_from([RDFS.subClassOf, OWL.equivalentClass]),
    PROPERTY,
    st.one_of(
        st.tuples(st.sampled_from([OWL.someValuesFrom, OWL.allValuesFrom]), CLASS | DATATYPE | st.just(OWL.Thing)),
        st.tuples(st.just(OWL.hasValue), INDIVIDUAL | VALUE),
        st.tuples(st.just(OWL.maxCardinality), st.sampled_from([Literal(n, datatype=CARDINAL) for n in (0, 1)])),
    ),
)


@settings(max_examples=examples(100))
@given(st.lists(STATEMENT, max_size=20), st.lists(LISTED, max_size=3), st.lists(RESTRICTION, max_size=3))
def test_the_conclusions_are_those_of_plain_owlrl_on_random_ontologies(
    statements: list[Triple],
    listed: list[tuple[URIRef, URIRef, list[Node]]],
    restrictions: list[tuple[URIRef, URIRef, URIRef, tuple[URIRef, Node]]],
) -> None:
    graph = Graph()
    for triple in statements:
        graph.add(triple)
    for s, p, members in listed:
        graph.add((s, p, Collection(graph, BNode() if members else RDF.nil, members).uri))
    for s, p, on, (kind, filler) in restrictions:
        node = BNode()
        for triple in ((s, p, node), (node, RDF.type, OWL.Restriction), (node, OWL.onProperty, on)):
            graph.add(triple)
        graph.add((node, kind, filler))
    # Declared, so that each is below itself: owlrl concludes that by scm-cls and scm-op, and by no other rule.
    for terms, kind in (("ABCD", OWL.Class), ("pqrs", OWL.ObjectProperty)):
        for name in terms:
            graph.add((EX[name], RDF.type, kind))
    plain = _plain_closure(graph)
    inference = infer(graph)
    errors = set(plain.subjects(RDF.type, ERRNS.ErrorMessage))
    expected = plain_conclusions((triple for triple in plain if triple[0] not in errors), graph)
    assert {_of_rdf_1_1(triple) for triple in inference.inferred} == {_of_rdf_1_1(triple) for triple in expected}
    if errors:
        assert inference.inconsistencies


def _of_rdf_1_1(triple: Triple) -> Triple:
    """Write a string without its datatype: it is the same literal, of which either writing may be kept."""
    s, p, o = triple
    return (s, p, Literal(o) if isinstance(o, Literal) and o.datatype == XSD.string else o)


def _plain_closure(graph: Graph) -> Graph:
    """Expand a copy by owlrl as it is; what owlrl puts into rdflib's table of datatypes is taken out again."""
    closure = Graph()
    closure += graph
    datatypes = dict(_toPythonMapping)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closure)
    _toPythonMapping.clear()
    _toPythonMapping.update(datatypes)
    return closure


def _text(found: Inconsistency) -> str:
    lines = (" ".join(map(_name, triple)) for triple in found.statements)
    return f"{found.rule}: {found.message}\n" + "".join(f"    {line}\n" for line in lines)


def _name(node: Node) -> str:
    if isinstance(node, BNode):
        return "[]"
    return node.n3() if isinstance(node, Literal) else shorten(str(node))


def _is_internal(triple: Triple) -> bool:
    """Return whether a statement says something that is not kept, such as of an anonymous class."""
    return isinstance(triple[0], Literal) or any(isinstance(node, BNode) for node in triple)


def graph_of(text: str) -> Graph:
    return to_graph(parse_statements(text.encode(), Path("case.ttl")))
