"""Exports: every format says the same, the same bytes each time, and a thing comes with its evidence."""

import io
import json
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import CanonicalizationAlgorithm, Dataset, DefaultGraph, Quad, Store
from rdflib.compare import isomorphic

from kb.config import Project
from kb.errors import AmbiguousName, TermNotInFormat, UnknownName
from kb.generations.build import build
from kb.generations.export import export, resolve_graph
from kb.generations.generation import Generation
from kb.generations.reifiers import without_reification
from kb.namespaces import INFERRED, ONTOLOGY
from kb.rdf.formats import RDF_FORMATS, serialize_rdf
from kb.rdf.namespaces import GRAPH
from kb.rdf.turtle import is_canonical

SMALL = Path(__file__).parent / "small"
GRAPH_FORMATS = ("turtle", "ntriples", "rdfxml", "jsonld")
DATASET_FORMATS = ("trig", "nquads")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib.*")  # it uses its own old names


def test_no_format_is_forgotten() -> None:
    assert set(RDF_FORMATS) == {*GRAPH_FORMATS, *DATASET_FORMATS}


def canonical(quads: Dataset) -> set[Quad]:
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(quads)


def read(content: bytes, name: str) -> set[Quad]:
    return canonical(Dataset(pyoxigraph.parse(content, RDF_FORMATS[name].engine)))


def default_graph(store: Store) -> set[Quad]:
    """Return what the default graph says, who says so aside."""
    return canonical(Dataset(without_reification(store.quads_for_pattern(None, None, None, DefaultGraph()))))


@pytest.mark.parametrize("name", GRAPH_FORMATS)
def test_a_graph_format_holds_what_is_asserted_and_inferred(name: str, small_store: Store) -> None:
    assert read(export(small_store, name), name) == default_graph(small_store)


@pytest.mark.parametrize("name", DATASET_FORMATS)
def test_a_dataset_format_keeps_the_named_graphs_apart(name: str, small_store: Store) -> None:
    named = [quad for quad in small_store if quad.graph_name != DefaultGraph()]
    assert read(export(small_store, name), name) == canonical(Dataset(named))


@pytest.mark.parametrize("name", GRAPH_FORMATS)
def test_rdflib_reads_the_same(name: str, small_store: Store) -> None:
    """A second parser; of the checkout's graph see below."""
    graph = rdflib.Graph().parse(data=export(small_store, name), format=RDF_FORMATS[name].media_type)
    assert isomorphic(graph, rdflib.Graph().parse(data=export(small_store, "ntriples"), format="nt"))


@pytest.fixture(scope="module")
def named(generation: Generation) -> set[Quad]:
    """The named graphs of the checkout."""
    return canonical(Dataset(quad for quad in generation.store() if quad.graph_name != DefaultGraph()))


@pytest.fixture(scope="module")
def union(generation: Generation) -> set[Quad]:
    """The default graph of the checkout."""
    return default_graph(generation.store())


@pytest.mark.xdist_group("export")
@pytest.mark.parametrize("name", RDF_FORMATS)
def test_the_checkout_survives_each_format(name: str, generation: Generation, request: pytest.FixtureRequest) -> None:
    expected = request.getfixturevalue("named" if name in DATASET_FORMATS else "union")
    assert read(export(generation.store(), name), name) == expected


@pytest.fixture(scope="module")
def built_again(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A second generation of the small project."""
    return build(Project(SMALL), tmp_path_factory.mktemp("again")).store()


@pytest.mark.xdist_group("export")
@pytest.mark.parametrize("name", RDF_FORMATS)
@pytest.mark.parametrize("entity", [None, "id:ammtc-19"])
def test_the_same_files_give_the_same_bytes(
    name: str, entity: str | None, small_store: Store, built_again: Store
) -> None:
    assert export(built_again, name, entity=entity) == export(small_store, name, entity=entity)


def test_turtle_is_canonical(small_store: Store, tmp_path: Path) -> None:
    (tmp_path / "all.ttl").write_bytes(export(small_store, "turtle"))
    assert is_canonical(tmp_path / "all.ttl")


def test_jsonld_has_a_context_and_compact_names(small_store: Store) -> None:
    content = json.loads(export(small_store, "jsonld", entity="id:ammtc-19"))
    assert content["@context"]["ammtc"] == f"{ONTOLOGY}#"
    (meeting,) = (node for node in content["@graph"] if node["@id"] == "id:ammtc-19")
    assert meeting["@type"] == ["owl:NamedIndividual", "ammtc:Meeting", "ammtc:MinisterialMeeting"]
    assert meeting["ammtc:place"] == [{"@id": "id:da-nang"}, {"@id": "id:melaka"}]
    assert meeting["ammtc:date"] == {"@type": "xsd:gYearMonth", "@value": "2025-09"}
    assert meeting["skos:altLabel"] == {"@language": "en", "@value": "AMMTC 19"}


# One thing


def test_the_description_of_a_thing(small_store: Store) -> None:
    """Its statements, the annotations of its axioms with their evidence, the labels of its neighbours, nothing else."""
    graph = rdflib.Graph().parse(data=export(small_store, "turtle", entity="AMMTC 19"), format="turtle")
    expected = rdflib.Graph().parse(Path(__file__).parent / "export" / "ammtc-19.ttl", format="turtle")
    assert isomorphic(graph, expected)


def test_the_description_of_a_thing_with_blank_nodes(small_store: Store) -> None:
    text = export(small_store, "turtle", entity="ammtc:Place").decode()
    assert "owl:onProperty ammtc:placeOf" in text
    assert "owl:allValuesFrom ammtc:Meeting" in text


def test_the_description_of_a_thing_by_source(small_store: Store) -> None:
    graphs = {quad.graph_name.value for quad in read(export(small_store, "trig", entity="id:ammtc-19"), "trig")}
    sources = {str(GRAPH[name]) for name in ("entities", "paper-1", "paper-2")}
    assert graphs == sources | {str(INFERRED), ONTOLOGY}, "the ontology has the labels of its classes"
    one = export(small_store, "turtle", entity="id:ammtc-19", graph="paper-2").decode()
    assert "id:da-nang" in one
    assert "ammtc:ordinal" not in one


# One graph


@pytest.mark.parametrize(
    ("name", "iri"),
    [
        ("paper-1", GRAPH["paper-1"]),
        ("graph:paper-1", GRAPH["paper-1"]),
        (str(GRAPH["paper-1"]), GRAPH["paper-1"]),
        ("inferred", INFERRED),
        ("ontology", ONTOLOGY),
    ],
)
def test_a_graph_is_found_by_its_names(name: str, iri: str, small_store: Store) -> None:
    assert resolve_graph(small_store, name) == str(iri)


@pytest.mark.parametrize("name", RDF_FORMATS)
def test_one_graph(name: str, small_store: Store) -> None:
    content = export(small_store, name, graph="inferred")
    triples = {quad.triple for quad in read(content, name)}
    graph = pyoxigraph.NamedNode(INFERRED)
    assert triples == {quad.triple for quad in small_store.quads_for_pattern(None, None, None, graph)}
    assert len(triples) == 5


# What there is not


@pytest.mark.parametrize("options", [{"graph": "paper-3"}, {"graph": "id:melaka"}, {"entity": "Melakka"}])
def test_what_does_not_exist(options: dict[str, str], small_store: Store) -> None:
    with pytest.raises(UnknownName):
        export(small_store, "turtle", **options)


def test_a_format_that_does_not_exist(small_store: Store) -> None:
    with pytest.raises(UnknownName, match="turtle, ntriples, rdfxml, jsonld, trig, nquads"):
        export(small_store, "docx")


def test_a_triple_about_a_triple_is_no_turtle() -> None:
    """RDF 1.2 has triple terms; canonical Turtle and JSON-LD have not."""
    store = Store()
    store.update("INSERT DATA { <a:a> <a:b> <<( <a:c> <a:d> <a:e> )>> }")
    for name in ("turtle", "jsonld"):
        with pytest.raises(TermNotInFormat) as raised:
            export(store, name)
        assert "ntriples" in raised.value.remedy
    assert export(store, "ntriples") == b"<a:a> <a:b> <<( <a:c> <a:d> <a:e> )>> .\n"


def test_jsonld_keeps_graphs_and_iris_whose_scheme_is_a_prefix() -> None:
    store = Store()
    store.update(
        "INSERT DATA { <id:odd> <http://www.w3.org/ns/org#a> <https://w3id.org/ammtc/id/x> . "
        "GRAPH <a:g> { <https://w3id.org/ammtc/id/x> a 'no class', <a:b> ; <a:b> 'x'@en, 1, _:b } "
        "GRAPH <a:h> { _:b <a:b> <http://www.w3.org/ns/org#//c> } }"
    )
    output = io.BytesIO()
    serialize_rdf(store, RDF_FORMATS["jsonld"], output)
    assert json.loads(output.getvalue())["@context"].keys() == {"org", "rdf", "xsd"}
    assert read(output.getvalue(), "jsonld") == canonical(Dataset(store))


def test_a_thing_that_is_not_the_only_one_of_that_name(small_store: Store) -> None:
    with pytest.raises(AmbiguousName):
        export(small_store, "turtle", entity="Lee")
