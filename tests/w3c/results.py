"""Query results read from every format of the suites and of the endpoint, and compared.

The readers are independent of the engine under test, but for Turtle and RDF/XML of RDF 1.2, which no other reader here
knows: the engine reads these, as the suites for RDF 1.2 prove. Terms are kept as they are written: rdflib would bring
the lexical forms of literals into their canonical form, so that ``"01"`` became ``"1"``, unless it is told not to.
Whether two graphs are the same up to their blank nodes is left to pyoxigraph's canonical form, which rdflib's takes 20
times as long for.
"""

import csv
import io
import json
import re
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
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat
from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from w3c.terms import TripleTerm, from_pyoxigraph, literal, read_terms, simple_terms, to_pyoxigraph

__all__ = ["Boolean", "Result", "Rows", "differences", "literals", "read"]

_RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
_ROW = Namespace("urn:row:")
_PARTS = ("subject", "predicate", "object")
_XML = "{http://www.w3.org/2005/sparql-results#}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_DIRECTION = "{http://www.w3.org/2005/11/its}dir"
_SYNTAXES = {"ttl": "turtle", "rdf": "xml"}
#: What only documents of RDF 1.2 have.
_OF_1_2 = re.compile(rb"<<|\{\||\bversion\b.{1,9}1\.2|@[A-Za-z-]+--(?:ltr|rtl)", re.IGNORECASE)
_FLOATING = (XSD.double, XSD.float)
_NUMERIC = (XSD.integer, XSD.decimal, *_FLOATING)

#: Characters that XML 1.0 does not have (https://www.w3.org/TR/xml/#charsets).
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

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

    @property
    def terms(self) -> Iterator[Node]:
        """The terms in them, those in triple terms too."""
        return (part for row in self.rows for term in row.values() for part in simple_terms(term))

    @property
    def is_in_xml(self) -> bool:
        """Whether XML has all the characters in them."""
        return not any(_NOT_IN_XML.search(str(term)) for term in self.terms)


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
            return _from_graph(_graph(content, format_name, base))


def literals(paths: Iterable[Path]) -> frozenset[Literal]:
    """Return the literals of RDF files, as they are written there."""
    return frozenset[Literal]().union(*map(_literals, paths))


@cache
def _literals(path: Path) -> frozenset[Literal]:
    if path.suffix in (".trig", ".nq"):
        objects = {from_pyoxigraph(quad.object) for quad in pyoxigraph.parse(path=path, base_iri=path.as_uri())}
    else:
        objects = set(_graph(path.read_bytes(), path.suffix[1:], path.as_uri()).objects())
    return frozenset(part for term in objects for part in simple_terms(term) if isinstance(part, Literal))


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
    """https://www.w3.org/TR/sparql12-results-xml/."""
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
        case "triple":
            parts = [element.find(f"{_XML}{name}") for name in _PARTS]
            return TripleTerm(*(_xml_term(part[0]) for part in parts if part is not None))
        case "uri":
            return URIRef(text)
        case "bnode":
            return BNode(text)
    return literal(text, _tag(element.get(_LANGUAGE), element.get(_DIRECTION)), element.get("datatype"))


def _tag(language: str | None, direction: str | None) -> str | None:
    return f"{language}--{direction}" if language and direction else language


def _from_json(document: Any) -> Result:
    """https://www.w3.org/TR/sparql12-results-json/."""
    if "boolean" in document:
        return Boolean(document["boolean"])
    solutions = document["results"]["bindings"]
    rows = tuple({name: _json_term(term) for name, term in solution.items()} for solution in solutions)
    return Rows(tuple(document["head"]["vars"]), rows)


def _json_term(term: Mapping[str, Any]) -> Node:
    match term["type"]:
        case "triple":
            return TripleTerm(*(_json_term(term["value"][name]) for name in _PARTS))
        case "uri":
            return URIRef(term["value"])
        case "bnode":
            return BNode(term["value"])
    return literal(term["value"], _tag(term.get("xml:lang"), term.get("its:dir")), term.get("datatype"))


def _from_csv(text: str) -> Result:
    """https://www.w3.org/TR/sparql11-results-csv-tsv/#csv; everything but blank nodes is read as plain text."""
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    cells = ({name: _csv_term(cell) for name, cell in zip(header, line, strict=True) if cell} for line in lines)
    return Rows(tuple(header), tuple(cells))


def _csv_term(cell: str) -> Node:
    return BNode(cell[2:]) if cell.startswith("_:") else Literal(cell)


def _from_tsv(text: str) -> Result:
    """https://www.w3.org/TR/sparql12-results-csv-tsv/#tsv."""
    header, *lines = (line.split("\t") for line in text.removesuffix("\n").split("\n"))
    variables = tuple(name.removeprefix("?") for name in header if name)
    rows = (zip(variables, line, strict=bool(variables)) for line in lines)
    return Rows(variables, tuple({name: _tsv_term(cell) for name, cell in row if cell} for row in rows))


def _tsv_term(cell: str) -> Node:
    (term,) = read_terms(cell)
    return term


def _bound(values: Mapping[str, Node | None]) -> Row:
    return {name: term for name, term in values.items() if term is not None}


def _from_graph(graph: Graph) -> Result:
    """https://www.w3.org/2001/sw/DataAccess/tests/result-set.n3."""
    result = graph.value(None, RDF.type, _RS.ResultSet)
    if result is None:
        return Rows(_PARTS, tuple(dict(zip(_PARTS, triple, strict=True)) for triple in graph))
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


def _graph(content: bytes, format_name: str, base: str) -> Graph:
    graph = Graph(bind_namespaces="none")
    if format_name == "nt":
        lines = (line for line in content.decode().splitlines() if line and not line.startswith(("#", "VERSION")))
        triples: Iterable[tuple[Node, ...]] = map(read_terms, lines)
    elif _OF_1_2.search(content):
        engine = RdfFormat.from_extension(format_name)
        quads = pyoxigraph.parse(content, engine, base_iri=base)
        triples = (tuple(map(from_pyoxigraph, quad.triple)) for quad in quads)
    else:
        with _as_written():
            return graph.parse(content, format=_SYNTAXES[format_name], publicID=base)
    for subject, predicate, object_ in triples:
        graph.add((subject, predicate, object_))
    return graph


@contextmanager
def _as_written() -> Iterator[None]:
    """Let rdflib keep the lexical forms of literals."""
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def _comparable(row: Row, given: Collection[Literal]) -> Row:
    return {name: _comparable_term(term, given) for name, term in row.items()}


def _comparable_term(term: Node, given: Collection[Literal]) -> Node:
    if isinstance(term, TripleTerm):
        return TripleTerm(*(_comparable_term(part, given) for part in term.parts))
    if not isinstance(term, Literal):
        return term
    if term.language:
        return literal(str(term), term.language.lower(), None)
    if term.datatype == XSD.string:
        return literal(str(term), None, None)
    if term.datatype in _NUMERIC and term not in given:
        return literal(_canonical(str(term), floating=term.datatype in _FLOATING), None, term.datatype)
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
    if not any(isinstance(part, BNode) for part in Rows((), tuple(expected)).terms):
        return True
    return _canonical_graph(expected, ordered=ordered) == _canonical_graph(found, ordered=ordered)


def _same_reduced(expected: Sequence[Row], found: Sequence[Row]) -> bool:
    """Compare what REDUCED gives: each solution at least once and no more often than it is there."""
    most, counted = Counter(map(_anonymous, expected)), Counter(map(_anonymous, found))
    return most.keys() == counted.keys() and counted <= most


def _anonymous(row: Row) -> frozenset[tuple[str, object]]:
    """Return a row without the names of its blank nodes."""
    return frozenset((name, _nameless(term)) for name, term in row.items())


def _nameless(term: Node) -> object:
    if isinstance(term, TripleTerm):
        return tuple(map(_nameless, term.parts))
    return None if isinstance(term, BNode) else term


def _canonical_graph(rows: Sequence[Row], *, ordered: bool) -> Dataset:
    """Return a graph with a blank node a row, the same for rows that are equal multisets up to blank nodes' names."""
    graph = Dataset()
    for position, row in enumerate(rows):
        node = BlankNode()
        graph.add(Quad(node, NamedNode(_ROW.position), pyoxigraph.Literal(str(position if ordered else 0))))
        for name, term in row.items():
            graph.add(Quad(node, NamedNode(_ROW[name]), to_pyoxigraph(term)))
    graph.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return graph


def _shown(row: Row) -> str:
    return " ".join(f"?{name}={term.n3()}" for name, term in sorted(row.items()))
