"""The graph of discovery: each question asks the same there, and the partitions hold what the things have."""

from collections import defaultdict
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, Store, Triple
from rdflib.plugins.sparql import prepareQuery

from kb.config import Project
from kb.errors import GenerationError
from kb.generations.discovery import discovery
from kb.generations.generation import Generation
from kb.generations.usage import USAGE, Usage, Use, count_partitions, count_usage, read_usage
from kb.namespaces import AMMTC, DISCOVERY, OWL, PREFIXES, RDF, XSD, expand
from kb.sparql.query import evaluate
from kb.sparql.questions import Question, load_questions

_NOTHING = Usage(Use(0, 0, 0), {}, {}, ())
_TYPE = NamedNode(RDF.type)


@pytest.fixture(scope="module")
def store(generation: Generation) -> Store:
    return generation.store()


def objects(store: Store, subject: NamedNode, curie: str) -> set[str]:
    quads = store.quads_for_pattern(subject, NamedNode(expand(curie)), None, NamedNode(DISCOVERY))
    return {quad.object.value for quad in quads if not isinstance(quad.object, Triple)}


def rows(store: Store, text: str) -> list[tuple[str, ...]]:
    result = evaluate(store, text)
    assert isinstance(result, QuerySolutions)
    return [tuple(map(str, row)) for row in result]


def asked(questions: list[Question]) -> dict[tuple[str, str], str]:
    return {
        (quad.subject.value, quad.predicate.value): quad.object.value
        for quad in discovery(questions, _NOTHING, {})
        if "#query/" in str(quad.subject) and isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode)
    }


def test_each_question_is_a_query_with_the_same_rows(store: Store, project: Project) -> None:
    """In SPARQL 1.1, as a parser of that version reads it, without a prefix that is not declared in it."""
    for question in load_questions(project):
        node = NamedNode(f"{DISCOVERY}#query/{question.name}")
        assert objects(store, node, "rdfs:comment") == {question.title}
        assert objects(store, node, "schema:keywords") == {question.topic} - {""}
        assert objects(store, node, "skos:note") == {question.note} - {""}
        (text,) = objects(store, node, "sh:select")
        prepareQuery(text)
        assert rows(store, text) == rows(store, question.text), question.name


@pytest.mark.parametrize(
    ("text", "class_", "link"),
    [
        ("ASK { ?s ?p ?o }", "sh:SPARQLAskExecutable", "sh:ask"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "sh:SPARQLConstructExecutable", "sh:construct"),
        ("DESCRIBE <http://example.org/a>", "SPARQLDescribeExecutable", "describe"),
    ],
)
def test_each_form_of_a_query_has_its_property(text: str, class_: str, link: str) -> None:
    quads = discovery([Question("q", "What?", "", "", f"{text}\n")], _NOTHING, {})
    about = [quad for quad in quads if quad.subject == NamedNode(f"{DISCOVERY}#query/q")]
    spex = "https://purl.expasy.org/sparql-examples/ontology#"
    property_, type_ = (expand(name) if ":" in name else spex + name for name in (link, class_))
    assert [quad.object.value for quad in about if quad.predicate.value == property_] == [text]
    assert type_ in {str(quad.object).strip("<>") for quad in about}


@pytest.mark.parametrize("text", ["SELECT", "INSERT DATA { <a:a> <a:a> <a:a> }", "", "SELECT * { ?s ?p 'x }"])
def test_what_is_no_query_is_left_out_or_kept_as_it_is(text: str) -> None:
    """A fault in a question must not end a build; the check of the questions finds it."""
    found = asked([Question("q", "What?", "", "", text)])
    assert {value for (_, link), value in found.items() if link == expand("sh:select")} <= {text}


def test_the_name_of_a_file_may_be_any() -> None:
    text = "ASK { ?s ?p ?o }"
    (found,) = {iri for iri, _ in asked([Question("Wer? <a> b%", "Who?", "", "", text)])}
    assert found == f"{DISCOVERY}#query/Wer%3F%20%3Ca%3E%20b%25"


def test_a_triple_term_that_sparql_1_1_cannot_say_stays() -> None:
    text = "SELECT ?r { ?r rdf:reifies <<( ?s ?p ?o )>> }"
    assert text in asked([Question("q", "What?", "", "", text)]).values()


def test_the_prefixes_are_those_that_need_no_declaration(store: Store) -> None:
    declarations = store.quads_for_pattern(None, NamedNode(expand("sh:declare")), None, NamedNode(DISCOVERY))
    found = {}
    for quad in declarations:
        assert isinstance(quad.object, NamedNode)
        (prefix,) = objects(store, quad.object, "sh:prefix")
        (found[prefix],) = objects(store, quad.object, "sh:namespace")
    assert found == PREFIXES


def test_the_partitions_hold_what_the_things_have(store: Store, generation: Generation) -> None:
    """Counted without a query: of each class, in how many statements each property stands, with which values."""
    classes: defaultdict[object, set[str]] = defaultdict(set)
    left_out = {quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(DISCOVERY))}
    triples = [quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph())]
    triples = [triple for triple in triples if triple not in left_out]
    for triple in triples:
        if triple.predicate == _TYPE and isinstance(triple.object, NamedNode):
            classes[triple.subject].add(triple.object.value)
    counted: defaultdict[tuple[str, str], int] = defaultdict(int)
    values: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for subject, predicate, value in triples:
        of = {value.datatype.value} if isinstance(value, Literal) else classes.get(value, set())
        for class_ in classes.get(subject, set()):
            if not class_.startswith(OWL):
                counted[class_, predicate.value] += 1
                values[class_, predicate.value] |= {iri for iri in of if not iri.startswith(OWL)}
    ours = partitions_in(store)
    assert {key: number for key, (number, _) in ours.items()} == counted
    assert {key: set(of) for key, (_, of) in ours.items()} == {key: values[key] for key in counted}
    assert AMMTC.State in ours[AMMTC.MinisterialMeeting, AMMTC.host][1]
    assert XSD.date in ours[AMMTC.MinisterialMeeting, AMMTC.startDate][1]
    assert read_usage(generation.folder) is not None


def partitions_in(store: Store) -> dict[tuple[str, str], tuple[int, list[str]]]:
    text = """
    PREFIX void-ext: <http://ldf.fi/void-ext#>
    SELECT ?class ?property ?triples (GROUP_CONCAT(DISTINCT STR(?of)) AS ?values) {
        ?part void:class ?class ; void:propertyPartition ?properties .
        ?properties void:property ?property ; void:triples ?triples .
        OPTIONAL { ?properties void:classPartition/void:class|void-ext:datatypePartition/void-ext:datatype ?given }
        BIND (COALESCE(STR(?given), "") AS ?of)
    } GROUP BY ?class ?property ?triples"""
    result = evaluate(store, text)
    assert isinstance(result, QuerySolutions)
    return {
        (row["class"].value, row["property"].value): (int(row["triples"].value), row["values"].value.split())
        for row in result
    }


def test_an_empty_store_is_made_of_nothing() -> None:
    assert count_usage(Store()) == _NOTHING
    assert count_partitions(Store()) == {}


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"total": 1}'])
def test_a_damaged_usage_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / USAGE).write_text(content, encoding="utf-8")
    with pytest.raises(GenerationError):
        read_usage(tmp_path)


def test_a_generation_of_files_has_no_usage(tmp_path: Path) -> None:
    assert read_usage(tmp_path) is None
