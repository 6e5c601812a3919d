"""Merged documents, as one ontology without imports, in four OWL tools, from a folder in which nothing else is."""

import warnings
from collections.abc import Callable
from pathlib import Path

import owlready2
import pronto
import pyhornedowl
import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from kb.errors import UnknownName
from kb.generations.generation import Generation
from kb.generations.merged import EVERYTHING, MERGED, export_merged
from kb.namespaces import GRAPH, ONTOLOGY, OWL, RDF
from kb.rdf.formats import RDF_FORMATS
from protege.owlapi import OwlApi

pytestmark = pytest.mark.xdist_group("owlapi")

_TYPE = NamedNode(RDF.type)
_NST = GRAPH["nst-2025-09-12"]
_ROOTS = {"ontology": None, "all": "all", "nst-2025-09-12": "nst-2025-09-12"}
_IRIS = {"ontology": ONTOLOGY, "all": EVERYTHING, "nst-2025-09-12": _NST}


@pytest.fixture(scope="module")
def folder(generation: Generation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each of the merged documents in Turtle and in RDF/XML, and nothing else."""
    made = tmp_path_factory.mktemp("merged")
    for name, graph in _ROOTS.items():
        (made / f"{name}.ttl").write_bytes(export_merged(generation, "turtle", graph))
        (made / f"{name}.owl").write_bytes(export_merged(generation, "rdfxml", graph))
    return made


@pytest.fixture(scope="module")
def declared(folder: Path) -> Callable[[str, str], set[str]]:
    """`declared(name, kind)`: the IRIs that one of the documents declares to be of a kind."""

    def of_kind(name: str, kind: str) -> set[str]:
        found = (quad.subject for quad in statements(folder / f"{name}.ttl") if is_type(quad, kind))
        return {subject.value for subject in found if isinstance(subject, NamedNode)}

    return of_kind


def statements(path: Path) -> set[Quad]:
    return set(parse(path.read_bytes(), RdfFormat.TURTLE))


def is_type(quad: Quad, kind: str) -> bool:
    return (quad.predicate, quad.object) == (_TYPE, NamedNode(OWL[kind]))


@pytest.mark.parametrize("name", _ROOTS)
def test_the_owl_api(owl_api: OwlApi, folder: Path, name: str) -> None:
    """It has the same axioms in either format, and is in the profiles in which its parts are."""
    found = set()
    for extension in ("ttl", "owl"):
        path = folder / f"{name}.{extension}"
        (loaded,) = owl_api.load_closure(path)
        assert (loaded.iri, loaded.imports) == (f"{_IRIS[name]}/merged", ())
        found.add(loaded.axioms)
        assert owl_api.profile_violations(path, "DL") == ()
        assert owl_api.profile_violations(path, "RL") == ()
    assert len(found) == 1


@pytest.mark.parametrize("name", _ROOTS)
def test_owlready2(folder: Path, declared: Callable[[str, str], set[str]], name: str) -> None:
    ontology = owlready2.World().get_ontology((folder / f"{name}.owl").as_uri()).load(only_local=True)
    assert ontology.base_iri == f"{_IRIS[name]}/merged/"
    assert ontology.imported_ontologies == []
    assert {found.iri for found in ontology.classes()} == declared(name, "Class")
    assert {found.iri for found in ontology.object_properties()} == declared(name, "ObjectProperty")
    assert {found.iri for found in ontology.individuals()} == declared(name, "NamedIndividual")


@pytest.mark.parametrize("name", _ROOTS)
def test_horned_owl(folder: Path, declared: Callable[[str, str], set[str]], name: str) -> None:
    ontology = pyhornedowl.open_ontology(str(folder / f"{name}.owl"))
    assert str(ontology.get_iri()) == f"{_IRIS[name]}/merged"
    assert str(ontology.get_version_iri()).startswith(f"{_IRIS[name]}/merged/")
    assert {str(iri) for iri in ontology.get_classes()} == declared(name, "Class")
    assert {str(iri) for iri in ontology.get_object_properties()} == declared(name, "ObjectProperty")


@pytest.mark.parametrize("name", _ROOTS)
def test_pronto(folder: Path, declared: Callable[[str, str], set[str]], name: str) -> None:
    """It warns of annotations that OBO has no words for; of labels it keeps the first, whatever its language."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ontology = pronto.Ontology(folder / f"{name}.owl")
    assert (ontology.metadata.ontology, ontology.imports) == (f"{_IRIS[name]}/merged", {})
    assert {term.id for term in ontology.terms()} == declared(name, "Class")
    assert {"accession", "meeting"} <= {term.name for term in ontology.terms()}


def test_it_holds_what_its_parts_state(generation: Generation, folder: Path) -> None:
    """But for their headers; blank nodes are compared by number."""
    for name, parts in (("ontology", "ontology/"), ("all", "")):
        of_parts = {iri for iri, file in generation.manifest.documents.items() if file.startswith(parts)}
        stated = {
            quad.triple
            for quad in generation.written()
            if isinstance(quad.graph_name, NamedNode)
            and quad.graph_name.value in of_parts
            and quad.subject != quad.graph_name
        }
        merged = {quad.triple for quad in statements(folder / f"{name}.ttl")}
        header = NamedNode(f"{_IRIS[name]}/merged")
        of_header = {triple for triple in merged if triple.subject == header}
        assert len(merged - of_header) == len(stated)
        assert {triple for triple in stated if "_:" not in str(triple)} <= merged
        assert len([triple for triple in merged if is_type(Quad(*triple), "Ontology")]) == 1
        sources = {str(triple.object) for triple in of_header if triple.predicate.value.endswith("/source")}
        assert len(sources) == len(of_parts)


def test_a_document_comes_with_its_imports(folder: Path) -> None:
    """Entities, schema, kinds, concepts, what is borrowed; not another source, nor what is said of the terms apart."""
    parts = {
        name: {
            str(quad.object).strip("<>").removesuffix("/0.2.0").rpartition("/")[2]
            for quad in statements(folder / f"{name}.ttl")
            if quad.predicate.value.endswith("/source") and str(quad.subject).endswith("/merged>")
        }
        for name in _ROOTS
    }
    assert parts["nst-2025-09-12"] == {"nst-2025-09-12", "entities", "ontology", "concepts", "external", "kinds"}
    assert {"alignments", "deprecated", "translations"} == parts["ontology"] - parts["nst-2025-09-12"]
    assert {"editorial", "vna-ammtc-19"} < parts["all"] - parts["ontology"]


@pytest.mark.parametrize("format_name", RDF_FORMATS)
def test_every_format_says_the_same(generation: Generation, folder: Path, format_name: str) -> None:
    content = export_merged(generation, format_name)
    assert content == export_merged(generation, format_name), "the same bytes each time"
    found = set(parse(content, RDF_FORMATS[format_name].engine))
    assert len(found) == len(statements(folder / "ontology.ttl"))


def test_the_dumps_are_such_documents(generation: Generation, folder: Path) -> None:
    for name in MERGED:
        expected = folder / name.replace("-merged", "").replace("ammtc", "all")
        assert generation.dumps[name].read_bytes() == expected.read_bytes()


def test_what_is_no_document(generation: Generation) -> None:
    for name in ("inferred", "nothing"):
        with pytest.raises(UnknownName, match="nst-2025-09-12"):
            export_merged(generation, "turtle", name)
