"""Pages: readable without script, every value with its evidence, nothing in the data runs."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urljoin, urlsplit

import pytest
from page import Page
from support.examples import sample
from support.servers import ServerProcess

pytestmark = pytest.mark.xdist_group("server")


def read(server: ServerProcess, path: str) -> Page:
    reply = server.get(path, "text/html")
    assert reply.status == 200, reply.text
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(reply.text)


def test_a_stranger_finds_who_proposed_what_and_who_says_so(server: ServerProcess) -> None:
    home = read(server, "/")
    assert any(attributes.get("name") == "q" for _, attributes in home.elements)
    found = read(server, f"/search?q={quote('who proposed drug-free border communes?')}")
    question = next(link for link in found.links() if link.startswith("/question/"))
    answer = read(server, question)
    assert "Viet Nam" in answer.text
    assert "Cong Tuan" in answer.text
    assert "14 and 19 and 22" in answer.main
    assert "/page/source/cong-tuan-2025-09-11#p14" in set(answer.links())
    assert "ammtc:proposes id:measure-drug-free-border-communes" in answer.text
    run = next(link for link in answer.links() if link.startswith("/sparql?query="))
    assert "Viet Nam" in read(server, run).text


def test_search_needs_neither_case_nor_diacritics(server: ServerProcess) -> None:
    for words in ("MELAKA", "Mélaka", "melak", "melakka"):
        assert "/page/id/melaka" in set(read(server, f"/search?q={quote(words)}").links()), words
    assert "Nothing has such a name" in read(server, "/search?q=xyzzyqwerty").text


def test_names_are_shown_in_english_and_found_in_any_language(server: ServerProcess) -> None:
    for words in ("jenayah siber", "tội phạm mạng", "toi pham mang"):
        found = read(server, f"/search?q={quote(words)}")
        assert re.search(r"cybercrime .*also (jenayah siber|tội phạm mạng)", found.text), words
    page = read(server, "/page/concept/cybercrime")
    assert page.text.count("jenayah siber") == 1  # by the preferred label alone, not by the label again
    assert page.text.count("tội phạm mạng") == 1
    assert "peristiwa" in read(server, "/term/Event").text


def test_a_page_shows_labels_evidence_and_what_is_inferred(server: ServerProcess) -> None:
    page = read(server, "/page/id/measure-drug-free-border-communes")
    assert "drug-free border communes" in page.text
    assert re.search(r"topic drug-free border communes Evidence: Cong Tuan 22", page.text)
    assert re.search(r"proposed by .*Viet Nam Evidence: inferred", page.text)
    assert re.search(
        r"it follows by the rule “chain of properties” from: .*proposes drug-free border communes", page.text
    )
    assert "/page/source/cong-tuan-2025-09-11#p22" in set(page.links())
    assert "/page/ontology#proposedBy" in set(page.links())


def test_a_report_shows_its_own_evidence_at_each_value(server: ServerProcess) -> None:
    """The passages that are needed together stand in one citation."""
    page = read(server, "/page/id/cong-tuan-proposal-drug-free-border-communes")
    assert re.search(
        r"actor Ministry of Public Security of Viet Nam Evidence: derived from Cong Tuan 14, 19 and 22", page.text
    )
    page = read(server, "/page/id/vna-participation-lee-bilateral-lee")
    assert re.search(r"actor Lee Jin-soo Evidence: VNA 10 as identified", page.text)
    assert re.search(r"the editors take Lee Jin Soo in .*? for Lee Jin-soo \(certain:", page.text)


def test_what_the_editors_follow_says_so(server: ServerProcess) -> None:
    page = read(server, "/page/id/ammtc-19")
    assert re.search(r"place Melaka Evidence: Cong Tuan 2, .*? · the editors follow this", page.text)
    assert "The editors follow this. It states place and state." in page.text
    listed = read(server, "/compare")
    assert re.search(r"Where was the 19th AMMTC held.*?Melaka Evidence: .*?It states place and state\.", listed.text)


def test_each_source_stands_in_some_way_to_each_other_one(server: ServerProcess) -> None:
    """By the relations of each two findings, by copies, and silent where there is neither."""
    page = read(server, "/page/id/editorial-comparison-plan-of-action")
    stand = page.text.partition("How the sources stand to each other")[2]
    assert re.search(r"Cong Tuan differs from Malaysiakini, NST .*Daily8 repeats Malaysiakini .*VNA silent", stand)
    page = read(server, "/page/id/editorial-comparison-melaka-declaration")
    stand = page.text.partition("How the sources stand to each other")[2]
    assert re.search(r"Cong Tuan differs from VNA says more than NST .*NST says less than Cong Tuan, VNA .*VNA", stand)
    page = read(server, "/page/id/editorial-comparison-timor-leste")
    stand = page.text.partition("How the sources stand to each other")[2]
    assert re.search(r"Cong Tuan silent ?Daily8 silent ?Malaysiakini silent ?NST only this source .*VNA silent", stand)


def test_two_sources_that_agree_are_shown_as_agreeing_though_a_third_differs(server: ServerProcess) -> None:
    listed = read(server, "/compare")
    answers = listed.text.partition("What was done about the working group on money laundering?")[2]
    malaysiakini, nst, vna = re.findall(r"(differs from .*?) Evidence: ", answers)[:3]
    assert malaysiakini == "differs from NST, VNA"
    assert nst == "differs from Malaysiakini agrees with VNA"
    assert vna == "differs from Malaysiakini agrees with NST"


def test_a_derived_value_says_why(server: ServerProcess) -> None:
    rows = server.query(
        "SELECT ?s ?reason { ?a owl:annotatedSource ?s ; ammtc:evidence ?d . "
        "?d a ammtc:Derivation ; ammtc:reason ?reason } LIMIT 1"
    ).json["results"]["bindings"]
    path = urlsplit(rows[0]["s"]["value"]).path.removeprefix("/ammtc")
    page = read(server, f"/page{path}")
    assert "Derived, not stated." in page.text
    assert re.sub(r"\s+", " ", rows[0]["reason"]["value"]) in page.text


def test_a_source_shows_what_rests_on_each_paragraph(server: ServerProcess) -> None:
    page = read(server, "/page/source/cong-tuan-2025-09-11")
    anchors = {attributes.get("id") for _, attributes in page.elements}
    assert {"p14", "p22"} <= anchors
    assert "the Ministry of Public Security of Viet Nam proposes drug-free border communes" in page.text


def test_the_ontology_lists_each_term_under_its_anchor(server: ServerProcess) -> None:
    page = read(server, "/page/ontology")
    anchors = {attributes.get("id") for _, attributes in page.elements}
    terms = server.query(
        "SELECT DISTINCT ?t { ?t rdfs:isDefinedBy <https://w3id.org/ammtc/ontology> "
        "FILTER STRSTARTS(STR(?t), STR(ammtc:)) }"
    ).json["results"]["bindings"]
    assert len(terms) > 180
    assert {term["t"]["value"].partition("#")[2] for term in terms} <= anchors


def test_a_class_that_is_defined_by_a_kind_says_so_in_words(server: ServerProcess) -> None:
    page = read(server, "/term/Adoption")
    assert "equivalent class act whose “kind” is “adoption”" in page.main
    assert re.search(r"scope note Not an approval.*example NST: ", page.main)
    assert re.search(r"label .*\bms\b.*\bvi\b", page.main)


def test_a_deprecated_term_says_what_stands_in_its_place(server: ServerProcess) -> None:
    page = read(server, "/term/adoptedInSeries")
    assert "Deprecated. In its place stands adopted at, series." in page.main
    assert {"/page/ontology#adoptedAt", "/page/ontology#series"} <= set(page.links())
    assert (
        "Deprecated. In its place stands education and training abroad." in read(server, "/page/concept/education").main
    )
    listed = read(server, "/page/ontology").main
    assert listed.index("Deprecated terms") < listed.index("adoption foreseen at")


def test_a_scheme_lists_its_concepts_in_its_own_order(server: ServerProcess) -> None:
    listed = read(server, "/page/concept/act-kinds").main.partition("Concepts")[2]
    names = ("putting forward1", "intervention1.1", "submission1.7", "receiving2", "adoption3.4", "handover6.2")
    places = [listed.index(name) for name in names]
    assert places == sorted(places)


def test_each_class_and_property_has_a_name(server: ServerProcess) -> None:
    page = server.get("/.well-known/void", "text/html").text
    assert "restriction" in page
    assert re.findall(r">\s*(\w+:\w+)\s*</a>", page) == []


@pytest.mark.thorough
def test_no_link_is_broken(server: ServerProcess) -> None:
    """Links of pages of each kind lead somewhere, anchors included: all of them in a thorough run."""
    pages = ["/", "/page/id/ammtc-19", "/page/source/vna-ammtc-19", "/page/graph/entities", "/dump/", "/search?q=asean"]
    pages += ["/page/concept/money-laundering", "/question/who-proposed-drug-free-border-communes", "/sparql"]
    pages += ["/.well-known/void"]
    targets = {
        urljoin(page, link)
        for page in pages
        for link in Page(server.get(page, "text/html").text).links()
        if "://" not in link
    }
    texts: dict[str, str] = {}
    for path in followed({target.partition("#")[0] for target in targets}):
        reply = server.get(path, "text/html, */*;q=0.1")
        assert reply.status == 200, path
        texts[path] = reply.text if reply.media_type == "text/html" else ""
    assert len(texts) > 100
    for target in targets:
        path, _, anchor = target.partition("#")
        assert not anchor or f'id="{anchor}"' in texts.get(path, f'id="{anchor}"'), target


def followed(paths: set[str]) -> Iterator[str]:
    """Yield the addresses of each folder, of a large folder those that the run tries."""
    folders: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder = path.partition("?")[0] if "?" in path else path.rpartition("/")[0]
        folders.setdefault(folder, []).append(path)
    for found in folders.values():
        yield from found if len(found) < 20 else sample(found)


@pytest.mark.parametrize(
    "path", ["/", "/page/id/ammtc-19", "/page/ontology", "/sparql", "/search?q=x", "/nothing", "/static/style.css"]
)
def test_pages_may_run_and_fetch_nothing(server: ServerProcess, path: str) -> None:
    reply = server.get(path, "text/html")
    policy = dict(part.strip().split(" ", 1) for part in reply.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    for name in ("script-src", "style-src", "img-src", "connect-src", "form-action"):
        assert policy[name] == "'self'"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    page = Page(reply.text)
    assert not {"iframe", "object", "embed"} & {tag for tag, _ in page.elements}
    assert not page.inline_scripts()
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert not [attributes["style"] for _, attributes in page.elements if "style" in attributes]
    fetched = [attributes.get("src") or "" for _, attributes in page.elements if "src" in attributes]
    fetched += [
        attributes.get("href") or ""
        for tag, attributes in page.elements
        if tag == "link" and attributes.get("rel") not in ("alternate", "cite-as", "describedby")
    ]
    assert all(link.startswith("/static/") for link in fetched)


@pytest.mark.parametrize(
    "path",
    [
        "/page/id/trap",
        "/id/trap",
        f"/search?q={quote('<script>alert(1)</script>')}",
        f"/sparql?query={quote('SELECT * { ?s ?p ?o }')}",
        f"/sparql?query={quote('CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }')}",
        f"/sparql?query={quote('</textarea><script>alert(1)</script>')}",
        f"/page/id/{quote('<script>alert(1)</script>')}",
        f"/question/{quote('<script>alert(1)</script>')}",
    ],
)
def test_nothing_in_the_data_or_the_request_runs(files: ServerProcess, path: str) -> None:
    reply = files.get(path, "text/html")
    page = Page(reply.text)
    assert not page.inline_scripts()
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    schemes = {urlsplit(link).scheme for link in page.links()}
    assert schemes <= {"", "http", "https"}


def test_hostile_values_are_shown_as_they_are(files: ServerProcess) -> None:
    page = read(files, "/page/id/trap")
    for shown in ("<script>alert(1)</script>", "javascript:alert(1)", "{{ 7 * 7 }}{% raw %}", "שלום עולם"):
        assert shown in page.text
    assert "http://example.org/safe" in set(page.links())


def test_a_page_says_where_the_rows_end(server: ServerProcess) -> None:
    page = read(server, f"/sparql?query={quote('SELECT * { ?s ?p ?o }')}")
    assert "The first 500 rows; there are more" in page.text
    assert sum(tag == "tr" for tag, _ in page.elements) == 501


def test_health_and_robots(server: ServerProcess) -> None:
    health = server.get("/health")
    assert health.json["status"] == "ok"
    assert re.fullmatch("[0-9a-f]{64}", health.json["generation"])
    assert "Disallow: /sparql" in server.get("/robots.txt").text
