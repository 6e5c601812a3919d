"""The migration from version to version of the ontology, on the graph as it was before: migration/0.1.0.nq.gz.

migration/0.2.0.nq.gz is the graph as the editors had brought it to the second edition, with what is inferred. What the
migration leaves to a person, and that graph therefore says otherwise, stands in migration/otherwise.nt.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse
from rdflib import RDF, RDFS, Graph, URIRef
from rdflib.namespace import OWL
from rdflib.term import Node

from kb.config import Project
from kb.files.documents import Document, load_documents, merged, named_graphs
from kb.namespaces import CONCEPT
from kb.rdf.convert import to_graph
from kb.rdf.namespaces import AMMTC
from kb.reasoning.infer import infer

FOLDER = Path(__file__).parent / "migration"
BUILT_IN = tuple(map(str, (OWL, RDF, RDFS)))


@pytest.fixture(scope="module")
def before() -> Store:
    store = Store()
    store.extend(read_quads("0.1.0.nq.gz"))
    return store


@pytest.fixture(scope="module")
def after(project: Project, before: Store) -> Store:
    store = Store()
    store.extend(before)
    store.update((project.ontology / "migrations" / "0.2.0.ru").read_text(encoding="utf-8"))
    return store


@pytest.fixture(scope="module")
def documents(project: Project) -> tuple[Document, ...]:
    return load_documents(project)


@pytest.fixture(scope="module")
def ontology(documents: tuple[Document, ...]) -> list[Document]:
    return [document for document in documents if document.is_schema]


def test_no_term_that_went_is_left(before: Store, after: Store, ontology: list[Document]) -> None:
    gone = {str(term) for term in merged(ontology).subjects(OWL.deprecated)}
    assert len(gone) >= 95
    assert len(gone & mentioned(before)) > 60
    assert gone & mentioned(after) == set()


def test_every_term_is_declared(after: Store, ontology: list[Document]) -> None:
    terms = merged(ontology)
    graph = to_graph(quad.triple for quad in after)
    used = {
        *graph.predicates(),
        *graph.objects(None, RDF.type),
        *graph.objects(None, OWL.annotatedProperty),
        *(URIRef(iri) for iri in mentioned(after) if iri.startswith(CONCEPT)),
    }
    declared = {*terms.subjects(RDF.type, None)} - {*terms.subjects(OWL.deprecated)}
    assert sorted(term for term in used - declared if not str(term).startswith(BUILT_IN)) == []


def test_the_result_is_consistent(after: Store, ontology: list[Document]) -> None:
    inference = infer([*named_graphs(ontology), *after])
    assert [inconsistency.message for inconsistency in inference.inconsistencies] == []
    adoptions = inference.inferred.subjects(RDF.type, AMMTC.Adoption)
    assert len(list(adoptions)) == 6


def test_it_says_what_the_editors_said(after: Store) -> None:
    """Plain statements: the evidence, and the words of the editors, are another matter."""
    known = to_graph(quad.triple for quad in read_quads("0.2.0.nq.gz"))
    graph = to_graph(quad.triple for quad in after)
    acts: dict[Node, Node] = {}
    for report, act in graph.subject_objects(AMMTC.reports):
        acts[act] = known.value(report, AMMTC.reports) or act
    left_out = {*graph.subjects(RDF.type, OWL.Axiom), *graph.subjects(RDF.type, OWL.Ontology)}
    said = {
        (acts.get(s, s), p, acts.get(o, o))
        for s, p, o in graph
        if s not in left_out and p not in {AMMTC.evidence, AMMTC.reason, AMMTC.summary, RDFS.label}
    }
    otherwise = set(Graph().parse(FOLDER / "otherwise.nt"))
    assert len(said) > 3000
    assert sorted(said - set(known) - otherwise) == []


def test_acts_are_told_from_their_reports(after: Store) -> None:
    graph = to_graph(quad.triple for quad in after)
    reports = set(graph.subjects(RDF.type, AMMTC.ActReport))
    assert {len(set(graph.objects(report, AMMTC.reports))) for report in reports} == {1}
    assert {len(set(graph.objects(report, AMMTC.status))) for report in reports} == {1}
    upon = {AMMTC[name] for name in ("actsUpon", "adopts", "approves", "comprisesAct", "proposes", "about")}
    assert [o for _, p, o in graph if p in upon and o in reports] == []
    verbs = {AMMTC[name] for name in ("adopts", "approves", "endorses", "proposes", "releases", "replaces")}
    assert {str(graph.value(s, AMMTC.status)) for s, p, _ in graph if p in verbs} == {CONCEPT["done"]}


def test_what_an_axiom_annotates_is_stated(before: Store, after: Store) -> None:
    """So that no evidence is lost, nor left for what nobody says any more."""
    assert unstated(before) == unstated(after) == set()
    photographs = subjects(after, AMMTC.Photograph)
    assert len(photographs) == 5
    graph = to_graph(quad.triple for quad in after)
    for photograph in photographs:
        axioms = graph.subjects(OWL.annotatedSource, URIRef(photograph))
        said = set(graph.predicates(URIRef(photograph))) - {RDF.type, RDFS.label}
        assert {graph.value(axiom, OWL.annotatedProperty) for axiom in axioms} == said


def test_it_may_be_run_on_nothing(project: Project) -> None:
    store = Store()
    store.update((project.ontology / "migrations" / "0.2.0.ru").read_text(encoding="utf-8"))
    assert len(store) == 0


def test_terms_that_were_seldom_used(project: Project) -> None:
    """Which the graph of that time does not have: they go all the same."""
    given = parse((FOLDER / "seldom.nt").read_bytes(), format=RdfFormat.N_TRIPLES)
    store = Store()
    store.extend(Quad(*triple, NamedNode("https://w3id.org/ammtc/graph/seldom")) for triple in map(triple_of, given))
    store.update((project.ontology / "migrations" / "0.2.0.ru").read_text(encoding="utf-8"))
    expected = set(map(triple_of, parse((FOLDER / "seldom-after.nt").read_bytes(), format=RdfFormat.N_TRIPLES)))
    assert {quad.triple for quad in store} == expected


def read_quads(name: str) -> Iterable[Quad]:
    return parse(gzip.decompress((FOLDER / name).read_bytes()), format=RdfFormat.N_QUADS)


def mentioned(quads: Iterable[Quad]) -> set[str]:
    """Return the IRIs in some statements."""
    return {n.value for quad in quads for n in (quad.subject, quad.predicate, quad.object) if isinstance(n, NamedNode)}


def subjects(quads: Iterable[Quad], class_: URIRef) -> set[str]:
    return {
        quad.subject.value
        for quad in quads
        if quad.object == NamedNode(str(class_)) and isinstance(quad.subject, NamedNode)
    }


def unstated(store: Store) -> set[str]:
    """Return what axioms annotate and the same graph does not state."""
    rows = store.query(
        "PREFIX owl: <http://www.w3.org/2002/07/owl#> SELECT ?s ?p ?o { GRAPH ?g { ?axiom owl:annotatedSource ?s ;"
        " owl:annotatedProperty ?p ; owl:annotatedTarget ?o } FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }"
    )
    return {" ".join(str(term) for term in row) for row in rows}  # type: ignore[union-attr]


def triple_of(quad: Quad) -> Triple:
    return quad.triple
