"""Clients in other languages, as Debian has them: roqet of Rasqal (C) and Attean (Perl)."""

import csv
import io
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from support.servers import KbServe

pytestmark = pytest.mark.xdist_group("clients")

_STATES = "SELECT ?state ?label ?none { ?state a ammtc:State ; rdfs:label ?label } ORDER BY ?state ?label"
_ATTEAN = "On Debian and Ubuntu: apt-get install libatteanx-store-sparql-perl"


@pytest.fixture(scope="module")
def roqet(requires: Callable[[str, str], Path]) -> Callable[..., str]:
    """`roqet(*arguments)`: what it prints."""
    program = requires("roqet", "On Debian and Ubuntu: apt-get install rasqal-utils")

    def run(*arguments: str) -> str:
        return _printed([program, "-q", *arguments])

    return run


def _printed(command: Sequence[str | Path]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_roqet_gets_rows(roqet: Callable[..., str], server: KbServe) -> None:
    printed = roqet("-p", f"{server.url}/sparql", "-r", "csv", "-e", _STATES)
    assert _rows(printed) == _rows(server.query(_STATES, "text/csv").text)
    assert len(_rows(printed)) > 20


def test_roqet_reads_a_thing(roqet: Callable[..., str], server: KbServe) -> None:
    thing = "https://w3id.org/ammtc/id/ammtc-19"
    query = f"SELECT ?p ?o {{ <{thing}> ?p ?o }}"
    printed = roqet("-D", f"{server.url}/id/ammtc-19", "-r", "csv", "-e", query)
    triples = {quad.triple for quad in parse(server.get("/data/id/ammtc-19.ttl").body, RdfFormat.TURTLE)}
    assert len(_rows(printed)) - 1 == sum(str(triple.subject) == f"<{thing}>" for triple in triples) > 20


def test_attean_asks_and_reads(requires: Callable[[str, str], Path], server: KbServe) -> None:
    requires("/usr/share/perl5/AtteanX/Store/SPARQL.pm", _ATTEAN)
    printed = _printed([requires("perl", _ATTEAN), Path(__file__).with_name("attean.pl"), server.url])
    found = {name: int(number) for name, number in map(str.split, printed.splitlines())}
    states = len(_rows(server.query("SELECT ?s { ?s a ammtc:State }", "text/csv").text)) - 1
    triples = sum(1 for _ in parse(server.get("/data/id/ammtc-19.nt").body, RdfFormat.N_TRIPLES))
    assert found == {
        **dict.fromkeys(("rows", "triples", "counted", "SPARQLXML", "SPARQLJSON", "SPARQLTSV"), states),
        **dict.fromkeys(("Turtle", "NTriples", "RDFXML"), triples),
    }
