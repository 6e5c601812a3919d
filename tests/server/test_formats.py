"""A result format is one record: all that offers, names, counts or writes formats has one that is added."""

import subprocess
import sys
from pathlib import Path

_ADDED = """
from kb.rdf.formats import RESULT_FORMATS, ResultFormat

RESULT_FORMATS["tally"] = ResultFormat(
    name="tally",
    media_types=("text/x-tally", "application/x-tally"),
    iri="https://example.org/formats/tally",
    extension="tly",
    aliases=("tallies",),
    attachment=True,
    write=lambda result, output: output.write(b"|" * len(list(result))),
    count=lambda body, _: len(body),
)

import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from pyoxigraph import Store

from kb.cli.app import cli, main
from server.config import Limits
from server.dataset.service_description import describe_service
from server.evaluation.answers import answer
from server.evaluation.messages import QueryTask
from server.problems import Problem
from server.representations.choose import query_choices
from server.representations.compression import is_compressible
from server.representations.formats import FORMAT_NAMES
from server.sparql.request import build_reply, parse_request

for formats in ((), ("tly",), ("Tallies",), ("text/x-tally",)):
    rows, _ = query_choices(formats, "application/x-tally")
    assert rows is not None and rows.format.name == "tally", formats
assert is_compressible("application/x-tally")
assert "tally" in FORMAT_NAMES

sizes = SimpleNamespace(named_graphs={}, default_graph=0, total=0)
manifest = SimpleNamespace(sizes=sizes, reasoner="none", reification=0, default_graph="own")
assert b"<https://example.org/formats/tally>" in describe_service("https://a.example", manifest, {}, "ntriples")

query = "SELECT ?x { VALUES ?x { 1 2 3 } }"
def task(limit):
    return QueryTask(query, "https://a.example/", "tally", None, limit, 1000)
assert answer(Store(), task(3)).body == b"|||"
asked = parse_request("GET", b"query=" + quote(query).encode(), {"accept": "application/x-tally"}, b"",
                      endpoint="https://a.example/sparql", limits=Limits())
reply = build_reply(answer(Store(), asked.task), asked, Limits())
assert reply.headers["content-type"] == "application/x-tally"
assert reply.headers["content-disposition"] == 'attachment; filename="results.tally"'
with pytest.raises(Problem, match="more than 2 rows"):
    answer(Store(), task(2))

(empty := Path(sys.argv[1], "empty.nt")).touch()
assert "tally" in CliRunner().invoke(cli, ["query", "--help"]).output
assert main(["query", "--data", str(empty), "-e", query, "--format", "tally"]) == 0
"""


def test_a_format_that_is_added_to_one_table_is_everywhere(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", _ADDED, tmp_path], capture_output=True, text=True, check=False)
    assert (run.stdout, run.returncode) == ("|||\n", 0), run.stderr
