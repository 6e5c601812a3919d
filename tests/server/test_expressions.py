"""Expressions of the ontology in words."""

import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Store

from server.addresses import Addresses
from server.presentation.expressions import Expressions
from server.presentation.nodes import Nodes

_PREFIXES = """
@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""
_LABELS = {
    f"http://example.org/{name}": name for name in ("holds", "Post", "Person", "State", "Body", "chairs", "kind", "x")
}


def words(expression: str) -> str:
    """What is shown for an expression in Turtle."""
    store = Store()
    store.load(f"{_PREFIXES}:x :is {expression} .".encode(), RdfFormat.TURTLE)
    shown = next(quad.object for quad in store.quads_for_pattern(None, NamedNode("http://example.org/is"), None))
    return Expressions(store, Nodes(_LABELS, Addresses(""))).of(shown).text


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (":Post", "Post"),
        ("[ owl:onProperty :holds ; owl:someValuesFrom :Post ]", "what “holds” some “Post”"),
        ("[ owl:onProperty :holds ; owl:allValuesFrom :Post ]", "what “holds” only “Post”"),
        ("[ owl:onProperty :holds ; owl:hasValue 3 ]", "a thing whose “holds” is “3”"),
        (
            "[owl:intersectionOf (:Post [owl:onProperty :kind; owl:hasValue 1] [owl:onProperty :x; owl:hasValue 3])]",
            "Post whose “kind” is “1” and whose “x” is “3”",
        ),
        ("[ owl:unionOf ( :State :Body ) ]", "State or Body"),
        (
            "[ owl:intersectionOf ( :Person [ owl:onProperty :holds ; owl:someValuesFrom :Post ] ) ]",
            "Person and what “holds” some “Post”",
        ),
        ("[ owl:inverseOf :chairs ]", "inverse of “chairs”"),
        ("( [ owl:inverseOf :chairs ] :holds )", "inverse of “chairs”, then holds"),
        ("[]", "an unnamed thing"),
        ("[ owl:onProperty :holds ]", "an unnamed thing"),
    ],
)
def test_an_expression_has_words(expression: str, shown: str) -> None:
    assert words(expression) == shown


def test_a_list_that_goes_round_has_an_end() -> None:
    store = Store()
    turtle = f"{_PREFIXES}_:l rdf:first :Post ; rdf:rest _:l . :x :is [ owl:unionOf _:l ] ."
    store.load(turtle.encode(), RdfFormat.TURTLE)
    shown = next(quad.object for quad in store.quads_for_pattern(None, NamedNode("http://example.org/is"), None))
    assert isinstance(shown, BlankNode)
    assert len(Expressions(store, Nodes(_LABELS, Addresses(""))).of(shown).text) < 500
