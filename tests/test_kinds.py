"""What is asked most of what follows: the kind of a thing in one step, and what is still expected."""

import csv
import io
from collections import Counter, defaultdict

import pytest
from pyoxigraph import NamedNode, Quad, Store
from rdflib.namespace import RDF

from kb.config import Project
from kb.files.documents import load_documents, named_graphs
from kb.generations.content import compute_content
from kb.generations.generation import Generation
from kb.rdf.namespaces import AMMTC, CONCEPT, ID
from kb.reasoning.infer import infer
from kb.sparql.query import evaluate, serialize
from kb.sparql.questions import load_questions

#: Class -> its instances that have no kind, since no source says what they are.
WITHOUT_KIND: dict[str, set[str]] = {
    "ammtc:Act": set(),
    "ammtc:Instrument": {"vna-adopted-instrument"},
    "ammtc:Session": set(),
    "org:Organization": set(),
}


@pytest.fixture(scope="module")
def store(generation: Generation) -> Store:
    return generation.store()


def rows(store: Store, text: str) -> list[list[str]]:
    """Rows of a SELECT query, by the local names of their terms."""
    _, *found = csv.reader(io.StringIO(serialize(evaluate(store, text), "csv").decode(), newline=""))
    return [[cell.rpartition("/")[2].rpartition("#")[2] for cell in row] for row in found]


def test_each_thing_has_a_name_in_the_words_of_a_source(store: Store) -> None:
    """Days, groups and meetings too; works of reference are no source's, and two things have no name in any text."""
    classes = (
        "ammtc:State ammtc:Group ammtc:Event ammtc:Place ammtc:Instrument ammtc:Measure foaf:Person org:Organization"
    )
    nameless = "FILTER NOT EXISTS { ?thing ammtc:nameAsGiven ?name }"
    found = rows(store, f"SELECT ?thing {{ VALUES ?class {{ {classes} }} ?thing a ?class . {nameless} }}")
    assert {thing for (thing,) in found} == {"asean-secretary-general-2025", "vna-adopted-instrument"}


@pytest.mark.parametrize("cls", WITHOUT_KIND)
def test_each_thing_has_its_kind_in_one_step(cls: str, store: Store) -> None:
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for thing, kind in rows(store, f"SELECT ?thing ?kind {{ ?thing a {cls} OPTIONAL {{ ?thing ammtc:kind ?kind }} }}"):
        kinds[thing] |= {kind} - {""}
    assert len(kinds) > 2
    assert {thing for thing, found in kinds.items() if not found} == WITHOUT_KIND[cls]
    assert {thing: found for thing, found in kinds.items() if len(found) > 1} == {}


def test_a_class_that_a_kind_defines_adds_nothing_to_the_kind(store: Store) -> None:
    """So that no question needs a filter over classes."""
    path = "owl:equivalentClass/owl:intersectionOf/rdf:rest*/rdf:first"
    defined = rows(store, f"SELECT ?c ?p ?kind {{ ?c {path} ?part . ?part owl:onProperty ?p ; owl:hasValue ?kind }}")
    assert len(defined) > 20
    for cls, prop, kind in defined:
        things = rows(store, f"SELECT DISTINCT ?thing {{ ?thing a ammtc:{cls} }}")
        assert things == rows(
            store, f"SELECT DISTINCT ?thing {{ ?thing a ammtc:{cls} . ?thing ammtc:{prop} concept:{kind} }}"
        ), cls


def test_a_meeting_has_at_most_one_level_and_one_format(store: Store) -> None:
    facets = "OPTIONAL { ?meeting ammtc:level ?level } OPTIONAL { ?meeting ammtc:format ?format }"
    found = rows(store, f"SELECT ?meeting ?level ?format {{ ?meeting a ammtc:Meeting {facets} }}")
    assert [meeting for meeting, number in Counter(row[0] for row in found).items() if number > 1] == []
    assert [meeting for meeting, level, form in found if not level + form] == ["asean-gcc-china-2025"]


def test_what_a_later_report_has_as_done_is_expected_no_more(project: Project) -> None:
    """By any source, whichever has it as foreseen; what nobody reports as done stays."""
    (question,) = (question for question in load_questions(project) if question.name == "expected-acts")

    def expected() -> set[str]:
        store = Store()
        store.bulk_extend(compute_content(facts, infer(facts)).default_graph())
        return {row[0] for row in rows(store, question.text)}

    facts = named_graphs(load_documents(project))
    stays, *happens = sorted(expected())
    assert len(happens) > 5
    for act in happens:
        report, graph = NamedNode(ID[f"later-{act}"]), NamedNode("https://w3id.org/ammtc/graph/later")
        said = {RDF.type: AMMTC.ActReport, AMMTC.reports: ID[act], AMMTC.status: CONCEPT.done}
        facts += [Quad(report, NamedNode(p), NamedNode(o), graph) for p, o in said.items()]
    assert expected() == {stays}
