"""Libraries read a thing at its address, with what they accept by themselves, and find its statements at once."""

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse
from rdflib import Dataset, Graph, URIRef
from support.jena import Jena
from support.servers import KbServe

from kb.namespaces import AMMTC, ID

pytestmark = [
    pytest.mark.xdist_group("clients"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of rdflib's own names
]

_MEETING, _PLACE, _MELAKA = ID["ammtc-19"], AMMTC.place, ID.melaka


@pytest.mark.parametrize("path", ["/id/ammtc-19", "/graph/nst-2025-09-12"])
def test_rdflib(server: KbServe, path: str) -> None:
    triple = URIRef(_MEETING), URIRef(_PLACE), URIRef(_MELAKA)
    assert triple in Graph().parse(f"{server.url}{path}")
    assert [*Dataset().parse(f"{server.url}{path}").triples(triple)] == [triple]


@pytest.mark.parametrize(
    "path", ["/id/ammtc-19", "/graph/nst-2025-09-12", "/graph-store?graph=https://w3id.org/ammtc/graph/nst-2025-09-12"]
)
def test_jena(server: KbServe, jena: Jena, path: str) -> None:
    """In a dataset: its default graph has the statements."""
    found = parse(jena.fetch(f"{server.url}{path}"), RdfFormat.N_QUADS)
    assert Quad(NamedNode(_MEETING), NamedNode(_PLACE), NamedNode(_MELAKA), DefaultGraph()) in set(found)
