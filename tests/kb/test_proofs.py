"""Proofs that a generation carries: each inferred statement has one, and a stranger to the prover accepts each step."""

import json
from pathlib import Path

import pytest
from proof_checker import problems
from pyoxigraph import BlankNode, Literal, NamedNode, Quad
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.term import Node

from kb.errors import GenerationError
from kb.generations import write_proofs as proving
from kb.generations.generation import Generation
from kb.generations.read_proofs import PROOFS, Step, read_proofs
from kb.generations.write_proofs import write_proofs
from kb.namespaces import INFERRED
from kb.rdf.convert import EngineTerm
from kb.reasoning.proof import Proof

_INFERRED = NamedNode(str(INFERRED))


def node(term: EngineTerm) -> Node:
    """The rdflib term for one of pyoxigraph's."""
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    assert isinstance(term, Literal)
    if term.language:
        return RdflibLiteral(term.value, lang=term.language)
    return RdflibLiteral(term.value, datatype=URIRef(term.datatype.value))


def proof(step: Step) -> Proof:
    s, p, o = map(node, step.statement)
    return Proof((s, p, o), step.rule, tuple(map(proof, step.premises)))


def test_every_inferred_statement_is_proven_from_what_is_asserted(generation: Generation) -> None:
    store = generation.store()
    asserted = Graph()
    for quad in store:
        if isinstance(quad.graph_name, NamedNode) and quad.graph_name != _INFERRED:
            asserted.add((node(quad.subject), node(quad.predicate), node(quad.object)))
    known = read_proofs(generation.folder)
    inferred = {(q.subject, q.predicate, q.object) for q in store.quads_for_pattern(None, None, None, _INFERRED)}
    assert known.keys() == inferred
    assert len(known) > 2000
    assert [problem for step in known.values() for problem in problems(proof(step), asserted)] == []


def test_the_ends_of_a_proof_are_asserted(generation: Generation) -> None:
    known = read_proofs(generation.folder)
    step = max(known.values(), key=lambda step: len(set(step.asserted())))
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


def test_of_too_much_nothing_is_proven(generation: Generation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "_MOST", 100)
    quads: list[Quad] = list(generation.store())
    write_proofs(quads, tmp_path / PROOFS)
    assert read_proofs(tmp_path) == {}


def test_the_same_quads_give_the_same_file(generation: Generation, tmp_path: Path) -> None:
    quads = sorted(generation.store(), key=str)
    for name in ("before", "after"):
        write_proofs(quads, tmp_path / name)
    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()
