"""The topics: ASEAN's priority areas, how concepts stand to each other, and what stands for them elsewhere."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import RDF, SKOS
from rdflib.term import Node

ROOT = Path(__file__).resolve().parent.parent
CONCEPT = Namespace("https://w3id.org/ammtc/concept/")
TOPIC = URIRef("https://w3id.org/ammtc/ontology#topic")
MAPPINGS = ROOT / "ontology" / "concepts.sssom.tsv"
#: In the order in which ASEAN lists them (the sources stand at the collection).
PRIORITIES = (
    "drug-trafficking",
    "trafficking-in-persons",
    "sea-piracy",
    "arms-smuggling",
    "money-laundering",
    "terrorism",
    "international-economic-crime",
    "cybercrime",
    "wildlife-and-timber-trafficking",
    "people-smuggling",
)


@pytest.fixture(scope="module")
def topics() -> Graph:
    return Graph().parse(ROOT / "ontology" / "concepts.ttl")


def above(topics: Graph, concept: Node) -> set[Node]:
    return set(topics.transitive_objects(concept, SKOS.broader)) - {concept}


def below(topics: Graph, concept: Node) -> set[Node]:
    return set(topics.transitive_subjects(SKOS.broader, concept))


def related(topics: Graph, one: Node, other: Node) -> bool:
    return (one, SKOS.related, other) in topics or (other, SKOS.related, one) in topics


def test_the_priority_areas_are_ten_in_order(topics: Graph) -> None:
    areas = set(topics.objects(CONCEPT["priority-areas"], SKOS.member))
    by_number = sorted(areas, key=lambda area: str(topics.value(area, SKOS.notation)))
    assert by_number == [CONCEPT[name] for name in PRIORITIES]
    assert [str(topics.value(area, SKOS.notation)) for area in by_number] == [f"{n:02}" for n in range(1, 11)]
    assert all(CONCEPT["transnational-crime"] in above(topics, area) for area in areas)


def test_the_guide_says_how_many_schemes_and_unused_priority_areas_there_are(topics: Graph) -> None:
    guide = (ROOT / "docs" / "modelling.md").read_text(encoding="utf-8")
    of_topics = {scheme for _, scheme in topics.subject_objects(SKOS.inScheme)}
    used = {o for path in (ROOT / "graph").glob("*.ttl") for o in Graph().parse(path).objects(None, TOPIC)}
    unused = [name for name in PRIORITIES if not used & ({CONCEPT[name]} | below(topics, CONCEPT[name]))]
    assert (len(of_topics), len(unused)) == (4, 4)
    assert "Four schemes in `concepts.ttl`" in guide
    assert "four of them are topics of nothing yet" in guide


def test_what_bears_on_crime_is_no_kind_of_it(topics: Graph) -> None:
    for name in ("radicalisation", "violent-extremism", "digital-threats", "illegal-migration"):
        assert above(topics, CONCEPT[name]) == set(), name
    assert related(topics, CONCEPT["radicalisation"], CONCEPT["terrorism"])
    assert related(topics, CONCEPT["violent-extremism"], CONCEPT["terrorism"])


def test_extradition_and_the_transfer_of_prisoners_stand_beside_legal_assistance(topics: Graph) -> None:
    three = [CONCEPT[name] for name in ("legal-assistance", "extradition", "transfer-of-sentenced-persons")]
    assert {topics.value(concept, SKOS.broader) for concept in three} == {CONCEPT["cooperation"]}
    assert all(related(topics, one, other) for one in three for other in three if one != other)


def test_related_concepts_are_not_above_each_other(topics: Graph) -> None:
    # https://www.w3.org/TR/skos-reference/#S27
    for one, other in topics.subject_objects(SKOS.related):
        assert other not in above(topics, one), one
        assert one not in above(topics, other), one


def test_each_concept_has_a_notation_of_its_own_in_its_scheme(topics: Graph) -> None:
    concepts = set(topics.subjects(RDF.type, SKOS.Concept))
    pairs = [(topics.value(concept, SKOS.inScheme), topics.value(concept, SKOS.notation)) for concept in concepts]
    assert all(notation for _, notation in pairs)
    assert [pair for pair, times in Counter(pairs).items() if times > 1] == []
    for concept, broader in topics.subject_objects(SKOS.broader):
        assert topics.value(concept, SKOS.inScheme) == topics.value(broader, SKOS.inScheme), concept
    for scheme, top in topics.subject_objects(SKOS.hasTopConcept):
        assert topics.value(top, SKOS.inScheme) == scheme
        assert (top, SKOS.broader, None) not in topics


def test_the_themes_of_single_articles_are_the_topics_of_one_source_alone(topics: Graph) -> None:
    themes = set(topics.subjects(SKOS.inScheme, CONCEPT.themes))
    for path in sorted((ROOT / "graph").glob("*.ttl")):
        used = set(Graph().parse(path).objects(None, TOPIC)) & themes
        assert bool(used) == (path.name == "daily8-saifuddin.ttl"), path


def test_mappings_name_concepts_and_say_how_close_they_are(topics: Graph) -> None:
    lines = MAPPINGS.read_text(encoding="utf-8").splitlines()
    prefixes = set(re.findall(r"^#  (\w+): http", "\n".join(lines), re.MULTILINE))
    rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    assert len(rows) > 40
    assert rows == sorted(rows, key=lambda row: (row["subject_id"], row["predicate_id"], row["object_id"]))
    objects = Counter((row["subject_id"], row["object_id"]) for row in rows)
    assert set(objects.values()) == {1}
    for row in rows:
        subject = CONCEPT[row["subject_id"].removeprefix("concept:")]
        assert str(topics.value(subject, SKOS.prefLabel)) == row["subject_label"]
        assert row["predicate_id"] in {"skos:exactMatch", "skos:closeMatch", "skos:broadMatch"}
        assert {row[field].partition(":")[0] for field in row if field.endswith("_id")} <= prefixes
        assert re.fullmatch(r"unbis:\d{7}|eurovoc:(\d+|c_[0-9a-f]{8})", row["object_id"])
        assert row["mapping_justification"] == "semapv:ManualMappingCuration"
        assert 0 < float(row["confidence"]) < 1
        assert bool(row["comment"]) == (row["predicate_id"] != "skos:exactMatch")  # in what the two differ
    exact = Counter(
        (row["subject_id"], row["object_id"].partition(":")[0])
        for row in rows
        if row["predicate_id"] == "skos:exactMatch"
    )
    assert set(exact.values()) == {1}
