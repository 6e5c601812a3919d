"""`kb rules --sparql`: run to a fixpoint by a store of SPARQL 1.1, the rules conclude what kb's engine concludes."""

import gzip
import subprocess
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, QueryResultsFormat, QuerySolutions, RdfFormat, Store, Triple
from random_ontologies import AXIOM, FACT, Axiom, graph_of
from rdflib import Graph, Literal
from rdflib.namespace import OWL, RDF
from support.commands import KB, run_kb
from support.examples import examples

from kb.config import Project
from kb.generations.generation import Generation
from kb.namespaces import AMMTC, INFERRED
from kb.rdf.convert import to_graph, to_statements
from kb.rdf.turtle import parse
from kb.reasoning import Materialization
from kb.reasoning.infer import infer
from kb.reasoning.updates import working_graph
from kb.reasoning.vocabulary import SCHEMA_PROPERTIES, TERMS

CASES = Path(__file__).parent / "reason"
RULES = sorted(folder.name for folder in (CASES / "rules").iterdir())
#: Literals have no other names in updates, and no types but their own datatype and those that this restricts.
NOT_IN_UPDATES = {"dt-eq", "dt-type2"}
AXIOM_PROPERTIES = {TERMS[number] for number in SCHEMA_PROPERTIES}
ONTOLOGY, DATA, CONCLUSIONS = NamedNode("urn:ontology"), NamedNode("urn:data"), NamedNode(INFERRED)
INSTANTS = {NamedNode(AMMTC.earliest), NamedNode(AMMTC.latest)}
CARDINALITIES = {OWL.maxCardinality, OWL.maxQualifiedCardinality}
MEETING = f"<urn:a> a <{AMMTC.Meeting}>"
#: More than any case here takes.
MOST_REQUESTS = 20


def rules_of(ontology: Graph) -> str:
    return Materialization.of_graph(ontology).updates(INFERRED, 1)


def run(store: Store, updates: str) -> int:
    """Run updates until nothing is added, and return how often they ran."""
    before, working = -1, NamedNode(working_graph(INFERRED))
    for requests in range(1, MOST_REQUESTS):
        store.update(updates)
        now = sum(1 for _ in store.quads_for_pattern(None, None, None, working))
        if now == before:
            return requests
        before = now
    pytest.fail("the updates have no end")


def store_of(ontology: Graph, data: Graph) -> Store:
    store = Store()
    for graph, name in ((ontology, ONTOLOGY), (data, DATA)):
        store.extend(Quad(*statement, name) for statement in to_statements(graph))
    return store


def concluded(store: Store) -> Graph:
    return to_graph(quad.triple for quad in store.quads_for_pattern(None, None, None, CONCLUSIONS))


def ontology_in(graph: Graph) -> Graph:
    """Return the axioms of a graph, without what it says of individuals."""
    axioms = Graph()
    for s, p, o in graph:
        if p in AXIOM_PROPERTIES or (p == RDF.type and str(o).startswith(str(OWL))):
            axioms.add((s, p, o))
    return axioms


def shipped(generation: Generation) -> Store:
    """A store that was fed with what is asserted and who says so, as dumps have it."""
    store = Store()
    store.bulk_load(gzip.decompress((generation.folder / "dump" / "ammtc-rdf12.nq.gz").read_bytes()), RdfFormat.N_QUADS)
    store.remove_graph(CONCLUSIONS)
    return store


def built(generation: Generation) -> set[str]:
    """Return what a build infers by OWL: all but the instants, which it computes from dates."""
    inferred = generation.store().quads_for_pattern(None, None, None, CONCLUSIONS)
    return {str(quad.triple) for quad in inferred if quad.predicate not in INSTANTS}


@pytest.fixture(scope="module")
def updates(project: Project) -> str:
    done = run_kb("rules", "--sparql", cwd=project.root)
    assert done.returncode == 0
    return done.stdout


def test_they_conclude_of_the_shipped_graph_what_a_build_does(generation: Generation, updates: str) -> None:
    store = shipped(generation)
    assert run(store, updates) == 4
    found = {str(quad.triple) for quad in store.quads_for_pattern(None, None, None, CONCLUSIONS)}
    assert len(found) > 1000
    assert found == built(generation)


def test_what_was_removed_has_no_consequences(generation: Generation, updates: str) -> None:
    store = shipped(generation)
    store.update(f"INSERT DATA {{ GRAPH <urn:more> {{ {MEETING} }} }}")
    run(store, updates)
    known = f"ASK {{ GRAPH <{INFERRED}> {{ <urn:a> a <https://schema.org/Event> }} }}"
    assert store.query(known)
    store.update(f"DROP GRAPH <urn:more> ; DROP GRAPH <{working_graph(INFERRED)}>")
    run(store, updates)
    assert not store.query(known)
    assert {str(q.triple) for q in store.quads_for_pattern(None, None, None, CONCLUSIONS)} == built(generation)


def test_what_was_added_has_consequences_and_is_no_consequence_any_more(generation: Generation, updates: str) -> None:
    store = shipped(generation)
    run(store, updates)
    event = f"GRAPH <{INFERRED}> {{ <urn:a> a <https://schema.org/Event> }}"
    store.update(f"INSERT DATA {{ GRAPH <urn:more> {{ {MEETING} }} }}")
    run(store, updates)
    assert store.query(f"ASK {{ {event} }}")
    store.update("INSERT DATA { GRAPH <urn:still> { <urn:a> a <https://schema.org/Event> } }")
    run(store, updates)
    assert not store.query(f"ASK {{ {event} }}")


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_concludes_the_same(rule: str) -> None:
    premises = parse(CASES / "rules" / rule / "premises.ttl")
    ontology = ontology_in(premises)
    store = store_of(ontology, premises)
    run(store, rules_of(ontology))
    found, expected = set(concluded(store)), set(infer(premises).inferred)
    assert (found == expected) == (rule not in NOT_IN_UPDATES)
    assert found <= expected


def without_values(axioms: Iterable[Axiom]) -> list[Axiom]:
    """Leave out axioms that have a literal for an individual, which OWL 2 DL keeps apart."""
    return [
        axiom for axiom in axioms if not any(isinstance(o, Literal) and p not in CARDINALITIES for _, p, o in axiom)
    ]


@given(st.lists(AXIOM, max_size=25).map(without_values), st.lists(FACT, max_size=25).map(without_values))
@settings(max_examples=examples(1000))
def test_they_conclude_the_same_on_random_ontologies(axioms: list[Axiom], facts: list[Axiom]) -> None:
    ontology, data = graph_of(axioms), graph_of(facts)
    store = store_of(ontology, data)
    run(store, rules_of(ontology))
    assert set(concluded(store)) == set(infer(ontology + data).inferred)


class Protocol(BaseHTTPRequestHandler):
    """The SPARQL 1.1 protocol, as far as the loop of the first lines needs it."""

    store: Store

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        content = b""
        if self.path == "/update":
            assert self.headers["Content-Type"] == "application/sparql-update"
            self.store.update(body)
        else:
            results = self.store.query(parse_qs(body)["query"][0])
            assert isinstance(results, QuerySolutions)
            content = results.serialize(format=QueryResultsFormat.CSV) or b""
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Write no log."""


def test_the_first_lines_say_how_to_run_it(
    generation: Generation, updates: str, tmp_path: Path, requires: Callable[[str, str], Path]
) -> None:
    curl, bash = requires("curl", "On Debian and Ubuntu: apt-get install curl"), requires("bash", "Install bash")
    (tmp_path / "rules.ru").write_text(updates, encoding="utf-8")
    loop = "".join(line.removeprefix("#   ") + "\n" for line in updates.splitlines() if line.startswith("#   "))
    handler = type("Handler", (Protocol,), {"store": shipped(generation)})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        places = {"FILE": "rules.ru", "UPDATE": f"{address}/update", "QUERY": f"{address}/query"}
        environment = {**places, "PATH": f"{curl.parent}:{bash.parent}:/usr/bin:/bin"}
        done = subprocess.run([bash, "-euc", "now= before=\n" + loop], cwd=tmp_path, env=environment, check=False)
        server.shutdown()
    assert done.returncode == 0
    inferred = handler.store.quads_for_pattern(None, None, None, CONCLUSIONS)
    assert {str(quad.triple) for quad in inferred} == built(generation)


def test_rules_of_any_ontology_into_any_graph(tmp_path: Path) -> None:
    (tmp_path / "o.ttl").write_text(
        "@prefix : <urn:> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n:A rdfs:subClassOf :B .\n",
        encoding="utf-8",
    )
    done = run_kb("rules", "--sparql", "o.ttl", "--graph", "urn:mine", "--rounds", "2", "-o", "r.ru", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    store = Store()
    store.update("INSERT DATA { GRAPH <urn:data> { <urn:x> a <urn:A> } }")
    store.update((tmp_path / "r.ru").read_text(encoding="utf-8"))
    assert [str(quad.triple) for quad in store.quads_for_pattern(None, None, None, NamedNode("urn:mine"))] == [
        str(Triple(NamedNode("urn:x"), NamedNode(str(RDF.type)), NamedNode("urn:B")))
    ]


def test_the_same_rules_are_written_in_each_run(project: Project, updates: str) -> None:
    again = subprocess.run([*KB, "rules", "--sparql"], cwd=project.root, capture_output=True, text=True, check=True)
    assert again.stdout == updates
