"""RDF/XML against Apache Jena: random documents state the same triples, or are refused by both."""

from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse
from random_rdf_xml import document
from support.examples import examples
from support.jena import Jena

from kb.errors import RdfSyntaxError
from kb.rdf.reading import read_statements

_DOCUMENTS = 1000
_GROUP = 100


@pytest.mark.thorough
@pytest.mark.xdist_group("jena")
@pytest.mark.parametrize("first", range(0, _DOCUMENTS, _GROUP))
def test_random_documents(first: int, jena: Jena, tmp_path: Path) -> None:
    path = tmp_path / "document.rdf"
    refused = 0
    for seed in range(first, first + examples(_GROUP)):
        path.write_bytes(document(seed))
        expected = jena.read_rdf_xml(path.read_bytes(), path.as_uri())
        refused += expected is None
        assert found(path) == (None if expected is None else canonical(expected)), f"document {seed}"
    assert refused < examples(_GROUP) / 2


def found(path: Path) -> list[str] | None:
    """Return the triples of a file, or None where it is refused."""
    try:
        return canonical("".join(f"{Quad(*quad.triple)} .\n" for quad in read_statements(path)))
    except RdfSyntaxError:
        return None


def canonical(triples: str) -> list[str]:
    """Return triples in N-Triples with the same names of blank nodes in isomorphic graphs."""
    dataset = Dataset(parse(triples, RdfFormat.N_TRIPLES))
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return sorted(map(str, dataset))
