"""pandas and polars read the results of queries from their addresses, as docs/querying.md says."""

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.python_packages import install
from support.servers import KbServe

from kb.config import Project

pytestmark = pytest.mark.xdist_group("clients")

_FILES = Path(__file__).parent / "frames"
_FEW = (
    "SELECT ?meeting ?ordinal ?none { ?meeting a ammtc:MinisterialMeeting ; ammtc:ordinal ?ordinal } ORDER BY ?ordinal"
)
#: Polars asks for more than 256 KiB in several parts.
_MANY = "SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } FILTER(isIRI(?s)) } ORDER BY ?s ?p STR(?o) LIMIT 12000"
_CHANGING = "SELECT (RAND() AS ?x) {}"
_WAYS = ("pandas", "pandas with Accept", "polars", "polars, scanned", "polars, from urllib")
_ASKED = {
    **{(way, _FEW): "&format=csv" for way in _WAYS if way != "pandas with Accept"},
    ("pandas with Accept", _FEW): "",
    **{(way, _MANY): "&format=csv" for way in _WAYS if way != "pandas with Accept"},
    ("pandas", _CHANGING): "&format=csv",
    ("polars", _CHANGING): "&format=csv",
    ("polars, from urllib", _CHANGING): "&format=csv",
}


def _address(query: str) -> str:
    return f"/sparql?query={quote(query)}"


@pytest.fixture(scope="module")
def frames(server: KbServe, project: Project) -> dict[tuple[str, str], dict[str, Any]]:
    """What the libraries, installed on first use into a folder that git ignores, make of the addresses."""
    python = install(_FILES / "requirements.txt", project.root / "build" / "frames")
    asked = json.dumps([(way, f"{server.url}{_address(query)}{more}") for (way, query), more in _ASKED.items()])
    done = subprocess.run([python, _FILES / "read.py"], input=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(_ASKED, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("way", _WAYS)
def test_a_result_is_a_frame(frames: dict[tuple[str, str], dict[str, Any]], way: str) -> None:
    found = frames[way, _FEW]
    assert found["columns"] == ["meeting", "ordinal", "none"]
    assert found["types"][1].lower() == "int64"
    assert [row[:2] for row in found["rows"]] == [
        ["https://w3id.org/ammtc/id/ammtc-19", 19],
        ["https://w3id.org/ammtc/id/ammtc-2026", 20],
    ]


@pytest.mark.parametrize("way", [way for way, query in _ASKED if query == _MANY])
def test_a_long_result_is_whole(frames: dict[tuple[str, str], dict[str, Any]], server: KbServe, way: str) -> None:
    text = server.get(f"{_address(_MANY)}&format=csv").text
    assert len(text) > 2 * 2**18
    _, *rows = csv.reader(io.StringIO(text))
    assert [row[:2] for row in frames[way, _MANY]["rows"]] == [row[:2] for row in rows]


def test_a_result_that_changes_with_each_call_is_not_read_in_parts(
    frames: dict[tuple[str, str], dict[str, Any]],
) -> None:
    assert len(frames["pandas", _CHANGING]["rows"]) == len(frames["polars, from urllib", _CHANGING]["rows"]) == 1
    assert "Range request not supported" in frames["polars", _CHANGING]["error"]
