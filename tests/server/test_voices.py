"""Whose words stand where: what editors wrote has their sign and no quotation marks, which are for words of sources."""

import re
from html import escape

import pytest
from browser.kinds import PAGES
from support.servers import ServerProcess

pytestmark = pytest.mark.xdist_group("values")

_OF_EDITORS = """
SELECT DISTINCT ?text {
  ?thing ammtc:summary|ammtc:purpose|ammtc:reason|ammtc:missing|skos:definition|skos:scopeNote|rdfs:comment ?text
  FILTER (STRLEN(?text) > 20)
  FILTER NOT EXISTS { ?thing a sh:SPARQLExecutable }  # a question that a page links to is nobody's statement
}
"""
_OF_SOURCES = "SELECT DISTINCT ?text { ?thing ammtc:wording|ammtc:nameAsGiven|ammtc:aimAsGiven|ammtc:headline ?text }"
_SIGN = re.compile(r'(<[^>]+>)*\s*<small class="ed"><span class="sr">in the editors. words</span>')
_VIEWS = ("comparison", "instrument", "programme", "state", "report", "source", "identification", "class", "topic")


def texts(server: ServerProcess, query: str) -> set[str]:
    rows = server.query(query).json["results"]["bindings"]
    shown = (escape(" ".join(row["text"]["value"].split())) for row in rows)
    return {text.replace("&#x27;", "&#39;").replace("&quot;", "&#34;") for text in shown}


@pytest.fixture(scope="module")
def of_editors(server: ServerProcess) -> re.Pattern[str]:
    found = texts(server, _OF_EDITORS)
    assert len(found) > 500
    return re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True))))


@pytest.mark.parametrize("name", [*_VIEWS, "side-by-side", "compare", "proof", "scheme", "expected"])
def test_what_editors_wrote_has_their_sign(server: ServerProcess, of_editors: re.Pattern[str], name: str) -> None:
    main = " ".join(server.get(PAGES[name], "text/html").text.partition("<main")[2].split())
    found = list(of_editors.finditer(main))
    assert found or name in ("proof", "scheme", "expected", "source")
    unsigned = [match[0] for match in found if not _SIGN.match(main, match.end())]
    assert unsigned == []
    quoted = [re.sub("<[^>]+>", "", words) for words in re.findall("<q>(.*?)</q>", main)]
    assert [words for words in quoted if of_editors.search(words)] == []


def test_the_list_of_all_terms_says_once_whose_words_it_has(server: ServerProcess) -> None:
    main = server.get(PAGES["ontology"], "text/html").text.partition("<main")[2]
    assert "definitions, notes and examples of all terms are the editors" in main
    assert main.partition("<nav")[2].count('class="ed"') < 10


def test_the_words_of_sources_stand_in_quotation_marks(server: ServerProcess) -> None:
    known = texts(server, _OF_SOURCES)
    for name in ("report", "instrument", "source", "programme"):
        reply = server.get(PAGES[name], "text/html").text
        quoted = {" ".join(re.sub("<[^>]+>", "", words).split()) for words in re.findall("<q>(.*?)</q>", reply)}
        assert quoted & known, name
        assert "stands after what the editors of this graph wrote" in reply


def test_files_that_were_not_built_are_nobodys_words(files: ServerProcess) -> None:
    reply = files.get("/page/id/trap", "text/html").text
    assert 'class="ed"' not in reply
