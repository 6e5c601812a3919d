"""The engines as the fixtures start them: data go in by Graph Store PUT, and are there after a crash."""

from collections.abc import Callable, Mapping

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize
from support.engines import ENGINES, Engine

from kb.generations.generation import Generation

_HELD_IN_MELAKA = """\
PREFIX id: <https://w3id.org/ammtc/id/>
ASK { id:ammtc-19 <https://w3id.org/ammtc/ontology#place> id:melaka }
"""
_COUNT = """\
SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } FILTER (STRSTARTS(STR(?g), "https://w3id.org/ammtc/")) } GROUP BY ?g
"""
_TRIPLE = '<urn:x:note> <urn:x:says> "kept" .'
_NOTE = f"GRAPH <urn:notes> {{ {_TRIPLE} }}"


@pytest.fixture(scope="module")
def graphs(generation: Generation) -> Mapping[str, list[Triple]]:
    """IRI of each graph of the dump -> its triples."""
    found: dict[str, list[Triple]] = {}
    for quad in generation.written():
        assert isinstance(quad.graph_name, NamedNode)
        found.setdefault(quad.graph_name.value, []).append(quad.triple)
    return found


@pytest.fixture(scope="module")
def loaded(engine: Engine, graphs: Mapping[str, list[Triple]]) -> Engine:
    """An engine with the whole dump, graph by graph."""
    for graph, triples in graphs.items():
        reply = engine.put_graph(graph, serialize(triples, format=RdfFormat.N_TRIPLES))
        assert reply.status in (200, 201, 204), reply.text
    return engine


def test_answers(loaded: Engine) -> None:
    assert loaded.ask(_HELD_IN_MELAKA)


def test_holds_all_graphs(loaded: Engine, graphs: Mapping[str, list[Triple]]) -> None:
    rows = loaded.query(_COUNT).json["results"]["bindings"]
    assert {row["g"]["value"]: int(row["n"]["value"]) for row in rows} == {
        graph: len(triples) for graph, triples in graphs.items()
    }


def test_measures_itself(loaded: Engine) -> None:
    assert loaded.memory() > 10 * 2**20
    assert loaded.disk() > 2**20


def test_keeps_what_was_written_before_a_crash(loaded: Engine) -> None:
    assert loaded.update(f"INSERT DATA {{ {_NOTE} }}").status in (200, 204)
    loaded.kill()
    assert not loaded.alive
    with pytest.raises(OSError, match="refused"):
        loaded.query("ASK {}")
    loaded.restart()
    assert loaded.ask(f"ASK {{ {_NOTE} }}")
    assert loaded.ask(_HELD_IN_MELAKA)
    assert loaded.update(f"DELETE DATA {{ {_NOTE} }}").status in (200, 204)
    assert not loaded.ask(f"ASK {{ {_NOTE} }}")


def test_replaces_and_removes_a_graph(loaded: Engine) -> None:
    for text in ("first", "second"):
        loaded.put_graph("urn:notes", f"<urn:x:note> <urn:x:says> '{text}' .".encode(), "text/turtle")
    reply = loaded.request("GET", loaded.graph_url("urn:notes"), {"Accept": "application/n-triples"})
    assert [str(quad.triple.object) for quad in parse(reply.body, RdfFormat.N_TRIPLES)] == ['"second"']
    assert loaded.request("DELETE", loaded.graph_url("urn:notes"), {}).status in (200, 204)
    assert not loaded.ask("ASK { GRAPH <urn:notes> { ?s ?p ?o } }")


def test_says_what_is_no_query(loaded: Engine) -> None:
    assert loaded.query("SELECT nothing").status == 400


@pytest.mark.parametrize("name", ["oxigraph", "jena"])
def test_leaves_the_default_graph_empty_where_asked_to(start_engine: Callable[..., Engine], name: str) -> None:
    engine = start_engine(name, union=False)
    engine.put_graph("urn:notes", _TRIPLE.encode())
    assert engine.ask(f"ASK {{ {_NOTE} }}")
    assert not engine.ask("ASK { ?s ?p ?o }")


def test_lets_everybody_write_where_asked_to(start_engine: Callable[..., Engine]) -> None:
    engine = start_engine("virtuoso", anonymous=True)
    assert engine.update(f"INSERT DATA {{ {_NOTE} }}").status == 200
    assert engine.put_graph("urn:other", _TRIPLE.encode()).status in (200, 201)
    assert engine.ask("ASK { GRAPH <urn:other> { ?s ?p ?o } }")


def test_lets_nobody_write_without_the_password(start_engine: Callable[..., Engine]) -> None:
    engine = start_engine("virtuoso")
    engine.login = None
    assert engine.update(f"INSERT DATA {{ {_NOTE} }}").status == 401
    assert engine.put_graph("urn:other", _TRIPLE.encode()).status == 401


def test_all_engines_are_known() -> None:
    assert set(ENGINES) == {"oxigraph", "virtuoso", "jena"}
