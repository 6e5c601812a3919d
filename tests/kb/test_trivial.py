"""What `kb reason --trivial` adds: just what plain owlrl concludes and RDF can state."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from owlrl import OWLRL_Semantics
from random_ontologies import AXIOMS, Axiom, graph_of
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD
from support.examples import examples

from kb.rdf.convert import Triple
from kb.reasoning import Materialization

CASES = Path(__file__).with_name("reason") / "trivial"
#: Datatypes of owlrl that OWL 2 RL does not have.
NOT_OF_OWL_RL = {RDF.HTML, RDF.langString, XSD.date, XSD.time}
#: By scm-sco and scm-spo a thing that has an equivalent is below itself; owlrl leaves that out.
LEFT_OUT_BY_OWLRL = {RDFS.subClassOf, OWL.equivalentClass, RDFS.subPropertyOf, OWL.equivalentProperty}


def plain(graph: Graph) -> set[Triple]:
    closure = Graph()
    for triple in graph:
        closure.add(triple)
    OWLRL_Semantics(closure, axioms=False, daxioms=False).closure()
    return {(s, p, o) for s, p, o in closure if not isinstance(s, Literal) and isinstance(p, URIRef)}


def ours(graph: Graph) -> set[Triple]:
    known = Materialization.of_graph(graph)
    return {*graph, *known.dictionary.graph(known.conclusions(trivial=True))}


@pytest.mark.parametrize("file", sorted(CASES.glob("*.ttl")), ids=lambda file: file.stem)
def test_it_adds_what_plain_owlrl_concludes(file: Path) -> None:
    graph = Graph().parse(file)
    found, reference = ours(graph), plain(graph)
    assert {s for s, _, _ in reference - found} <= NOT_OF_OWL_RL
    assert {(p, s == o) for s, p, o in found - reference} <= {(p, True) for p in LEFT_OUT_BY_OWLRL}


def test_each_rule_that_is_left_out_is_among_the_cases() -> None:
    """By what it concludes: eq-ref, dt-type1, prp-ap, scm-cls, scm-op, scm-dp, cls-thing, cls-nothing1, cax-sco."""
    found = set[Triple]().union(*(ours(Graph().parse(file)) for file in CASES.glob("*.ttl")))
    x, c, p = (URIRef(f"http://example.org/{name}") for name in ("x", "C", "p"))
    assert {
        (x, OWL.sameAs, x),
        (RDFS.label, OWL.sameAs, RDFS.label),
        (XSD.integer, RDF.type, RDFS.Datatype),
        (RDFS.label, RDF.type, OWL.AnnotationProperty),
        (c, RDFS.subClassOf, OWL.Thing),
        (OWL.Nothing, RDFS.subClassOf, c),
        (c, OWL.equivalentClass, c),
        (p, RDFS.subPropertyOf, p),
        (p, OWL.equivalentProperty, p),
        (OWL.Thing, RDF.type, OWL.Class),
        (OWL.Nothing, RDF.type, OWL.Class),
        (x, RDF.type, OWL.Thing),
        (URIRef("http://example.org/other"), RDFS.label, Literal("x", lang="en")),
    } <= found


@settings(max_examples=examples(60))
@given(AXIOMS)
def test_without_it_the_same_is_concluded_and_less(axioms: list[Axiom]) -> None:
    graph = graph_of(axioms)
    known = Materialization.of_graph(graph)
    assert set(known.inferred()) <= ours(graph) - set(graph)


def test_the_command_writes_them(tmp_path: Path) -> None:
    data, output = CASES / "schema.ttl", tmp_path / "out.nt"
    command = [sys.executable, "-m", "kb", "reason", str(data), "-o", str(output), "--trivial", "--inferred-only"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    graph = Graph().parse(data)
    assert set(Graph().parse(output)) == ours(graph) - set(graph)  # no blank node in it
