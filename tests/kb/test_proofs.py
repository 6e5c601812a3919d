"""Proofs that a generation carries: each inferred statement has one, and a stranger to the prover accepts each step."""

import json
from pathlib import Path

import pytest
from proof_checker import problems
from pyoxigraph import NamedNode
from rdflib import Graph
from rdflib.term import Node

from kb.config import Project
from kb.errors import GenerationError
from kb.files.documents import load_documents, named_graphs
from kb.generations import prove as prove_module
from kb.generations.build import Knowledge
from kb.generations.content import compute_content
from kb.generations.generation import Generation
from kb.generations.read_proofs import PROOFS, read_proofs
from kb.generations.write_proofs import write_proofs
from kb.namespaces import INFERRED
from kb.rdf.convert import to_node
from kb.rdf.proofs import Proof, upwards
from kb.reasoning.infer import infer

_INFERRED = NamedNode(str(INFERRED))


def test_every_inferred_statement_is_proven_from_what_is_asserted(generation: Generation) -> None:
    store = generation.store()
    asserted = Graph()
    for quad in store:
        if isinstance(quad.graph_name, NamedNode) and quad.graph_name != _INFERRED:
            asserted.add((to_node(quad.subject), to_node(quad.predicate), to_node(quad.object)))
    known = read_proofs(generation.folder)
    inferred = {(q.subject, q.predicate, q.object) for q in store.quads_for_pattern(None, None, None, _INFERRED)}
    assert known.keys() == inferred
    assert len(known) > 2000
    assert len(known) < sum(map(len, known.values()))  # from each source alone, too
    steps: dict[int, Proof[Node]] = {}
    for step in upwards(step for found in known.values() for step in found):
        s, p, o = map(to_node, step.statement)
        steps[id(step)] = Proof((s, p, o), step.rule, tuple(steps[id(premise)] for premise in step.premises))
    checked: dict[int, Proof[Node]] = {}
    assert [problem for step in steps.values() for problem in problems(step, asserted, checked)] == []


def test_the_ends_of_a_proof_are_asserted(generation: Generation) -> None:
    known = read_proofs(generation.folder)
    step = max((steps[0] for steps in known.values()), key=lambda step: len(set(step.asserted())))
    ends = set(step.asserted())
    assert len(ends) > 5
    assert not ends & known.keys()


def test_a_damaged_file_is_no_proof(generation: Generation, tmp_path: Path) -> None:
    content = json.loads((generation.folder / PROOFS).read_bytes())
    for damaged in ("{", json.dumps({**content, "terms": content["terms"][:-5]}), json.dumps({"terms": []})):
        (tmp_path / PROOFS).write_text(damaged, encoding="utf-8")
        with pytest.raises(GenerationError, match=PROOFS):
            read_proofs(tmp_path)


def test_a_generation_without_the_file_proves_nothing(tmp_path: Path) -> None:
    assert read_proofs(tmp_path) == {}


@pytest.fixture(scope="module")
def knowledge(project: Project) -> Knowledge:
    documents = load_documents(project)
    return Knowledge(documents, infer(named_graphs(documents)))


def test_of_too_much_nothing_is_proven(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove_module, "_MAX_CONCLUSIONS", 100)
    assert prove_module.prove(knowledge.inference, ()) == []


def test_the_same_files_give_the_same_proofs(generation: Generation, knowledge: Knowledge, tmp_path: Path) -> None:
    content = compute_content(named_graphs(knowledge.documents), knowledge.inference)
    write_proofs(content.proofs, tmp_path / PROOFS)
    assert (tmp_path / PROOFS).read_bytes() == (generation.folder / PROOFS).read_bytes()
