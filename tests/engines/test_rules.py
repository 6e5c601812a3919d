"""`kb rules --sparql` on the engines, over HTTP: they conclude of the shipped graph what a build does."""

from collections.abc import Callable

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse, serialize
from support.commands import run_kb
from support.engines import ENGINES, Engine

from kb.config import Project
from kb.generations.generation import Generation
from kb.namespaces import AMMTC, INFERRED
from kb.reasoning.updates import working_graph

#: What a build computes from dates, and no rule concludes.
_INSTANTS = {NamedNode(AMMTC.earliest), NamedNode(AMMTC.latest)}
_COUNT = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{working_graph(INFERRED)}> {{ ?s ?p ?o }} }}"
_TRIPLES = {"Accept": "application/n-triples"}


@pytest.mark.parametrize("name", ENGINES)
def test_the_rules_conclude_what_a_build_does(
    name: str, start_engine: Callable[..., Engine], generation: Generation, project: Project
) -> None:
    engine = start_engine(name, **({"anonymous": True} if name == "virtuoso" else {}))
    graphs: dict[str, list] = {}
    for quad in generation.written():
        graphs.setdefault(quad.graph_name.value, []).append(quad.triple)
    expected = {str(triple) for triple in graphs.pop(INFERRED) if triple.predicate not in _INSTANTS}
    for graph, triples in graphs.items():
        assert engine.put_graph(graph, serialize(triples, format=RdfFormat.N_TRIPLES)).status in (200, 201, 204)
    updates = run_kb("rules", "--sparql", cwd=project.root).stdout
    before, now = -1, 0
    while now != before:
        reply = engine.update(updates)
        assert reply.status in (200, 204), reply.text
        before, now = now, int(engine.query(_COUNT).json["results"]["bindings"][0]["n"]["value"])
    found = parse(engine.request("GET", engine.graph_url(INFERRED), _TRIPLES).body, RdfFormat.N_TRIPLES)
    assert {str(quad.triple) for quad in found} == expected
