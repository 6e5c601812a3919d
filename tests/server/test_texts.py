"""Texts that the operator has: pages quote the cited paragraphs, mark the values, and nothing else has any of it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from page import Page
from support.quoted_graph import ADDRESS, CHANGED, LONG, write_crowded, write_quoted
from support.servers import KbServe, ServerProcess

from kb.files.words import folded
from server.presentation.nodes import Node
from server.provenance.paragraphs import Paragraph

pytestmark = pytest.mark.xdist_group("texts")

_KB = Path(sys.executable).with_name("kb")
_MARK = re.compile("<mark>(.*?)</mark>")


@pytest.fixture(scope="module")
def quoted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A graph and the folder of its texts."""
    return write_quoted(tmp_path_factory.mktemp("quoted"))


@pytest.fixture(scope="module")
def quoting(quoted: tuple[Path, Path]) -> Iterator[KbServe]:
    """`kb serve` of that graph with its texts."""
    data, texts = quoted
    with KbServe(["--data", data, "--texts", texts]) as running:
        yield running


@pytest.fixture(scope="module")
def silent(quoted: tuple[Path, Path]) -> Iterator[KbServe]:
    """`kb serve` of that graph without texts."""
    with KbServe(["--data", quoted[0]]) as running:
        yield running


def card(text: str, anchor: str) -> str:
    """Return the HTML of a cited paragraph on a page."""
    return text.partition(f'id="{anchor}"')[2].partition("</section>")[0]


def test_a_page_quotes_each_cited_paragraph_once_and_marks_its_values(quoting: KbServe) -> None:
    text = quoting.get("/page/id/meeting", "text/html").text
    assert _MARK.findall(card(text, "cited-one-p1")) == ["Melaka", "24 June 2025", "42"]
    assert text.count('id="cited-one-p1"') == 1
    page = Page(text)
    assert "<script>alert(1)</script> & the <b>meeting</b> in Melaka on 24 June 2025 had 42 delegates" in page.text
    assert not page.inline_scripts()
    assert "b" not in {tag for tag, _ in page.elements}
    assert {"#cited-one-p1", "/page/source/one#p1", ADDRESS} <= set(page.links())
    assert "The first text 1 July 2025" in page.text


def test_what_may_stand_there_for_something_else_is_not_marked(quoting: KbServe) -> None:
    """Melaka is not in "Melaka Declaration"; 5 stands twice; 12 once besides a date."""
    marks = _MARK.findall(card(quoting.get("/page/id/meeting", "text/html").text, "cited-one-p2"))
    assert marks == ["Melaka Declaration", "signed", "MELAKA", "12", "3"]


def test_a_footnote_shows_the_words_around_its_value(quoting: KbServe) -> None:
    text = quoting.get("/page/id/meeting", "text/html").text
    note = next(panel for panel in text.split('class="panel"') if "<mark>42</mark>" in panel)
    excerpt = unescape(re.sub("<[^>]+>", "", note.partition('class="excerpts"')[2].partition("</ul>")[0]))
    assert "The first text 1: … & the <b>meeting</b> in Melaka on" in excerpt
    assert excerpt.endswith("had 42 delegates, as {{ 7 * 7 }} said.")
    assert ADDRESS in note


def test_a_very_long_paragraph_is_shown_from_its_beginning(quoting: KbServe) -> None:
    reply = quoting.get("/page/id/meeting", "text/html")
    assert f"the beginning of {len(LONG.strip()):,} characters" in Page(reply.text).text
    assert len(reply.body) < 60_000
    assert _MARK.findall(card(reply.text, "cited-one-p3")) == ["17"]


def test_hundreds_of_citations_repeat_no_paragraph(tmp_path: Path) -> None:
    data, texts, statements = write_crowded(tmp_path)
    assert statements == 300
    with KbServe(["--data", data, "--texts", texts]) as running:
        reply = running.get("/page/id/meeting", "text/html")
    assert reply.text.count("<blockquote") == 25
    assert reply.text.count("w396 w397 w398 w399") == 25
    assert len(reply.body) < 500_000


def test_what_the_copy_has_in_other_words_is_not_shown(quoting: KbServe) -> None:
    text = quoting.get("/page/id/meeting", "text/html").text
    assert "copy has other words here" in card(text, "cited-one-p4")
    assert "As it was" not in text
    assert "The operator has no copy of this text." in card(text, "cited-two-p1")
    log = quoting.log_text()
    assert "3 of 5 cited paragraphs are shown" in log
    assert "line 4 of any name.txt has another digest" in log
    assert "source/two" in log


def test_a_page_of_a_source_shows_its_cited_paragraphs(quoting: KbServe) -> None:
    text = quoting.get("/page/source/one", "text/html").text
    for number in range(1, 5):
        assert f'aria-label="Paragraph {number}"' in text
    assert _MARK.findall(text.partition('id="p1"')[2].partition("</blockquote>")[0]) == ["Melaka", "24 June 2025", "42"]
    assert 'id="cited-one' not in text
    assert "cited nowhere" not in text
    assert ADDRESS in set(Page(text).links())


def test_without_texts_a_page_says_where_to_read(silent: KbServe) -> None:
    text = silent.get("/page/id/meeting", "text/html").text
    assert "<blockquote" not in text
    assert "<mark>" not in text
    page = Page(text)
    assert "read each where it was published" in page.text
    assert "Read it at example.org" in page.text
    assert {"/page/source/one#p1", ADDRESS} <= set(page.links())


def test_only_pages_have_the_texts(quoting: KbServe) -> None:
    replies = [quoting.get(f"/data/id/meeting.{extension}") for extension in ("ttl", "nt", "jsonld", "rdf")]
    replies += [quoting.get(f"/data/source/one.{extension}") for extension in ("ttl", "jsonld")]
    replies += [quoting.get(path) for path in ("/suggest?q=delegates", "/search?q=delegates", "/.well-known/void")]
    replies.append(quoting.query("SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"))
    for reply in replies:
        assert reply.status == 200
        assert "had 42 delegates" not in reply.text
    described = re.findall(r"ld\+json\">(.*?)</script>", quoting.get("/page/id/meeting", "text/html").text)
    assert described
    assert "delegates" not in described[0]


def test_the_tag_of_a_page_changes_with_the_texts(
    quoting: KbServe, silent: KbServe, quoted: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "text.txt").write_text(
        (quoted[1] / "any name.txt").read_text(encoding="utf-8").replace("As it was changed.", CHANGED)
    )
    with KbServe(["--data", quoted[0], "--texts", tmp_path]) as corrected:
        tags = [server.get("/page/id/meeting", "text/html").headers["ETag"] for server in (quoting, silent, corrected)]
    assert len(set(tags)) == 3
    assert quoting.get("/page/id/meeting", "text/html", If_None_Match=tags[0]).status == 304
    assert quoting.get("/page/id/meeting", "text/html", If_None_Match=tags[1]).status == 200


@pytest.mark.parametrize(
    ("made", "message"),
    [("", "no such file or folder"), ("empty", "*.txt"), ("latin", "is not UTF-8"), ("folder.txt", "folder")],
)
def test_a_folder_without_readable_texts_ends_the_start(tmp_path: Path, made: str, message: str) -> None:
    folder = tmp_path / "texts"
    if made:
        folder.mkdir()
    if made == "latin":
        (folder / "one.txt").write_bytes("Málaga".encode("latin-1"))
    if made == "folder.txt":
        (folder / "folder.txt").mkdir()
    done = subprocess.run([_KB, "serve", "--texts", folder], capture_output=True, text=True, check=False)
    assert done.returncode == (1 if made == "latin" else 2)
    assert message in done.stderr
    assert str(folder) in done.stderr


def test_the_shipped_graph_quotes_its_sources(shipped: dict[str, Any], texts: Path) -> None:
    with ServerProcess({**shipped, "texts": str(texts)}) as running:
        text = running.get("/page/id/somtc-25", "text/html").text
        marks = _MARK.findall(card(text, "cited-malaysiakini-2025-06-30-p9"))
        assert {"200", "three", "Putrajaya", "25th ASEAN Senior Officials Meeting on Transnational Crime"} <= set(marks)
        note = next(panel for panel in text.split('class="panel"') if "<mark>200</mark>" in panel)
        assert "with a total of <mark>200</mark> <mark>delegates</mark> in attendance" in note
        assert "m.malaysiakini.com" in note
        assert "115 of 115 cited paragraphs are shown" in running.wait_for_log("cited paragraphs").string
        for path in ("/page/source/nst-2025-09-12", "/page/source/daily8-saifuddin", "/timeline", "/"):
            reply = running.get(path, "text/html")
            passages = re.findall(r'id="(p\d+|cited-[^"]+)"', reply.text)
            assert passages
            assert len(passages) == len(set(passages)) == reply.text.count("<blockquote"), path


@pytest.mark.parametrize(
    ("text", "node", "marked"),
    [
        ("It had 1,200 guests.", Node("1200", datatype="xsd:integer"), ["1,200"]),
        ("It had twenty-five guests on 25 June.", Node("25", datatype="xsd:integer"), ["twenty-five"]),
        ("On 25 June 2025.", Node("25", datatype="xsd:integer"), []),
        ("In 2025 it rose to 2.5 million.", Node("2500000", datatype="xsd:integer"), ["2.5 million"]),
        ("From 24-26 June 2025.", Node("2025-06-26", datatype="xsd:date"), ["26 June 2025"]),
        ("On June 24, 2025 and 24.06.2025.", Node("2025-06-24", datatype="xsd:date"), ["June 24, 2025", "24.06.2025"]),
        ("At 3.37 pm.", Node("15:37:00", datatype="xsd:time"), ["3.37 pm"]),
        ("He “agreed”  to it.", Node('"agreed" to'), ["“agreed” to"]),
        ("He agreed and agreed.", Node("agreed"), []),
        ("It was adopted.", Node("adopt"), []),
        ("Nothing here.", Node("nothing here", language="en"), []),
        ("Nothing here.", Node(" "), []),
        ("Nothing here.", Node("true", datatype="xsd:boolean"), []),
    ],
)
def test_words_are_marked_where_they_carry_a_value_for_certain(text: str, node: Node, marked: list[str]) -> None:
    paragraph = Paragraph(text, lambda _: {})
    assert [paragraph.text[start:end] for start, end in paragraph.spans(node)] == marked
    assert len(folded(paragraph.text)) == len(paragraph.text)
