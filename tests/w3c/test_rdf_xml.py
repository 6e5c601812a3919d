"""The W3C test suite for RDF/XML, read as `kb query --data` and `kb reason` read files.

What fails is listed in ``expected-failures.csv``, as for SPARQL; a listed test fails when it passes.
"""

from pathlib import Path
from typing import NamedTuple

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, parse

from kb.errors import RdfSyntaxError
from kb.rdf.reading import read_statements
from w3c import suite
from w3c.expected import LISTED

_FOLDER = suite.folder()
_SUITE = _FOLDER / "rdf" / "rdf11" / "rdf-xml"
_BASE = "https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-xml/"
_RDFT = "http://www.w3.org/ns/rdftest#"


class Case(NamedTuple):
    """A test: a document, and its triples unless it is to be refused."""

    iri: str
    action: Path
    result: Path | None

    def __str__(self) -> str:
        return self.iri.rpartition("#")[2]


def _cases() -> list[Case]:
    values: dict[tuple[str, str], str] = {}
    for quad in parse(path=_SUITE / "manifest.ttl", base_iri=f"{_BASE}manifest.ttl"):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            values[quad.subject.value, quad.predicate.value.rpartition("#")[2]] = quad.object.value
    tests = [iri for (iri, key), kind in values.items() if key == "type" and kind.startswith(f"{_RDFT}TestXML")]
    return [
        Case(iri, _path(values[iri, "action"]), _path(values[iri, "result"]) if (iri, "result") in values else None)
        for iri in sorted(tests)
    ]


def _path(iri: str) -> Path:
    return _SUITE / iri.removeprefix(_BASE)


_CASES = _cases()


def test_every_test_is_collected() -> None:
    assert (len(_CASES), sum(case.result is None for case in _CASES)) == (166, 40)


@pytest.mark.parametrize("case", _CASES, ids=str)
def test_document(case: Case) -> None:
    found = _failure(case)
    if case.iri in LISTED:
        assert found, f"{case.iri} passes now: take it out of expected-failures.csv"
    else:
        assert not found, f"{case.iri} ({case.action}): {found}"


def _failure(case: Case) -> str:
    """Return in what the reader fails a test, or nothing where it passes."""
    try:
        read = "".join(f"{Quad(*quad.triple)} .\n" for quad in read_statements(case.action))
    except RdfSyntaxError as error:
        return str(error) if case.result else ""
    if case.result is None:
        return "is read, and should be refused"
    found = _canonical(read.replace(f"{_SUITE.as_uri()}/", _BASE))
    expected = _canonical(case.result.read_text("utf-8"))
    return "" if found == expected else f"expected:\n{expected}\nfound:\n{found}"


def _canonical(triples: str) -> str:
    dataset = Dataset(parse(triples, RdfFormat.N_TRIPLES))
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return "\n".join(sorted(map(str, dataset)))
