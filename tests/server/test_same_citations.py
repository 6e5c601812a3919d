"""Pages and queries give the same citations: what a page shows of a statement is what its reifiers say."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import pytest
from pyoxigraph import NamedNode, Store, Triple
from support.servers import ServerProcess
from values import ValuesPage

from kb.generations.generation import Generation
from kb.generations.read_proofs import Step, read_proofs
from kb.namespaces import AMMTC, CONCEPT, ID, INFERRED, RDF
from kb.rdf.terms import Statement
from server.addresses import Addresses
from server.page_models.comparisons import side_by_side
from server.page_models.things import read_thing
from server.presentation.nodes import Node, Nodes
from server.provenance.evidence import Justification, read_evidence
from server.provenance.provenance import Provenance
from server.stored_queries.lookups import LookUp

pytestmark = pytest.mark.xdist_group("server")

#: The evidence, the basis and the passages of a justification.
Cited = tuple[frozenset[str], frozenset[str], frozenset[str]]

_EVIDENCE, _BASIS, _PASSAGE, _PREMISE, _REIFIES, _TYPE = (
    *(NamedNode(AMMTC[name]) for name in ("evidence", "basis", "passage", "premise")),
    NamedNode(RDF.reifies),
    NamedNode(RDF.type),
)


@pytest.fixture(scope="module")
def store(generation: Generation) -> Store:
    return generation.store()


@pytest.fixture(scope="module")
def proofs(generation: Generation) -> Mapping[Statement, Sequence[Step]]:
    return read_proofs(generation.folder)


@pytest.fixture(scope="module")
def provenance(store: Store, proofs: Mapping[Statement, Sequence[Step]]) -> Provenance:
    nodes = Nodes({}, Addresses(""))
    return Provenance(store, nodes, read_evidence(LookUp(store), nodes), proofs, Addresses(""))


@pytest.fixture(scope="module")
def reified(store: Store) -> Mapping[Statement, Mapping[NamedNode, Cited]]:
    """Statement -> its reifiers, each with what it cites."""
    said: defaultdict[NamedNode, defaultdict[NamedNode, set[str]]] = defaultdict(lambda: defaultdict(set))
    statements: dict[NamedNode, Statement] = {}
    for s, p, o, _ in chain.from_iterable(
        store.quads_for_pattern(None, link, None) for link in (_REIFIES, _EVIDENCE, _BASIS, _PASSAGE)
    ):
        if isinstance(o, Triple):
            statements[s] = (o.subject, o.predicate, o.object)
        elif isinstance(o, NamedNode):
            said[s][p].add(o.value)
    found: defaultdict[Statement, dict[NamedNode, Cited]] = defaultdict(dict)
    for node, statement in statements.items():
        evidence, basis, passages = (frozenset(said[node][link]) for link in (_EVIDENCE, _BASIS, _PASSAGE))
        found[statement][node] = (evidence, basis, passages)
    return found


def _shown(justification: Justification) -> Cited:
    passages = (passage for piece in justification.grounds for passage in (piece, *piece.rests_on) if passage.source)
    return (
        frozenset(piece.node.iri or "" for piece in justification.pieces),
        frozenset(CONCEPT[basis] for basis in (justification.basis,) if basis),
        frozenset(passage.node.iri or "" for passage in passages),
    )


def _is_inferred(cited: Cited) -> bool:
    return CONCEPT.inferred in cited[1]


def test_pages_cite_for_each_statement_what_its_reifiers_cite(
    store: Store, provenance: Provenance, reified: Mapping[Statement, Mapping[NamedNode, Cited]]
) -> None:
    named = chain.from_iterable(store.quads_for_pattern(None, None, None, graph) for graph in store.named_graphs())
    statements = dict.fromkeys(quad.triple for quad in named if isinstance(quad.subject, NamedNode))
    walked = {(s, p, o) for s, p, o in statements}
    assert reified.keys() <= walked
    wrong = []
    for statement in walked:
        stated = {cited for cited in reified.get(statement, {}).values() if not _is_inferred(cited)}
        if {_shown(found) for found in provenance.alternatives(statement)} != stated:
            wrong.append(statement)
    assert wrong == []


def test_pages_cite_for_an_inferred_statement_what_its_reifiers_rest_on(
    store: Store, provenance: Provenance, reified: Mapping[Statement, Mapping[NamedNode, Cited]]
) -> None:
    """Its shortest proof is shown: each premise with all its justifications, those in its reifiers among them."""
    inferred = [quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(INFERRED))]
    for s, p, o in inferred:
        why = provenance.inferred((s, p, o))
        shown = {_shown(found) for _, alternatives in why.premises for found in alternatives}
        cited = set(chain.from_iterable(passages for _, _, passages in shown))
        passages = [of_reifier for _, _, of_reifier in reified[s, p, o].values()]
        assert any(of_reifier <= cited for of_reifier in passages), (s, p, o)
        assert bool(cited) == any(passages), (s, p, o)


def test_no_cell_is_empty_where_its_source_speaks(
    store: Store,
    provenance: Provenance,
    proofs: Mapping[Statement, Sequence[Step]],
    reified: Mapping[Statement, Mapping[NamedNode, Cited]],
) -> None:
    """A value stands in the column of each source that is enough for it, in its row or that of a narrower property."""
    by_thing: defaultdict[str, dict[Statement, set[str]]] = defaultdict(dict)
    for statement, reifiers in reified.items():
        drawn_from = [{passage.partition("#")[0] for passage in passages} for _, _, passages in reifiers.values()]
        alone = {source for sources in drawn_from if len(sources) == 1 for source in sources}
        if isinstance(statement[0], NamedNode) and statement[1] != _TYPE:
            by_thing[statement[0].value][statement] = alone
    look_up, empty, inferred = LookUp(store), [], 0
    for thing, statements in by_thing.items():
        said: defaultdict[tuple[str | None, str | None], set[Node]] = defaultdict(set)
        for row in side_by_side(read_thing(look_up, provenance, thing), provenance):
            for source, cell in zip(provenance.evidence.sources, row.cells, strict=True):
                said[row.predicate.iri, source.iri] |= {value.node for value in cell}
                inferred += sum(value.support.inferred is not None for value in cell)
        for statement, alone in statements.items():
            properties = [str(provenance.node(narrower[1]).iri) for narrower in _narrower(statement, proofs)]
            shown = {
                source for source in alone for name in properties if provenance.node(statement[2]) in said[name, source]
            }
            empty += [(statement, source) for source in alone - shown]
    assert empty == []
    assert len(by_thing) > 500
    assert inferred > 500


_ANNOTATED = """
SELECT DISTINCT ?value ?label ?source ?paragraph {
  <%s> ?property ?value {|
    ammtc:basis concept:stated ; ammtc:passage [ ammtc:source ?of ; ammtc:paragraph ?paragraph ]
  |} .
  ?of rdfs:label ?source .
  ?value rdfs:label|skos:prefLabel ?label .
  FILTER (LANGMATCHES(LANG(?label), "en") && LANGMATCHES(LANG(?source), "en"))
}
"""


@pytest.mark.parametrize(
    "name", ["ammtc-19", "somtc-25", "nst-adoption-roadmap", "border-management-roadmap", "asean-summit-47"]
)
def test_the_notes_of_a_page_have_the_paragraphs_that_a_query_gives(server: ServerProcess, name: str) -> None:
    page = ValuesPage(server.get(f"/page/id/{name}", "text/html").text)
    noted: defaultdict[str, str] = defaultdict(str)
    for value in page.values:
        noted[value.text.partition("\N{NO-BREAK SPACE}Evidence")[0]] += "".join(
            page.notes[note] for note in value.notes
        )
    rows = server.query(_ANNOTATED % ID[name]).json["results"]["bindings"]
    assert len(rows) > 3
    for row in rows:
        cited = f"{row['source']['value']}, paragraph {row['paragraph']['value']}"
        assert cited in noted[row["label"]["value"]], row


def _narrower(statement: Statement, proofs: Mapping[Statement, Sequence[Step]]) -> Iterator[Statement]:
    """Yield a statement and those of which it only repeats one by a wider property."""
    yield statement
    for proof in proofs.get(statement, ()):
        for premise in proof.premises if proof.rule == "prp-spo1" else ():
            if (premise.statement[0], premise.statement[2]) == (statement[0], statement[2]):
                yield from _narrower(premise.statement, proofs)
