"""The translations: one label in each language for each term and concept, and no two of a kind by the same name."""

import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SKOS

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("ms", "vi")
OWN = "https://w3id.org/ammtc/"
TRANSLATIONS = URIRef("https://w3id.org/ammtc/ontology/translations")
STATUS = URIRef("https://schema.org/creativeWorkStatus")


@pytest.fixture(scope="module")
def translations() -> Graph:
    return Graph().parse(ROOT / "ontology" / "translations.ttl")


def kind_of(term: URIRef, words: Graph) -> str:
    if str(term).startswith(f"{OWN}concept/"):
        return "concept"
    return "class" if (term, RDF.type, OWL.Class) in words else "property"


def terms_of(words: Graph) -> set[URIRef]:
    found = {term for term in words.subjects(RDFS.label) if isinstance(term, URIRef)}
    return {term for term in found if str(term).startswith((f"{OWN}ontology#", f"{OWN}concept/"))}


def test_each_term_has_one_label_in_each_language(words: Graph, translations: Graph) -> None:
    terms = terms_of(words)
    assert len(terms) > 300
    assert {term for term in translations.subjects(RDFS.label) if term != TRANSLATIONS} == terms
    for term in terms:
        is_concept = kind_of(term, words) == "concept"
        labels = sorted(label for label in translations.objects(term, RDFS.label) if isinstance(label, Literal))
        assert tuple(sorted(label.language or "" for label in labels)) == LANGUAGES, term
        assert sorted(translations.objects(term, SKOS.prefLabel)) == (labels if is_concept else []), term
        for label in labels:
            assert str(label) == unicodedata.normalize("NFC", str(label)).strip(), term


def test_no_two_terms_of_a_kind_share_a_label(words: Graph, translations: Graph) -> None:
    for graph in (words, translations):
        named: dict[tuple[str, str, str], set[URIRef]] = defaultdict(set)
        for term in terms_of(words):
            for label in graph.objects(term, RDFS.label):
                assert isinstance(label, Literal)
                named[kind_of(term, words), label.language or "", str(label).casefold()].add(term)
        assert [terms for terms in named.values() if len(terms) > 1] == []


def test_the_file_says_that_it_is_a_draft_and_is_imported_with_all_others(translations: Graph) -> None:
    assert list(translations.objects(TRANSLATIONS, STATUS)) == [Literal("draft")]
    everything = Graph().parse(ROOT / "graph" / "all.ttl")
    assert TRANSLATIONS in set(everything.objects(None, OWL.imports))
