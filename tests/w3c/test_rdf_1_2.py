"""The W3C test suites for RDF 1.2: Turtle, TriG, N-Triples, N-Quads and RDF/XML, read, served and written again.

Each document is read as `kb query --data`, `kb serve --data` and `kb reason` read files. What the well-formed ones
state is served by `kb serve`, a named graph a document, fetched by the Graph Store Protocol in each format of RDF that
has RDF 1.2, and by a query in each format of rows, and read back.

The tests of RDF 1.2 Semantics are left out: they are about entailment regimes, and the endpoint offers none of RDF.
What fails is listed in ``expected-failures.csv``, as for SPARQL; a listed test fails when it passes.
"""

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, serialize
from rdflib import Literal
from support.servers import KbServe

from kb.errors import RdfSyntaxError
from kb.rdf.formats import RDF_FORMATS, serialize_rdf
from kb.rdf.reading import load_files, read_statements
from w3c import suite
from w3c.expected import LISTED
from w3c.results import Result, Rows, differences, read
from w3c.systems import MEDIA_TYPES
from w3c.terms import TripleTerm, from_pyoxigraph

_FOLDER = suite.folder()
_SUITE = _FOLDER / "rdf" / "rdf12"
_BASE = "https://w3c.github.io/rdf-tests/rdf/rdf12/"
_RDFT = "http://www.w3.org/ns/rdftest#"
_LABEL = re.compile(r"_:\w+")
_COLUMNS = ("subject", "predicate", "object", "graph")
_IN_GRAPH = "SELECT ?subject ?predicate ?object {{ GRAPH <{}> {{ ?subject ?predicate ?object }} }}"


@dataclass(frozen=True)
class Case:
    """A test: a document, and what it states, if that is given.

    :param kind: local name of its class in the vocabulary of these tests
    """

    iri: str
    kind: str
    action: Path
    result: Path | None

    def __str__(self) -> str:
        folder = self.action.parent
        return f"{folder.parent.name}-{folder.name}-{self.iri.rpartition('#')[2]}"

    @property
    def is_negative(self) -> bool:
        """Whether the document is not well-formed."""
        return "Negative" in self.kind

    @property
    def is_canonical(self) -> bool:
        """Whether the result is the canonical form of the document."""
        return self.kind.endswith("C14N")


def _cases() -> Iterator[Case]:
    for manifest in sorted(_SUITE.glob("*/*/manifest.ttl")):
        values: dict[tuple[str, str], str] = {}
        for quad in pyoxigraph.parse(path=manifest, base_iri=_iri(manifest)):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                values[quad.subject.value, quad.predicate.value.rpartition("#")[2]] = quad.object.value
        for (iri, key), kind in values.items():
            if key == "type" and kind.startswith(_RDFT):
                result = values.get((iri, "result"))
                action = _path(values[iri, "action"])
                yield Case(iri, kind.removeprefix(_RDFT), action, _path(result) if result else None)


def _iri(path: Path) -> str:
    return f"{_BASE}{path.relative_to(_SUITE)}"


def _path(iri: str) -> Path:
    return _SUITE / iri.removeprefix(_BASE)


_CASES = tuple(_cases())
_SERVED = tuple(case for case in _CASES if not case.is_negative)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KbServe]:
    """A server of what the documents state, each in named graphs of its own."""
    file = tmp_path_factory.mktemp("rdf-1-2") / "documents.nq"
    serialize((quad for case in _SERVED for quad in _in_graphs(case, _read(case))), file, RdfFormat.N_QUADS)
    with KbServe(["--data", file]) as server:
        yield server


def test_every_test_is_collected() -> None:
    assert Counter(case.kind for case in _CASES) == {
        "TestTurtlePositiveSyntax": 41,
        "TestTurtleNegativeSyntax": 33,
        "TestTurtleEval": 29,
        "TestTrigPositiveSyntax": 24,
        "TestTrigNegativeSyntax": 11,
        "TestTrigEval": 25,
        "TestNTriplesPositiveSyntax": 7,
        "TestNTriplesNegativeSyntax": 22,
        "TestNTriplesPositiveC14N": 41,
        "TestNQuadsPositiveSyntax": 7,
        "TestNQuadsNegativeSyntax": 20,
        "TestNQuadsPositiveC14N": 41,
        "TestXMLEval": 29,
        "TestXMLNegativeSyntax": 2,
    }
    assert len({str(case) for case in _CASES}) == len({case.iri for case in _CASES}) == len(_CASES)


@pytest.mark.parametrize("case", _CASES, ids=str)
def test_document(case: Case) -> None:
    """The document is read rightly, statement by statement and into a store, or refused."""
    found = _failure(case)
    if case.iri in LISTED:
        assert found, f"{case.iri} passes now: take it out of expected-failures.csv"
    else:
        assert not found, f"{case.iri} ({case.action}): {found}"


@pytest.mark.xdist_group("w3c-rdf-1-2")
@pytest.mark.parametrize("case", _SERVED, ids=str)
def test_served(served: KbServe, case: Case) -> None:
    """What the document states comes back in every format that has it."""
    quads = _in_graphs(case, _expected(case))
    for graph in {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}:
        expected = _graph(quad for quad in quads if quad.graph_name == NamedNode(graph))
        has_triple_terms = any(isinstance(term, TripleTerm) for row in expected.rows for term in row.values())
        refused = {*(["rdf"] * (not expected.is_in_xml)), *(["jsonld"] * has_triple_terms)}
        for name in ("ttl", "nt", "trig", "nq", "rdf", "jsonld"):
            reply = served.get(f"/graph-store?{urlencode({'graph': graph, 'format': name})}")
            if name in refused:
                assert (reply.status, reply.json["code"]) == (406, "not-acceptable")
                continue
            assert reply.status == 200, (name, reply.text)
            wrong = differences(expected, _parsed(reply.body, name))
            assert not wrong, f"as {reply.headers['Content-Type']}: {wrong}\n{reply.text}"
        for name in ("srx", "srj", "tsv"):
            reply = served.query(_IN_GRAPH.format(graph), MEDIA_TYPES[name])
            if name == "srx" and not expected.is_in_xml:
                assert (reply.status, reply.json["code"]) == (406, "not-acceptable")
                continue
            wrong = differences(expected, read(reply.body, name, "urn:base:"))
            assert not wrong, f"as {MEDIA_TYPES[name]}: {wrong}"


def _failure(case: Case) -> str:
    """Return in what the reader fails a test, or nothing where it passes."""
    try:
        found = _read(case)
        stored = list(load_files([case.action]))
    except RdfSyntaxError as error:
        return "" if case.is_negative else str(error)
    if case.is_negative:
        return "is read, and should be refused"
    if case.is_canonical:
        assert case.result
        written, expected = _written(case, found), case.result.read_text("utf-8")
        return "" if written == expected else f"expected {expected!r}, found {written!r}"
    expected_rows = _rows(_expected(case))
    given = [term for term in expected_rows.terms if isinstance(term, Literal)]
    return differences(expected_rows, _rows(found), given=given) or differences(expected_rows, _rows(stored))


def _read(case: Case) -> list[Quad]:
    """Return what a document states, as if it had been read at its address on the web."""
    text = serialize(read_statements(case.action), format=RdfFormat.N_QUADS)
    assert text is not None
    return _at_home(text.decode())


def _expected(case: Case) -> list[Quad]:
    if case.result is None or case.is_canonical:
        return _read(case)
    return list(pyoxigraph.parse(path=case.result))


def _at_home(quads: str) -> list[Quad]:
    return list(pyoxigraph.parse(quads.replace(_SUITE.as_uri() + "/", _BASE), RdfFormat.N_QUADS))


def _written(case: Case, quads: list[Quad]) -> str:
    """Return the canonical form of a document with one blank node at most, whose label stays as it is there."""
    name = "nquads" if case.action.suffix == ".nq" else "ntriples"
    buffer = io.BytesIO()
    serialize_rdf(quads if name == "nquads" else (quad.triple for quad in quads), RDF_FORMATS[name], buffer)
    assert case.result
    label = _LABEL.search(case.result.read_text("utf-8"))
    text = buffer.getvalue().decode()
    return _LABEL.sub(label[0], text) if label else text


def _in_graphs(case: Case, quads: Iterable[Quad]) -> list[Quad]:
    """Return statements in named graphs of a case's own: a document's graphs, and its default graph."""
    return [Quad(*quad.triple, NamedNode(f"{case.iri}{_name(quad.graph_name)}")) for quad in quads]


def _name(graph: NamedNode | BlankNode | DefaultGraph) -> str:
    return "" if isinstance(graph, DefaultGraph) else f"/{graph.value if isinstance(graph, NamedNode) else 'blank'}"


def _parsed(body: bytes, name: str) -> Result:
    """Return the statements in a reply; no reader but the engine's knows the formats of datasets."""
    if name in ("ttl", "nt", "rdf"):
        return read(body, name, "urn:base:")
    return _graph(pyoxigraph.parse(body, RdfFormat.from_extension(name)))


def _graph(quads: Iterable[Quad]) -> Rows:
    """Return a graph as rows."""
    return Rows(_COLUMNS[:3], _rows(Quad(*quad.triple) for quad in quads).rows)


def _rows(quads: Iterable[Quad]) -> Rows:
    """Return a set of statements as rows, which tell in which graph each is."""
    rows = []
    for quad in dict.fromkeys(quads):
        terms = [*quad.triple, *([] if isinstance(quad.graph_name, DefaultGraph) else [quad.graph_name])]
        rows.append(dict(zip(_COLUMNS, map(from_pyoxigraph, terms), strict=False)))
    return Rows(_COLUMNS, tuple(rows))
