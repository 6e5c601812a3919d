"""Triple terms and base directions in all formats: each writes them as its draft says, or refuses them."""

import csv
import io
import json
from typing import Any

import pyoxigraph
import pytest
from pyoxigraph import (
    BaseDirection,
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse_query_results,
)
from support.examples import examples
from w3c.results import Rows, differences, read
from w3c.terms import from_pyoxigraph

from kb.cli.tables import result_table
from kb.errors import TermNotInFormat
from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS, serialize_rdf
from kb.rdf.result_csv import write_csv
from kb.rdf.terms import written as written_text
from kb.rdf.versions import newest
from kb.sparql.query import evaluate, serialize

A, P = NamedNode("urn:a"), NamedNode("urn:p")
RTL = Literal('ab "c", \\ d\n', language="ar", direction=BaseDirection.RTL)
INNER = Triple(BlankNode("b"), P, RTL)
#: Objects of statements, and what of RDF 1.2 they are.
TERMS = [
    pytest.param(Literal("plain", language="en"), 0, id="RDF 1.1"),
    pytest.param(RTL, 1, id="direction"),
    pytest.param(
        Triple(A, P, Literal("1", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))), 2, id="triple"
    ),
    pytest.param(Triple(A, P, INNER), 2, id="triple in a triple, with a direction"),
    pytest.param(Triple(A, P, Triple(A, P, Triple(A, P, A))), 2, id="three deep"),
]
#: The formats that hold no triple terms.
REFUSING = {"jsonld"}
#: https://www.w3.org/TR/sparql12-results-csv-tsv/, 3.4 and 4.4; the quotes around Alice are not needed.
DRAFT_QUERY = r"""SELECT ?x ?triple { VALUES (?x ?triple) {
    ("Alice" <<( <http://example/alice> <http://example/knows> <http://example/bob> )>>)
    ("Carol" <<( <http://example/carol> <http://example/says> "Hello world, my name is \"Alice\"." )>>)
} }"""
DRAFT_CSV = (
    "x,triple\r\nAlice,<<( http://example/alice http://example/knows http://example/bob )>>\r\n"
    'Carol,"<<( http://example/carol http://example/says ""Hello world, my name is """"Alice""""."" )>>"\r\n'
)
DRAFT_TSV = (
    '?x\t?triple\n"Alice"\t<<( <http://example/alice> <http://example/knows> <http://example/bob> )>>\n'
    '"Carol"\t<<( <http://example/carol> <http://example/says> "Hello world, my name is \\"Alice\\"." )>>\n'
)


def solutions(*terms: Any) -> QuerySolutions:
    """Rows of one column."""
    store = Store()
    store.extend(Quad(A, P, term) for term in terms)
    result = evaluate(store, "SELECT ?x { ?s ?p ?x }")
    assert isinstance(result, QuerySolutions)
    return result


def written(term: Any, name: str, accepted: str = "") -> tuple[bytes, int]:
    output = io.BytesIO()
    features = serialize_rdf([Triple(A, P, term)], RDF_FORMATS[name], output, accepted=accepted)
    return output.getvalue(), features


@pytest.mark.parametrize("name", [name for name in RESULT_FORMATS if name != "csv"])
@pytest.mark.parametrize(("term", "features"), TERMS)
def test_rows(name: str, term: Any, features: int) -> None:
    body = serialize(solutions(term), name)
    expected = Rows(("x",), ({"x": from_pyoxigraph(term)},))
    assert differences(expected, read(body, RESULT_FORMATS[name].extension, "urn:base:")) == ""
    announced = features if RESULT_FORMATS[name].versioned else 0
    assert RESULT_FORMATS[name].features(body) == announced


@pytest.mark.parametrize("name", RDF_FORMATS)
@pytest.mark.parametrize(("term", "features"), TERMS)
def test_graphs(name: str, term: Any, features: int) -> None:
    if name in REFUSING and features == 2:
        with pytest.raises(TermNotInFormat) as caught:
            written(term, name)
        assert caught.value.formats == tuple(found for found in ("ntriples", "turtle", "rdfxml", "trig", "nquads"))
        return
    body, found = written(term, name)
    assert found == features
    (quad,) = pyoxigraph.parse(body, RDF_FORMATS[name].engine)
    given = Rows(("x",), ({"x": from_pyoxigraph(term)},))
    assert differences(given, Rows(("x",), ({"x": from_pyoxigraph(quad.object)},))) == ""
    assert (b'VERSION "1.2"\n' in body) == (features > 0 and name in ("turtle", "trig"))
    assert (b"rdf:version=" in body) == (features > 0 and name == "rdfxml")


@pytest.mark.parametrize("name", [name for name in RDF_FORMATS if name not in REFUSING])
@pytest.mark.parametrize(("term", "features"), TERMS)
@pytest.mark.parametrize(("accepted", "most"), [("", 2), ("1.1", 0), ("1.2-basic", 1), ("1.2", 2), ("2.0", 2)])
def test_a_version_that_the_reader_takes(name: str, term: Any, features: int, accepted: str, most: int) -> None:
    if features <= most:
        assert written(term, name, accepted) == written(term, name)
    else:
        with pytest.raises(TermNotInFormat, match=f"which version {accepted} of RDF lacks"):
            written(term, name, accepted)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], ""),
        (["1.1"], "1.1"),
        (["1.1", "1.2-basic"], "1.2-basic"),
        (["1.1", "1.2"], "1.2"),
        (["1.2", ""], "1.2"),
        (["1.1", "2.0"], ""),
        (["1.1", ""], ""),
    ],
)
def test_the_newest_of_some_versions(labels: list[str], expected: str) -> None:
    assert newest(labels) == expected


@pytest.mark.parametrize(("name", "expected"), [("csv", DRAFT_CSV), ("tsv", DRAFT_TSV)])
def test_the_examples_of_the_draft(name: str, expected: str) -> None:
    assert serialize(evaluate(Store(), DRAFT_QUERY), name).decode() == expected


@pytest.mark.parametrize(
    ("term", "field"),
    [
        (Triple(BlankNode("b"), P, BlankNode("c")), "<<( _:b urn:p _:c )>>"),
        (Triple(A, P, Literal("")), '"<<( urn:a urn:p """" )>>"'),
        (Triple(A, P, RTL), '"<<( urn:a urn:p ""ab """"c"""", \\ d\n"" )>>"'),
        (Triple(NamedNode("urn:a,b"), P, A), '"<<( ""urn:a,b"" urn:p urn:a )>>"'),
        (Triple(A, P, Triple(A, P, A)), "<<( urn:a urn:p <<( urn:a urn:p urn:a )>> )>>"),
        (Triple(A, P, Triple(A, P, Literal("x"))), '"<<( urn:a urn:p ""<<( urn:a urn:p """"x"""" )>>"" )>>"'),
        (Literal("<<( no triple )>>"), "<<( no triple )>>"),
    ],
)
def test_csv_quotes_what_is_in_what_is_quoted(term: Any, field: str) -> None:
    document = {"head": {"vars": ["x", "y"]}, "results": {"bindings": [{"x": json_of(term)}]}}
    rows = parse_query_results(json.dumps(document), QueryResultsFormat.JSON)
    assert isinstance(rows, QuerySolutions)
    output = io.BytesIO()
    write_csv(rows, output)
    assert output.getvalue().decode() == f"x,y\r\n{field},\r\n"


def json_of(term: Any) -> dict[str, Any]:
    match term:
        case Triple():
            names = ("subject", "predicate", "object")
            return {"type": "triple", "value": dict(zip(names, map(json_of, term), strict=True))}
        case NamedNode():
            return {"type": "uri", "value": term.value}
        case BlankNode():
            return {"type": "bnode", "value": term.value}
        case _:
            language = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
            return {"type": "literal", "value": term.value, **language}


XSD = "http://www.w3.org/2001/XMLSchema#"
TEXTS = ("", "a", '"', ",", "\r\n", "\t", "\\", "'", "é😀", "\x00\x0b", " a ", "<<", "_:a", "?x", "1", "--rtl")
LEXICAL = ("1", "01", "+1", "-0", "1.", ".5", "1E+5", "INF", "NaN", "true", "x", "", " 1")
TYPES = ("integer", "decimal", "double", "boolean", "date", "byte", "string")
PLAIN = [
    *map(Literal, TEXTS),
    *(Literal(text, language="zh-Hant") for text in TEXTS),
    *(Literal(text, datatype=NamedNode(XSD + name)) for text in LEXICAL for name in TYPES),
    *(NamedNode(f"http://e.example/{name}") for name in ("é", "a,b", "(a)", "x?y=1&z#f", "%20'$*+~")),
    *map(BlankNode, ("a", "1", "a.b", "é-")),
    None,
]


@pytest.mark.parametrize("columns", [1, 2, 5])
def test_rows_without_triple_terms_are_csv_as_the_engine_writes_it(columns: int) -> None:
    names = [f"v{number}" for number in range(columns)]
    bindings = [
        {name: json_of(term) for name, term in zip(names, PLAIN[start:] + PLAIN, strict=False) if term is not None}
        for start in range(len(PLAIN))
    ]
    document = json.dumps({"head": {"vars": names}, "results": {"bindings": bindings * examples(100)}})

    def rows() -> QuerySolutions:
        parsed = parse_query_results(document, QueryResultsFormat.JSON)
        assert isinstance(parsed, QuerySolutions)
        return parsed

    output = io.BytesIO()
    write_csv(rows(), output)
    assert output.getvalue() == rows().serialize(format=QueryResultsFormat.CSV)


@pytest.mark.parametrize("query", ["SELECT * {}", "SELECT * {} LIMIT 0", "SELECT ?x {}", "SELECT ?x {} LIMIT 0"])
def test_rows_of_nothing(query: str) -> None:
    result = Store().query(query)
    assert isinstance(result, QuerySolutions)
    assert serialize(evaluate(Store(), query), "csv") == result.serialize(format=QueryResultsFormat.CSV)


def test_many_rows_with_a_triple_term_in_the_last() -> None:
    values = " ".join(f'"{"x" * 100}{number}"' for number in range(2000))
    result = evaluate(Store(), f"SELECT ?x {{ VALUES ?x {{ {values} <<( <urn:a> <urn:b> <urn:c> )>> }} }}")
    lines = serialize(result, "csv").decode().split("\r\n")
    assert (len(lines), lines[0], lines[-2]) == (2003, "x", "<<( urn:a urn:b urn:c )>>")
    assert lines[1:-2] == [f"{'x' * 100}{number}" for number in range(2000)]


def deep(levels: int, innermost: str = "<urn:e>") -> str:
    """A triple term in others."""
    return f"{'<<( <urn:a> <urn:p> ' * levels}{innermost}{' )>>' * levels}"


@pytest.mark.parametrize("levels", [9, 50, 500])
def test_csv_refuses_triple_terms_whose_quotation_marks_would_double_again_and_again(levels: int) -> None:
    result = Store()
    result.load(f"<urn:a> <urn:p> {deep(levels)} .".encode(), RdfFormat.N_TRIPLES)
    with pytest.raises(TermNotInFormat, match="up to 8 deep") as caught:
        serialize(evaluate(result, "SELECT ?x { ?s ?p ?x }"), "csv")
    assert caught.value.formats == ("json", "xml", "tsv")
    for name in caught.value.formats:
        assert serialize(evaluate(result, "SELECT ?x { ?s ?p ?x }"), name)


def test_csv_with_triple_terms_as_deep_as_it_holds() -> None:
    body = serialize(evaluate(Store(), f"SELECT ({deep(8, '1')} AS ?x) {{}}"), "csv")
    (field,) = list(csv.reader(io.StringIO(body.decode(), newline="")))[1]
    for _ in range(7):
        head, _, rest = field.partition('"')
        assert head == "<<( urn:a urn:p "
        field = rest.removesuffix('" )>>').replace('""', '"')
    assert field == '<<( urn:a urn:p "1" )>>'


def test_terms_are_written_however_deep_they_are() -> None:
    (quad,) = pyoxigraph.parse(f"<urn:a> <urn:p> {deep(3000)} .", RdfFormat.N_TRIPLES)
    assert written_text(quad.object) == deep(3000)
    table = result_table(solutions(quad.object), {}, terminal=False)
    assert table.splitlines()[-1] == f"| {'<<( urn:a urn:p ' * 4}…{' )>>' * 4} |"
    with pytest.raises(TermNotInFormat, match="JSON-LD"):
        written(quad.object, "jsonld")


def test_nothing_is_announced_where_a_text_only_looks_like_it() -> None:
    text = Literal('<triple> "type":"triple" its:dir="rtl" "its:dir": <<( VERSION "1.2"')
    for name, format_ in RESULT_FORMATS.items():
        assert format_.features(serialize(solutions(text), name)) == 0


def test_a_table_for_people_has_labels_in_triple_terms() -> None:
    term = Triple(A, P, Triple(A, P, Literal("x | y", language="en")))
    table = result_table(solutions(term), {"urn:a": "Something", "urn:p": "says"}, terminal=False)
    assert table.splitlines()[-1] == r"| <<( Something says <<( Something says x \| y )>> )>> |"
