"""Statements with pages of their own, and citations in each format, which other programs can read."""

import json
import re
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from page import Page
from pyoxigraph import Triple, parse
from support.servers import ServerProcess

from server.presentation.citations import Citable, bibtex, csl_json, footnote
from server.representations.formats import EXTENSIONS

pytestmark = pytest.mark.xdist_group("server")

_STATEMENT = "https://w3id.org/ammtc/statement/"
_BIBTEX, _CSL = "application/x-bibtex", "application/vnd.citationstyles.csl+json"
_BASES = ("stated", "derived", "inferred", "reference", "editorial")
_TEX = {
    **{f"\\{sign}": sign for sign in "&%$#_"},
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
}
#: Those members of an item that the schema of CSL has and that are used here, with their types.
_MEMBERS = {
    **dict.fromkeys(("id", "type", "title", "container-title", "version", "URL", "note"), str),
    "author": list,
    "issued": dict,
    "accessed": dict,
}
_HARD = Citable(
    key="ammtc-id-x-1a2b3c4d",
    kind="entry",
    title='100 % of {A_B} & C\\D: "x" ~ y^2 #1, $5,\nin Việt Nam}',
    authors=["Tô Lâm and Sons", "A & B"],
    container="A graph",
    generation="1a2b3c4d5e6f",
    issued="2025-09-12",
    address="https://example.org/sparql?query=SELECT%20%7B%7D#a_b",
    licence="CC BY 4.0",
)


_ODD = """
PREFIX statement: <https://w3id.org/ammtc/statement/>
PREFIX ammtc: <https://w3id.org/ammtc/ontology#>
PREFIX concept: <https://w3id.org/ammtc/concept/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX id: <https://w3id.org/ammtc/id/>
statement:two a ammtc:Justification ; rdf:reifies <<( id:a id:p id:b )>> , <<( id:a id:p id:c )>> .
statement:none a ammtc:Justification .
statement:label rdfs:label "only a label" .
statement:text a ammtc:Justification ; rdf:reifies <<( id:a id:p "</script><script>alert(1)</script> {x" )>> ;
  ammtc:basis "odd" ; ammtc:strength 5 ; ammtc:evidence [] , "x" ; ammtc:passage 7 ; ammtc:origin [] .
statement:inferred a ammtc:Justification ; rdf:reifies <<( id:a id:p <<( id:a id:p id:b )>> )>> ;
  ammtc:basis concept:inferred ; ammtc:evidence <https://w3id.org/ammtc/statement/inferred#proof> .
<https://w3id.org/ammtc/statement/inferred#proof> ammtc:premise statement:inferred , statement:text , "x" .
statement:blank a ammtc:Justification ; rdf:reifies <<( _:x id:p id:b )>> ; ammtc:basis concept:stated .
id:a id:p id:b .
"""


def read_bibtex(text: str) -> dict[str, str]:
    """Return the fields of the only entry of a file, strictly: braces balance, no command is unknown."""
    head = re.match(r"@misc\{([a-z0-9-]+)(?=,\n)", text)
    assert head, text
    fields, place = {"": head[1]}, head.end()
    while found := re.compile(r",\n  (\w+) = ").match(text, place):
        value, place = _value(text, found.end())
        fields[found[1]] = value
    assert text[place:] == "\n}\n"
    return fields


def _value(text: str, start: int) -> tuple[str, int]:
    if text[start] != "{":
        word = re.compile("[a-z]{3}").match(text, start)
        assert word
        return word[0], word.end()
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start + 1 : place], place + 1
    raise AssertionError(text[start:])


def plain(value: str) -> str:
    """Return what TeX makes of a value."""
    commands = re.compile("|".join(sorted(map(re.escape, _TEX), key=len, reverse=True)))
    assert not set(commands.sub("", value)) & set("&%$#_~^\\"), value
    return re.sub(f"{commands.pattern}|[{{}}]", lambda found: _TEX.get(found[0], ""), value)


def read_csl(text: str) -> dict[str, object]:
    """Return the only item of a list, which has no member and no type that the schema lacks."""
    (item,) = json.loads(text)
    assert {name: type(value) for name, value in item.items()}.items() <= _MEMBERS.items()
    assert item.keys() >= {"id", "type"}
    assert item["type"] in ("entry", "webpage", "dataset")
    assert all(author.keys() == {"literal"} for author in item.get("author", ()))
    for name in {"issued", "accessed"} & item.keys():
        ((year, month, day),) = item[name]["date-parts"]
        assert date(year, month, day)
    return dict(item)


def justifications(server: ServerProcess, basis: str, most: int = 3) -> list[str]:
    """Return names of justifications of a basis."""
    query = f"SELECT ?j {{ ?j a ammtc:Justification ; ammtc:basis concept:{basis} }} ORDER BY ?j LIMIT {most}"
    rows = json.loads(server.get(f"/sparql?query={quote(query)}", "application/sparql-results+json").text)
    return [row["j"]["value"].removeprefix(_STATEMENT) for row in rows["results"]["bindings"]]


def test_bibtex_has_whatever_a_title_has() -> None:
    fields = read_bibtex(bibtex(_HARD).on(date(2026, 1, 2)))
    assert plain(fields["title"]) == " ".join(_HARD.title.split())
    authors = fields["author"].split("} and {")
    assert [plain(author) for author in authors] == _HARD.authors
    assert (fields["year"], fields["month"], fields["urldate"]) == ("2025", "sep", "2026-01-02")
    assert fields["url"] == _HARD.address
    assert "urldate" not in read_bibtex(bibtex(_HARD).on(None))


def test_csl_json_has_whatever_a_title_has() -> None:
    item = read_csl(csl_json(_HARD).on(date(2026, 1, 2)))
    assert item["title"] == " ".join(_HARD.title.split())
    assert item["author"] == [{"literal": author} for author in _HARD.authors]
    assert item["accessed"] == {"date-parts": [[2026, 1, 2]]}
    assert "accessed" not in read_csl(csl_json(_HARD).on(None))


def test_a_footnote_says_when_it_was_read() -> None:
    assert footnote(_HARD).on(None).endswith(f"of 2025-09-12. {_HARD.address}. CC BY 4.0.")
    assert footnote(_HARD).on(date(2026, 1, 2)).endswith("CC BY 4.0. Read on 2026-01-02.")


@pytest.mark.parametrize("basis", _BASES)
def test_a_justification_says_who_says_so(server: ServerProcess, basis: str) -> None:
    for name in justifications(server, basis):
        reply = server.get(f"/page/statement/{name}", "text/html")
        assert reply.status == 200
        page = Page(reply.text)
        assert {f"/page/concept/{basis}", f"/data/statement/{name}.ttl"} <= set(page.links())
        assert f"{_STATEMENT}{name}" in page.main
        described = json.loads(reply.text.partition('type="application/ld+json">')[2].partition("</script>")[0])
        assert (described["@type"], described["@id"]) == ("Claim", f"{_STATEMENT}{name}")
        assert described["name"] in page.text  # in its title
        fields = read_bibtex(server.get(f"/cite?iri={_STATEMENT}{name}", _BIBTEX).text)
        assert fields["url"] == f"{_STATEMENT}{name}"
        assert fields["author"] == "{AMMTC knowledge graph contributors}"
        item = read_csl(server.get(f"/cite?iri={_STATEMENT}{name}&accessed=2026-01-02", _CSL).text)
        assert (item["type"], item["title"]) == ("entry", plain(fields["title"]))


def test_an_inferred_statement_leads_to_its_premises_and_its_proof(server: ServerProcess) -> None:
    query = """SELECT ?j { ?j rdf:subject id:plan-of-action-2026-2035 ; rdf:predicate ammtc:adoptedAt ;
                             rdf:object id:ammtc-19 ; ammtc:passage [ ammtc:source source:nst-2025-09-12 ] }"""
    rows = json.loads(server.get(f"/sparql?query={quote(query)}", "application/sparql-results+json").text)
    name = rows["results"]["bindings"][0]["j"]["value"].removeprefix(_STATEMENT)
    page = Page(server.get(f"/page/statement/{name}", "text/html").text)
    assert re.search(r"Inferred from NST, paragraphs .*rule “chain of properties”", page.main)
    premises = {link for link in page.links() if link.startswith("/page/statement/")}
    assert premises
    for link in premises:
        assert "NST" in Page(server.get(link, "text/html").text).main
    proof = next(link for link in page.links() if link.startswith("/explain?"))
    assert "It follows in" in Page(server.get(proof, "text/html").text).main
    run = next(link for link in page.links() if link.startswith("/sparql?query=SELECT%20%3Fbasis"))
    assert "inferred" in Page(server.get(run, "text/html").text).main


def test_other_justifications_of_the_same_statement_are_there(server: ServerProcess) -> None:
    query = """SELECT ?a ?b { ?a rdf:reifies ?statement . ?b rdf:reifies ?statement . FILTER(STR(?a) < STR(?b)) }
               ORDER BY ?a LIMIT 3"""
    rows = json.loads(server.get(f"/sparql?query={quote(query)}", "application/sparql-results+json").text)
    for row in rows["results"]["bindings"]:
        one, other = (row[name]["value"].removeprefix("https://w3id.org/ammtc") for name in "ab")
        assert f"/page{other}" in set(Page(server.get(f"/page{one}", "text/html").text).links())
        assert f"/page{one}" in set(Page(server.get(f"/page{other}", "text/html").text).links())


@pytest.mark.parametrize("path", ["/page/id/ammtc-19", "/page/source/nst-2025-09-12", "/page/id/malaysia"])
def test_a_footnote_leads_to_its_statements(server: ServerProcess, path: str) -> None:
    links = [link for link in Page(server.get(path, "text/html").text).links() if link.startswith("/page/statement/")]
    assert len(links) > 50
    for link in links[::40]:
        assert Page(server.get(link, "text/html").text).main.startswith(" A statement, and who says so")


def test_data_of_a_justification_are_there_in_all_formats(server: ServerProcess) -> None:
    (name,) = justifications(server, "derived", 1)
    for extension in ("ttl", "nt", "rdf", "jsonld", "trig", "nq"):
        reply = server.get(f"/data/statement/{name}.{extension}")
        assert reply.status == 200
        triples = [quad.triple for quad in parse(reply.body, format=EXTENSIONS[extension].engine)]
        about = {triple.predicate.value.rpartition("#")[2] for triple in triples if name in str(triple.subject)}
        assert {"subject", "predicate", "object", "evidence", "passage", "basis"} <= about
        terms = any(isinstance(triple.object, Triple) for triple in triples)
        assert terms == (extension in ("nt", "trig", "nq"))
        assert terms == ("version=1.2" in (reply.headers["Content-Type"] or ""))


def test_a_statement_leads_to_its_citation(server: ServerProcess) -> None:
    (name,) = justifications(server, "stated", 1)
    for accept, format_ in ((_BIBTEX, "bibtex"), (_CSL, "csl")):
        reply = server.get(f"/statement/{name}", accept)
        assert reply.status == 303
        assert reply.headers["Location"] == f"/cite?iri={quote(_STATEMENT + name, safe='')}&format={format_}"
        assert server.get(reply.headers["Location"]).headers["Content-Type"].startswith(accept)
        assert server.get(f"/statement/{name}?format={format_}").headers["Location"] == reply.headers["Location"]
    assert server.get(f"/statement/{name}").headers["Location"] == f"/data/statement/{name}.ttl"


@pytest.mark.parametrize("address", ["/statement/0123", "/page/statement/0123", "/data/statement/0123.ttl"])
def test_a_statement_that_is_gone_may_have_changed(server: ServerProcess, address: str) -> None:
    reply = server.get(address, "text/html")
    assert reply.status == 404
    assert "the statement or its evidence may have changed since" in reply.text
    assert "Search for what it was about" in reply.text


def test_justifications_are_not_among_the_names(server: ServerProcess) -> None:
    (name,) = justifications(server, "stated", 1)
    assert json.loads(server.get(f"/suggest?q={name}").text) == []
    assert "Nothing has such a name" in server.get(f"/search?q={name}", "text/html").text


def test_pages_say_how_they_are_cited(server: ServerProcess) -> None:
    text = server.get("/page/id/ammtc-19", "text/html").text
    assert '<link rel="cite-as" href="https://w3id.org/ammtc/id/ammtc-19">' in text
    for address in re.findall('<link rel="describedby" type="[^"]*" href="([^"]*)"', text):
        assert server.get(address.replace("&amp;", "&")).status == 200
    assert read_csl(server.get("/cite?iri=https://w3id.org/ammtc/id/ammtc-19", _CSL).text)["type"] == "webpage"
    assert "CSL JSON" in server.get("/term/Meeting", "text/html").text


def test_results_are_cited_with_their_query(server: ServerProcess) -> None:
    query = "SELECT ?x WHERE { ?x a ammtc:Meeting } # {&}"
    item = read_csl(server.get(f"/cite?query={quote(query)}", _CSL).text)
    assert item["type"] == "dataset"
    assert str(item["URL"]).endswith(f"/sparql?query={quote(query, safe='')}")
    fields = read_bibtex(server.get(f"/cite?query={quote(query)}&format=bibtex").text)
    assert plain(fields["title"]) == f"Result of the query {query}"
    assert fields["url"] == item["URL"]
    page = server.get(f"/sparql?format=html&query={quote(query)}", "text/html").text
    assert "Cite this result" in page
    assert str(item["URL"]) in page
    ready = Page(server.get("/question/who-proposed-drug-free-border-communes", "text/html").text)
    assert re.search("contributors: “Who proposed .*”. AMMTC knowledge graph, generation", ready.main)
    long = f"{query}{'#' * 5000}"
    digest = re.search("SHA-256 [0-9a-f]{64}", str(read_csl(server.get(f"/cite?query={quote(long)}", _CSL).text)))
    assert digest


@pytest.mark.parametrize(
    ("address", "status"),
    [
        *(("/cite", 400), ("/cite?iri=x&query=y", 400), ("/cite?iri=https://w3id.org/ammtc/id/nothing", 404)),
        *(
            ("/cite?query=x&accessed=yesterday", 400),
            ("/cite?query=x&format=turtle", 406),
            ("/cite?query=x&format=x", 400),
        ),
        ("/explain?proof=99&subject=https://w3id.org/ammtc/id/melaka&property=x:y&value=x:z", 404),
    ],
)
def test_what_cannot_be_cited_is_a_problem(server: ServerProcess, address: str, status: int) -> None:
    assert server.get(address).status == status


def test_a_justification_by_another_source_leads_to_its_own_proof(server: ServerProcess) -> None:
    query = """SELECT ?j ?source { ?statement ^rdf:reifies ?j , ?other . FILTER(?j != ?other)
                 ?j ammtc:basis concept:inferred ; ammtc:passage [ ammtc:source ?source ] .
                 ?other ammtc:basis concept:inferred ; ammtc:passage [ ammtc:source ?another ] .
                 FILTER(?source != ?another)
                 FILTER NOT EXISTS { ?j ammtc:passage [ ammtc:source ?another ] } } ORDER BY ?j"""
    rows = json.loads(server.get(f"/sparql?query={quote(query)}", "application/sparql-results+json").text)
    names = dict.fromkeys(row["j"]["value"].removeprefix(_STATEMENT) for row in rows["results"]["bindings"])
    links = [
        link
        for name in list(names)[:10]
        for link in Page(server.get(f"/page/statement/{name}", "text/html").text).links()
        if link.startswith("/explain?")
    ]
    assert any("&proof=" in link for link in links)
    assert all("It follows in" in Page(server.get(link, "text/html").text).main for link in links)


def test_files_may_say_anything_of_justifications(tmp_path: Path) -> None:
    (tmp_path / "odd.trig").write_text(_ODD, encoding="utf-8")
    with ServerProcess({"data": [str(tmp_path / "odd.trig")]}) as server:
        for name in ("two", "none", "label", "text", "inferred", "blank"):
            page = server.get(f"/page/statement/{name}", "text/html")
            assert page.status == 200
            assert not Page(page.text).inline_scripts()
            fields = read_bibtex(server.get(f"/cite?iri={_STATEMENT}{name}", _BIBTEX).text)
            assert fields["url"] == f"{_STATEMENT}{name}"
            for extension in ("ttl", "jsonld"):
                assert server.get(f"/data/statement/{name}.{extension}").status == 200


def test_files_have_no_justifications_to_cite(files: ServerProcess) -> None:
    reply = files.get("/page/id/melaka", "text/html")
    assert "/page/statement/" not in reply.text
