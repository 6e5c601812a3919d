"""The term sheet: the kinds of things, what is written of each, and templates that conform to the shapes."""

import shutil
from functools import cache
from pathlib import Path

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import OWL, RDF, SKOS

from kb.checks import Context, run_checks
from kb.checks.shacl import PreparedGraph, validate
from kb.config import Project
from kb.errors import UnknownName
from kb.files.documents import load_documents, load_shapes, merged
from kb.files.templates import template
from kb.files.term_sheet import Kind, Property, TermSheet, load_term_sheet
from kb.namespaces import BASE, shorten
from kb.rdf.convert import to_graph
from kb.rdf.namespaces import AMMTC, CONCEPT, ID
from kb.rdf.turtle import format_files, parse_statements
from kb.reasoning.infer import infer

PROJECT = Project(Path(__file__).resolve().parents[2])

pytestmark = pytest.mark.xdist_group("term-sheet")

#: Classes of which no source of the graph has a thing yet; the example of their shape is a name for one.
UNSEEN = {AMMTC.Figure}


@cache
def sheet() -> TermSheet:
    return load_term_sheet(PROJECT)


@cache
def closure() -> Graph:
    union = merged(load_documents(PROJECT))
    return union + infer(union).inferred


def properties(name: str) -> dict[str, Property]:
    found = sheet().properties(sheet().find(name))
    return {f"{'^' if part.inverse else ''}{shorten(part.path)}": part for part in found}


def template_graph(kind: Kind, name: str = "new") -> Graph:
    """The template of a kind; its things have names that begin with this one."""
    text = template(sheet(), kind).replace("new-", f"{name}-")
    return to_graph(parse_statements(text.encode(), Path("template.ttl")))


def test_the_kinds_are_listed_by_label() -> None:
    labels = [kind.label for kind in sheet().kinds]
    assert labels == sorted(labels)
    assert {"meeting", "report of an act", "participation", "tenure", "comparison", "passage"} <= set(labels)
    assert len(labels) == len(set(labels)) >= 40
    assert all(kind.comment for kind in sheet().kinds)


def test_the_example_of_a_kind_is_of_the_kind() -> None:
    for kind in sheet().kinds:
        assert kind.iri in UNSEEN or (kind.example, RDF.type, kind.iri) in closure(), kind
        assert kind.iri not in UNSEEN or not sheet().things(kind), f"{kind} has a thing by now that shows it"


@pytest.mark.parametrize("name", ["meeting", "Meeting", "ammtc:Meeting", "shape:MeetingShape", str(AMMTC.Meeting)])
def test_a_kind_is_found_by_its_label_its_class_and_its_shape(name: str) -> None:
    assert sheet().find(name).iri == AMMTC.Meeting


def test_a_narrower_class_without_a_shape_has_the_properties_of_the_broader() -> None:
    assert list(properties("ministerial meeting")) == list(properties("meeting"))
    assert f"a {shorten(AMMTC.MinisterialMeeting)} ;" in template(sheet(), sheet().find("ministerial meeting"))


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        sheet().find("meetin")
    assert caught.value.suggestions[0] == "meeting"


def test_properties_stand_in_the_order_of_their_groups() -> None:
    groups = ["name", "what", "who", "where", "when", "words", "evidence"]
    for kind in sheet().kinds:
        places = [groups.index(part.group) for part in sheet().properties(kind)]
        assert places == sorted(places), kind


def test_each_property_says_what_to_write_and_has_an_example_in_the_graph() -> None:
    for kind in sheet().kinds:
        for part in sheet().properties(kind):
            assert part.name, (kind, part)
            assert part.description, (kind, part)
            assert part.message.endswith("."), (kind, part)
            assert part.inverse or len(part.examples) >= max(part.least, 1), (kind, part)
            ours = [node for node in part.examples if isinstance(node, URIRef) and node.startswith(BASE)]
            unseen = UNSEEN.intersection(part.classes)
            assert unseen or all((node, None, None) in closure() for node in ours), (kind, part)


def test_how_much_a_property_is_needed() -> None:
    report = properties("report of an act")
    assert {name: report[name].need for name in ("ammtc:status", "ammtc:actor", "ammtc:wording", "ammtc:place")} == {
        "ammtc:status": "needed", "ammtc:actor": "one of", "ammtc:wording": "usual", "ammtc:place": "if said",
    }  # fmt: skip
    assert properties("meeting")["ammtc:date"].need == "usual"
    assert [report[name].number for name in ("ammtc:status", "ammtc:evidence", "ammtc:place", "ammtc:inCapacity")] == [
        "1", "1 or more", "any number", "0 or 1",
    ]  # fmt: skip


def test_what_a_value_is() -> None:
    meeting, report = properties("meeting"), properties("report of an act")
    assert meeting["ammtc:series"].value == "meeting series (ammtc:MeetingSeries)"
    assert meeting["ammtc:ordinal"].value == "whole number"
    assert meeting["rdfs:label"].value == "text, one in each language"
    assert report["ammtc:kind"].value == "concept of concept:act-kinds"
    assert properties("session")["ammtc:kind"].number == "1"  # the session's shape counts, that of events says which


def test_what_only_others_say_of_a_thing() -> None:
    assert properties("finding")["^ammtc:finding"].number == "1"
    assert properties("act")["^ammtc:reports"].number == "1 or more"


def test_what_else_is_asked() -> None:
    (text, *_) = sheet().demands(sheet().find("comparison"))
    assert text == "Two findings are of one source: merge them."


def test_the_templates_conform_to_the_shapes() -> None:
    union = PreparedGraph(closure())
    for number, kind in enumerate(sheet().kinds):
        union += template_graph(kind, f"new-{number}")
    union += infer(union).inferred
    assert validate(union, load_shapes(PROJECT)) == ()


def test_the_templates_pass_the_checks_in_the_file_of_their_source(tmp_path: Path) -> None:
    for folder in (PROJECT.ontology, PROJECT.graph):
        shutil.copytree(folder, tmp_path / folder.name)
    files = [tmp_path / "graph" / f"{name}.ttl" for name in ("nst-2025-09-12", "editorial")]
    added = dict(zip(files, ("", ""), strict=True))
    for number, kind in enumerate(sheet().kinds):
        if kind.iri not in {SKOS.Concept, AMMTC.Passage}:  # the one belongs into the ontology, the other is there
            of_editors = kind.label in {"comparison", "finding", "editorial choice", "identification"}
            text = template(sheet(), kind).replace("new-", f"new-{number}-").replace('"new ', f'"new {number} ')
            added[files[of_editors]] += text
    for file, text in added.items():
        file.write_text(file.read_text("utf-8") + text, "utf-8")
    format_files(files, ours=files)
    assert run_checks(Context(Project(tmp_path))) == ()


def test_a_template_has_what_each_thing_needs_and_no_more() -> None:
    graph = template_graph(sheet().find("tenure"))
    assert {shorten(str(p)) for p in graph.predicates(ID["new-tenure"])} == {
        "rdf:type", "rdfs:label", "org:member", "ammtc:post", "ammtc:titleAsGiven", "ammtc:evidence",
    }  # fmt: skip


def test_what_exists_only_together_comes_together() -> None:
    for name in ("finding", "comparison"):
        assert (ID["new-comparison"], AMMTC.finding, ID["new-finding"]) in template_graph(sheet().find(name))
    act = template_graph(sheet().find("act"))
    assert (ID["new-report-of-an-act"], AMMTC.reports, ID["new-act"]) in act


def test_statements_that_need_evidence_are_annotated() -> None:
    graph = template_graph(sheet().find("bilateral meeting"))
    annotated = {graph.value(axiom, OWL.annotatedTarget) for axiom in graph.subjects(RDF.type, OWL.Axiom)}
    assert annotated == {*graph.objects(ID["new-bilateral-meeting"], AMMTC.side), CONCEPT.done}
    assert not list(template_graph(sheet().find("tenure")).subjects(RDF.type, OWL.Axiom))
