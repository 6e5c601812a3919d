"""The instants of a generation: which things have them, what they are computed from, and what they are not."""

import pytest
from proof_checker import problems
from pyoxigraph import Quad, RdfFormat, Store, parse
from rdflib import Graph

from kb.generations.generation import Generation
from kb.generations.instants import compute_instants
from kb.namespaces import PREFIXES
from kb.rdf.convert import to_node
from kb.sparql.query import evaluate, serialize

_PREFIXES = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())

#: Data in TriG -> the bounds of ``id:x``; none are an empty text.
_CASES = {
    "a day": ("id:x a ammtc:Event ; ammtc:date '2025-09-10'^^xsd:date .", "2025-09-10 2025-09-11"),
    "a month without a year": ("id:x a ammtc:Event ; ammtc:date '--10'^^xsd:gMonth .", ""),
    "a month without a year, and the editors' derivation of the year": (
        "id:x a ammtc:Event ; ammtc:date '--10'^^xsd:gMonth, '2025-10'^^xsd:gYearMonth .",
        "2025-10-01 2025-11-01",
    ),
    "a first day alone": ("id:x a ammtc:Event ; ammtc:startDate '2025-09-08'^^xsd:date .", "2025-09-08 "),
    "a month in one source, the days in another": (
        """graph:a { id:x a ammtc:Event ; ammtc:date '2025-09'^^xsd:gYearMonth . }
        graph:b { id:x ammtc:startDate '2025-09-08'^^xsd:date ; ammtc:endDate '2025-09-12'^^xsd:date . }""",
        "2025-09-08 2025-09-13",
    ),
    "sources that contradict each other": (
        """graph:a { id:x a ammtc:Event ; ammtc:date '2025-09-10'^^xsd:date . }
        graph:b { id:x ammtc:date '2025-09-12'^^xsd:date . }""",
        "2025-09-10 2025-09-13",
    ),
    "last days that contradict each other": (
        """id:x a ammtc:Event .
        graph:a { id:x ammtc:startDate '2025-09-08'^^xsd:date ; ammtc:endDate '2025-09-11'^^xsd:date . }
        graph:b { id:x ammtc:startDate '2025-09-08'^^xsd:date ; ammtc:endDate '2025-09-12'^^xsd:date . }""",
        "2025-09-08 2025-09-13",
    ),
    "an end by midday": (
        """id:x a ammtc:Event ; ammtc:date '2025-06-25'^^xsd:date ;
            ammtc:endNotAfter '2025-06-25T12:00:00'^^xsd:dateTime .""",
        "2025-06-25 2025-06-25T12:00",
    ),
    "a part of a part of a meeting": (
        """id:x a ammtc:Event ; ammtc:partOf id:day . id:day a ammtc:Event ; ammtc:partOf id:meeting .
        id:meeting a ammtc:Event ; ammtc:date '2025-06'^^xsd:gYearMonth .""",
        "2025-06-01 2025-07-01",
    ),
    "a part that is dated less exactly than its meeting": (
        """id:x a ammtc:Event ; ammtc:date '2025'^^xsd:gYear ; ammtc:partOf id:meeting .
        id:meeting a ammtc:Event ; ammtc:date '2025-06-24'^^xsd:date .""",
        "2025-06-24 2025-06-25",
    ),
    "a part that is dated outside its meeting": (
        """id:x a ammtc:Event ; ammtc:date '2025-07-01'^^xsd:date ; ammtc:partOf id:meeting .
        id:meeting a ammtc:Event ; ammtc:date '2025-06-24'^^xsd:date .""",
        "2025-07-01 2025-07-02",
    ),
    "parts that contain each other": (
        "id:x a ammtc:Event ; ammtc:partOf id:y . id:y a ammtc:Event ; ammtc:partOf id:x .",
        "",
    ),
    "a meeting on the sidelines": (
        "id:x a ammtc:Event ; ammtc:heldAlongside id:y . id:y a ammtc:Event ; ammtc:date '2025'^^xsd:gYear .",
        "",
    ),
    "an act at an event": (
        """id:x a ammtc:Act . id:r ammtc:reports id:x ; ammtc:atEvent id:y .
        id:y a ammtc:Event ; ammtc:date '2025-09-10'^^xsd:date .""",
        "2025-09-10 2025-09-11",
    ),
    "an act with a date of its own at a longer event": (
        """id:x a ammtc:Act . id:r ammtc:reports id:x ; ammtc:atEvent id:y ; ammtc:date '2025-09-10'^^xsd:date .
        id:y a ammtc:Event ; ammtc:date '2025-09'^^xsd:gYearMonth .""",
        "2025-09-10 2025-09-11",
    ),
    "an act that is foreseen": (
        """id:x a ammtc:Act . id:r ammtc:reports id:x ; ammtc:foreseenAt id:y ; ammtc:status concept:foreseen .
        id:y a ammtc:Event ; ammtc:date '2025-10'^^xsd:gYearMonth .""",
        "2025-10-01 2025-11-01",
    ),
    "an act that is under way, and to end at an event": (
        """id:x a ammtc:Act . id:r ammtc:reports id:x ; ammtc:foreseenAt id:y ; ammtc:status concept:under-way .
        id:y a ammtc:Event ; ammtc:date '2025-10'^^xsd:gYearMonth .""",
        " 2025-11-01",
    ),
    "an act that was under way, and was done where it was to end": (
        """id:x a ammtc:Act .
        id:r ammtc:reports id:x ; ammtc:foreseenAt id:y ; ammtc:status concept:under-way .
        id:s ammtc:reports id:x ; ammtc:atEvent id:y ; ammtc:status concept:done .
        id:y a ammtc:Event ; ammtc:date '2025-10'^^xsd:gYearMonth .""",
        "2025-10-01 2025-11-01",
    ),
    "an act that was foreseen for one day and done on another": (
        """id:x a ammtc:Act .
        id:r ammtc:reports id:x ; ammtc:date '2025-10-01'^^xsd:date ; ammtc:status concept:foreseen .
        id:s ammtc:reports id:x ; ammtc:date '2025-11-05'^^xsd:date ; ammtc:status concept:done .""",
        "2025-11-05 2025-11-06",
    ),
    "a source": (
        "id:x a ammtc:Source ; ammtc:publishedAt '2025-06-30T15:37:00'^^xsd:dateTime .",
        "2025-06-30T15:37 2025-06-30T15:38",
    ),
    "a source with a time of day alone": ("id:x a ammtc:Source ; ammtc:publishedAt '07:47:00'^^xsd:time .", ""),
    "a tenure, shown on a day": ("id:x a ammtc:Tenure ; ammtc:date '2025-09-10'^^xsd:date .", ""),
    "a tenure that began": ("id:x a ammtc:Tenure ; ammtc:startDate '2022-12'^^xsd:gYearMonth .", "2022-12-01 "),
    "a chairmanship": ("id:x a ammtc:Chairmanship ; ammtc:date '2025'^^xsd:gYear .", ""),
}


def quads(data: str) -> list[Quad]:
    return list(parse(_PREFIXES + data, RdfFormat.TRIG))


@pytest.mark.parametrize("case", _CASES)
def test_a_thing_lies_between_the_instants_that_its_dates_give(case: str) -> None:
    data, expected = _CASES[case]
    asserted = quads(data)
    steps = [step.translated(to_node) for step in compute_instants(asserted, ())]
    found = {
        str(p).partition("#")[2]: str(o) for s, p, o in (step.statement for step in steps) if str(s).endswith("/x")
    }
    shortened = {name: text.removesuffix(":00").removesuffix("T00:00") for name, text in found.items()}
    assert f"{shortened.get('earliest', '')} {shortened.get('latest', '')}" == (expected or " ")
    known = Graph()
    for quad in asserted:
        known.add((to_node(quad.subject), to_node(quad.predicate), to_node(quad.object)))
    assert [problem for step in steps for problem in problems(step, known)] == []


def rows(store: Store, query: str) -> list[str]:
    return serialize(evaluate(store, query), "csv").decode().split()[1:]


def test_events_acts_and_sources_have_instants_and_nothing_else_has(generation: Generation) -> None:
    store = generation.store()
    others = """SELECT ?thing { ?thing ammtc:earliest|ammtc:latest ?instant
        FILTER NOT EXISTS { VALUES ?class { ammtc:Event ammtc:Act ammtc:Source ammtc:Tenure } ?thing a ?class } }"""
    assert rows(store, others) == []
    dated = """SELECT ?thing { ?thing ammtc:date|ammtc:startDate|ammtc:publishedAt ?date ; a ?class
        VALUES ?class { ammtc:Event ammtc:Source } FILTER NOT EXISTS { ?thing ammtc:earliest ?instant } }"""
    assert rows(store, dated) == []
    several = "SELECT ?thing { ?thing ammtc:earliest ?a, ?b FILTER (?a < ?b) }"
    assert rows(store, several) == []
    assert rows(store, "SELECT ?thing { ?thing ammtc:earliest ?a ; ammtc:latest ?b FILTER (?a >= ?b) }") == []
