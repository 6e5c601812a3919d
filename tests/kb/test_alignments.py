"""Alignments with other vocabularies: axioms of ours alone, and a mapping set in SSSOM from which nothing follows.

https://mapping-commons.github.io/sssom/spec-formats-tsv/
"""

import csv
import io
from typing import NamedTuple

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS

from kb.config import Project
from kb.files.documents import Document, load_documents, merged
from kb.namespaces import BASE, PREFIXES
from kb.reasoning.infer import infer

COLUMNS = (
    *("subject_id", "subject_label", "predicate_id", "object_id", "object_label", "mapping_justification"),
    *("author_label", "confidence", "comment"),
)
PREDICATES = {f"skos:{name}Match" for name in ("exact", "close", "broad", "narrow", "related")}
DECLARING = {RDF.type, RDFS.label, RDFS.isDefinedBy, SKOS.definition, DCTERMS.source}
#: Axioms of the vocabularies themselves that external.ttl repeats, since reasoning needs them.
THEIRS = {RDFS.subClassOf, OWL.inverseOf}


class MappingSet(NamedTuple):
    metadata: list[str]
    prefixes: dict[str, str]
    rows: list[dict[str, str]]


@pytest.fixture(scope="module")
def mappings(project: Project) -> MappingSet:
    lines = (project.ontology / "alignments.sssom.tsv").read_text(encoding="utf-8").splitlines()
    head = [line.removeprefix("#") for line in lines if line.startswith("#")]
    start = head.index("curie_map:")
    pairs = (line.strip().partition(": ") for line in head[start + 1 :])
    table = io.StringIO("\n".join(lines[len(head) :]))
    return MappingSet(
        head[:start], {prefix: iri for prefix, _, iri in pairs}, list(csv.DictReader(table, delimiter="\t"))
    )


@pytest.fixture(scope="module")
def documents(project: Project) -> tuple[Document, ...]:
    return load_documents(project)


@pytest.fixture(scope="module")
def stated(documents: tuple[Document, ...]) -> Graph:
    return merged(documents)


def of(documents: tuple[Document, ...], name: str) -> Graph:
    return next(document.graph for document in documents if document.path.name == name)


def test_the_mapping_set_says_what_it_is(mappings: MappingSet) -> None:
    keys = {line.partition(":")[0] for line in mappings.metadata if not line.startswith(" ")}
    assert {"mapping_set_id", "mapping_set_version", "license", "creator_label"} <= keys
    assert "license: https://creativecommons.org/licenses/by/4.0/" in mappings.metadata


def test_each_row_has_every_column(mappings: MappingSet) -> None:
    assert len(mappings.rows) > 40
    for row in mappings.rows:
        assert tuple(row) == COLUMNS
        assert [name for name in COLUMNS[:-1] if not row[name]] == [], row
        assert row["predicate_id"] in PREDICATES
        assert row["mapping_justification"] == "semapv:ManualMappingCuration"
        assert 0 < float(row["confidence"]) <= 1
    keys = [(row["subject_id"].casefold(), row["subject_id"], row["object_id"]) for row in mappings.rows]
    assert keys == sorted(set(keys))


def test_each_prefix_is_declared_and_used(mappings: MappingSet) -> None:
    columns = ("subject_id", "predicate_id", "object_id", "mapping_justification")
    used = {row[column].partition(":")[0] for row in mappings.rows for column in columns}
    assert used == set(mappings.prefixes)
    assert all(PREFIXES.get(prefix, iri) == iri for prefix, iri in mappings.prefixes.items())
    assert list(mappings.prefixes) == sorted(mappings.prefixes, key=str.casefold)


def test_ours_exist_under_their_label_and_are_in_use(mappings: MappingSet, stated: Graph) -> None:
    for row in mappings.rows:
        prefix, _, name = row["subject_id"].partition(":")
        term = URIRef(mappings.prefixes[prefix] + name)
        assert str(term).startswith(BASE), row
        assert Literal(row["subject_label"], lang="en") in set(stated.objects(term, RDFS.label)), row
        assert (term, OWL.deprecated, None) not in stated, row


def test_theirs_are_theirs(mappings: MappingSet) -> None:
    for row in mappings.rows:
        prefix, _, name = row["object_id"].partition(":")
        assert not mappings.prefixes[prefix].startswith(BASE)
        assert name


def test_axioms_are_on_terms_of_ours_alone(documents: tuple[Document, ...]) -> None:
    graph = of(documents, "alignments.ttl")
    aligned = list(graph.triples((None, RDFS.subPropertyOf, None))) + list(graph.triples((None, RDFS.subClassOf, None)))
    assert len(aligned) >= 10
    assert all(str(s).startswith(BASE) and not str(o).startswith(BASE) for s, _, o in aligned)
    assert {p for s, p, _ in graph if not str(s).startswith(BASE)} <= DECLARING


def test_borrowed_terms_are_declared_in_the_words_of_their_authors(documents: tuple[Document, ...]) -> None:
    for name, allowed in (("external.ttl", DECLARING | THEIRS), ("alignments.ttl", DECLARING)):
        graph = of(documents, name)
        borrowed = {s for s in graph.subjects(SKOS.definition) if not str(s).startswith(BASE)}
        assert [term for term in borrowed if (term, DCTERMS.source, None) not in graph] == []
        assert {p for term in borrowed for p in graph.predicates(term)} <= allowed


def test_nothing_maps_in_rdf(stated: Graph) -> None:
    """SKOS maps concepts; between terms it would make concepts of them."""
    matches = {SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch}
    concepts = set(stated.subjects(RDF.type, SKOS.Concept))
    assert [(s, p) for s, p, _ in stated if p in matches and s not in concepts] == []


def test_what_follows_is_foreign_and_consistent(documents: tuple[Document, ...]) -> None:
    """An alignment tells others what they know already, in their words: nothing new in ours."""
    without = merged(document for document in documents if document.path.name != "alignments.ttl")
    more, less = infer(merged(documents)), infer(without)
    assert more.inconsistencies == ()
    added = set(more.inferred) - set(less.inferred)
    assert len(added) > 100
    assert [(s, p, o) for s, p, o in added if str(o if p == RDF.type else p).startswith(BASE)] == []
