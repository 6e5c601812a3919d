"""The patterns, drawn: all that they name exists, all that they draw holds, and the drawings can be read."""

from itertools import combinations
from typing import Any

import pytest
from page import Page
from pyoxigraph import BlankNode, NamedNode, QuerySolutions, RdfFormat, Store
from support.servers import ServerProcess

from kb.generations.generation import Generation
from kb.namespaces import INFERRED, PREFIXES
from kb.rdf.terms import Term
from server.addresses import Addresses
from server.page_models.patterns import Arrow, Box, Drawing, drawings
from server.presentation.nodes import Nodes
from server.provenance.evidence import read_evidence
from server.provenance.provenance import Provenance
from server.stored_queries.lookups import LookUp

pytestmark = pytest.mark.xdist_group("server")

_NAMES = (
    *("act", "force", "evidence", "identification", "comparison", "meeting", "participation", "tenure"),
    *("chairmanship", "origin", "place", "time"),
)
_PREFIXES = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())


@pytest.fixture(scope="module")
def store(generation: Generation) -> Store:
    return generation.store()


@pytest.fixture(scope="module")
def drawn(store: Store) -> dict[str, Drawing]:
    nodes = Nodes({}, Addresses(""))
    provenance = Provenance(store, nodes, read_evidence(LookUp(store), nodes), {}, Addresses(""))
    return {drawing.name: drawing for drawing in drawings(provenance)}


def query(store: Store, text: str) -> Any:
    return store.query(text, prefixes=PREFIXES)


def test_the_patterns_are_those_that_are_tested(drawn: dict[str, Drawing]) -> None:
    assert tuple(drawn) == _NAMES


@pytest.mark.parametrize("name", _NAMES)
def test_what_is_drawn_exists_and_holds(store: Store, drawn: dict[str, Drawing], name: str) -> None:
    """All statements of a drawing hold at once, annotations of statements standing for any of their kind."""
    drawing = drawn[name]

    def written(term: Term) -> str:
        place = [box.term for box in drawing.boxes].index(term)
        return f"?annotation{place}" if isinstance(term, BlankNode) else str(term)

    said = [f"{written(box.term)} a <{box.kind.iri}> ." for box in drawing.boxes if box.kind]
    said += [f"{written(arrow.start.term)} {arrow.prop} {written(arrow.end.term)} ." for arrow in drawing.arrows]
    for one in said:
        assert query(store, f"ASK {{ {one} }}"), one
    assert query(store, f"ASK {{ {' '.join(said)} }}")
    for term in {arrow.prop for arrow in drawing.arrows} | {
        NamedNode(box.kind.iri or "") for box in drawing.boxes if box.kind
    }:
        assert term.value.startswith(PREFIXES["owl"]) or query(store, f"ASK {{ {term} rdfs:label ?label }}"), term


@pytest.mark.parametrize("name", _NAMES)
def test_a_dashed_arrow_follows_and_no_other_one(store: Store, drawn: dict[str, Drawing], name: str) -> None:
    for arrow in drawn[name].arrows:
        if arrow.cited:
            statement = f"{arrow.start.term} {arrow.prop} {arrow.end.term}"
            stated = query(store, f"ASK {{ GRAPH ?g {{ {statement} }} FILTER (?g != <{INFERRED}>) }}")
            assert arrow.follows is not bool(stated), statement


@pytest.mark.parametrize("name", _NAMES)
def test_the_turtle_of_a_drawing_says_what_it_draws(store: Store, drawn: dict[str, Drawing], name: str) -> None:
    drawing = drawn[name]
    read = Store()
    read.load(f"{_PREFIXES}{drawing.turtle}", RdfFormat.TURTLE)
    annotations = sum(isinstance(box.term, BlankNode) for box in drawing.boxes)
    assert len(read) == len(drawing.arrows) + sum(box.kind is not None for box in drawing.boxes) + annotations
    patterns = " ".join(
        f"{_variable(quad.subject)} {quad.predicate} {_variable(quad.object)} ."
        for quad in read.quads_for_pattern(None, None, None)
    )
    assert query(store, f"ASK {{ {patterns} }}")


def _variable(term: Term) -> str:
    return f"?b{term.value}" if isinstance(term, BlankNode) else str(term)


@pytest.mark.parametrize("name", _NAMES)
def test_the_query_of_a_pattern_finds_more_of_its_kind(store: Store, drawn: dict[str, Drawing], name: str) -> None:
    found = query(store, drawn[name].query)
    assert isinstance(found, QuerySolutions)
    assert len(list(found)) > 1 or name == "chairmanship"


@pytest.mark.parametrize("name", _NAMES)
def test_nothing_in_a_drawing_covers_anything_else(drawn: dict[str, Drawing], name: str) -> None:
    drawing = drawn[name]
    for one, other in combinations(drawing.boxes, 2):
        assert abs(one.x - other.x) >= one.width or abs(one.y - other.y) >= one.height
    for arrow in drawing.arrows:
        for box in drawing.boxes:
            assert box in (arrow.start, arrow.end) or not _crosses(arrow, box), (arrow.words, box.node.text)
    for one, other in combinations(drawing.arrows, 2):
        (x1, y1), (x2, y2) = one.middle, other.middle
        assert abs(x1 - x2) > 60 or abs(y1 - y2) > 16, (one.words, other.words)


def _crosses(arrow: Arrow, box: Box) -> bool:
    x1, y1, x2, y2 = arrow.line
    points = ((x1 + step / 100 * (x2 - x1), y1 + step / 100 * (y2 - y1)) for step in range(101))
    return any(box.x < x < box.x + box.width and box.y < y < box.y + box.height for x, y in points)


def test_the_page_shows_each_pattern_in_a_picture_in_words_and_in_turtle(server: ServerProcess) -> None:
    page = Page(server.get("/vocabulary", "text/html").text)
    tags = [tag for tag, _ in page.elements]
    assert tags.count("svg") == tags.count("title") - 1 == tags.count("desc") == len(_NAMES)
    anchors = {attributes.get("id") for _, attributes in page.elements}
    assert set(_NAMES) <= anchors
    assert "“vna” " not in page.main
    links = set(page.links())
    assert {"/page/id/nst-adoption-roadmap", "/page/ontology#reports", "/page/concept/adoption"} <= links
    assert len([link for link in links if link.startswith("/sparql?query=")]) == len(_NAMES)
    assert "id:adoption-border-management-roadmap a ammtc:Adoption" in page.main
    assert "/vocabulary" in set(Page(server.get("/page/ontology", "text/html").text).links())
