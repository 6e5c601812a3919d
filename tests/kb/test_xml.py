"""XML: every writer gives what every reader takes, term by term, or an error that names the term and other formats."""

import io
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from xml.parsers import expat

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, Quad, RdfFormat, Store, Triple
from rdflib.compare import isomorphic
from support.commands import run_kb

from kb.errors import TermNotInFormat
from kb.generations.export import export
from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS, serialize_rdf
from kb.sparql.query import evaluate, serialize

CASES: list[dict[str, str]] = tomllib.loads((Path(__file__).parent / "xml" / "terms.toml").read_text("utf-8"))["case"]
OTHERS = {name for name in RDF_FORMATS if name != "rdfxml"}
ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])


def triples(case: dict[str, str]) -> list[Triple]:
    return [quad.triple for quad in pyoxigraph.parse(case["statement"], RdfFormat.N_TRIPLES)]


def store_of(case: dict[str, str]) -> Store:
    store = Store()
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in triples(case))
    return store


def canonical(statements: Iterable[Triple]) -> set[Quad]:
    graph = Dataset([Quad(triple.subject, triple.predicate, triple.object) for triple in statements])
    graph.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(graph)


def read_by_expat(content: bytes) -> None:
    """Raise an error for what is not well-formed, or not by the rules of namespaces."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.Parse(content, True)


def require_same_graph(content: bytes, case: dict[str, str]) -> None:
    read_by_expat(content)
    back = [quad.triple for quad in pyoxigraph.parse(content, RdfFormat.RDF_XML)]
    assert canonical(back) == canonical(triples(case))
    if "line separators" not in case["name"]:  # rdflib's N-Triples parser takes U+0085 and U+2028 for line ends
        read = rdflib.Graph().parse(data=content, format="xml")
        assert isomorphic(read, rdflib.Graph().parse(data=case["statement"], format="nt"))


def test_no_case_is_lost() -> None:
    assert len(CASES) == 37


@each_case
def test_a_graph_in_rdf_xml(case: dict[str, str]) -> None:
    output = io.BytesIO()
    if "rdfxml" not in case:
        serialize_rdf(triples(case), RDF_FORMATS["rdfxml"], output)
        require_same_graph(output.getvalue(), case)
        return
    with pytest.raises(TermNotInFormat) as caught:
        serialize_rdf(triples(case), RDF_FORMATS["rdfxml"], output)
    assert case["rdfxml"] in caught.value.problem
    assert set(caught.value.formats) == OTHERS
    assert output.getvalue() == b""


@each_case
def test_rows_in_xml(case: dict[str, str]) -> None:
    store = store_of(case)
    if "xml" in case:
        with pytest.raises(TermNotInFormat) as caught:
            serialize(evaluate(store, ALL), "xml")
        assert case["xml"] in caught.value.problem
        assert set(caught.value.formats) == RESULT_FORMATS.keys() - {"xml"}
        return
    content = serialize(evaluate(store, ALL), "xml")
    read_by_expat(content)
    read = pyoxigraph.parse_query_results(content, pyoxigraph.QueryResultsFormat.XML)
    assert isinstance(read, pyoxigraph.QuerySolutions)
    assert canonical(Triple(*row) for row in read) == canonical(triples(case))


@each_case
@pytest.mark.parametrize("name", sorted(OTHERS))
def test_every_other_format_of_graphs_holds_all(name: str, case: dict[str, str]) -> None:
    content = serialize(evaluate(store_of(case), GRAPH), name)
    back = [quad.triple for quad in pyoxigraph.parse(content, RDF_FORMATS[name].engine)]
    assert canonical(back) == canonical(triples(case))


@each_case
def test_every_other_format_of_rows_holds_all(case: dict[str, str]) -> None:
    store = store_of(case)
    values = sorted(triple.object.value for triple in triples(case) if isinstance(triple.object, Literal))
    rows = json.loads(serialize(evaluate(store, ALL), "json"))["results"]["bindings"]
    assert sorted(row["o"]["value"] for row in rows if "literal" in row["o"]["type"]) == values
    read = pyoxigraph.parse_query_results(serialize(evaluate(store, ALL), "tsv"), pyoxigraph.QueryResultsFormat.TSV)
    assert isinstance(read, pyoxigraph.QuerySolutions)
    assert canonical(Triple(*row) for row in read) == canonical(triples(case))


@each_case
def test_exports(case: dict[str, str]) -> None:
    if "rdfxml" in case:
        with pytest.raises(TermNotInFormat):
            export(store_of(case), "rdfxml")
    else:
        require_same_graph(export(store_of(case), "rdfxml"), case)


@each_case
def test_commands_leave_no_half_of_a_file(case: dict[str, str], tmp_path: Path) -> None:
    data = tmp_path / "data.nt"
    data.write_text(case["statement"], encoding="utf-8")
    for key, arguments in (
        ("rdfxml", ["query", "-e", GRAPH, "--data", data, "--format", "rdfxml", "-o"]),
        ("xml", ["query", "-e", ALL, "--data", data, "--format", "xml", "-o"]),
        ("rdfxml", ["reason", data, "-o"]),
    ):
        output = tmp_path / f"{key}-{arguments[0]}.rdf"
        done = run_kb(*arguments, output, cwd=tmp_path)
        if key in case:
            assert (done.returncode, output.exists()) == (2, False)
            assert case[key] in done.stderr
            assert "Ask for another format: " in done.stderr
        else:
            assert done.returncode == 0, done.stderr
            read_by_expat(output.read_bytes())


def test_a_character_that_is_split_between_two_parts_of_the_text() -> None:
    """The engine hands over eight kibibytes at a time."""
    for length in range(8000, 8200):
        for text in (f"{'x' * length}\ufffe", f"{'x' * length}\r"):
            triple = Triple(BlankNode("b"), pyoxigraph.NamedNode("http://e/p"), Literal(text))
            output = io.BytesIO()
            if text.endswith("\r"):
                serialize_rdf([triple], RDF_FORMATS["rdfxml"], output)
                (quad,) = pyoxigraph.parse(output.getvalue(), RdfFormat.RDF_XML)
                assert quad.object == triple.object
            else:
                with pytest.raises(TermNotInFormat):
                    serialize_rdf([triple], RDF_FORMATS["rdfxml"], output)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("<http://e/s> <http://e/p> <<( <http://e/s> <http://e/p> 'a' )>> .", None),
        ("<http://e/s> <http://e/p> 'a'@en--ltr .", None),
        ("<http://e/s> <http://e/p> <<( <http://e/s> <http://e/1> 'a' )>> .", "triple term"),
        ("<http://e/s> <http://e/p> <<( <http://e/s> <http://e/😀> 'a' )>> .", "triple term"),
        ("<http://e/s> <http://e/p> <<( <http://e/s> <http://e/p> '\\u0001' )>> .", "U\\+0001"),
    ],
)
def test_what_rdf_1_2_adds(statement: str, message: str | None) -> None:
    (quad,) = pyoxigraph.parse(statement, RdfFormat.TURTLE)
    output = io.BytesIO()
    if message is not None:
        with pytest.raises(TermNotInFormat, match=message):
            serialize_rdf([quad.triple], RDF_FORMATS["rdfxml"], output)
        return
    serialize_rdf([quad.triple], RDF_FORMATS["rdfxml"], output)
    read_by_expat(output.getvalue())
    assert [quad.triple for quad in pyoxigraph.parse(output.getvalue(), RdfFormat.RDF_XML)] == [quad.triple]
