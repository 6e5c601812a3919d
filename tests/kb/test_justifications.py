"""The justifications that a build adds: one reifier for each, of every statement, by its evidence and by its proofs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple

from kb.config import Project
from kb.files.documents import Document, load_documents
from kb.files.evidence import domain_statements, justifications
from kb.generations.generation import Generation
from kb.generations.justifications import Joint, minimal
from kb.generations.read_proofs import read_proofs
from kb.generations.reifiers import reifier
from kb.namespaces import AMMTC, CONCEPT, INFERRED, RDF, STATEMENT
from kb.rdf.convert import to_term
from kb.rdf.terms import Statement, Term
from kb.sparql.query import evaluate

_REIFIES, _EVIDENCE, _BASIS = NamedNode(RDF.reifies), NamedNode(AMMTC.evidence), NamedNode(AMMTC.basis)
_PREMISE, _PASSAGE = NamedNode(AMMTC.premise), NamedNode(AMMTC.passage)
_INFERRED = NamedNode(CONCEPT.inferred)


@pytest.fixture(scope="module")
def store(generation: Generation) -> Store:
    return generation.store()


@pytest.fixture(scope="module")
def documents(project: Project) -> tuple[Document, ...]:
    return load_documents(project)


@pytest.fixture(scope="module")
def reifiers(store: Store) -> Mapping[Statement, Sequence[NamedNode]]:
    found: defaultdict[Statement, list[NamedNode]] = defaultdict(list)
    for quad in store.quads_for_pattern(None, _REIFIES, None):
        assert isinstance(quad.object, Triple)
        assert isinstance(quad.subject, NamedNode)
        found[quad.object.subject, quad.object.predicate, quad.object.object].append(quad.subject)
    return found


def _objects(store: Store, subject: Term, predicate: NamedNode) -> frozenset[Term]:
    assert isinstance(subject, NamedNode | BlankNode)
    return frozenset(quad.object for quad in store.quads_for_pattern(subject, predicate, None))


def _rows(store: Store, query: str) -> list[tuple[str, ...]]:
    solutions = evaluate(store, query)
    assert isinstance(solutions, QuerySolutions)
    return sorted(tuple(_short(term) for term in row) for row in solutions)


def _short(term: Term | None) -> str:
    assert isinstance(term, NamedNode | Literal)
    return term.value.rpartition("/")[2]


def test_each_statement_of_the_domain_has_a_reifier_for_each_justification(
    store: Store, documents: Sequence[Document], reifiers: Mapping[Statement, Sequence[NamedNode]]
) -> None:
    expected: defaultdict[Statement, set[Joint]] = defaultdict(set)
    for document in documents:
        if not document.is_schema:
            for s, p, o in domain_statements(document):
                joints = justifications(document.graph, (s, p, o))
                expected[to_term(s), to_term(p), to_term(o)] |= {frozenset(map(to_term, joint)) for joint in joints}
    assert len(expected) > 1500
    for statement, joints in expected.items():
        stated = [node for node in reifiers[statement] if _INFERRED not in _objects(store, node, _BASIS)]
        assert {_objects(store, node, _EVIDENCE) for node in stated} == joints, statement


def test_each_inferred_statement_has_a_reifier(store: Store, reifiers: Mapping[Statement, Sequence[NamedNode]]) -> None:
    inferred = {
        (quad.subject, quad.predicate, quad.object)
        for quad in store.quads_for_pattern(None, None, None, NamedNode(INFERRED))
    }
    assert len(inferred) > 2000
    assert [statement for statement in inferred if not reifiers[statement]] == []
    of_proofs = {statement for statement, nodes in reifiers.items() if _INFERRED in _objects(store, nodes[0], _BASIS)}
    assert of_proofs == inferred


def test_a_proof_holds_from_the_premises_of_its_reifier(
    generation: Generation, store: Store, reifiers: Mapping[Statement, Sequence[NamedNode]]
) -> None:
    """The proofs are sound, see test_proofs.py."""
    for statement, steps in read_proofs(generation.folder).items():
        needed = [{end for end in step.asserted() if end in reifiers} for step in steps]
        for node in reifiers[statement]:
            premises = _premises(store, node)
            assert any(ends <= premises.keys() for ends in needed), (statement, node)
            cited = frozenset[Term]().union(*(_objects(store, premise, _PASSAGE) for premise in premises.values()))
            assert _objects(store, node, _PASSAGE) <= cited


def _premises(store: Store, node: NamedNode) -> Mapping[Statement, NamedNode]:
    """Return the statements that the premises of a reifier's proof reify."""
    (proof,) = _objects(store, node, _EVIDENCE)
    found: dict[Statement, NamedNode] = {}
    for premise in _objects(store, proof, _PREMISE):
        (triple,) = _objects(store, premise, _REIFIES)
        assert isinstance(triple, Triple)
        assert isinstance(premise, NamedNode)
        found[triple.subject, triple.predicate, triple.object] = premise
    return found


def test_what_two_sources_tell_has_a_proof_from_either(store: Store) -> None:
    """Both NST and VNA have the roadmap adopted; the plan only NST, by a derivation."""
    query = """SELECT DISTINCT ?i ?source ?basis ?strength {
      ?i ammtc:adoptedAt id:ammtc-19 {| ammtc:basis ?basis ; ammtc:strength ?strength ;
        ammtc:passage [ ammtc:source ?source ] |}
    }"""
    assert _rows(store, query) == [
        ("border-management-roadmap", "nst-2025-09-12", "inferred", "probable"),
        ("border-management-roadmap", "vna-ammtc-19", "inferred", "certain"),
        ("plan-of-action-2026-2035", "nst-2025-09-12", "inferred", "probable"),
    ]


def test_one_line_asks_who_says_so(store: Store) -> None:
    query = """SELECT ?n ?source ?paragraph {
      id:somtc-25 ammtc:delegateCount ?n {| ammtc:passage [ ammtc:source ?source ; ammtc:paragraph ?paragraph ] |}
    }"""
    assert _rows(store, query) == [("200", "malaysiakini-2025-06-30", "9")]


def test_clients_of_rdf_1_1_ask_by_the_three_parts(store: Store) -> None:
    query = """SELECT ?s ?p ?o ?j { %s ; ammtc:passage source:nst-2025-09-12\\#p10 }"""
    by_parts = _rows(store, query % "?j rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o")
    assert by_parts == _rows(store, query % "?s ?p ?o ~ ?j . ?j a ammtc:Justification")
    assert len(by_parts) > 20


def test_axioms_and_reports_answer_the_same_question(store: Store) -> None:
    query = """SELECT DISTINCT ?source ?paragraph ?basis { %s ammtc:basis ?basis ;
      ammtc:passage [ ammtc:source ?source ; ammtc:paragraph ?paragraph ] }"""
    axiom = "[] owl:annotatedSource id:somtc-25 ; owl:annotatedProperty ammtc:delegateCount ;"
    assert _rows(store, query % axiom) == [("malaysiakini-2025-06-30", "9", "derived")]
    report = "id:nst-adoption-roadmap"
    assert ("nst-2025-09-12", "10", "stated") in _rows(store, query % report)


def test_no_source_says_how_its_finding_stands_to_that_of_another(store: Store) -> None:
    """The editors compare: what is asserted rests on no passage, nor what follows because it is symmetric."""
    judgements = "VALUES ?p { ammtc:agreesWith ammtc:differsFrom ammtc:saysLessThan }"
    assert len(_rows(store, f"SELECT ?a ?b {{ {judgements} ?a ?p ?b }}")) > 30
    reified = "?j rdf:reifies ?t FILTER(PREDICATE(?t) = ?p) ?j ammtc:basis ?basis"
    assert _rows(store, f"SELECT DISTINCT ?basis {{ {judgements} {reified} }}") == [("inferred",)]
    assert _rows(store, f"SELECT ?j {{ {judgements} {reified} ; ammtc:passage ?passage }}") == []


def test_the_name_of_a_reifier_follows_from_statement_and_evidence() -> None:
    a, b, c = (NamedNode(f"urn:x:{name}") for name in "abc")
    one = reifier((a, b, c), frozenset((a, b)))
    assert one == reifier((a, b, c), frozenset((b, a)))
    assert one.value.startswith(STATEMENT)
    others = {one, reifier((a, b, c), frozenset((a,))), reifier((a, c, b), frozenset((a, b)))}
    assert len(others) == 3


def test_minimal_sets_contain_no_other_one() -> None:
    a, b, c = (NamedNode(f"urn:x:{name}") for name in "abc")
    sets = [frozenset(found) for found in ((a, b), (b,), (a, c), (a, b, c), (b,))]
    assert minimal(sets) == [frozenset((b,)), frozenset((a, c))]
    assert minimal([frozenset((a,)), frozenset()]) == [frozenset()]
