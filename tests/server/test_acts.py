"""Pages of acts and events: each act once with all its reports, what is expected until a source has it done, roles."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page import Page
from pyoxigraph import NamedNode
from support.servers import ServerProcess

from kb.config import Project
from kb.generations.build import build
from kb.generations.generation import Generation
from server.stored_queries.lookups import LookUp, text_of

pytestmark = pytest.mark.xdist_group("server")

_ID = "https://w3id.org/ammtc/id/"
_EVENTS = {"asean-summit-47", "ammtc-2026"}
#: A text that reports all that is foreseen as done and held.
_LATER = """\
@prefix ammtc: <https://w3id.org/ammtc/ontology#> .
@prefix concept: <https://w3id.org/ammtc/concept/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<https://w3id.org/ammtc/graph/later> a owl:Ontology .
<https://w3id.org/ammtc/source/later> a owl:NamedIndividual , ammtc:SourceDocument ; rdfs:label "a later text"@en .
<https://w3id.org/ammtc/source/later#p1> a owl:NamedIndividual , ammtc:Passage ; ammtc:paragraph 1 ;
  ammtc:source <https://w3id.org/ammtc/source/later> .
"""
_ACT = """
<https://w3id.org/ammtc/id/later-{number}> a owl:NamedIndividual , ammtc:ActReport ; rdfs:label "later report"@en ;
  ammtc:reports <{act}> ; ammtc:kind <{kind}> ; ammtc:status concept:done ; ammtc:wording "was done" ;
  ammtc:evidence <https://w3id.org/ammtc/source/later#p1> .
"""
_EVENT = """
<{event}> ammtc:status concept:done .
[] a owl:Axiom ; owl:annotatedSource <{event}> ; owl:annotatedProperty ammtc:status ;
  owl:annotatedTarget concept:done ; ammtc:evidence <https://w3id.org/ammtc/source/later#p1> .
"""


@pytest.fixture(scope="module")
def look_up(generation: Generation) -> LookUp:
    return LookUp(generation.store())


@pytest.fixture(scope="module")
def later(project: Project, look_up: LookUp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of the shipped graph with one more source, which reports all that is foreseen as done and held."""
    root = tmp_path_factory.mktemp("later")
    for folder in ("ontology", "graph", "competency"):
        if (project.root / folder).is_dir():
            shutil.copytree(project.root / folder, root / folder)
    acts = {row["act"]: row["kind"] for row in look_up.rows("expected")}
    events = {row["event"] for row in look_up.rows("expected-events")}
    reports = (_ACT.format(number=n, act=text_of(a), kind=text_of(acts[a])) for n, a in enumerate(acts))
    held = (_EVENT.format(event=text_of(event)) for event in events)
    (root / "graph" / "later.ttl").write_text("".join((_LATER, *reports, *held)), encoding="utf-8")
    built = build(Project(root), Path(root / "generations"))
    with ServerProcess({"generation": str(built.folder), "project": str(project.root)}) as running:
        yield running


def opened(server: ServerProcess, path: str) -> Page:
    reply = server.get(path, "text/html")
    assert reply.status == 200, reply.text
    return Page(reply.text)


def described(server: ServerProcess, name: str) -> Any:
    """Return what the page of a thing says of it in schema.org's terms."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', server.get(f"/page/id/{name}").text)
    assert found is not None
    return json.loads(found[1])


def names(look_up: LookUp, query: str, variable: str) -> set[str]:
    return {text_of(row[variable]).removeprefix(_ID) for row in look_up.rows(query)}


def test_what_no_report_has_as_done_is_expected(look_up: LookUp) -> None:
    acts = names(look_up, "expected", "act")
    assert {"establishment-somtc-working-group-aml", "replacement-plan-of-action-2016-2025"} < acts
    assert {"accession-timor-leste-asean", "adoption-leaders-declaration-wanted-criminals"} < acts
    assert not {name for name in acts if name.startswith(("approval", "proposal", "endorsement"))}
    assert "adoption-plan-of-action-2026-2035" not in acts
    assert names(look_up, "expected-events", "event") == _EVENTS


def test_an_expected_event_has_its_host(server: ServerProcess) -> None:
    page = opened(server, "/expected")
    assert re.search(r"AMMTC sessions of the year after the 19th .*Philippines Evidence: NST 21", page.text)
    assert re.search(r"47th ASEAN Summit .*Malaysia Evidence: Cong Tuan 6, VNA 5", page.text)


def test_nothing_is_expected_any_more_when_a_source_has_it_done(later: ServerProcess) -> None:
    assert "Nothing is expected." in opened(later, "/expected").text
    items = [attributes.get("class") for tag, attributes in opened(later, "/timeline").elements if tag == "li"]
    assert items.count("done") > 50
    assert "foreseen" not in items
    act = described(later, "adoption-leaders-declaration-wanted-criminals")
    assert act["actionStatus"] == "https://schema.org/CompletedActionStatus"


def test_the_timeline_tells_what_is_held_from_what_is_foreseen(server: ServerProcess) -> None:
    text = server.get("/timeline", "text/html").text
    by_name = {name: status for status, name in re.findall(r'<li class="(foreseen|done)">\s*<h3>.*?>([^<]+)</a>', text)}
    assert by_name["47th ASEAN Summit"] == by_name["AMMTC sessions of the year after the 19th"] == "foreseen"
    assert by_name["19th ASEAN Ministerial Meeting on Transnational Crime"] == "done"  # one source still foresees it


@pytest.mark.parametrize(
    ("query", "thing"),
    [
        ("acts-upon", "leaders-declaration-wanted-criminals"),
        ("agent-acts", "viet-nam"),
        ("meeting-acts", "ammtc-19"),
        ("series-acts", "ammtc"),
        ("expected", ""),
        ("timeline-acts", ""),
    ],
)
def test_an_act_that_several_sources_report_is_one_row(server: ServerProcess, query: str, thing: str) -> None:
    """A report is no row of its own."""
    path = f"/page/id/{thing}" if thing else {"expected": "/expected", "timeline-acts": "/timeline"}[query]
    text = server.get(path, "text/html").text
    section = text.partition(f'aria-labelledby="{query}"')[2].partition("</section>")[0]
    rows = re.findall(r'(?:<th scope="row"[^>]*>|<div>)(?:<span[^>]*>)+<a href="/page/id/([^"]+)"', section)
    assert rows
    assert len(rows) == len(set(rows))
    assert not [name for name in rows if name.startswith(("nst-", "vna-", "cong-tuan-", "malaysiakini-", "daily8-"))]


def test_kinds_of_act_stand_in_the_order_of_their_notations(look_up: LookUp) -> None:
    rows = look_up.rows("acts-upon", thing=NamedNode(f"{_ID}plan-of-action-2026-2035"))
    kinds = [text_of(row["kind"]).rpartition("/")[2] for row in rows]
    assert list(dict.fromkeys(kinds)) == [
        "development",
        "proposal",
        "recommendation",
        "tabling",
        "support",
        "approval",
        "adoption",
    ]


def test_the_page_of_an_act_has_its_reports_with_their_words(server: ServerProcess) -> None:
    text = opened(server, "/page/id/adoption-border-management-roadmap").text
    assert re.search(r"kind adoption Evidence: NST 10, VNA 4", text)
    assert re.search(r"status done Evidence: NST 10, VNA 4", text)
    found = r"by ASEAN ministers at the 19th AMMTC Evidence: derived from NST 5, 6 and 10 \(probable\)"
    assert re.search(found, text)
    assert re.search(r"How each source reports it 2 .*adopted Evidence: NST 10.*was adopted Evidence: VNA 4", text)
    report = opened(server, "/page/id/vna-adoption-roadmap").text
    assert re.search(r"reports adoption of the ASEAN Border Management Cooperation Roadmap Evidence: ", report)


def test_a_body_that_meets_shows_its_meetings_and_what_they_did(server: ServerProcess) -> None:
    text = opened(server, "/page/id/ammtc").text
    for shown in (
        "sectoral body",
        "meeting series",
        "Meetings of the series 2",
        "What was done at its meetings",
        "Chairmanships 1",
    ):
        assert shown in text
    assert re.search(r"chaired by .*Philippines Evidence: NST 21", text)
    for name in ("series", "bodies"):
        assert "/page/id/ammtc" in set(opened(server, f"/browse/{name}").links())


def test_what_is_beside_a_meeting_is_no_part_of_its_programme(server: ServerProcess) -> None:
    text = server.get("/page/id/ammtc-19", "text/html").text
    sections = dict(re.findall(r'aria-labelledby="([\w-]+)">(.*?)</section>', text, re.DOTALL))
    assert "/page/id/ammtc-plus-3-2025" not in sections["meeting-programme"]
    assert "/page/id/ammtc-19-plenary" in sections["meeting-programme"]
    for name in ("ammtc-plus-3-2025", "bilateral-quang-lee-ammtc-19"):
        assert f"/page/id/{name}" in sections["meeting-alongside"]


def test_a_state_takes_part_by_whom_in_which_capacity(server: ServerProcess) -> None:
    text = opened(server, "/page/id/viet-nam").text
    assert re.search(
        r"plenary session of the 19th AMMTC .*attendance .*Luong Tam Quang .*Minister of Public Security of Viet Nam",
        text,
    )
    china = opened(server, "/page/id/china").text
    assert re.search(r"22nd SOMTC \+ China Consultation .*co-chair .*dialogue partner .*Jun Tan", china)


def test_a_state_took_part_only_by_those_who_acted_on_its_behalf(look_up: LookUp) -> None:
    """Saifuddin spoke at a forum without any capacity that the source shows."""
    rows = look_up.rows("agent-events", thing=NamedNode(f"{_ID}malaysia"))
    assert "asean-gcc-economic-forum-2025" not in {text_of(row["event"]).removeprefix(_ID) for row in rows}
    rows = look_up.rows("agent-events", thing=NamedNode(f"{_ID}saifuddin-nasution-ismail"))
    assert "asean-gcc-economic-forum-2025" in {text_of(row["event"]).removeprefix(_ID) for row in rows}


def test_lists_are_told_apart_by_kind(server: ServerProcess) -> None:
    page = opened(server, "/browse")
    adoptions = next(link for link in page.links() if link.endswith("/concept/adoption") and "/browse/acts" in link)
    listed = opened(server, adoptions)
    assert "Acts: adoption 4" in listed.text
    assert "/page/id/adoption-border-management-roadmap" in set(listed.links())
    assert "/page/id/approval-five-documents" not in set(listed.links())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "adoption-border-management-roadmap",
            {"@type": "Action", "actionStatus": "https://schema.org/CompletedActionStatus"},
        ),
        ("accession-timor-leste-asean", {"@type": "Action", "actionStatus": "https://schema.org/ActiveActionStatus"}),
        (
            "replacement-plan-of-action-2016-2025",
            {"@type": "Action", "actionStatus": "https://schema.org/PotentialActionStatus"},
        ),
        ("ammtc-19", {"@type": "Event", "startDate": "2025-09-08", "eventStatus": "https://schema.org/EventScheduled"}),
        (
            "asean-summit-47",
            {"@type": "Event", "startDate": "2025-10", "eventStatus": "https://schema.org/EventScheduled"},
        ),
        ("viet-nam", {"@type": "Country", "sameAs": "http://www.wikidata.org/entity/Q881"}),
    ],
)
def test_pages_describe_acts_and_events_in_the_terms_of_schema_org(
    server: ServerProcess, name: str, expected: dict[str, str]
) -> None:
    content = described(server, name)
    assert {key: content.get(key) for key in expected} == expected


def test_only_what_an_event_is_part_of_is_its_super_event(server: ServerProcess) -> None:
    assert described(server, "ammtc-19-plenary")["superEvent"]["@id"] == f"{_ID}ammtc-19"
    assert "superEvent" not in described(server, "ammtc-plus-3-2025")


def test_tenures_of_different_days_do_not_contradict_each_other(server: ServerProcess) -> None:
    text = opened(server, "/page/id/malaysia").text
    officials = text.partition("Officials 3")[2].partition("Its query")[0]
    assert "28 May 2025" in officials
    assert "10 September 2025" in officials
    assert "differ" not in officials
