"""No query of ours depends on what the engine makes of alternatives in paths: it drops duplicates that others keep."""

from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store
from support.alternatives import WAY, paths_with_alternatives, spread

from kb.config import find_project
from kb.generations.generation import Generation
from kb.sparql.query import evaluate
from kb.sparql.questions import load_questions
from server.stored_queries.texts import stored_query


def _texts() -> dict[str, str]:
    """Return the competency questions and the queries of pages that have alternatives in paths."""
    root = find_project(Path(__file__).parent)
    names = [path.name.removesuffix(".rq") for path in files("server.stored_queries").iterdir() if ".rq" in path.name]
    texts = {question.name: question.text for question in load_questions(root)}
    texts |= {f"page {name}": stored_query(name) for name in sorted(names)}
    return {name: text for name, text in texts.items() if paths_with_alternatives(text)}


TEXTS = _texts()
DATA = """PREFIX id: <https://w3id.org/ammtc/id/>
id:a a id:Kind ; id:p id:b ~ id:it ; id:q id:b . id:b a id:Kind ; id:r id:c . id:it id:p id:a . id:g { id:a id:p id:b }
"""


@pytest.fixture(scope="module")
def store(generation: Generation) -> Store:
    """All of the generation, and of each query of `TEXTS` the ways through its paths."""
    found = Store()
    found.extend(generation.store())
    return found


def rows(store: Store, text: str) -> Counter[tuple[str, ...]]:
    result = evaluate(store, text)
    assert isinstance(result, QuerySolutions)
    kept = [place for place, variable in enumerate(result.variables) if not variable.value.startswith(WAY)]
    return Counter(tuple(str(row[place]) for place in kept) for row in result)


@pytest.mark.parametrize("name", TEXTS)
def test_the_rows_are_the_same_where_alternatives_are_unions(store: Store, name: str) -> None:
    number = [*TEXTS].index(name)
    spread_text = spread(TEXTS[name], store, number)
    assert rows(store, spread_text) == rows(store, TEXTS[name])


#: Forms of paths with alternatives -> the same as a union.
FORMS = {
    "?x id:p|id:q ?y": "{ ?x id:p ?y } UNION { ?x id:q ?y }",
    "?x (^id:p|^id:q) ?y": "{ ?y id:p ?x } UNION { ?y id:q ?x }",
    "?x id:r? ?z . ?z (id:p|id:q)/id:r+ ?y ; a ?kind": (
        "?x id:r? ?z . ?z a ?kind { ?z id:p/id:r+ ?y } UNION { ?z id:q/id:r+ ?y }"
    ),
    "?x a ?kind OPTIONAL { ?x id:p/id:r|id:q/(id:r) ?y } FILTER(BOUND(?y) || true)": (
        "?x a ?kind OPTIONAL { { ?x id:p/id:r ?y } UNION { ?x id:q/id:r ?y } }"
    ),
    "GRAPH id:g { ?x id:p|id:p ?y }": "GRAPH id:g { { ?x id:p ?y } UNION { ?x id:p ?y } }",
    "?x id:p ?y {| id:p ?x |} { ?x id:p|id:q ?y }": "?x id:p ?y {| id:p ?x |} { { ?x id:p ?y } UNION { ?x id:q ?y } }",
}


@pytest.mark.parametrize("form", FORMS)
def test_spread_paths_are_unions(form: str) -> None:
    store = Store()
    store.load(DATA.encode(), RdfFormat.TRIG)
    start = "SELECT ?x ?y { "
    (found,) = paths_with_alternatives(f"{start}{form} }}") or [None]
    assert found is not None
    assert rows(store, spread(f"{start}{form} }}", store, 0)) == rows(store, f"{start}{FORMS[form]} }}") != Counter()
