"""What statements rest on: alternatives, what is needed together, ranks, and whether values contradict each other."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from kb.config import Project
from kb.files.documents import load_documents
from kb.files.evidence import read_lines
from kb.files.words import folded
from kb.generations.generation import Generation
from kb.namespaces import AMMTC, ID, PREFIXES, expand
from kb.rdf.terms import Term
from server.addresses import Addresses
from server.presentation.nodes import Node, Nodes
from server.provenance.evidence import Evidence, read_evidence
from server.provenance.footnotes import Footnotes
from server.provenance.paragraphs import Paragraphs
from server.provenance.provenance import Provenance
from server.provenance.support import Support, compared, most_exact
from server.stored_queries.lookups import LookUp, text_of

_SOURCES = """
source:a a ammtc:SourceDocument ; rdfs:label "Alpha" . source:b a ammtc:SourceDocument ; rdfs:label "Beta" .
<https://w3id.org/ammtc/source/a#p1> a ammtc:Passage ; ammtc:source source:a ; ammtc:paragraph 1 ; ammtc:origin id:o .
<https://w3id.org/ammtc/source/a#p2> a ammtc:Passage ; ammtc:source source:a ; ammtc:paragraph 2 ; ammtc:origin id:o .
<https://w3id.org/ammtc/source/b#p1> a ammtc:Passage ; ammtc:source source:b ; ammtc:paragraph 1 .
id:o rdfs:label "the one release" .
id:derivation a ammtc:Derivation ; ammtc:reason "so" ; ammtc:strength concept:probable ;
  ammtc:restsOn <https://w3id.org/ammtc/source/a#p1> , <https://w3id.org/ammtc/source/a#p2> .
id:identification a ammtc:Identification ; ammtc:concerns id:lee ; ammtc:source source:b ; ammtc:underName "Li" ;
  ammtc:strength concept:certain ; ammtc:reason "same post" ; ammtc:restsOn <https://w3id.org/ammtc/source/a#p1> .
id:choice a ammtc:EditorialChoice ; ammtc:reason "it is nearer" ; ammtc:restsOn <https://w3id.org/ammtc/source/a#p1> .
id:register a ammtc:ReferenceWork ; rdfs:label "the register" .
id:hall ammtc:within id:town . id:town ammtc:within id:region .
concept:probable rdfs:label "probable" . concept:certain rdfs:label "certain" .
"""
_A1, _A2, _B1 = (f"<https://w3id.org/ammtc/source/{name}>" for name in ("a#p1", "a#p2", "b#p1"))


def axiom(evidence: str, rank: str = "") -> str:
    ranked = f" ; ammtc:preference concept:{rank}" if rank else ""
    return (
        f"[] a owl:Axiom ; owl:annotatedSource id:meeting ; owl:annotatedProperty ammtc:chair ;"
        f" owl:annotatedTarget id:lee ; ammtc:evidence {evidence}{ranked} ."
    )


def provenance(text: str) -> Provenance:
    """Return what finds the provenance in a graph of sources and of a text in Turtle."""
    store = Store()
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    turtle = f"{prefixes}{_SOURCES}\n{text}"
    store.load(turtle, RdfFormat.TURTLE, to_graph=NamedNode("https://w3id.org/ammtc/graph/one"))
    labels = {str(expand(name)): name.partition(":")[2] for name in ("concept:probable", "concept:certain")}
    nodes = Nodes(labels, Addresses(""))
    return Provenance(store, nodes, read_evidence(LookUp(store, union=True), nodes), {}, Addresses(""))


def support(*axioms: str, of: str = "") -> Support:
    """Return the support of the statement that Lee chairs the meeting."""
    found = provenance(f"id:meeting ammtc:chair id:lee {of} . " + " ".join(axioms))
    return found.support((NamedNode(ID.meeting), NamedNode(AMMTC.chair), NamedNode(ID.lee)))


def label(found: Support) -> str:
    note = Footnotes(built=True, paragraphs=Paragraphs()).of(found)
    assert note
    return note.label.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("axioms", "expected"),
    [
        ([axiom(_A1)], "a 1"),
        ([axiom(_A1), axiom(_A2)], "a 1, 2"),
        ([axiom(f"{_A1} , {_A2}")], "a 1 and 2 together"),
        ([axiom(f"{_A1} , {_B1}")], "a 1 and b 1 together"),
        ([axiom(f"{_A1} , {_A2}"), axiom(_B1)], "a 1 and 2 together, b 1"),
        ([axiom(f"{_B1} , id:identification")], "b 1 as identified"),
        ([axiom("id:identification")], "identified"),
        ([axiom("id:derivation")], "derived from a 1 and 2 (probable)"),
        ([axiom("id:derivation"), axiom(_B1)], "b 1, derived from a 1 and 2 (probable)"),
        ([axiom("id:register")], "reference: the register"),
        ([axiom(_A1), axiom("id:choice", "preferred")], "a 1 · the editors follow this"),
        ([axiom("id:choice", "preferred")], "editors' choice"),
        ([axiom(_A1), axiom("id:choice", "deprecated")], "a 1 · the editors hold this for a mistake"),
        ([], "editors"),
    ],
)
def test_a_citation_tells_what_it_is(axioms: list[str], expected: str) -> None:
    assert label(support(*axioms)).replace("id:register", "the register").replace("source:", "") == expected


def test_annotations_are_alternatives_and_what_one_holds_is_needed_together() -> None:
    found = support(axiom(f"{_A1} , {_A2}"), axiom(_B1), axiom(f"{_B1} , id:identification"))
    numbers = [[(piece.short, piece.paragraph) for piece in each.grounds] for each in found.alternatives]
    assert [[number for _, number in each] for each in numbers] == [["1", "2"], ["1"], ["1"]]
    assert [bool(each.identifications) for each in found.alternatives] == [False, False, True]
    assert [origin.iri for origin in found.origins] == [ID.o]


def test_a_source_that_only_helps_to_identify_is_silent() -> None:
    found = support(axiom(f"{_B1} , id:identification"))
    assert [node.iri for node in found.silent] == [expand("source:a")]


def test_the_sources_of_a_joint_justification_speak_alone_for_nothing() -> None:
    assert support(axiom(f"{_A1} , {_B1}")).sources == frozenset()
    assert support(axiom(f"{_A1} , {_A2}")).sources == {expand("source:a")}


def test_a_statement_of_a_report_uses_its_own_evidence_instead_of_the_reports() -> None:
    of_report = f"; ammtc:evidence {_A1}"
    assert label(support(of=of_report)).endswith("a 1")
    assert label(support(axiom(_B1), of=of_report)).endswith("b 1")
    assert label(support(axiom("id:choice", "preferred"), of=of_report)).endswith("a 1 · the editors follow this")


def test_each_value_on_a_report_is_an_alternative() -> None:
    assert label(support(of=f"; ammtc:evidence {_A1} , {_A2}")).endswith("a 1, 2")


def test_a_finding_stands_for_all_that_it_rests_on() -> None:
    found = provenance(f"id:finding a ammtc:Finding ; ammtc:restsOn {_A1} , {_A2} .")
    assert label(found.cited([NamedNode(ID.finding)])).endswith("a 1 and 2 together")


def test_a_decision_of_the_editors_is_no_alternative_to_what_sources_say() -> None:
    found = provenance("")
    given = [NamedNode(_B1[1:-1]), NamedNode(ID.identification), NamedNode(ID.choice)]
    assert label(found.cited(given)).endswith("b 1")
    assert label(found.cited(given[1:2])) == "identified"


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return provenance("").evidence


def date(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=NamedNode(expand(f"xsd:{datatype}")))


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        (date("2025-10", "gYearMonth"), date("--10", "gMonth"), False),
        (date("2025-10-26", "date"), date("--10", "gMonth"), False),
        (date("2025-10-26", "date"), date("--10-26", "gMonthDay"), False),
        (date("--10-26", "gMonthDay"), date("--10", "gMonth"), False),
        (date("2025-10-26", "date"), date("2025-10", "gYearMonth"), False),
        (date("2025-10-26T09:00:00", "dateTime"), date("2025", "gYear"), False),
        (date("2025-10", "gYearMonth"), date("--09", "gMonth"), True),
        (date("2025-10-26", "date"), date("--10-25", "gMonthDay"), True),
        (date("2025-10-26", "date"), date("2025-10-27", "date"), True),
        (Literal("2025-10"), Literal("2025"), True),
        (NamedNode(ID.hall), NamedNode(ID.town), False),
        (NamedNode(ID.hall), NamedNode(ID.region), False),
        (NamedNode(ID.hall), NamedNode(ID.village), True),
    ],
)
def test_a_less_exact_form_of_a_value_is_no_contradiction(
    evidence: Evidence, one: Term, other: Term, *, differs: bool
) -> None:
    nodes = {term: Nodes({}, Addresses("")).of(term) for term in (one, other)}
    found = provenance("")
    passages = {one: NamedNode(_A1[1:-1]), other: NamedNode(_B1[1:-1])}
    supports = {term: found.cited([passage]) for term, passage in passages.items()}
    shown = compared(nodes, supports, evidence, one_valued=True)
    assert [support.differs for support in shown.values()] == [differs, differs]
    assert all(support.otherwise for support in shown.values())
    kept = most_exact(list(nodes.values()), evidence)
    assert kept == (list(nodes.values()) if differs else [nodes[one]])


def test_nothing_says_less_than_itself(evidence: Evidence) -> None:
    node = Node("2025", datatype="xsd:gYear")
    assert most_exact([node, node], evidence) == [node, node]


def test_a_name_in_the_words_of_a_source_is_cited_where_it_stands(
    generation: Generation, project: Project, texts: Path
) -> None:
    """No page shows a title of one source at another one's paragraph; what each source calls a thing is its own."""
    store = generation.store()
    look_up, nodes, lines = LookUp(store), Nodes({}, Addresses("")), read_lines(load_documents(project), texts)
    found = Provenance(store, nodes, read_evidence(look_up, nodes), {}, Addresses(""))
    names = {quad.triple for quad in store.quads_for_pattern(None, NamedNode(AMMTC.nameAsGiven), None, None)}
    assert names
    for thing, naming, name in names:
        pieces = [piece for found_in in found.support((thing, naming, name)).alternatives for piece in found_in.pieces]
        assert pieces
        assert [str(piece.node.iri) for piece in pieces if not _has(lines, piece.node, name)] == [], f"{thing}: {name}"
    told = [row for row in look_up.rows("reports-by-source") if "calls_it" in row]
    assert told
    for row in told:
        pieces = [piece for found_in in found.cited([row["evidence"]]).alternatives for piece in found_in.pieces]
        assert pieces
        assert all(piece.drawn_from == {text_of(row["source"])} for piece in pieces)
        assert all(_has(lines, piece.node, row["calls_it"]) for piece in pieces), text_of(row["calls_it"])


def _has(lines: Mapping[str, str], passage: Node, name: Term) -> bool:
    return folded(text_of(name)) in folded(lines[passage.iri or ""])
