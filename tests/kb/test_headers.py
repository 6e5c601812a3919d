"""What the files of the ontology say of themselves in their headers, and of the versions before."""

from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, VANN, XSD

from kb.config import Project
from kb.files.documents import load_document
from kb.files.versions import load_versions
from kb.namespaces import AMMTC, ONTOLOGY

PROJECT = Project(Path(__file__).resolve().parents[2])
FILES = sorted(PROJECT.ontology.glob("*.ttl"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_says_who_made_it_when_and_of_which_version_it_is(path: Path) -> None:
    graph, header = content(path)
    version = str(graph.value(header, OWL.versionInfo))
    assert graph.value(header, OWL.versionIRI) == URIRef(f"{header}/{version}")
    assert graph.value(header, DCTERMS.creator) == Literal("AMMTC knowledge graph contributors")
    created, modified = (graph.value(header, term) for term in (DCTERMS.created, DCTERMS.modified))
    assert isinstance(created, Literal)
    assert isinstance(modified, Literal)
    assert created.datatype == modified.datatype == XSD.date
    assert created <= modified


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_version_before_is_kept(path: Path) -> None:
    graph, header = content(path)
    versions = load_versions(PROJECT)
    earlier = {iri for iri in versions if iri.rpartition("/")[0] == str(header)}
    assert {str(before) for before in graph.objects(header, OWL.priorVersion)} == set(sorted(earlier)[-1:])


def test_all_files_are_of_one_version() -> None:
    assert len({str(graph.value(header, OWL.versionInfo)) for graph, header in map(content, FILES)}) == 1


def test_the_ontology_says_how_to_write_and_to_cite_it() -> None:
    graph, header = content(PROJECT.ontology / "schema.ttl")
    assert graph.value(header, VANN.preferredNamespacePrefix) == Literal("ammtc")
    assert graph.value(header, VANN.preferredNamespaceUri) == Literal(AMMTC)
    assert str(graph.value(header, OWL.versionIRI)) in str(graph.value(header, DCTERMS.bibliographicCitation))
    assert (header, RDFS.seeAlso, URIRef(f"{ONTOLOGY}/deprecated")) in graph


def content(path: Path) -> tuple[Graph, URIRef]:
    graph = load_document(path).graph
    (header,) = graph.subjects(RDF.type, OWL.Ontology)
    assert isinstance(header, URIRef)
    return graph, header
