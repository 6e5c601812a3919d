"""Queries: their results in every format, what is refused and why, RDF files as a store."""

import csv
import io
import json
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
)
from rdflib.compare import isomorphic

from kb.errors import MissingFile, QueryError, QuerySyntaxError, RdfSyntaxError, UnknownName
from kb.namespaces import PREFIXES
from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS
from kb.rdf.namespaces import ID
from kb.rdf.reading import load_files
from kb.sparql.query import evaluate, serialize

CASES = Path(__file__).parent / "query"
ERRORS: list[dict[str, Any]] = tomllib.loads((CASES / "errors.toml").read_text("utf-8"))["case"]
DATA = sorted((CASES / "data").iterdir())
BROKEN = sorted((CASES / "broken").iterdir())
EXAMPLE = "http://example.org/"


def test_no_case_is_lost() -> None:
    assert (len(ERRORS), len(DATA), len(BROKEN)) == (17, 8, 8)


@pytest.fixture
def store() -> Store:
    """Three statements in the default graph, one in each of two named graphs."""
    store = Store()
    for p, o, graph in (
        ("p", Literal(1), DefaultGraph()),
        ("p", Literal('a "quoted"\n<text>, & more', language="en"), DefaultGraph()),
        ("q", BlankNode("b"), DefaultGraph()),
        ("p", Literal(2), NamedNode(f"{EXAMPLE}g")),
        ("p", Literal(3), NamedNode(f"{EXAMPLE}h")),
    ):
        store.add(Quad(NamedNode(f"{EXAMPLE}a"), NamedNode(f"{EXAMPLE}{p}"), o, graph))
    return store


def values(store: Store, text: str, **options: Any) -> list[str | None]:
    """The values of a query's only column."""
    result = evaluate(store, text, **options)
    assert isinstance(result, QuerySolutions)
    return [term and term.value for (term,) in result]


# Results


def test_rows_give_access_to_terms_by_name_and_position(store: Store) -> None:
    result = evaluate(store, "SELECT ?o ?nothing ?p { ?s ?p ?o FILTER(ISNUMERIC(?o)) }")
    assert isinstance(result, QuerySolutions)
    assert [variable.value for variable in result.variables] == ["o", "nothing", "p"]
    (row,) = result
    assert row["o"] == row[0] == Literal(1)
    assert row["nothing"] is None
    assert tuple(row) == (Literal(1), None, NamedNode(f"{EXAMPLE}p"))


@pytest.mark.parametrize(("text", "expected"), [("ASK {}", True), ("ASK { ?s ?p 99 }", False)])
def test_a_boolean_is_one(text: str, expected: bool, store: Store) -> None:
    result = evaluate(store, text)
    assert isinstance(result, QueryBoolean)
    assert bool(result) is expected


@pytest.mark.parametrize("text", ["CONSTRUCT WHERE { ?s ?p ?o }", f"DESCRIBE <{EXAMPLE}a>"])
def test_a_graph_is_triples(text: str, store: Store) -> None:
    result = evaluate(store, text)
    assert isinstance(result, QueryTriples)
    assert {triple.object for triple in result} >= {Literal(1), BlankNode("b")}


def test_nothing_is_cut() -> None:
    store = Store()
    store.extend(Quad(NamedNode(f"a:{n}"), NamedNode("a:p"), Literal(n)) for n in range(20_000))
    assert len(values(store, "SELECT ?o { ?s ?p ?o }")) == 20_000
    content = serialize(evaluate(store, "SELECT ?o { ?s ?p ?o }"), "csv")
    assert len(content.splitlines()) == 20_001


ROWS = "SELECT ?o ?nothing { ?s <http://example.org/p> ?o } ORDER BY ?o"
TEXT = 'a "quoted"\n<text>, & more'


def test_rows_in_csv(store: Store) -> None:
    content = serialize(evaluate(store, ROWS), "csv").decode()
    assert list(csv.reader(io.StringIO(content, newline=""))) == [["o", "nothing"], ["1", ""], [TEXT, ""]]


def test_rows_in_tsv(store: Store) -> None:
    content = serialize(evaluate(store, ROWS), "tsv").decode()
    assert content == '?o\t?nothing\n1\t\n"a \\"quoted\\"\\n<text>, & more"@en\t\n'


def test_rows_in_json(store: Store) -> None:
    content = json.loads(serialize(evaluate(store, ROWS), "json"))
    assert content["head"] == {"vars": ["o", "nothing"]}
    assert content["results"]["bindings"] == [
        {"o": {"type": "literal", "value": "1", "datatype": f"{PREFIXES['xsd']}integer"}},
        {"o": {"type": "literal", "value": TEXT, "xml:lang": "en"}},
    ]


def test_rows_in_xml(store: Store) -> None:
    root = ET.fromstring(serialize(evaluate(store, ROWS), "xml"))
    assert [element.text for element in root.iter("{http://www.w3.org/2005/sparql-results#}literal")] == ["1", TEXT]


@pytest.mark.parametrize("name", RESULT_FORMATS)
@pytest.mark.parametrize("text", ["ASK {}", "ASK { ?s ?p 99 }"])
def test_a_boolean_in_every_format(name: str, text: str, store: Store) -> None:
    content = serialize(evaluate(store, text), name).decode()
    words = {word for word in ("true", "false") if word in content}
    assert words == {"true" if text == "ASK {}" else "false"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib.*")  # it uses its own old names
@pytest.mark.parametrize("name", RDF_FORMATS)
def test_a_graph_in_every_format(name: str, store: Store) -> None:
    """Read back by rdflib, which did not write it."""
    content = serialize(evaluate(store, "CONSTRUCT WHERE { ?s ?p ?o }"), name)
    graph = rdflib.Graph().parse(data=content, format=RDF_FORMATS[name].media_type)
    expected = rdflib.Graph().parse(
        data=f"""@prefix e: <{EXAMPLE}> . e:a e:p 1 , "a \\"quoted\\"\\n<text>, & more"@en ; e:q [] .""",
        format="turtle",
    )
    assert isomorphic(graph, expected)


def test_only_the_prefixes_in_use_are_declared_and_always_in_one_order() -> None:
    text = "CONSTRUCT { id:a rdfs:label 'owl:Thing'; ammtc:p id:b } WHERE {}"
    for name, lines in (("turtle", 4), ("trig", 4)):
        head = serialize(evaluate(Store(), text), name).decode().splitlines()[:lines]
        assert [line.split()[1] for line in head] == ["ammtc:", "id:", "owl:", "rdfs:"]
    head = serialize(evaluate(Store(), text), "rdfxml").decode().splitlines()[1]
    assert [part.partition("=")[0] for part in head.split()[1:]] == [
        "xmlns:ammtc",
        "xmlns:rdf",
        "xmlns:rdfs",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [("SELECT * {}", "turtle"), ("ASK {}", "jsonld"), ("CONSTRUCT WHERE {}", "csv"), ("SELECT * {}", "table")],
)
def test_a_format_for_another_kind_of_result(text: str, name: str) -> None:
    with pytest.raises(UnknownName, match=r"Did you mean: (json, xml, csv, tsv|turtle, ntriples, rdfxml)"):
        serialize(evaluate(Store(), text), name)


# Parameters


def test_the_prefixes_of_the_project_need_no_declaration(small_store: Store) -> None:
    assert values(small_store, "SELECT ?o { id:ammtc-19 ammtc:ordinal ?o }") == ["19"]
    text = "PREFIX id: <http://example.org/> SELECT ?o { id:ammtc-19 ammtc:ordinal ?o }"
    assert values(small_store, text) == []
    text = f"PREFIX x: <{ID}> PREFIX y: <{PREFIXES['ammtc']}> SELECT ?o {{ x:ammtc-19 y:ordinal ?o }}"
    assert values(small_store, text) == ["19"]


def test_every_prefix_of_the_project_is_known() -> None:
    for prefix in PREFIXES:
        evaluate(Store(), f"ASK {{ {prefix}:x ?p ?o }}")


def test_relative_iris_resolve_against_the_base(store: Store) -> None:
    assert values(store, "SELECT ?s { ?s <p> 1 }", base=f"{EXAMPLE}x?y") == [f"{EXAMPLE}a"]


def test_values_are_bound_and_not_pasted(store: Store) -> None:
    ask = "ASK { ?s ?p ?o }"
    assert evaluate(store, ask, bindings={"o": Literal(1)})
    assert not evaluate(store, ask, bindings={"o": Literal("1 } #")})
    with pytest.raises(QueryError, match="in its SELECT projection"):
        evaluate(store, "SELECT ?p { ?s ?p ?o }", bindings={"o": Literal(1)})


@pytest.mark.parametrize(
    ("options", "plain", "named"),
    [
        ({}, {"1", TEXT}, {"2", "3"}),
        ({"default_graphs": [f"{EXAMPLE}g"]}, {"2"}, set()),
        ({"default_graphs": [f"{EXAMPLE}g", f"{EXAMPLE}h"]}, {"2", "3"}, set()),
        ({"named_graphs": [f"{EXAMPLE}g"]}, set(), {"2"}),
        ({"default_graphs": [f"{EXAMPLE}g"], "named_graphs": [f"{EXAMPLE}h"]}, {"2"}, {"3"}),
        ({"default_graphs": [f"{EXAMPLE}nowhere"]}, set(), set()),
    ],
)
def test_the_dataset_of_a_query(options: dict[str, Any], plain: set[str], named: set[str], store: Store) -> None:
    """Section 2.1.4 of the SPARQL 1.1 Protocol: https://www.w3.org/TR/sparql11-protocol/#dataset."""
    text = (
        f"SELECT ?o FROM <{EXAMPLE}other> {{ ?s <{EXAMPLE}p> ?o }}"
        if options
        else f"SELECT ?o {{ ?s <{EXAMPLE}p> ?o }}"
    )
    assert set(values(store, text, **options)) == plain
    assert set(values(store, f"SELECT ?o {{ GRAPH ?g {{ ?s <{EXAMPLE}p> ?o }} }}", **options)) == named


def test_from_reads_no_file_and_no_host(tmp_path: Path) -> None:
    path = tmp_path / "x.nt"
    path.write_text("<a:a> <a:a> <a:a> .\n", encoding="utf-8")
    for iri in (path.as_uri(), "http://127.0.0.1:1/"):
        assert values(Store(), f"SELECT ?s FROM <{iri}> {{ ?s ?p ?o }}") == []


# Errors


@pytest.mark.parametrize("case", ERRORS, ids=[case["text"].strip()[:40] for case in ERRORS])
def test_what_is_no_query_is_explained(case: dict[str, Any]) -> None:
    with pytest.raises(QueryError) as caught:
        evaluate(Store(), case["text"])
    assert case["message"] in str(caught.value)
    where = (caught.value.line, caught.value.column) if isinstance(caught.value, QuerySyntaxError) else (None, None)
    assert where == (case.get("line"), case.get("column"))


@pytest.mark.parametrize("options", [{"base": "no iri"}, {"default_graphs": ["no iri"]}])
def test_a_parameter_that_is_no_iri(options: dict[str, Any]) -> None:
    with pytest.raises(QueryError, match="cannot be evaluated"):
        evaluate(Store(), "SELECT * { ?s ?p ?o }", **options)


# Files


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.name)
def test_each_format_of_rdf_is_read(path: Path) -> None:
    store = load_files([path])
    name = path.name.lower().removeprefix("facts.").removesuffix(".gz")
    form = next(f for f in RDF_FORMATS.values() if f.extension == {"owl": "rdf"}.get(name, name))
    content = (CASES / "data" / f"facts.{name}").read_bytes()
    parsed = list(pyoxigraph.parse(content, form.engine, base_iri=path.as_uri()))
    assert len(store) == len(parsed) > 0
    assert sum(1 for _ in store.named_graphs()) == (1 if name in ("trig", "nq") else 0)


def test_relative_iris_resolve_against_the_file() -> None:
    path = CASES / "data" / "facts.ttl"
    assert f"{path.as_uri()}#a" in values(load_files([path]), "SELECT ?s { ?s ?p ?o }")


def test_blank_nodes_of_two_files_stay_apart() -> None:
    path = CASES / "data" / "facts.nt"
    assert len(set(values(load_files([path, path]), "SELECT ?s { ?s ?p 'x' }"))) == 2


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.name)
def test_a_file_that_is_broken(path: Path) -> None:
    with pytest.raises(RdfSyntaxError) as caught:
        load_files([path])
    assert caught.value.path == path
    assert caught.value.line == (None if "gz" in path.name else caught.value.line or -1)
    assert "Parser error" not in str(caught.value)


def test_a_file_that_is_missing_or_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.ttl").mkdir()
    for path in (tmp_path / "nothing.ttl", tmp_path / "folder.ttl"):
        with pytest.raises(MissingFile):
            load_files([path])


@pytest.mark.parametrize("name", ["data.docx", "data", "data.gz", ".ttl.gz.zip", "ttl"])
def test_a_file_whose_name_promises_no_format(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("", encoding="utf-8")
    with pytest.raises(UnknownName, match=r"\.ttl, \.nt, \.rdf"):
        load_files([tmp_path / name])


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    path = tmp_path / "bomb.rdf"
    path.write_text(
        f'<!DOCTYPE r [<!ENTITY a0 "xxxxxxxxxx">{entities}]><rdf:RDF xmlns:rdf="{PREFIXES["rdf"]}" xmlns:e="{EXAMPLE}">'
        f'<rdf:Description rdf:about="{EXAMPLE}a"><e:p>&a9;</e:p></rdf:Description></rdf:RDF>',
        encoding="utf-8",
    )
    with pytest.raises(RdfSyntaxError, match="amplification"):
        load_files([path])
