"""kb's engine as a whole: against owlrl, its proofs, graphs and stores in and out."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from proof_checker import problems
from pyoxigraph import Quad, Store
from random_ontologies import AXIOMS, Axiom, graph_of
from rdflib import Graph, Literal, Namespace
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node
from support.examples import examples

from kb.config import Project
from kb.errors import DataError, NoRoom, UnknownName, UnwritablePath
from kb.explain import render
from kb.files.documents import load_documents, merged
from kb.rdf.convert import Triple, to_graph, to_statements
from kb.rdf.reading import load_files
from kb.rdf.turtle import parse_statements
from kb.reasoning import Materialization
from kb.reasoning.columns import Column
from kb.reasoning.facts import Facts
from kb.reasoning.inconsistencies import Inconsistency
from kb.reasoning.infer import infer
from kb.reasoning.output import write

EX = Namespace("https://w3id.org/ammtc/id/")
#: Which of several equal individuals a message names depends on how their list is read.
NAMES_VARY = {"eq-diff2", "eq-diff3"}


@pytest.fixture(scope="module")
def shipped(project: Project) -> Graph:
    return merged(load_documents(project))


@pytest.fixture(scope="module")
def materialization(shipped: Graph) -> Materialization:
    return Materialization.of_graph(shipped)


def test_it_infers_what_owlrl_infers_from_the_shipped_graph(shipped: Graph, materialization: Materialization) -> None:
    ours, reference = set(materialization.inferred()), infer(shipped, "owlrl")
    differing = ours ^ set(reference.inferred)
    sys.stdout.write(f"differing statements: {sorted(differing)}\n")
    assert differing == set()
    assert len(ours) > 1000
    assert materialization.inconsistencies() == reference.inconsistencies == ()


def test_each_proof_of_the_shipped_graph_is_right(shipped: Graph, materialization: Materialization) -> None:
    inferred = materialization.inferred()
    proofs = {statement: materialization.prove(statement) for statement in inferred}
    assert [statement for statement, proof in proofs.items() if proof is None or proof.statement != statement] == []
    assert [problem for proof in proofs.values() if proof for problem in problems(proof, shipped)] == []
    rules = {
        None,
        "prp-dom",
        "prp-spo2",
        "prp-inv1",
        "prp-inv2",
        "cax-sco",
        "scm-dom2",
        "cls-hv1",
        "cls-hv2",
        "cls-int1",
    }
    assert rules <= {step.rule for proof in proofs.values() if proof for step in proof.steps()}


@settings(max_examples=examples(150))
@given(AXIOMS)
def test_it_infers_what_owlrl_infers_from_random_ontologies(axioms: list[Axiom]) -> None:
    graph = graph_of(axioms)
    ours, reference = infer(graph), infer(graph, "owlrl")
    assert set(ours.inferred) == set(reference.inferred)
    assert said(ours.inconsistencies) == said(reference.inconsistencies)


@settings(max_examples=examples(80))
@given(AXIOMS)
def test_each_proof_of_random_ontologies_is_right(axioms: list[Axiom]) -> None:
    graph = graph_of(axioms)
    materialization = Materialization.of_graph(graph)
    for statement in materialization.inferred():
        proof = materialization.prove(statement)
        assert proof is not None, statement
        assert problems(proof, graph) == []


LISTS = (
    (":C owl:intersectionOf ( :A ) . :u a :A .", (EX.u, RDF.type, EX.C)),
    (":p owl:propertyChainAxiom ( :A :q ) . :u :A :v . :v :q :w .", (EX.u, EX.p, EX.w)),
    (":C owl:hasKey ( :A ) . :u a :C ; :A :w . :v a :C ; :A :w .", (EX.u, OWL.sameAs, EX.v)),
)


@pytest.mark.parametrize("first", [EX.A, EX.B])
@pytest.mark.parametrize(("text", "statement"), LISTS)
def test_a_proof_names_the_members_of_a_list_as_the_list_does(text: str, statement: Triple, first: Node) -> None:
    asserted = graph(f":B owl:sameAs :A . {text}") + graph(f"<{first}> a :First .")
    statements = [(first, RDF.type, EX.First), *asserted]
    proof = Materialization.of_graph(statements).prove(statement)
    assert proof is not None
    assert problems(proof, asserted) == []


@pytest.mark.parametrize("first", [EX.A, EX.B])
@pytest.mark.parametrize(("text", "statement"), [*LISTS, (":C owl:oneOf ( :A ) .", (EX.A, RDF.type, EX.C))])
def test_a_statement_is_proven_that_followed_before_the_member_of_a_list_was_renamed(
    text: str, statement: Triple, first: Node
) -> None:
    asserted = graph(f":f a owl:FunctionalProperty . :s :f :A , :B . <{first}> a :First . {text}")
    proof = Materialization.of_graph([(first, RDF.type, EX.First), *asserted]).prove(statement)
    assert proof is not None
    assert problems(proof, asserted) == []


def test_a_statement_that_does_not_follow_has_no_proof_but_what_is_missing() -> None:
    chairs = graph(":chairs rdfs:domain :Official . :Official rdfs:subClassOf :Person . :tan :attends :dinner .")
    materialization = Materialization.of_graph(chairs)
    assert materialization.prove((EX.tan, RDF.type, EX.Official)) is None
    missing = materialization.missing((EX.tan, RDF.type, EX.Official))
    assert missing is not None
    assert (missing.rule, missing.known) == ("prp-dom", ((EX.chairs, RDFS.domain, EX.Official),))
    assert missing.lacking == ((EX.tan, EX.chairs, None),)
    assert materialization.missing((EX.tan, EX.unheard, EX.of)) is None


def test_a_truth_value_is_no_cardinality() -> None:
    with pytest.raises(DataError, match='"true"\\^\\^xsd:boolean is no cardinality'):
        Materialization.of_graph(graph(":R owl:onProperty :p ; owl:maxCardinality true ."))


def test_an_annotation_property_counts_where_an_axiom_is_about_it() -> None:
    alias, axiom = (
        graph(":alias a owl:AnnotationProperty . :x :alias 'ex' ."),
        graph(":alias rdfs:subPropertyOf :name ."),
    )
    assert len(Materialization.of_graph(alias).inferred()) == 0
    assert set(Materialization.of_graph(alias + axiom).inferred()) == {(EX.x, EX.name, Literal("ex"))}


def test_an_annotation_is_not_held_against_its_datatype() -> None:
    ill_formed = (EX.x, EX.note, Literal("abc", datatype=XSD.integer))
    materialization = Materialization.of_graph([ill_formed, *graph(":note a owl:AnnotationProperty .")])
    assert materialization.inconsistencies() == ()


SCHEMA = (
    [(EX[f"p{number}"], RDFS.subPropertyOf, EX.q) for number in range(300)],
    [(EX[f"whole{number // 10}"], OWL.sameAs, EX[f"p{number}"]) for number in range(300)],
    [(EX[f"p{number}"], RDFS.domain, EX.A) for number in range(300)],
)


@pytest.mark.parametrize("more", SCHEMA)
def test_predicates_that_the_schema_alone_names_have_room(more: list[Triple], monkeypatch: pytest.MonkeyPatch) -> None:
    used = [(EX.x, EX[f"p{number}"], EX.y) for number in range(0, 300, 2)]
    expected = set(Materialization.of_graph([*used, *more]).inferred())
    monkeypatch.setattr("kb.reasoning.facts._LEAST_BITS", 28)
    assert set(Materialization.of_graph([*used, *more]).inferred()) == expected


def test_too_many_predicates_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.reasoning.facts._LEAST_BITS", 1)
    monkeypatch.setattr("kb.reasoning.facts._WORD", 23)
    base = [(EX.q, RDFS.subPropertyOf, EX.r), (EX.x, EX.q, EX.y)]
    many = [(EX[f"p{number}"], RDFS.subPropertyOf, EX.q) for number in range(100)]
    with pytest.raises(NoRoom):
        Materialization.of_graph([*base, *many])
    few = Materialization.of_graph([*base, (EX.y, EX.q, EX.z), *many[:9]])
    assert set(few.inferred()) >= {(EX.x, EX.r, EX.y), (EX.y, EX.r, EX.z)}


def test_what_is_told_does_not_depend_on_the_order_of_statements() -> None:
    limits = graph(":R owl:onProperty :p ; owl:maxCardinality 0 . :S owl:onProperty :p ; owl:maxCardinality 0 .")
    quantifiers = graph(
        "[] owl:onProperty :p ; owl:someValuesFrom :A ; rdfs:subClassOf :C ."
        "[] owl:onProperty :q ; owl:someValuesFrom :A ; rdfs:subClassOf :C ."
    )
    statements = [*limits, *quantifiers, *graph(":x a :R, :S ; :p :y ; :q :y . :y a :A .")]
    either = [Materialization.of_graph(statements), Materialization.of_graph(statements[::-1])]
    inconsistencies, others = (materialization.inconsistencies() for materialization in either)
    assert inconsistencies == others
    assert len(inconsistencies) == 1
    proofs = [materialization.prove((EX.x, RDF.type, EX.C)) for materialization in either]
    assert len({render(proof, {}, "text") for proof in proofs if proof}) == 1


def test_the_facts_are_looked_through_as_often_for_many_literals_as_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, about = [0], Facts.about

    def counted(facts: Facts, *arguments: Any) -> Column:
        looked[0] += 1
        return about(facts, *arguments)

    monkeypatch.setattr(Facts, "about", counted)
    times = []
    for many in (1, 50):
        pairs = [(number, datatype) for number in range(many) for datatype in (XSD.integer, XSD.decimal)]
        literals = [*(Literal(str(number), datatype=datatype) for number, datatype in pairs)]
        literals += [Literal(f"no number {number}", datatype=XSD.integer) for number in range(many)]
        looked[0] = 0
        materialization = Materialization.of_graph((EX.x, EX.p, literal) for literal in literals)
        assert len(materialization.inconsistencies()) == many
        times.append(looked[0])
    assert times[0] == times[1]


def test_plain_and_typed_strings_are_one_literal() -> None:
    plain, typed = Literal("a"), Literal("a", datatype=XSD.string)
    rules = graph(":Named owl:onProperty :name ; owl:someValuesFrom xsd:string . :hv owl:onProperty :name .")
    rules += graph(":V owl:onProperty :name ; owl:hasValue 'a' .")
    inferred = infer(rules + graph(":x :name 'a'^^xsd:string .")).inferred
    assert {(EX.x, RDF.type, EX.Named), (EX.x, RDF.type, EX.V)} <= set(inferred)
    assert plain != typed
    assert (EX.x, EX.name, plain) not in inferred


def test_a_store_gives_the_same_as_a_graph(shipped: Graph, materialization: Materialization) -> None:
    store = Store()
    store.bulk_extend(Quad(*statement) for statement in to_statements(shipped))
    of_store = Materialization.of_statements(store)
    assert set(of_store.inferred()) == set(materialization.inferred())
    found = set(materialization.statements(materialization.conclusions()))
    assert found == set(to_statements(materialization.inferred()))


@pytest.mark.parametrize("name", ["out.nt", "out.ttl", "out.nq.gz", "out.rdf", "out.jsonld", "out.trig"])
def test_files_hold_what_is_asserted_and_inferred(name: str, tmp_path: Path) -> None:
    materialization = Materialization.of_graph(graph(":A rdfs:subClassOf :B . :x a :A ; :name 'Ex'@en, 'ä\\n' ."))
    assert write(materialization, tmp_path / name) == len(load_files([tmp_path / name])) == 5
    assert write(materialization, tmp_path / name, inferred_only=True) == 1
    assert [str(quad.object) for quad in load_files([tmp_path / name])] == [f"<{EX.B}>"]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    materialization = Materialization.of_graph(Graph())
    with pytest.raises(UnknownName, match="extension"):
        write(materialization, tmp_path / "out.pdf")
    (tmp_path / "file").write_text("")
    with pytest.raises(UnwritablePath):
        write(materialization, tmp_path / "file" / "out.nt")


def test_results_are_identical_from_run_to_run(project: Project, tmp_path: Path) -> None:
    source = tmp_path / "data.nt"
    lines = [f"{s} {p} {o} .\n" for d in load_documents(project) if not d.is_schema for s, p, o in d.statements]
    source.write_text("".join(sorted(lines)), encoding="utf-8")
    command = [sys.executable, "-m", "kb", "reason", str(source), str(project.ontology / "external.ttl"), "-o"]
    for seed in ("1", "2"):
        subprocess.run([*command, str(tmp_path / f"{seed}.nt")], env={"PYTHONHASHSEED": seed}, check=True)
    assert (tmp_path / "1.nt").read_bytes() == (tmp_path / "2.nt").read_bytes()


def said(inconsistencies: Iterable[Inconsistency]) -> set[tuple[str, str]]:
    return {(found.rule, "" if found.rule in NAMES_VARY else found.message) for found in inconsistencies}


def graph(text: str) -> Graph:
    namespaces = {"": EX, "owl": OWL, "rdf": RDF, "rdfs": RDFS, "xsd": XSD}
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in namespaces.items())
    return to_graph(parse_statements((prefixes + text).encode(), Path("case.ttl")))
