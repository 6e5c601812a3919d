"""The competency questions: each has its expected rows, and asks in terms of the ontology."""

import csv
import gzip
import io
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, Store, parse
from rdflib import OWL, URIRef
from rdflib.plugins.sparql import prepareQuery

from kb.config import Project
from kb.files.documents import load_documents, merged
from kb.generations.generation import Generation
from kb.rdf.namespaces import AMMTC, CONCEPT
from kb.sparql.annotations import in_sparql_1_1
from kb.sparql.query import evaluate, serialize
from kb.sparql.questions import Question, load_questions
from kb.sparql.scan import Scanned, tokenize

ROOT = Path(__file__).resolve().parent.parent
EXPECTED = Path(__file__).parent / "competency"
QUESTIONS = load_questions(Project(ROOT))
_PREFIXES = {"ammtc": AMMTC, "concept": CONCEPT}

#: How an answer says who says so.
EVIDENCE = ["basis", "source", "paragraph"]
#: Why some questions do not ask for it -> their names.
WITHOUT_EVIDENCE = {
    "they count, and a number rests on all that is counted": {
        "agreeing-origins",
        "count-acts-by-group",
        "count-acts-by-kind",
        "count-consultations-by-day",
        "count-evidence-by-kind",
        "count-findings-by-relation",
        "count-independent-origins",
        "count-instruments-by-kind",
        "count-speakers",
        "count-statements-by-source",
        "count-statements-by-strength",
        "count-topics",
        "most-cited-passages",
        "one-valued-properties",
        "passages-of-a-source",
        "stated-and-listed-measures",
        "where-sources-differ",
    },
    "they ask for the evidence itself: what the editors derive, identify and compare, and from which passages": {
        "derived-statements",
        "identifications",
        "names-in-sources",
        "pairs-of-findings",
        "passages-of-decisions",
        "probable-or-possible",
        "silent-sources",
    },
    "they rest on works of reference, which have no passages": {"addresses", "reference-data", "wikidata-items"},
    "kinds, levels and formats follow from what the editors say that a thing is, and no passage is behind that": {
        "instruments-by-kind",
        "kinds-of-act",
        "meetings-by-level",
        "organisations-by-kind",
    },
}


@pytest.fixture(scope="module")
def store(generation: Generation) -> Store:
    return generation.store()


@pytest.fixture(scope="module")
def elsewhere(generation: Generation) -> Store:
    """A store whose default graph is the union of the named ones, with the dump whose reifiers are of RDF 1.1."""
    store = Store()
    with gzip.open(generation.folder / "dump" / "ammtc-reified.nq.gz") as dump:
        quads = [*parse(dump, RdfFormat.N_QUADS)]
    store.bulk_extend(quads)
    store.bulk_extend(Quad(*quad.triple) for quad in quads)
    return store


@pytest.fixture(scope="module")
def terms(project: Project) -> set[str]:
    """The IRIs that the ontology describes, without those that it deprecates."""
    schema = merged(document for document in load_documents(project) if document.is_schema)
    described = set(schema.subjects()) - set(schema.subjects(OWL.deprecated))
    return {str(subject) for subject in described if isinstance(subject, URIRef)}


def rows(content: bytes) -> list[list[str]]:
    """Rows of CSV, the header first."""
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def is_ordered(question: Question) -> bool:
    """Whether the query sorts its solutions; a subquery's order is none."""
    depth = 0
    words = []
    for token in tokenize(question.text):
        depth += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "symbol" else 0
        words += [token.text.lower()] if depth == 0 and token.kind == "word" else []
    return ("order", "by") in pairwise(words)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_question_has_its_expected_rows(question: Question, store: Store) -> None:
    header, *found = rows(serialize(evaluate(store, question.text), "csv"))
    expected_header, *expected = rows((EXPECTED / f"{question.name}.csv").read_bytes())
    assert header == expected_header
    if is_ordered(question):
        assert found == expected
    assert Counter(map(tuple, found)) == Counter(map(tuple, expected))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_question_asks_in_terms_of_the_ontology(question: Question, terms: set[str]) -> None:
    names = [token.text.partition(":") for token in tokenize(question.text) if token.kind == "name"]
    used = {str(_PREFIXES[prefix][local]) for prefix, _, local in names if prefix in _PREFIXES and local}
    assert used
    assert used <= terms


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_question_declares_the_prefixes_that_it_uses(question: Question) -> None:
    """So that any client can send it to any store."""
    tokens = tokenize(question.text)
    used = {token.text.partition(":")[0] for token in tokens if token.kind == "name" and ":" in token.text}
    assert {f"{prefix}:" for prefix in used} <= set(re.findall(r"^PREFIX (\w*:)", question.text, flags=re.MULTILINE))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_question_can_be_asked_in_sparql_1_1(question: Question, store: Store, elsewhere: Store) -> None:
    """Another parser reads it, and the rows are the same; those of a store with the dump of RDF 1.1 too."""
    text = in_sparql_1_1(Scanned(question.text))
    prepareQuery(text)
    expected = rows((EXPECTED / f"{question.name}.csv").read_bytes())
    for asked in (store, elsewhere):
        assert Counter(map(tuple, rows(serialize(evaluate(asked, text), "csv")))) == Counter(map(tuple, expected))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_an_answer_says_who_says_so(question: Question) -> None:
    """With basis, source and paragraph side by side, except where the list says why not."""
    header = [
        name.replace("paragraphs", "paragraph") for name in rows((EXPECTED / f"{question.name}.csv").read_bytes())[0]
    ]
    says_so = any(header[start : start + len(EVIDENCE)] == EVIDENCE for start in range(len(header)))
    assert says_so is not any(question.name in names for names in WITHOUT_EVIDENCE.values())


def test_the_list_of_questions_without_evidence_names_each_once() -> None:
    listed = Counter(name for names in WITHOUT_EVIDENCE.values() for name in names)
    assert [name for name, number in listed.items() if number > 1] == []
    assert set(listed) <= {question.name for question in QUESTIONS}


def test_each_question_has_rows_and_no_rows_lack_a_question() -> None:
    assert {question.name for question in QUESTIONS} == {path.stem for path in EXPECTED.iterdir()}


def test_there_are_enough_questions() -> None:
    assert len(QUESTIONS) > 200
    assert "over two hundred ready questions" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_titles_are_questions_and_no_two_are_the_same() -> None:
    assert [question.name for question in QUESTIONS if not question.title.endswith("?")] == []
    assert [title for title, number in Counter(q.title for q in QUESTIONS).items() if number > 1] == []
    assert [question.name for question in QUESTIONS if not question.topic] == []
