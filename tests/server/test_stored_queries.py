"""The server's own queries: those that pages show ask the same as those that made the page."""

import re
from importlib.resources import files

import pytest
from pyoxigraph import NamedNode, QuerySolutions, Store

from kb.generations.generation import Generation
from kb.namespaces import AMMTC, PREFIXES, RDF
from server.stored_queries.lookups import LookUp
from server.stored_queries.texts import patterns, query_about, stored_query

_THINGS = ("id/ammtc-19", "id/malaysia", "concept/cybercrime", "source/nst-2025-09-12", "ontology#proposes")
_ALL = sorted(path.name.removesuffix(".rq") for path in files("server.stored_queries").iterdir() if ".rq" in path.name)
_OF_A_THING = re.compile("#.*SELECT (DISTINCT )?[?]thing", re.DOTALL)
_ABOUT_A_THING = [name for name in _ALL if _OF_A_THING.match(stored_query(name))]


@pytest.fixture(scope="module")
def store(generation: Generation) -> Store:
    return generation.store()


@pytest.mark.parametrize("name", _ABOUT_A_THING)
def test_the_query_that_a_page_shows_is_bound_to_its_thing(store: Store, name: str) -> None:
    """For each thing it finds the rows of the look-up that the page is made of."""
    for thing in (f"https://w3id.org/ammtc/{thing}" for thing in _THINGS):
        shown = store.query(query_about(name, thing), prefixes=PREFIXES)
        assert isinstance(shown, QuerySolutions)
        names = [variable.value for variable in shown.variables]
        rows = [{key: term for key, term in zip(names, row, strict=True) if term is not None} for row in shown]
        expected = LookUp(store).rows(name, thing=NamedNode(thing))
        assert sorted(map(str, rows)) == sorted(map(str, expected)), thing


@pytest.mark.parametrize("name", _ALL)
def test_values_of_any_kind_are_sorted_as_texts(name: str) -> None:
    """The engine has no order of numbers beside texts and dates, and a sort of them can end its process."""
    assert not re.search(r"ORDER BY[^\n]*(?<!\()\?(value|o)\b", stored_query(name))


@pytest.mark.parametrize("name", _ALL)
def test_the_evidence_of_a_cell_is_looked_for_in_statements_that_can_hold(store: Store, name: str) -> None:
    """The header names variables that the query selects, and properties that the ontology declares."""
    given = [pattern for found in patterns(name).values() for pattern in found]
    if not given:
        return
    selected = set(LookUp(store).rows(name).variables)
    assert patterns(name).keys() <= selected
    for pattern in given:
        properties = {prop for prop in pattern.properties if not prop.startswith("?")}
        variables = {prop[1:] for prop in pattern.properties if prop.startswith("?")}
        assert {pattern.subject, pattern.value, *variables} <= selected
        for prop in properties:
            declared = store.quads_for_pattern(NamedNode(prop), NamedNode(RDF.type), None)
            assert not prop.startswith(AMMTC) or next(declared, None), prop


def test_most_queries_are_about_a_thing() -> None:
    assert len(_ABOUT_A_THING) > 25


def test_solutions_name_their_variables_where_there_are_no_rows(store: Store) -> None:
    found = LookUp(store).rows("property-use", thing=NamedNode(str(AMMTC.nothing)))
    assert found == []
    assert found.variables == ("thing", "subject", "value")


def test_what_is_no_iri_is_not_put_into_a_query() -> None:
    with pytest.raises(ValueError, match="IRI"):
        query_about("describe", "https://example.org/> } # ")
