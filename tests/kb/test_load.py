"""Documents: which files there are, what their headers say, and what they import."""

import shutil
from pathlib import Path

import pytest
from rdflib import Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import OWL, RDF, RDFS

from kb.config import Project
from kb.errors import ClosureError, DataError, MissingFile, RdfSyntaxError, UnknownName
from kb.files.documents import (
    expected_iri,
    import_closure,
    load_document,
    load_documents,
    load_shapes,
    merged,
)
from kb.namespaces import BASE, ONTOLOGY
from kb.rdf.namespaces import GRAPH, ID

CASES = Path(__file__).parent / "load"
HEADERS = sorted((CASES / "headers").glob("*.ttl"))
COMPLETE = Project(CASES / "project")


@pytest.fixture
def copied(tmp_path: Path) -> Project:
    """A copy of the complete project that a test may change."""
    return Project(shutil.copytree(COMPLETE.root, tmp_path / "project"))


def test_each_file_but_the_shapes_and_the_index_is_a_document() -> None:
    documents = load_documents(COMPLETE)
    assert [document.path.stem for document in documents] == [
        "alignments", "concepts", "external", "schema", "editorial", "entities", "nst-2025-09-12"
    ]  # fmt: skip
    assert {path.stem for path in COMPLETE.turtle_files()} == {d.path.stem for d in documents} | {"all", "shapes"}


def test_documents_know_what_they_are() -> None:
    documents = {document.path.stem: document for document in load_documents(COMPLETE)}
    assert {stem for stem, document in documents.items() if document.is_source} == {"nst-2025-09-12"}
    assert {stem for stem, document in documents.items() if not document.is_schema} == {
        "entities", "editorial", "nst-2025-09-12"
    }  # fmt: skip
    assert documents["entities"].iri == str(GRAPH.entities)
    assert documents["entities"].imports == (f"{ONTOLOGY}/1.0", f"{ONTOLOGY}/concepts")
    assert documents["schema"].version_iri == f"{ONTOLOGY}/1.0"
    assert documents["entities"].version_iri is None
    assert (ID.malaysia, RDFS.label, Literal("Malaysia", lang="en")) in documents["entities"].graph
    assert (URIRef(documents["schema"].iri), RDF.type, OWL.Ontology) in documents["schema"].graph


def test_no_header_is_lost() -> None:
    assert len(HEADERS) == 5


@pytest.mark.parametrize("case", HEADERS, ids=lambda path: path.stem)
def test_a_file_has_one_header_with_an_iri(case: Path, copied: Project) -> None:
    expected = case.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    path = copied.graph / "new.ttl"
    shutil.copyfile(case, path)
    for load in (lambda: load_document(path), lambda: load_documents(copied)):
        with pytest.raises(DataError) as caught:
            load()
        assert caught.value.problem == f"{path}: {expected}"


def test_two_files_do_not_share_an_iri(copied: Project) -> None:
    shutil.copyfile(copied.graph / "entities.ttl", copied.graph / "other.ttl")
    with pytest.raises(DataError, match=r"other\.ttl: has the IRI .*/graph/entities of .*entities\.ttl"):
        load_documents(copied)


def test_a_broken_file_is_named(copied: Project) -> None:
    (copied.graph / "entities.ttl").write_text("broken", encoding="utf-8")
    with pytest.raises(RdfSyntaxError, match=r"entities\.ttl:1"):
        load_documents(copied)


def test_file_names_and_iris_correspond() -> None:
    iris = {path.stem: expected_iri(COMPLETE, path) for path in COMPLETE.turtle_files()}
    assert iris == {
        "schema": f"{BASE}ontology",
        "external": f"{BASE}ontology/external",
        "concepts": f"{BASE}ontology/concepts",
        "alignments": f"{BASE}ontology/alignments",
        "shapes": f"{BASE}ontology/shapes",
        "all": f"{BASE}graph/all",
        "entities": f"{BASE}graph/entities",
        "editorial": f"{BASE}graph/editorial",
        "nst-2025-09-12": f"{BASE}graph/nst-2025-09-12",
    }
    assert all(iris[document.path.stem] == document.iri for document in load_documents(COMPLETE))
    with pytest.raises(UnknownName):
        expected_iri(COMPLETE, CASES / "headers" / "none.ttl")


def test_the_closure_is_nearest_first_and_ends_at_cycles() -> None:
    documents = load_documents(COMPLETE)
    closure = import_closure(documents, str(GRAPH.editorial))
    assert [document.path.stem for document in closure] == [
        "editorial", "nst-2025-09-12", "entities", "schema", "concepts", "external"
    ]  # fmt: skip
    assert [document.iri for document in import_closure(documents, f"{ONTOLOGY}/1.0")] == [
        ONTOLOGY, f"{ONTOLOGY}/external"
    ]  # fmt: skip


def test_an_import_without_a_file_is_named_with_its_importer() -> None:
    documents = [document for document in load_documents(COMPLETE) if document.path.stem != "external"]
    with pytest.raises(ClosureError) as caught:
        import_closure(documents, str(GRAPH.editorial))
    assert caught.value.path == COMPLETE.ontology / "schema.ttl"
    assert caught.value.missing == f"{ONTOLOGY}/external"


def test_a_closure_starts_at_a_known_ontology() -> None:
    with pytest.raises(UnknownName):
        import_closure(load_documents(COMPLETE), str(GRAPH.all))


def test_merging_keeps_every_statement_and_changes_no_document() -> None:
    documents = load_documents(COMPLETE)
    sizes = [len(document.graph) for document in documents]
    union = merged(documents)
    assert len(union) == sum(sizes)
    union.remove((None, None, None))
    assert [len(document.graph) for document in documents] == sizes
    assert isomorphic(merged(documents), merged(reversed(documents)))


def test_the_shapes_are_a_graph_of_their_own(copied: Project) -> None:
    assert set(load_shapes(COMPLETE).subjects(RDF.type, OWL.Ontology)) == {URIRef(f"{ONTOLOGY}/shapes")}
    copied.shapes.unlink()
    with pytest.raises(MissingFile):
        load_shapes(copied)
