"""Other readers of RDF 1.2 than the engine's read what the endpoint writes: N3.js and the parsers of Comunica."""

import json
import subprocess
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.npm_packages import install
from support.servers import KbServe
from w3c.results import Rows, differences, read

from kb.config import Project
from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS

pytestmark = pytest.mark.xdist_group("clients")

_FILES = Path(__file__).parent / "readers"
_HOW = "On Debian and Ubuntu: apt-get install nodejs npm"
_GRAPH = "https://w3id.org/ammtc/graph/"
_DATA = """PREFIX id: <https://w3id.org/ammtc/id/>
PREFIX graph: <https://w3id.org/ammtc/graph/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
graph:directed { id:a id:p "x \\"y\\", <z> &\\n"@ar--rtl, "x"@en--ltr, "x"@en, "x" }
graph:reified { id:a id:p id:b ~ id:r {| id:q 1, "2026-11-30"^^<http://www.w3.org/2001/XMLSchema#date> |} }
graph:blank { _:a id:p <<( _:a id:q _:b )>> . _:b id:p <<( _:b id:q "x"@en--ltr )>> }
graph:nested { id:a id:p <<( id:a id:q <<( id:a id:q <<( _:a id:q "]]> )>> \\\\" )>> )>> )>> }
"""
_GRAPHS = ("directed", "reified", "blank", "nested")
#: JSON-LD has no triple terms, and its reader is in other tests; no reader here knows TSV and CSV.
_FORMATS = [found.media_type for found in RDF_FORMATS.values() if found.name != "jsonld"]
_ROWS = [RESULT_FORMATS[name].media_type for name in ("json", "xml")]
_CASES = list(product(_GRAPHS, (*_FORMATS, *_ROWS)))


@pytest.fixture(scope="module")
def replies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], str]]:
    """Each graph in each format."""
    file = tmp_path_factory.mktemp("readers") / "data.trig"
    file.write_text(_DATA, encoding="utf-8")
    with KbServe(["--data", file]) as server:
        yield {
            (graph, media_type): server.get(_address(graph, rows=media_type in _ROWS), media_type).text
            for graph, media_type in _CASES
        }


def _address(graph: str, *, rows: bool) -> str:
    query = f"SELECT ?subject ?predicate ?object {{ GRAPH <{_GRAPH}{graph}> {{ ?subject ?predicate ?object }} }}"
    return f"/sparql?query={quote(query)}" if rows else f"/graph-store?graph={quote(_GRAPH + graph, safe='')}"


@pytest.fixture(scope="module")
def found(
    replies: dict[tuple[str, str], str], project: Project, requires: Callable[[str, str], Path]
) -> dict[tuple[str, str], list[Any]]:
    """What the readers, installed on first use into a folder that git ignores, make of the replies."""
    node, npm = requires("node", _HOW), requires("npm", _HOW)
    installed = install(npm, _FILES, project.root / "build" / "readers")
    asked = json.dumps([{"type": media_type, "text": text} for (_, media_type), text in replies.items()])
    done = subprocess.run([node, installed / "read.mjs"], input=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(replies, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize(("graph", "media_type"), _CASES)
def test_another_reader_reads_it(
    found: dict[tuple[str, str], list[Any]], replies: dict[tuple[str, str], str], graph: str, media_type: str
) -> None:
    names = ("subject", "predicate", "object")
    bindings = [dict(zip(names, row, strict=True)) for row in found[graph, media_type]]
    rows = read(json.dumps({"head": {"vars": names}, "results": {"bindings": bindings}}).encode(), "srj", "urn:base:")
    expected = read(replies[graph, "application/n-triples"].encode(), "nt", "urn:base:")
    assert isinstance(expected, Rows)
    assert len(expected.rows) == {"directed": 4, "reified": 4, "blank": 2, "nested": 1}[graph]
    assert differences(expected, rows) == ""
