"""The dumps with who says so, in other stores: with triple terms, and as statements of RDF 1.1."""

import gzip
from collections import Counter

import pytest
import rdflib
from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple, parse

from kb.generations.dumps import DUMPS
from kb.generations.generation import Generation
from kb.namespaces import JUSTIFICATIONS, PREFIXES, RDF
from kb.sparql.annotations import in_sparql_1_1
from kb.sparql.query import evaluate
from kb.sparql.scan import Scanned

#: The rows of an answer, terms as texts.
Rows = Counter[tuple[str, ...]]

_PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
_PARAGRAPH = "ammtc:passage [ ammtc:source ?source ; ammtc:paragraph ?paragraph ]"
#: The union of named graphs may have a statement twice.
_QUESTIONS = {
    name: f"SELECT DISTINCT * {{ {asked} |}} }}"
    for name, asked in {
        "a number": f"id:somtc-25 ammtc:delegateCount ?x {{| {_PARAGRAPH}",
        "what follows": f"?x ammtc:adoptedAt id:ammtc-19 {{| ammtc:basis ?basis ; {_PARAGRAPH}",
        "how strong": "?x ammtc:adoptedAt id:ammtc-19 {| ammtc:strength ?strength",
        "where": f"id:ammtc-19 ammtc:place ?x {{| ammtc:basis ?basis ; {_PARAGRAPH}",
        "of a report": f"id:nst-adoption-roadmap ammtc:actsUpon ?x {{| {_PARAGRAPH}",
        "from whom": "id:ammtc-19 ammtc:topic ?x {| ammtc:origin ?origin",
    }.items()
}


def _content(generation: Generation, name: str) -> bytes:
    return gzip.decompress(generation.dumps[name].read_bytes())


def _rows(solutions: object) -> Rows:
    assert isinstance(solutions, QuerySolutions)
    names = sorted(variable.value for variable in solutions.variables)
    return Counter(tuple(getattr(row[name], "value", "") for name in names) for row in solutions)


@pytest.fixture(scope="module")
def answers(generation: Generation) -> dict[str, Rows]:
    """The rows that the store of the generation gives."""
    store = generation.store()
    found = {name: _rows(evaluate(store, _PROLOGUE + query)) for name, query in _QUESTIONS.items()}
    assert all(found.values())
    return found


@pytest.mark.parametrize("name", ["ammtc-rdf12.nq.gz", "ammtc-rdf12.trig.gz"])
def test_a_store_of_rdf_1_2_answers_from_a_dump_as_the_generation_does(
    generation: Generation, answers: dict[str, Rows], name: str
) -> None:
    store = Store()
    store.bulk_load(_content(generation, name), RdfFormat.TRIG if "trig" in name else RdfFormat.N_QUADS)
    for asked, query in _QUESTIONS.items():
        found = store.query(_PROLOGUE + query, use_default_graph_as_union=True)
        assert _rows(found) == answers[asked], asked


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib.*")  # it uses its own old names
def test_a_store_of_rdf_1_1_answers_from_a_dump_what_is_asked_in_sparql_1_1(
    generation: Generation, answers: dict[str, Rows]
) -> None:
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=_content(generation, "ammtc-reified.nq.gz"), format="nquads")
    for asked, query in _QUESTIONS.items():
        found = dataset.query(in_sparql_1_1(Scanned(_PROLOGUE + query)))
        names = sorted(str(name) for name in found.vars or ())
        assert Counter(tuple(str(row[name]) for name in names) for row in found.bindings) == answers[asked], asked


def test_the_dumps_hold_the_same_besides_justifications(small_generation: Generation) -> None:
    plain = set(parse(_content(small_generation, "ammtc.nq.gz"), RdfFormat.N_QUADS))
    for name, dump in DUMPS.items():
        quads = set(parse(_content(small_generation, name), RdfFormat.TRIG if "trig" in name else RdfFormat.N_QUADS))
        named = {quad for quad in quads if quad.graph_name not in (NamedNode(JUSTIFICATIONS), DefaultGraph())}
        assert len(named) == len(plain), name
        assert (named < quads) == (dump.justified or dump.united), name


def test_the_last_dump_is_what_the_store_holds(generation: Generation) -> None:
    store = Store()
    store.bulk_extend(parse(_content(generation, "ammtc-union.nq.gz"), RdfFormat.N_QUADS))
    assert set(store) == set(generation.store())


def test_each_reifier_is_a_statement_where_there_are_no_triple_terms(generation: Generation) -> None:
    in_rdf_1_2 = set(parse(_content(generation, "ammtc-rdf12.nq.gz"), RdfFormat.N_QUADS))
    in_rdf_1_1 = set(parse(_content(generation, "ammtc-reified.nq.gz"), RdfFormat.N_QUADS))
    reifying = {quad for quad in in_rdf_1_2 if isinstance(quad.object, Triple)}
    statement = NamedNode(RDF.Statement)
    assert len(reifying) > 5000
    assert in_rdf_1_1 - in_rdf_1_2 == {
        Quad(quad.subject, NamedNode(RDF.type), statement, quad.graph_name) for quad in reifying
    }
    assert in_rdf_1_2 - in_rdf_1_1 == reifying
    assert all(quad.graph_name == NamedNode(JUSTIFICATIONS) for quad in reifying)
