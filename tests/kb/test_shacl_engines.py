"""Other SHACL engines than pySHACL read the shapes, and find in the cases of shapes/ what it finds.

Jena knows SHACL Core and SHACL-SPARQL, rdf-validate-shacl knows SHACL Core alone.
"""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pyshacl
import pytest
from rdflib import BNode, Graph, Literal
from rdflib.compare import isomorphic
from rdflib.namespace import OWL, RDF, SH, XSD
from rdflib.term import Node
from support.jena import Jena
from support.npm_packages import install
from test_shapes import all_cases, with_inferred

from kb.checks.shacl import PreparedGraph, path_text
from kb.config import Project
from kb.files.shapes import SHAPES, shapes_documents
from kb.generations.generation import Generation

pytestmark = pytest.mark.xdist_group("shapes")

_FILES = Path(__file__).parent / "shacl_engine"
_HOW = "On Debian and Ubuntu: apt-get install nodejs npm"
_QUERY = str(SH.SPARQLConstraintComponent)

#: Literals of which rdf-validate-shacl is wrong: it takes the 30th of February for a date, and a day without a year for
#: none (`validateTerm` of rdf-validate-datatype).
_MISJUDGED = {
    f'"{text}"^^<{XSD[name]}>'
    for text, name in (("2025-02-30", "date"), ("--10-28", "gMonthDay"), ("--10-30", "gMonthDay"))
}

#: Focus node, path, value, component and severity; nodes without a name are alike.
Result = tuple[str, str, str, str, str]


@pytest.fixture(scope="module")
def documents(project: Project) -> Mapping[str, bytes]:
    """The file of the shapes, and its parts."""
    return shapes_documents(project)


@pytest.fixture(scope="module")
def cases() -> Graph:
    """All cases, with what follows."""
    return with_inferred(all_cases())


@pytest.fixture(scope="module")
def expected(cases: Graph, documents: Mapping[str, bytes]) -> set[Result]:
    """What pySHACL finds in them."""
    shapes = PreparedGraph(Graph().parse(data=documents["shapes"], format="turtle"))
    report = pyshacl.validate(cases, shacl_graph=shapes, inference="none", advanced=False)[1]
    assert isinstance(report, Graph)
    return results(report)


@pytest.fixture(scope="module")
def shipped(generation: Generation) -> bytes:
    """The shipped graph, asserted and inferred, as N-Triples."""
    return "".join(sorted({f"{quad.triple} .\n" for quad in generation.written()})).encode()


@pytest.fixture(scope="module")
def javascript(
    project: Project, requires: Callable[[str, str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[bytes, bytes], str]:
    """`javascript(shapes, data)`: the report of rdf-validate-shacl, installed on first use, as N-Triples."""
    node, npm = requires("node", _HOW), requires("npm", _HOW)
    installed = install(npm, _FILES, project.root / "build" / "shacl-engine")
    folder = tmp_path_factory.mktemp("shacl")

    def validate(shapes: bytes, data: bytes) -> str:
        files = [folder / "shapes.ttl", folder / "data.nt"]
        for file, content in zip(files, (shapes, data), strict=True):
            file.write_bytes(content)
        command = [node, installed / "validate.mjs", *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return validate


def results(report: Graph) -> set[Result]:
    return {
        (
            text(report.value(result, SH.focusNode)),
            path_text(report, path) if (path := report.value(result, SH.resultPath)) else "",
            text(report.value(result, SH.value, any=True)),
            str(report.value(result, SH.sourceConstraintComponent)),
            str(report.value(result, SH.resultSeverity)),
        )
        for result in report.objects(None, SH.result)
    }


def text(node: Node | None) -> str:
    if node is None or isinstance(node, BNode):
        return "" if node is None else "_:"
    return node.n3() if isinstance(node, Literal) else str(node)


def read(report: str) -> Graph:
    return Graph().parse(data=report, format="nt")


def conforms(report: str) -> bool:
    return [bool(value) for value in read(report).objects(None, SH.conforms)] == [True]


def ntriples(graph: Graph) -> bytes:
    return graph.serialize(format="nt").encode()


def difference(found: set[Result], wanted: set[Result]) -> list[str]:
    """Return some of the results that only one of two sets has."""
    pairs = ("too much", found - wanted), ("missing", wanted - found)
    return [f"{word}: {result}" for word, results in pairs for result in sorted(results)[:5]]


def test_the_parts_state_together_what_the_file_states(documents: Mapping[str, bytes]) -> None:
    """But for the headers, of which each has its own."""
    whole, core, queries = (Graph().parse(data=text, format="turtle") for text in documents.values())
    assert list(documents) == ["shapes", "shapes/core", "shapes/sparql"]
    for name, part in (("core", core), ("sparql", queries)):
        (header,) = part.subjects(RDF.type, OWL.Ontology)
        assert str(header) == f"{SHAPES}/{name}"
        assert [str(version) for version in part.objects(header, OWL.versionIRI)] == [f"{SHAPES}/{name}/0.2.0"]
        part.remove((header, None, None))
    (header,) = whole.subjects(RDF.type, OWL.Ontology)
    declarations = list(whole.objects(header, SH.declare))
    whole.remove((header, None, None))
    for declaration in declarations:
        whole.add((header, SH.declare, declaration))
    assert isomorphic(core + queries, whole)
    assert (None, SH.sparql, None) not in core
    assert not set(queries.predicates()) & {SH.property, SH.path, SH.node, SH["class"]}


@pytest.mark.parametrize("name", ["shapes", "shapes/core", "shapes/sparql"])
def test_the_shipped_graph_conforms_in_jena(
    jena: Jena, documents: Mapping[str, bytes], shipped: bytes, name: str
) -> None:
    assert conforms(jena.validate(documents[name], shipped))


def test_the_shipped_graph_conforms_in_rdf_validate_shacl(
    javascript: Callable[[bytes, bytes], str], documents: Mapping[str, bytes], shipped: bytes
) -> None:
    assert conforms(javascript(documents["shapes/core"], shipped))


@pytest.mark.parametrize("name", ["shapes", "shapes/core", "shapes/sparql"])
def test_jena_finds_what_pyshacl_finds(
    jena: Jena, documents: Mapping[str, bytes], cases: Graph, expected: set[Result], name: str
) -> None:
    wanted = {found for found in expected if name == "shapes" or (found[3] == _QUERY) == (name == "shapes/sparql")}
    assert len(wanted) > (20 if name == "shapes/sparql" else 200)
    found = results(read(jena.validate(documents[name], ntriples(cases))))
    assert difference(found, wanted) == []


def test_rdf_validate_shacl_finds_what_pyshacl_finds(
    javascript: Callable[[bytes, bytes], str], documents: Mapping[str, bytes], cases: Graph, expected: set[Result]
) -> None:
    wanted = {found for found in expected if found[3] != _QUERY}
    found = results(read(javascript(documents["shapes/core"], ntriples(cases))))
    assert {result[2] for result in found ^ wanted} == _MISJUDGED
    judged = ({result for result in either if result[2] not in _MISJUDGED} for either in (found, wanted))
    assert difference(*judged) == []
