"""Query results read from every format of the suites and of the endpoint, and compared.

The readers are independent of the engine under test. Terms are kept as they are written: rdflib would bring the
lexical forms of literals into their canonical form, so that ``"01"`` became ``"1"``, unless it is told not to. Whether
two graphs are the same up to their blank nodes is left to pyoxigraph's canonical form, which rdflib's takes 20 times
as long for.
"""

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph
import rdflib
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad
from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

__all__ = ["Boolean", "Result", "Rows", "differences", "literals", "read"]

_RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
_ROW = Namespace("urn:row:")
_XML = "{http://www.w3.org/2005/sparql-results#}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_SYNTAXES = {"ttl": "turtle", "rdf": "xml", "nt": "nt"}
_FLOATING = (XSD.double, XSD.float)
_NUMERIC = (XSD.integer, XSD.decimal, *_FLOATING)

Row = Mapping[str, Node]


@dataclass(frozen=True)
class Rows:
    """The result of a SELECT query, or a graph as the rows of its subjects, predicates and objects.

    :param rows: variable -> term; one without a value is missing
    :param ordered: the order of the rows is part of the result
    """

    variables: tuple[str, ...]
    rows: tuple[Row, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Boolean:
    """The result of an ASK query."""

    value: bool


Result = Rows | Boolean


def read(content: bytes, format_name: str, base: str) -> Result:
    """Read a result.

    :param format_name: srx, srj, csv or tsv; ttl or rdf for a graph or a result written as a graph
    :param base: IRI of the document
    """
    match format_name:
        case "srx":
            return _from_xml(content)
        case "srj":
            return _from_json(json.loads(content))
        case "csv":
            return _from_csv(content.decode())
        case "tsv":
            return _from_tsv(content.decode())
        case _:
            return _from_graph(_graph(content, _SYNTAXES[format_name], base))


def literals(paths: Iterable[Path]) -> frozenset[Literal]:
    """Return the literals of RDF files, as they are written there."""
    return frozenset[Literal]().union(*map(_literals, paths))


@cache
def _literals(path: Path) -> frozenset[Literal]:
    graph = _graph(path.read_bytes(), _SYNTAXES[path.suffix[1:]], path.as_uri())
    return frozenset(term for term in graph.objects() if isinstance(term, Literal))


def differences(expected: Result, found: Result, *, given: Collection[Literal] = (), lax: bool = False) -> str:
    """Return in what a result is not the expected one, or nothing where it is.

    Solutions are the same up to the names of blank nodes, as a multiset, and in order where that is expected. Language
    tags are the same in any case, and literals without a datatype are strings
    (https://www.w3.org/TR/rdf11-concepts/#section-Graph-Literal; the suite for SPARQL 1.0 is older). A number that was
    computed may be written in any lexical form, one that was given may not.

    :param given: the literals of the data
    :param lax: duplicates may be missing (REDUCED)
    """
    if isinstance(expected, Boolean) or isinstance(found, Boolean):
        return "" if expected == found else f"expected {expected}, found {found}"
    if sorted(expected.variables) != sorted(found.variables):
        return f"expected the variables {expected.variables}, found {found.variables}"
    rows = [[_comparable(row, given) for row in result.rows] for result in (expected, found)]
    same = _same_reduced(*rows) if lax else _same(*rows, ordered=expected.ordered)
    return "" if same else "\n".join(["expected:", *map(_shown, rows[0]), "found:", *map(_shown, rows[1])])


def _from_xml(content: bytes) -> Result:
    """https://www.w3.org/TR/rdf-sparql-XMLres/."""
    root = ET.fromstring(content)
    boolean = root.find(f"{_XML}boolean")
    if boolean is not None:
        return Boolean(boolean.text == "true")
    variables = tuple(variable.attrib["name"] for variable in root.iterfind(f"{_XML}head/{_XML}variable"))
    solutions = root.iterfind(f"{_XML}results/{_XML}result")
    return Rows(variables, tuple({b.attrib["name"]: _xml_term(b[0]) for b in solution} for solution in solutions))


def _xml_term(element: ET.Element) -> Node:
    text = element.text or ""
    match element.tag.removeprefix(_XML):
        case "uri":
            return URIRef(text)
        case "bnode":
            return BNode(text)
    return _literal(text, element.get(_LANGUAGE), element.get("datatype"))


def _from_json(document: Any) -> Result:
    """https://www.w3.org/TR/sparql11-results-json/."""
    if "boolean" in document:
        return Boolean(document["boolean"])
    solutions = document["results"]["bindings"]
    rows = tuple({name: _json_term(term) for name, term in solution.items()} for solution in solutions)
    return Rows(tuple(document["head"]["vars"]), rows)


def _json_term(term: Mapping[str, str]) -> Node:
    match term["type"]:
        case "uri":
            return URIRef(term["value"])
        case "bnode":
            return BNode(term["value"])
    return _literal(term["value"], term.get("xml:lang"), term.get("datatype"))


def _from_csv(text: str) -> Result:
    """https://www.w3.org/TR/sparql11-results-csv-tsv/#csv; everything but blank nodes is read as plain text."""
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    cells = ({name: _csv_term(cell) for name, cell in zip(header, line, strict=True) if cell} for line in lines)
    return Rows(tuple(header), tuple(cells))


def _csv_term(cell: str) -> Node:
    return BNode(cell[2:]) if cell.startswith("_:") else Literal(cell)


def _from_tsv(text: str) -> Result:
    """https://www.w3.org/TR/sparql11-results-csv-tsv/#tsv."""
    header, *lines = (line.split("\t") for line in text.removesuffix("\n").split("\n"))
    variables = tuple(name.removeprefix("?") for name in header if name)
    statements = (
        f"<urn:line:{number}> <{_ROW[name]}> {cell} ."
        for number, line in enumerate(lines)
        for name, cell in zip(variables, line, strict=bool(variables))
        if cell
    )
    graph = _graph("\n".join(statements).encode(), "turtle", "urn:base:")
    lines_read = (URIRef(f"urn:line:{number}") for number in range(len(lines)))
    return Rows(variables, tuple(_bound({n: graph.value(line, _ROW[n]) for n in variables}) for line in lines_read))


def _bound(values: Mapping[str, Node | None]) -> Row:
    return {name: term for name, term in values.items() if term is not None}


def _from_graph(graph: Graph) -> Result:
    """https://www.w3.org/2001/sw/DataAccess/tests/result-set.n3."""
    result = graph.value(None, RDF.type, _RS.ResultSet)
    if result is None:
        columns = ("subject", "predicate", "object")
        return Rows(columns, tuple(dict(zip(columns, triple, strict=True)) for triple in graph))
    if (boolean := graph.value(result, _RS.boolean)) is not None:
        return Boolean(str(boolean) == "true")
    solutions = list(graph.objects(result, _RS.solution))
    positions = {solution: graph.value(solution, _RS["index"]) for solution in solutions}
    ordered = None not in positions.values()
    if ordered:
        solutions.sort(key=lambda solution: int(str(positions[solution])))
    variables = tuple(str(variable) for variable in graph.objects(result, _RS.resultVariable))
    return Rows(variables, tuple(_solution(graph, solution) for solution in solutions), ordered and bool(solutions))


def _solution(graph: Graph, solution: Node) -> Row:
    bindings = graph.objects(solution, _RS.binding)
    return _bound({str(graph.value(binding, _RS.variable)): graph.value(binding, _RS.value) for binding in bindings})


def _graph(content: bytes, syntax: str, base: str) -> Graph:
    with _as_written():
        return Graph(bind_namespaces="none").parse(content, format=syntax, publicID=base)


@contextmanager
def _as_written() -> Iterator[None]:
    """Let rdflib keep the lexical forms of literals."""
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def _literal(text: str, language: str | None, datatype: str | None) -> Literal:
    return Literal(text, language, None if language else datatype, normalize=False)


def _comparable(row: Row, given: Collection[Literal]) -> Row:
    return {name: _comparable_term(term, given) for name, term in row.items()}


def _comparable_term(term: Node, given: Collection[Literal]) -> Node:
    if not isinstance(term, Literal):
        return term
    if term.language:
        return _literal(str(term), term.language.lower(), None)
    if term.datatype == XSD.string:
        return _literal(str(term), None, None)
    if term.datatype in _NUMERIC and term not in given:
        return _literal(_canonical(str(term), floating=term.datatype in _FLOATING), None, term.datatype)
    return term


def _canonical(number: str, *, floating: bool) -> str:
    try:
        return str(float(number) if floating else Decimal(number).normalize() + 0)
    except (ValueError, InvalidOperation):
        return number


def _same(expected: Sequence[Row], found: Sequence[Row], *, ordered: bool) -> bool:
    anonymous = [[_anonymous(row) for row in rows] for rows in (expected, found)]
    if anonymous[0] != anonymous[1] if ordered else Counter(anonymous[0]) != Counter(anonymous[1]):
        return False
    if not any(isinstance(term, BNode) for row in expected for term in row.values()):
        return True
    return _canonical_graph(expected, ordered=ordered) == _canonical_graph(found, ordered=ordered)


def _same_reduced(expected: Sequence[Row], found: Sequence[Row]) -> bool:
    """Compare what REDUCED gives: each solution at least once and no more often than it is there."""
    most, counted = Counter(map(_anonymous, expected)), Counter(map(_anonymous, found))
    return most.keys() == counted.keys() and counted <= most


def _anonymous(row: Row) -> frozenset[tuple[str, Node | None]]:
    """Return a row without the names of its blank nodes."""
    return frozenset((name, None if isinstance(term, BNode) else term) for name, term in row.items())


def _canonical_graph(rows: Sequence[Row], *, ordered: bool) -> Dataset:
    """Return a graph with a blank node a row, the same for rows that are equal multisets up to blank nodes' names."""
    graph = Dataset()
    for position, row in enumerate(rows):
        node = BlankNode()
        graph.add(Quad(node, NamedNode(_ROW.position), pyoxigraph.Literal(str(position if ordered else 0))))
        for name, term in row.items():
            graph.add(Quad(node, NamedNode(_ROW[name]), _for_pyoxigraph(term)))
    graph.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return graph


def _for_pyoxigraph(term: Node) -> NamedNode | BlankNode | pyoxigraph.Literal:
    if isinstance(term, Literal):
        datatype = NamedNode(term.datatype) if term.datatype else None
        return pyoxigraph.Literal(str(term), datatype=datatype, language=term.language)
    return BlankNode(str(term)) if isinstance(term, BNode) else NamedNode(str(term))


def _shown(row: Row) -> str:
    return " ".join(f"?{name}={term.n3()}" for name, term in sorted(row.items()))
