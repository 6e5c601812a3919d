import gzip
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, parse
from rdflib import Graph, URIRef
from rdflib.namespace import RDF

from benchmarks.generator import generate, main, meetings
from kb.checks.shacl import validate
from kb.config import Project
from kb.files.documents import Document, load_documents, load_shapes, merged
from kb.reasoning.infer import Inference, infer

_TESTS = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def schema(project: Project) -> tuple[Document, ...]:
    return tuple(document for document in load_documents(project) if document.is_schema)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    path = tmp_path_factory.mktemp("generated") / "data.nt"
    generate(path, 2000)
    return Graph().parse(path, format="nt")


@pytest.fixture(scope="module")
def inference(generated: Graph, schema: tuple[Document, ...]) -> Inference:
    return infer(merged(schema) + generated)


def test_the_same_size_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.nq", "two.nq"):
        command = [
            sys.executable,
            "-m",
            "benchmarks.generator",
            "--size",
            "3000",
            "--seed",
            "7",
            "-o",
            str(tmp_path / name),
        ]
        done = subprocess.run(command, cwd=_TESTS, check=True, capture_output=True, text=True)
        assert "statements" in done.stderr
    assert (tmp_path / "one.nq").read_bytes() == (tmp_path / "two.nq").read_bytes()
    generate(tmp_path / "other.nq", 3000, seed=8)
    assert (tmp_path / "one.nq").read_bytes() != (tmp_path / "other.nq").read_bytes()
    generate(tmp_path / "packed.nq.gz", 3000, seed=7)
    assert gzip.decompress((tmp_path / "packed.nq.gz").read_bytes()) == (tmp_path / "one.nq").read_bytes()


@pytest.mark.parametrize("size", [1, 10_000, 30_000])
def test_there_are_as_many_statements_as_were_asked_for(size: int, tmp_path: Path) -> None:
    lines = generate(tmp_path / "data.nt", size)
    triples = {str(quad) for quad in parse(path=tmp_path / "data.nt", format=RdfFormat.N_TRIPLES)}
    assert len(triples) == lines
    assert size <= lines < size + 2500


def test_quads_are_the_same_statements_in_one_graph_a_source(tmp_path: Path) -> None:
    generate(tmp_path / "data.nt", 10_000)
    lines = generate(tmp_path / "data.nq", 10_000)
    triples = {quad.triple for quad in parse(path=tmp_path / "data.nt", format=RdfFormat.N_TRIPLES)}
    quads = set(parse(path=tmp_path / "data.nq", format=RdfFormat.N_QUADS))
    assert {quad.triple for quad in quads} == triples
    assert len(quads) == lines
    sizes = Counter(quad.graph_name.value for quad in quads)
    assert len(sizes) > 10
    assert all(name.startswith("https://w3id.org/ammtc/graph/g-") for name in sizes)


def test_data_of_any_size_begins_at_once() -> None:
    small, large = ([*islice(meetings(size), 3)] for size in (10**4, 10**12))
    assert small == large


def test_every_term_is_declared(generated: Graph, schema: tuple[Document, ...]) -> None:
    terms = {p for p in generated.predicates() if p != RDF.type} | set(generated.objects(None, RDF.type))
    terms |= {o for o in generated.objects() if isinstance(o, URIRef) and "/concept/" in o}
    built_in = ("http://www.w3.org/2002/07/owl#", "http://www.w3.org/2000/01/rdf-schema#")
    declared = set(merged(schema).subjects(RDF.type))
    assert {term for term in terms if not str(term).startswith(built_in)} - declared == set()


def test_there_is_no_contradiction_and_much_to_infer(inference: Inference, generated: Graph) -> None:
    assert inference.inconsistencies == ()
    assert len(inference.inferred) > len(generated) / 2


def test_the_data_conform_to_the_shapes(
    inference: Inference, generated: Graph, schema: tuple[Document, ...], project: Project
) -> None:
    data = merged(schema) + generated + inference.inferred
    assert validate(data, load_shapes(project)) == ()
    without_evidence = URIRef("https://w3id.org/ammtc/id/g-0-a-assessment")
    data.remove((without_evidence, URIRef("https://w3id.org/ammtc/ontology#evidence"), None))
    assert {violation.focus for violation in validate(data, load_shapes(project))} == {without_evidence}


@pytest.mark.parametrize("arguments", [["--size", "0", "-o", "x.nt"], ["--size", "9", "-o", "x.ttl"], ["-o", "x.nt"]])
def test_wrong_use_is_told(arguments: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(main, [*arguments[:-1], str(tmp_path / arguments[-1])])
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit), "and not what would be a traceback"
    assert list(tmp_path.iterdir()) == []
