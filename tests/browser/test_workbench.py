"""The workbench: queries are written, completed, run and mended, and their results seen, kept and passed on."""

import csv
import io
import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect
from support.servers import KbServe

from browser.axe_core import COLOURS, OTHERS, SCHEMES, faults, leave_new
from browser.visits import WIDE, Visit
from browser.workbench import Workbench
from kb.config import Project
from kb.generations.generation import Generation
from kb.sparql.questions import find_question, load_questions

pytestmark = pytest.mark.xdist_group("browser-workbench")

_MEETINGS = "SELECT ?meeting ?place WHERE { ?meeting a ammtc:MinisterialMeeting ; ammtc:place ?place }"
_TOPICS = """SELECT ?topic (COUNT(DISTINCT ?fact) AS ?facts) WHERE {
  ?fact a ammtc:Report ; ammtc:topic ?topic
} GROUP BY ?topic ORDER BY DESC(?facts) ?topic"""
_DATES = "SELECT ?event ?date ?place WHERE { ?event ammtc:date ?date OPTIONAL { ?event ammtc:place ?place } }"
_STATES = "SELECT ?meeting ?state WHERE { ?meeting a ammtc:Meeting ; ammtc:participant ?state . ?state a ammtc:State }"
_GRAPH = "CONSTRUCT { ?meeting ammtc:place ?place } WHERE { ?meeting ammtc:place ?place }"
_ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
_VIEWS = (
    (_TOPICS, "table"),
    (_TOPICS, "chart"),
    (_DATES, "timeline"),
    (_STATES, "network"),
    (_DATES, "places"),
    (_GRAPH, "turtle"),
)
#: The schemes of all links.
_SCHEMES = "[...document.querySelectorAll('a')].map(a => new URL(a.href.baseVal ?? a.href, document.baseURI).protocol)"
_PHONE = ViewportSize(width=360, height=740)


@pytest.fixture
def workbench(visit: Visit) -> Workbench:
    """The workbench in a wide window."""
    return Workbench(visit)


@pytest.fixture(scope="module")
def hasty(project: Project, generation: Generation) -> Iterator[KbServe]:
    """A server that gives a query one second."""
    general = ["--project", project.root, "--build-dir", generation.folder.parent]
    with KbServe(["--timeout", "1"], general=general) as running:
        yield running


def refused(visit: Visit, *told: str) -> None:
    """Forget what the browser itself says on its console of answers that are errors, and of nothing else."""
    assert [line for line in visit.complaints if not any(part in line for part in told)] == []
    assert visit.complaints
    visit.complaints.clear()


# ------------------------------------------------------------------------------------------------------------- writing


def test_a_query_is_typed_completed_and_run(workbench: Workbench) -> None:
    workbench.open().clear()
    workbench.type("SELECT ?m ?place WHERE {\n?m a ministerial")
    workbench.pick("ammtc:MinisterialMeeting")
    workbench.type(" ; ammtc:plac")
    workbench.pick("ammtc:place")
    workbench.type(" ?pl")
    workbench.pick("?place")
    workbench.press("Control+Enter")
    expect(workbench.status).to_contain_text("1 row in ")
    expect(workbench.view.get_by_role("link", name="Melaka")).to_be_visible()
    assert workbench.rows() == [["19th ASEAN Ministerial Meeting on Transnational Crime", "Melaka"]]
    assert workbench.text.startswith("PREFIX ammtc: <https://w3id.org/ammtc/ontology#>\nSELECT")


def test_what_is_typed_before_the_terms_are_there_is_completed(workbench: Workbench) -> None:
    page, held = workbench.visit.page, list[Route]()
    page.route("**/sparql/terms.json", lambda route: held.append(route))  # noqa: PLW0108  (Playwright marks the function)
    with page.expect_request("**/sparql/terms.json"):
        workbench.visit.go("/sparql")
    workbench.clear()
    workbench.type("ASK { ?m a ministerial")
    for route in held:
        route.continue_()
    workbench.pick("ammtc:MinisterialMeeting")
    page.unroute("**/sparql/terms.json")
    assert workbench.text.endswith("ASK { ?m a ammtc:MinisterialMeeting}")


def test_a_prefix_is_declared_when_its_colon_is_typed(workbench: Workbench) -> None:
    workbench.open().clear()
    workbench.type("ASK { ?x foaf:")
    assert workbench.text == "PREFIX foaf: <http://xmlns.com/foaf/0.1/>\nASK { ?x foaf:}"
    workbench.press("Escape")
    workbench.type("name 'skos: ' # rdf:")
    assert workbench.text.count("PREFIX") == 1


def test_words_of_the_language_are_coloured(workbench: Workbench) -> None:
    workbench.open(_MEETINGS)
    colours = workbench.visit.page.locator(".cm-line span").evaluate_all(
        "spans => spans.map(span => [span.textContent, getComputedStyle(span).color])"
    )
    found = dict(colours)
    assert found["SELECT"] == found["WHERE"]
    assert len({found["SELECT"], found["?meeting"], found["ammtc:place"]}) == 3


def test_who_says_so_is_asked_behind_a_triple(workbench: Workbench) -> None:
    workbench.open().clear()
    workbench.type("SELECT ?n WHERE {\nid:somtc-25 ammtc:delegateCount ?n")
    workbench.press("Control+Space")
    workbench.pick("who says so")
    assert "\nSELECT ?n ?basis ?source ?paragraph WHERE {" in workbench.text
    assert "?n {| ammtc:basis ?basis ; ammtc:passage [" in workbench.text
    workbench.press("Control+Enter")
    expect(workbench.view.get_by_role("link", name="¶").first).to_be_visible()
    assert {(row[0], row[1]) for row in workbench.rows()} == {("200", "derived")}


def test_the_evidence_of_a_triple_is_completed(workbench: Workbench) -> None:
    workbench.open().clear()
    workbench.type("ASK { ?m ammtc:place ?p {| ")
    workbench.press("Control+Space")
    expect(workbench.suggestions.nth(4)).to_contain_text("ammtc:evidence")
    workbench.pick("ammtc:basis")
    assert "{| ammtc:basis" in workbench.text


def test_annotations_and_triple_terms_are_no_errors(workbench: Workbench) -> None:
    workbench.open().run(
        "SELECT ?b { ?m ammtc:place ?p ~ ?r {| ammtc:basis ?b |} .\n?r rdf:reifies <<( ?m ammtc:place ?p )>> }"
    )
    expect(workbench.view.locator("tbody tr").first).to_be_visible()
    page = workbench.visit.page
    coloured = page.locator(".cm-line span").evaluate_all("all => all.map(s => [s.textContent, s.className])")
    shown = {text for text, _ in coloured}
    assert shown >= {"?r", "ammtc:basis", "?b", "?m", "ammtc:place", "?p"}
    assert not any("<" in text for text, style in coloured if style == dict(coloured)["ammtc:place"])
    for _ in range(3):
        expect(page.locator(".cm-nonmatchingBracket, .cm-lintRange-error")).to_have_count(0)
        workbench.press("ArrowLeft")


def test_an_example_is_found_and_run(workbench: Workbench, project: Project) -> None:
    question = find_question(project, "adopted-instruments")
    workbench.open().button("Examples").click()
    page = workbench.visit.page
    expect(workbench.part("examples-count")).to_have_text(f"{len(load_questions(project))} questions")
    page.get_by_label("Find a question").fill("instruments ADOPTED which series")
    page.get_by_role("button", name=question.title).click()
    expect(page.get_by_text(question.note)).to_be_visible()
    assert workbench.text.strip() == question.text.strip()
    expect(workbench.view.locator("tbody tr")).not_to_have_count(0)
    expect(workbench.editor).to_be_focused()


def test_the_examples_close_by_escape_and_give_the_focus_back(workbench: Workbench) -> None:
    opener = workbench.open().button("Examples")
    opener.focus()
    workbench.press("Enter")
    expect(workbench.visit.page.get_by_label("Find a question")).to_be_focused()
    workbench.press("Escape")
    expect(workbench.part("examples")).to_be_hidden()
    expect(opener).to_be_focused()


# -------------------------------------------------------------------------------------------------------------- errors


def test_an_error_is_marked_where_it_is(workbench: Workbench) -> None:
    workbench.open().run("SELECT ?x WHERE {\n  ?x a ammtc:Place .\n  ?y FILTR\n}")  # all pairs
    page = workbench.visit.page
    expect(page.get_by_role("alert")).to_contain_text("line 3")
    expect(page.locator(".cm-lintRange-error")).to_have_text("FILTR")
    page.get_by_role("button", name="Go to line 3").click()
    expect(workbench.editor).to_be_focused()
    workbench.press("Shift+Control+ArrowRight", "Delete")
    workbench.type("a ?type")
    workbench.press("Control+Enter")
    expect(workbench.part("count")).not_to_be_empty()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".cm-lintRange-error")).to_have_count(0)
    refused(workbench.visit, "400 (Bad Request)")


def test_an_error_behind_letters_beyond_the_basic_plane_is_marked_where_it_is(workbench: Workbench) -> None:
    workbench.open().run("ASK { ?x ?p '😀😀' . ?y FILTR }")
    expect(workbench.visit.page.locator(".cm-lintRange-error")).to_have_text("FILTR")
    refused(workbench.visit, "400 (Bad Request)")


def test_a_refused_clause_is_told_with_the_remedy(workbench: Workbench) -> None:
    workbench.open().run("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }")
    expect(workbench.visit.page.get_by_role("alert")).to_contain_text("SERVICE")
    refused(workbench.visit, "400 (Bad Request)")


def test_a_result_that_is_too_large_can_be_limited(workbench: Workbench) -> None:
    workbench.open().run("SELECT ?a WHERE { ?a ?b ?c . ?d ?e ?f }")
    alert = workbench.visit.page.get_by_role("alert")
    expect(alert).to_contain_text("the limit here")
    workbench.button("Run it with LIMIT 1000").click()
    expect(workbench.part("count")).to_have_text("1,000 rows")
    assert workbench.text.endswith("LIMIT 1000\n")
    refused(workbench.visit, "422 (Unprocessable Entity)", "503 (Service Unavailable)")


def test_the_time_limit_is_told_and_shown(open_visit: Callable[..., Visit], hasty: KbServe) -> None:
    workbench = Workbench(open_visit(hasty)).open()
    expect(workbench.visit.page.locator(".workbench > .hint")).to_contain_text("1 second and return 200,000 rows")
    workbench.run(_ENDLESS)
    alert = workbench.visit.page.get_by_role("alert")
    expect(alert).to_contain_text("The server asks to wait")
    workbench.run("ASK { }")
    expect(alert).to_have_count(0)
    refused(workbench.visit, "503 (Service Unavailable)")


def test_a_query_can_be_stopped(workbench: Workbench) -> None:
    workbench.open().run(_ENDLESS)
    workbench.button("Stop").click()
    expect(workbench.status).to_have_text("Stopped.")
    expect(workbench.part("stop")).to_be_hidden()
    workbench.run(_MEETINGS)
    expect(workbench.part("count")).to_have_text("1 row")


def test_a_server_that_is_gone_is_told_and_leaves_the_result(
    open_visit: Callable[..., Visit], project: Project, generation: Generation
) -> None:
    general = ["--project", project.root, "--build-dir", generation.folder.parent]
    with KbServe(general=general) as running:
        workbench = Workbench(open_visit(running)).open(_MEETINGS)
        expect(workbench.view.get_by_role("link", name="Melaka")).to_be_visible()
    alert = workbench.visit.page.get_by_role("alert")
    workbench.button("CSV, exact").click()
    expect(alert).to_contain_text("could not be reached")
    expect(workbench.view.get_by_role("link", name="Melaka")).to_be_visible()
    refused(workbench.visit, "ERR_CONNECTION")
    workbench.run(_TOPICS)
    expect(alert.get_by_role("button", name="Run it again")).to_be_visible()
    expect(alert).to_contain_text("could not be reached")
    refused(workbench.visit, "ERR_CONNECTION")


# --------------------------------------------------------------------------------------------------------------- views


def test_a_row_leads_to_its_source_and_paragraph(workbench: Workbench) -> None:
    passage = "<https://w3id.org/ammtc/source/cong-tuan-2025-09-11#p22>"
    workbench.open(f"SELECT ?source ?paragraph {{ {passage} ammtc:source ?source ; ammtc:paragraph ?paragraph }}")
    paragraph = workbench.view.get_by_role("link", name="¶22").first
    expect(paragraph).to_have_attribute("href", "/page/source/cong-tuan-2025-09-11#p22")
    paragraph.click()
    expect(workbench.visit.page.locator("#p22")).to_be_visible()


def test_a_value_leads_to_who_says_so(workbench: Workbench) -> None:
    workbench.open("SELECT ?n { id:somtc-25 ammtc:delegateCount ?n }")
    link = workbench.view.get_by_role("cell", name="200").get_by_role("link", name="Who says so?")
    link.focus()
    workbench.press("Enter")
    said = workbench.visit.page.locator("section.said")
    expect(said.get_by_role("heading")).to_contain_text("200")
    expect(said).to_contain_text("Derived, not stated.")
    expect(said.get_by_role("link", name=", paragraph 9")).to_have_attribute(
        "href", "/page/source/malaysiakini-2025-06-30#p9"
    )
    said.get_by_role("link", name="this statement").click()
    expect(workbench.visit.page).to_have_url(re.compile(r"/page/statement/[0-9a-f]+$"))


def test_only_objects_of_patterns_lead_to_who_says_so(workbench: Workbench) -> None:
    """Neither subjects nor what is counted or at the end of a path."""
    workbench.open(
        "SELECT ?m ?place ?country (COUNT(?s) AS ?n) {\n?m ammtc:place ?place ; ammtc:place/ammtc:country ?country ;"
        " ammtc:participant ?s\n} GROUP BY ?m ?place ?country ORDER BY ?m"
    )
    row = workbench.view.locator("tbody tr").first
    expect(row).to_be_visible()
    links = [cell.get_by_role("link", name="Who says so?").count() for cell in row.locator("td").all()]
    assert links == [0, 1, 0, 0]


def test_a_table_is_sorted_and_paged(workbench: Workbench) -> None:
    workbench.open("SELECT ?n WHERE { ?s ammtc:paragraph ?n } ORDER BY ?s")
    page = workbench.visit.page
    sorter = page.get_by_role("columnheader", name="n").get_by_role("button")
    sorter.click()
    ascending = [int(row[0].replace("¶", "")) for row in workbench.rows()]
    assert (len(ascending), ascending) == (50, sorted(ascending))
    sorter.click()
    expect(page.get_by_role("columnheader", name="n")).to_have_attribute("aria-sort", "descending")
    least = int(workbench.rows()[-1][0])
    workbench.button("Next").click()
    expect(page.get_by_text("Rows 51 to 100 of")).to_be_visible()
    assert int(workbench.rows()[0][0]) <= least
    workbench.button("Previous").click()
    expect(workbench.button("Previous")).to_be_disabled()


def test_views_are_those_that_the_columns_allow(workbench: Workbench) -> None:
    expected = {
        _TOPICS: ["Table", "Chart"],
        _DATES: ["Table", "Timeline", "Network", "Places"],
        _STATES: ["Table", "Network", "Places"],
        _GRAPH: ["Table", "Network", "Turtle"],
        "SELECT ?name WHERE { id:ammtc-19 rdfs:label ?name }": [],
    }
    for query, tabs in expected.items():
        workbench.open(query)
        expect(workbench.part("count")).not_to_be_empty()
        expect(workbench.visit.page.get_by_role("tab")).to_have_text(tabs)


def test_a_chart_has_a_bar_for_each_row(workbench: Workbench) -> None:
    workbench.open(_TOPICS).tab("Chart").click()
    chart = workbench.view.get_by_role("img", name="facts by topic: ")
    expect(chart).to_be_visible()
    lengths = [
        float(width) for width in chart.locator("rect").evaluate_all("bars => bars.map(b => b.getAttribute('width'))")
    ]
    assert len(lengths) == chart.locator(".wb-label").count() > 20
    assert lengths == sorted(lengths, reverse=True)
    assert "cooperation" in chart.locator(".wb-label").all_text_contents()


def test_numbers_by_time_make_a_line(workbench: Workbench) -> None:
    query = "SELECT ?date (COUNT(?event) AS ?events) { ?event ammtc:date ?date FILTER(DATATYPE(?date) = xsd:date) }"
    workbench.open(f"{query} GROUP BY ?date", "chart")
    workbench.choose("as", "line")
    points = workbench.view.locator("polyline").get_attribute("points") or ""
    across = [float(point.split(",")[0]) for point in points.split()]
    assert across == sorted(across)
    assert len(across) == workbench.view.locator("circle").count() > 3


def test_a_timeline_is_in_order_and_tells_what_has_no_date(workbench: Workbench) -> None:
    workbench.open(_DATES).tab("Timeline").click()
    expect(workbench.view.get_by_role("img", name="Scale of time from 2025-01-01")).to_be_visible()
    expect(workbench.view).to_contain_text(
        re.compile(r"[1-9]\d* dated rows; [1-9]\d* more without a date, in the table\.")
    )
    times = workbench.view.locator("time").all_inner_texts()
    assert times.index("28 May 2025") < times.index("24 June 2025") < times.index("10 September 2025")


def test_a_network_joins_what_stands_in_one_row(workbench: Workbench, server: KbServe) -> None:
    rows = set(rows_of(server, _STATES))
    things = {thing for row in rows for thing in row.split(",")}
    workbench.open(_STATES).tab("Network").click()
    network = workbench.view.get_by_role("group", name=f"Network of {len(things)} things")
    assert network.locator(".wb-edge").count() == len(rows)
    malaysia = network.get_by_role("link", name="Malaysia", exact=True)
    expect(malaysia).to_have_attribute("href", "/page/id/malaysia")
    workbench.choose("with", "meeting")
    expect(workbench.view.get_by_role("link", name="Malaysia", exact=True)).to_have_count(0)


def test_places_are_listed_by_what_they_lie_in(workbench: Workbench) -> None:
    workbench.open(_DATES, "places")
    section = workbench.view.locator("section", has=workbench.visit.page.get_by_role("heading", name="Malaysia"))
    expect(section.get_by_role("link", name="Melaka")).to_be_visible()
    expect(section.get_by_role("link", name="19th ASEAN Ministerial Meeting")).to_be_visible()


def test_a_graph_is_shown_as_turtle(workbench: Workbench, server: KbServe) -> None:
    workbench.open(_GRAPH).tab("Turtle").click()
    expect(workbench.view.locator("pre")).to_contain_text("id:ammtc-19 ammtc:place id:melaka .")
    triples = len(rows_of(server, "SELECT ?meeting ?place { ?meeting ammtc:place ?place }"))
    expect(workbench.part("count")).to_have_text(f"{triples} triples")


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("ASK { id:ammtc-19 ammtc:place id:melaka }", "Yes"),
        ("ASK { id:ammtc-19 ammtc:place id:hanoi }", "No"),
        ("SELECT ?x { ?x a ammtc:NoSuchClass }", "There are no rows"),
        ("CONSTRUCT { ?x a ?y } WHERE { ?x a ammtc:NoSuchClass ; a ?y }", "The graph is empty."),
    ],
)
def test_what_is_no_table(workbench: Workbench, query: str, answer: str) -> None:
    workbench.open(query)
    expect(workbench.view).to_contain_text(answer)
    expect(workbench.part("tabs")).to_be_hidden()


# --------------------------------------------------------------------------------------------------------- passing on


def saved(page: Page, name: str) -> str:
    with page.expect_download() as started:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(started.value.path()).read_text(encoding="utf-8")


def rows_of(server: KbServe, query: str) -> list[str]:
    """The rows of a query as lines of CSV."""
    return answer_of(server, query, "text/csv").splitlines()[1:]


def answer_of(server: KbServe, query: str, media_type: str) -> str:
    request = Request(f"{server.url}/sparql", urlencode({"query": query}).encode(), {"Accept": media_type})
    with urlopen(request) as response:
        text: str = response.read().decode()
        return text


def test_results_are_downloaded(workbench: Workbench, server: KbServe) -> None:
    page = workbench.open(_MEETINGS).visit.page
    assert saved(page, "CSV, exact") == answer_of(server, _MEETINGS, "text/csv").replace("\r\n", "\n")
    assert json.loads(saved(page, "JSON")) == json.loads(
        answer_of(server, _MEETINGS, "application/sparql-results+json")
    )
    (row,) = csv.DictReader(io.StringIO(saved(page, "CSV for spreadsheets").removeprefix("\ufeff")))
    assert row == {
        "meeting": "19th ASEAN Ministerial Meeting on Transnational Crime",
        "meeting (IRI)": "https://w3id.org/ammtc/id/ammtc-19",
        "place": "Melaka",
        "place (IRI)": "https://w3id.org/ammtc/id/melaka",
    }


def test_graphs_are_downloaded(workbench: Workbench) -> None:
    page = workbench.open(_GRAPH).visit.page
    assert "id:ammtc-19 ammtc:place id:melaka ." in saved(page, "Turtle")
    assert json.loads(saved(page, "JSON-LD"))


def test_formulas_reach_no_spreadsheet(workbench: Workbench) -> None:
    workbench.open("SELECT ?x { VALUES ?x { '=1+1' '@SUM(A1)' -5 } }")
    lines = saved(workbench.visit.page, "CSV for spreadsheets").removeprefix("\ufeff").split()
    assert sorted(lines) == sorted(["x", "'=1+1", "'@SUM(A1)", "-5"])


def test_a_link_shows_the_same_again(workbench: Workbench, open_visit: Callable[..., Visit], server: KbServe) -> None:
    workbench.open().run(_TOPICS)
    workbench.tab("Chart").click()
    page = workbench.visit.page
    page.get_by_text("Link, code and citation for this query").click()
    address = page.get_by_role("region", name="Link").inner_text()
    assert address == page.url
    other = Workbench(open_visit(server))
    other.visit.page.goto(address)
    expect(other.tab("Chart")).to_have_attribute("aria-selected", "true")
    expect(other.view.locator("rect").first).to_be_visible()
    assert other.text == _TOPICS


def test_a_link_is_answered_once(open_visit: Callable[..., Visit], server: KbServe) -> None:
    """The script takes over what the page has been answered already, a problem too."""
    visit = open_visit(server)
    workbench = Workbench(visit).open("SELECT ?meeting { ?meeting a ammtc:MinisterialMeeting } ORDER BY ?meeting")
    expect(workbench.view.get_by_role("link").first).to_be_visible()
    expect(workbench.status).to_have_text(re.compile(r"^\d+ rows\.$"))
    assert visit.asked.count("GET /sparql") == 1
    assert "POST /sparql" not in visit.asked
    workbench.open("SELECT * { ?s ?p ?o }")
    expect(workbench.status).to_have_text("The first 500 rows; Run shows more.")
    expect(workbench.button("CSV for spreadsheets")).to_have_count(0)
    workbench.open("SELECT * {")
    expect(workbench.button("Go to line 1, column 11")).to_be_visible()
    assert "POST /sparql" not in visit.asked
    refused(visit, "400 (Bad Request)")


def test_a_link_is_copied(open_visit: Callable[..., Visit], server: KbServe) -> None:
    visit = open_visit(server, {"permissions": ["clipboard-read", "clipboard-write"]})
    Workbench(visit).open(_MEETINGS)
    visit.page.get_by_text("Link, code and citation for this query").click()
    visit.page.get_by_role("button", name="Copy Link").click()
    expect(visit.page.get_by_text("Copied.")).to_be_visible()
    assert visit.page.evaluate("navigator.clipboard.readText()") == visit.page.url


@pytest.mark.parametrize(
    "query",
    [
        _MEETINGS,
        "SELECT ?meeting {\n  ?meeting rdfs:label ?label FILTER(CONTAINS(?label, \"19th\") && ?label != 'it\"s\\'')\n}",
        "CONSTRUCT { ?m a ?t }\nWHERE { ?m a ammtc:MinisterialMeeting, ?t }",
    ],
    ids=["one line", "quotes and escapes", "graph"],
)
def test_the_code_runs(workbench: Workbench, requires: Callable[[str, str], Path], query: str) -> None:
    requires("curl", "On Debian and Ubuntu: apt-get install curl")
    page = workbench.open(query).visit.page
    page.get_by_text("Link, code and citation for this query").click()
    command = page.get_by_role("region", name="curl").inner_text()
    program = page.get_by_role("region", name="Python").inner_text()
    for run in (["sh", "-c", command], [sys.executable, "-W", "error", "-c", program]):
        done = subprocess.run(run, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "https://w3id.org/ammtc/id/ammtc-19" in done.stdout or "id:ammtc-19 a " in done.stdout


def test_a_result_is_cited_today(workbench: Workbench) -> None:
    page = workbench.open(_MEETINGS).visit.page
    page.get_by_text("Link, code and citation for this query").click()
    expect(page.get_by_role("region", name="BibTeX")).to_contain_text("@misc{ammtc-query-")
    expect(page.get_by_role("region", name="BibTeX")).to_contain_text("urldate = {20")
    expect(page.get_by_role("region", name="CSL JSON")).to_contain_text('"accessed": {"date-parts": [[20')


# ---------------------------------------------------------------------------------------------------- ways of reading


def test_the_keyboard_is_enough(workbench: Workbench, server: KbServe) -> None:
    page = workbench.open().visit.page
    workbench.button("Examples").focus()
    workbench.press("Tab")
    expect(workbench.editor).to_be_focused()
    workbench.press("Control+a", "Delete")
    page.keyboard.insert_text(_STATES)
    workbench.press("Control+Enter")
    expect(workbench.status).to_contain_text(f"{len(rows_of(server, _STATES))} rows in ")
    workbench.press("Escape", "Tab")
    expect(workbench.button("Run")).to_be_focused()
    workbench.press("Tab")
    expect(workbench.tab("Table")).to_be_focused()
    workbench.press("ArrowRight")
    expect(workbench.tab("Network")).to_be_focused()
    expect(workbench.tab("Network")).to_have_attribute("aria-selected", "true")
    workbench.press("ArrowLeft", "Tab", "Tab")
    expect(page.get_by_role("columnheader", name="meeting").get_by_role("button")).to_be_focused()
    workbench.press("Enter")
    expect(page.get_by_role("columnheader", name="meeting")).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("columnheader", name="meeting").get_by_role("button")).to_be_focused()


def test_tab_indents_inside_the_editor(workbench: Workbench) -> None:
    workbench.open().clear()
    workbench.press("Tab")
    expect(workbench.editor).to_be_focused()
    assert workbench.text == "  "


def test_the_dark_is_dark(open_visit: Callable[..., Visit], server: KbServe) -> None:
    workbench = Workbench(open_visit(server, color_scheme="dark")).open(_TOPICS, "chart")
    backgrounds = "element => getComputedStyle(element).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    assert max(workbench.visit.page.locator(".cm-editor").evaluate(backgrounds)) < 60
    letters = "element => getComputedStyle(element).fill.match(/\\d+/g).slice(0, 3).map(Number)"
    assert min(workbench.view.locator("text.wb-label").first.evaluate(letters)) > 200


def test_without_javascript_the_form_works(open_visit: Callable[..., Visit], server: KbServe) -> None:
    visit = open_visit(server, {"java_script_enabled": False})
    page = visit.go("/sparql")
    assert page.locator("#workbench").is_hidden()
    page.get_by_label("Query").fill(_MEETINGS)
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("link", name="Melaka")).to_be_visible()
    page.get_by_role("link", name="Who says so?").last.click()
    expect(page.locator("section.said")).to_contain_text("Melaka")
    expect(page.locator("section.said").get_by_role("link", name=", paragraph").first).to_be_visible()
    page.go_back()
    page.get_by_label("Query").fill("SELECT")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_contain_text("syntax error")
    refused(visit, "400 (Bad Request)")


def test_it_works_under_a_sub_path(open_visit: Callable[..., Visit], project: Project, generation: Generation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--public-base", f"http://127.0.0.1:{port}/ammtc"]
    with KbServe(options, general=["--project", project.root, "--build-dir", generation.folder.parent]) as running:
        visit = open_visit(running)
        visit.go(f"/ammtc/sparql?query={quote(_MEETINGS)}")
        workbench = Workbench(visit)
        expect(workbench.view.get_by_role("link", name="Melaka")).to_have_attribute("href", "/ammtc/page/id/melaka")
        assert workbench.evaluate("location.pathname") == "/ammtc/sparql"
        visit.page.get_by_text("Link, code and citation for this query").click()
        expect(visit.page.get_by_role("region", name="curl")).to_contain_text(f"'http://127.0.0.1:{port}/ammtc/sparql'")


def test_the_policy_is_strict(visit: Visit) -> None:
    headers = visit.page.goto(f"{visit.base}/sparql").headers  # type: ignore[union-attr]
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert "default-src 'none'" in policy


# ------------------------------------------------------------------------------------------------------ hostile data


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s ?p ?o { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
        "SELECT ('<img src=x onerror=alert(1)>' AS ?x) (IRI('javascript:alert(1)') AS ?constructor) ?s { ?s ?p ?o }",
    ],
    ids=["rows", "graph", "made by the query"],
)
def test_nothing_in_a_result_runs(
    open_visit: Callable[..., Visit], traps: KbServe, query: str, subtests: pytest.Subtests
) -> None:
    visit = open_visit(traps, viewport=_PHONE)
    workbench = Workbench(visit).open(query, "turtle" if query.startswith("CONSTRUCT") else "network")
    expect(workbench.part("count")).not_to_be_empty()
    shown = workbench.part("tabs").get_by_role("tab").all_inner_texts()
    assert {"Table", "Network"} <= set(shown)
    for view in shown:
        with subtests.test(view=view):
            workbench.tab(view).click()
            expect(workbench.tab(view)).to_have_attribute("aria-selected", "true")
            expect(workbench.view.locator(":scope > *").first).to_be_visible()
            schemes = workbench.evaluate(_SCHEMES)
            assert set(schemes) <= {"http:", "https:"}
            expect(visit.page.locator("main").locator("script, img, [onerror], [onmouseover]")).to_have_count(0)
            assert workbench.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]


def test_hostile_values_are_shown_as_they_are(open_visit: Callable[..., Visit], traps: KbServe) -> None:
    workbench = Workbench(open_visit(traps)).open("SELECT ?p ?o { <https://w3id.org/ammtc/id/trap> ?p ?o }")
    for shown in ("<script>alert(1)</script>", "javascript:alert(1)", "{{ 7 * 7 }}{% raw %}", "שלום עולם"):
        expect(workbench.view.get_by_text(shown).first).to_be_visible()


def test_a_query_in_an_address_does_not_run_as_script(open_visit: Callable[..., Visit], traps: KbServe) -> None:
    visit = open_visit(traps)
    workbench = Workbench(visit).open("</textarea><script>alert(1)</script>")
    expect(visit.page.get_by_role("alert")).to_contain_text("syntax error")
    assert workbench.text == "</textarea><script>alert(1)</script>"
    refused(visit, "400 (Bad Request)")


# ------------------------------------------------------------------------------------------------------ accessibility


def test_each_view_fits_a_telephone_and_has_no_serious_fault(
    workbench: Workbench, axe: str, subtests: pytest.Subtests
) -> None:
    page = workbench.visit.page
    seen: list[str] = []
    for query, view in _VIEWS:
        page.set_viewport_size(_PHONE)
        workbench.open(query, view)
        expect(workbench.part("count")).not_to_be_empty()
        expect(workbench.view.locator(":scope > *").first).to_be_visible()
        page.get_by_text("Link, code and citation for this query").click()
        with subtests.test(view=view, width=_PHONE["width"]):
            assert workbench.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]
        page.set_viewport_size(WIDE)
        page.evaluate(axe)
        with subtests.test(view=view):
            assert faults(page, OTHERS) == []
        seen = leave_new(page, seen)
        for scheme in SCHEMES:
            with subtests.test(view=view, scheme=scheme):
                page.emulate_media(color_scheme=scheme)
                assert faults(page, COLOURS) == []


def test_axe_finds_no_serious_fault_while_writing(workbench: Workbench, axe: str, project: Project) -> None:
    page = workbench.open().visit.page
    workbench.run("SELECT ?x WHERE { ?y FILTR }")
    expect(page.get_by_role("alert")).to_be_visible()
    workbench.clear()
    workbench.type("SELECT ?x { ?x a meeting")
    expect(workbench.suggestions.first).to_be_visible()
    page.evaluate(axe)
    assert faults(page, {}) == []
    workbench.press("Escape")
    workbench.button("Examples").click()
    expect(workbench.part("examples-count")).to_have_text(f"{len(load_questions(project))} questions")
    assert faults(page, OTHERS) == []
    leave_new(page, [])
    assert faults(page, COLOURS) == []
    refused(workbench.visit, "400 (Bad Request)")
