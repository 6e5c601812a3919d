"""Explanations and `kb reason`, on the command line and as values."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from proof_checker import problems
from rdflib import URIRef
from rdflib.namespace import PROV, RDF, RDFS
from rdflib.term import Node
from support.commands import run_kb

from kb.config import Project
from kb.explain import FORMATS, assertions, find_proof, find_statement, render
from kb.files.documents import load_documents, merged
from kb.generations.build import build
from kb.generations.generation import Generation
from kb.rdf.convert import to_graph
from kb.rdf.namespaces import AMMTC, ID, SOURCE
from kb.rdf.proofs import Proof
from kb.rdf.reading import load_files
from kb.rdf.turtle import parse, parse_statements
from kb.reasoning import Materialization

ROOT = Path(__file__).resolve().parents[2]
#: More steps than Python lets calls nest.
DEEP = sys.getrecursionlimit() + 100

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(generation: Generation) -> Run:
    """`run(*arguments)`: `kb` on the shipped graph, as in a pipe."""
    return partial(run_kb, "--build-dir", generation.folder.parent, cwd=ROOT)


def test_a_proof_is_a_tree_of_steps(run: Run) -> None:
    done = run("explain", "Viet Nam", "a", "foaf:Agent")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "id:viet-nam a foaf:Agent  [cax-sco]\n"
        "    ammtc:State rdfs:subClassOf foaf:Agent  [asserted: ontology/schema.ttl]\n"
        "    id:viet-nam a ammtc:State  [asserted: graph/entities.ttl]\n"
    )


def test_a_proof_ends_in_sources_and_passages(run: Run) -> None:
    done = run("explain", "id:ammtc-19", "ammtc:chair", "id:malaysia")
    assert (done.returncode, done.stderr) == (0, "")
    assert "[prp-spo2]\n    ammtc:chair owl:propertyChainAxiom []  [asserted: ontology/schema.ttl]\n" in done.stdout
    assert "graph/vna-ammtc-19.ttl, vna-ammtc-19 ¶1 or vna-ammtc-19 ¶11]" in done.stdout  # each is enough


def test_evidence_that_is_needed_together_is_shown_together_and_what_was_said_before_what_was_made_of_it(
    run: Run,
) -> None:
    done = run("explain", "id:ammtc-19", "ammtc:chair", "id:moha-malaysia")
    naming = "identification id:editorial-identification-home-ministry"
    derivation = "derivation id:nst-derivation-meeting-of-paragraph-6 from nst-2025-09-12 ¶5, nst-2025-09-12 ¶6"
    assert f"; graph/nst-2025-09-12.ttl, {derivation} together with {naming}]" in done.stdout
    assert "graph/editorial.ttl, editorial choice id:editorial-choice-chair" in done.stdout
    done = run("explain", "id:ammtc-19", "ammtc:chair", "id:moha-malaysia", "--format", "json")
    step = json.loads(done.stdout)
    evidence = {place["file"]: place["evidence"] for place in step["sources"]}
    assert [[ground["kind"] for ground in grounds] for grounds in evidence["graph/nst-2025-09-12.ttl"]] == [
        ["derivation", "identification"]
    ]
    done = run("explain", "id:ammtc-19", "ammtc:chair", "id:moha-malaysia", "--format", "turtle")
    graph = to_graph(parse_statements(done.stdout.encode(), Path("proof.ttl")))
    (collection,) = graph.subjects(RDF.type, PROV.Collection)
    assert (None, PROV.wasQuotedFrom, collection) in graph
    assert set(graph.objects(collection, PROV.hadMember)) == {
        ID["nst-derivation-meeting-of-paragraph-6"],
        ID["editorial-identification-home-ministry"],
    }
    done = run("explain", "id:ammtc-19", "ammtc:series", "id:ammtc")
    assert "vna-ammtc-19 ¶8 together with identification id:editorial-identification-ammtc-19-vna]" in done.stdout


def test_a_derivation_is_shown_with_the_passages_that_it_needs(run: Run) -> None:
    done = run("explain", "id:plan-of-action-2026-2035", "ammtc:adoptedAt", "id:ammtc-19")
    passages = ", ".join(f"nst-2025-09-12 ¶{number}" for number in (7, 8, 10))
    assert f"derivation id:nst-derivation-adoption-done from {passages}]" in done.stdout


def test_an_instant_is_traced_to_the_dates_that_sources_state(run: Run) -> None:
    of_act = (
        "explain",
        "id:issuance-ammtc-plus-3-joint-statement",
        "ammtc:latest",
        '"2025-09-13T00:00:00"^^xsd:dateTime',
    )
    done = run(*of_act)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].endswith("[instants]")
    assert any("ammtc:atEvent id:ammtc-plus-3-2025  [asserted: graph/nst-2025-09-12.ttl" in line for line in lines)
    assert any('ammtc:date "2025-09-12"^^xsd:date  [asserted: graph/nst-2025-09-12.ttl' in line for line in lines)
    graph = to_graph(parse_statements(run(*of_act, "--format", "turtle").stdout.encode(), Path("proof.ttl")))
    rule = URIRef("urn:proof:rule-instants")
    assert (rule, RDFS.isDefinedBy, AMMTC.earliest) in graph


def test_a_proof_as_json_nests_its_steps(run: Run) -> None:
    done = run("explain", "Viet Nam", "a", "foaf:Agent", "--format", "json")
    step = json.loads(done.stdout)
    assert step["rule"] == "cax-sco"
    assert [premise["rule"] for premise in step["premises"]] == [None, None]
    assert step["premises"][1]["sources"][0]["file"] == "graph/entities.ttl"


def test_of_what_does_not_follow_the_nearest_is_told(run: Run) -> None:
    done = run("explain", "id:viet-nam", "a", "ammtc:Meeting")
    assert done.returncode == 1
    first, second, *_ = done.stdout.splitlines()
    assert first == "Not entailed: id:viet-nam a ammtc:Meeting"
    assert second.startswith("Nearest is the rule ")


def test_each_form_tells_of_all_steps(project: Project, generation: Generation) -> None:
    graph = merged(load_documents(project))
    materialization = Materialization.of_graph(graph)
    statement = find_statement(generation.store(), ("Viet Nam", "a", "foaf:Agent"))
    assert statement == (ID["viet-nam"], RDF.type, URIRef("http://xmlns.com/foaf/0.1/Agent"))
    proofs = map(materialization.prove, materialization.inferred().triples((None, AMMTC.proposedBy, None)))
    deepest = max(proofs, key=lambda proof: len(list(proof.steps())) if proof else 0)
    assert deepest is not None
    assert len(list(deepest.steps())) > 10
    assert problems(deepest, graph) == []
    assert find_proof(generation, deepest.statement) == deepest
    where = assertions(generation, deepest.asserted())
    steps = {step.statement: step for step in deepest.steps()}
    text = render(deepest, where, "text")
    assert text.count("[asserted: ") >= sum(step.rule is None for step in steps.values())
    text = render(deepest, where, "json")
    tree = json.loads(text)
    assert text == json.dumps(tree, ensure_ascii=False, indent=2) + "\n"
    assert _statements(tree) == {tuple(node.n3() for node in statement) for statement in steps}
    described = to_graph(parse_statements(render(deepest, where, "turtle").encode(), Path("proof.ttl")))
    assert len(set(described.subjects(RDF.type, RDF.Statement))) == len(steps)
    quoted = {str(iri) for iri in described.objects(None, PROV.wasQuotedFrom)}
    assert any(iri.startswith(str(SOURCE)) for iri in quoted)


@pytest.fixture(scope="module")
def deep_proof() -> Proof[Node]:
    """A proof of many steps, each the premise of the next."""
    axioms = f"a:R owl:onProperty a:next ; owl:someValuesFrom a:R . a:x{DEEP} a a:R ."
    path = "".join(f"a:x{number} a:next a:x{number + 1} ." for number in range(DEEP))
    prefixes = "@prefix a: <urn:x:> . @prefix owl: <http://www.w3.org/2002/07/owl#> ."
    graph = to_graph(parse_statements(f"{prefixes}{axioms}{path}".encode(), Path("deep.ttl")))
    proof = Materialization.of_graph(graph).prove((URIRef("urn:x:x0"), RDF.type, URIRef("urn:x:R")))
    assert proof is not None
    return proof


@pytest.mark.parametrize("form", FORMATS)
def test_a_proof_can_be_deeper_than_calls(form: str, deep_proof: Proof[Node]) -> None:
    assert [step.rule for step in deep_proof.steps()].count("cls-svf1") == DEEP
    assert render(deep_proof, {}, form).count("cls-svf1") >= DEEP


def test_literals_are_written_as_in_turtle(generation: Generation) -> None:
    store = generation.store()
    _, _, value = find_statement(store, ("19th AMMTC", "ammtc:ordinal", '"19"^^xsd:integer'))
    assert value.n3() == '"19"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert find_statement(store, ("19th AMMTC", "rdfs:label", '"x"@en'))[1] != AMMTC.ordinal


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("nobody at all", "a", "foaf:Agent"), "No thing is called 'nobody at all'"),
        (("Viet Nam", "a", '"unended'), "No literal is called"),
    ],
)
def test_a_name_that_stands_for_nothing_is_refused(run: Run, names: tuple[str, ...], message: str) -> None:
    done = run("explain", *names)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_any_files_are_reasoned_on(run: Run, tmp_path: Path) -> None:
    (tmp_path / "schema.ttl").write_text(
        "@prefix : <urn:x:> . :A <http://www.w3.org/2000/01/rdf-schema#subClassOf> :B ."
    )
    (tmp_path / "data.nt").write_text(f"<urn:x:i> <{RDF.type}> <urn:x:A> .\n_:b <{RDF.type}> <urn:x:A> .\n")
    done = run("reason", "schema.ttl", "data.nt", "-o", "out.ttl", "--inferred-only", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "out.ttl: 2 statements\n")
    assert {o for _, _, o in parse(tmp_path / "out.ttl")} == {URIRef("urn:x:B")}
    assert run("reason", "schema.ttl", "data.nt", "-o", "all.nq.gz", cwd=tmp_path).returncode == 0
    assert len(load_files([tmp_path / "all.nq.gz"])) == 5


def test_inconsistencies_are_told_and_the_file_is_written(run: Run, tmp_path: Path) -> None:
    owl = "http://www.w3.org/2002/07/owl#"
    (tmp_path / "data.nt").write_text(
        f"<urn:x:A> <{owl}disjointWith> <urn:x:B> .\n"
        f"<urn:x:i> <{RDF.type}> <urn:x:A> .\n<urn:x:i> <{RDF.type}> <urn:x:B> .\n"
    )
    done = run("reason", "data.nt", "-o", "out.nt", cwd=tmp_path)
    assert done.returncode == 1
    assert "(rule cax-dw):\n    urn:x:i a urn:x:A\n" in done.stderr
    assert (tmp_path / "out.nt").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("absent.nt", "-o", "out.nt"), "absent.nt: no such file"),
        (("data.nt", "-o", "out.pdf"), "No RDF file extension is called 'out.pdf'"),
        (("data.pdf", "-o", "out.nt"), "No RDF file extension is called 'data.pdf'"),
        (("bad.ttl", "-o", "out.nt"), "bad.ttl:1"),
        (("triple.nt", "-o", "out.nt"), "is no term or statement of RDF 1.1"),
    ],
)
def test_wrong_files_are_refused(run: Run, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "data.nt").write_text("")
    (tmp_path / "bad.ttl").write_text("this is no Turtle")
    (tmp_path / "triple.nt").write_text("<urn:x:a> <urn:x:p> <<( <urn:x:b> <urn:x:q> <urn:x:c> )>> .\n")
    done = run("reason", *arguments, cwd=tmp_path)
    assert done.returncode in {1, 2}
    assert message in done.stderr
    assert not (tmp_path / "out.nt").exists()
    assert "Traceback" not in done.stderr


def test_owlrl_builds_the_same_graph(small_project: Project, tmp_path: Path) -> None:
    ours, reference = build(small_project, tmp_path / "a"), build(small_project, tmp_path / "b", reasoner="owlrl")
    assert (ours.manifest.reasoner, reference.manifest.reasoner) == ("kb", "owlrl")
    assert set(ours.store()) == set(reference.store())
    assert ours.manifest.hash != reference.manifest.hash


def test_the_checks_run_with_owlrl_too(run: Run) -> None:
    """On a small project; what owlrl infers from the shipped graph is compared in `test_reasoning`."""
    done = run("check", "--reasoner", "owlrl", cwd=Path(__file__).parent / "checks" / "base")
    assert (done.returncode, done.stderr) == (0, "")


def _statements(step: dict[str, Any]) -> set[tuple[str, ...]]:
    return {tuple(step["statement"])}.union(*map(_statements, step.get("premises", ())))
