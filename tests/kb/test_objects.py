"""Which patterns the variables of a query are objects of: what a value in its result is a statement of."""

import pytest

from kb.sparql.objects import objects
from kb.sparql.scan import Scanned

_P, _Q = "http://e/p", "http://e/q"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_BASE = "http://e/"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * { ?x e:p ?o }", {"o": [("?x", _P)]}),
        ("SELECT * { <s> <p> $o }", {"o": [("http://e/s", _P)]}),
        ("SELECT * { $x ?p ?o }", {"o": [("?x", "?p")]}),
        ("SELECT * { ?x a ?o }", {"o": [("?x", _TYPE)]}),
        ("SELECT * { ?x e:p ?a ; e:q ?b , ?c }", {"a": [("?x", _P)], "b": [("?x", _Q)], "c": [("?x", _Q)]}),
        ("SELECT * { ?x e:p e:o ; a 'text' , 5 , true }", {}),
        ("SELECT * { ?x e:p ?o OPTIONAL { ?o e:q ?a } }", {"o": [("?x", _P)], "a": [("?o", _Q)]}),
        ("SELECT * { { ?x e:p ?o } UNION { ?x e:q ?o } }", {"o": [("?x", _P), ("?x", _Q)]}),
        ("SELECT * { GRAPH ?g { ?x e:p ?o } }", {"o": [("?x", _P)]}),
        ("SELECT * { ?x e:p/e:q ?o ; e:p+ ?o ; ^e:p ?o ; (e:p|e:q) ?o ; !e:p ?o }", {}),
        ("SELECT * { [] e:p ?o . _:b e:p ?o . [ e:q ?o ] e:p ?o . (?x) e:p ?o }", {}),
        ("SELECT * { ?x e:p [ e:q ?o ] , (?o) }", {}),
        ("SELECT * { ?x e:p ?o MINUS { ?x e:q ?o } }", {"o": [("?x", _P)]}),
        ("SELECT * { ?x e:p ?o FILTER NOT EXISTS { ?x e:q ?o } }", {"o": [("?x", _P)]}),
        ("SELECT * { ?x e:p ?o FILTER(?o > 3 && EXISTS { ?x e:q ?o }) }", {"o": [("?x", _P)]}),
        ("SELECT * { BIND(EXISTS { ?x e:q ?o } AS ?a) VALUES ?o { e:q } }", {}),
        ("SELECT (MAX(?o) AS ?most) { ?x e:p ?o } GROUP BY ?x", {"o": [("?x", _P)]}),
        ("SELECT * { ?x e:p ?o ~ ?r {| e:q ?a ; e:p [ e:q ?b ] |} }", {"o": [("?x", _P)]}),
        ("SELECT * { ?r e:p <<( ?x e:q ?o )>> . << ?x e:q ?o >> e:p ?a }", {}),
        ("SELECT * { { SELECT ?x ?o { ?x e:p ?o ; e:q ?a } } }", {"o": [("?x", _P)]}),
        ("SELECT * { { SELECT ?o { ?x e:p ?o . e:s e:q ?o } } }", {"o": [("http://e/s", _Q)]}),
        ("SELECT * { { SELECT ?x (MIN(?a) AS ?o) { ?x e:p ?a } GROUP BY ?x } }", {}),
        ("SELECT * { { SELECT * { ?x e:p ?o } } }", {"o": [("?x", _P)]}),
        ("CONSTRUCT { ?x e:p ?o } { ?x e:q ?o }", {"object": [("?subject", "?predicate")]}),
        ("DESCRIBE e:x", {"object": [("?subject", "?predicate")]}),
        ("ASK { ?x e:p ?o }", {}),
        ("SELECT * { ?x e:p", {}),
        ("SELECT * { ?x § }", {}),
        ("", {}),
    ],
)
def test_the_patterns_of_each_object(query: str, expected: dict[str, list[tuple[str, str]]]) -> None:
    found = objects(Scanned(f"PREFIX e: <http://e/> {query}"), _BASE)
    assert {name: list(patterns) for name, patterns in found.items()} == expected
