"""Triple terms and base directions on pages: readable and linked in tables and as values, and no fault anywhere."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from page import Page
from pyoxigraph import Store
from support.servers import ServerProcess

from kb.config import Project
from kb.namespaces import PREFIXES
from server.evaluation.answers import answer
from server.evaluation.messages import QueryTask
from server.representations.formats import PAGE

pytestmark = pytest.mark.xdist_group("server")

#: Properties that pages, search and data documents follow: each has triple terms where something else is expected.
_FOLLOWED = (
    *("rdf:type", "rdfs:label", "skos:prefLabel", "skos:definition", "rdfs:comment", "rdf:first", "rdf:rest"),
    *("owl:onProperty", "owl:inverseOf", "owl:someValuesFrom", "owl:hasValue", "owl:unionOf", "owl:intersectionOf"),
    *("owl:annotatedSource", "owl:annotatedProperty", "owl:annotatedTarget", "owl:versionIRI", "owl:equivalentClass"),
    *("rdfs:subClassOf", "rdfs:domain", "rdfs:range", "skos:broader", "skos:inScheme", "schema:sameAs"),
    *("dcterms:title", "dcterms:license", "dcterms:creator", "rdf:reifies", "rdf:subject", "rdf:object"),
    *(f"ammtc:{name}" for name in ("evidence", "restsOn", "source", "paragraph", "reports", "kind", "status", "actor")),
    *(
        f"ammtc:{name}"
        for name in ("atEvent", "date", "basis", "origin", "place", "within", "copyOf", "concerns", "rank")
    ),
)
_CLASSES = ("Act", "ActReport", "Meeting", "SourceDocument", "Passage", "Comparison", "Place", "Chairmanship")
_STATEMENTS = """
id:t-{number} {name} <<( id:plain {name} "ab"@ar--rtl )>>, "cd"@ar--rtl ;
    id:q [ {name} <<( _:b id:p <<( id:c a id:d )>> )>> ] .
id:plain {name} <<( id:t-{number} {name} 1 )>>, id:t-{number} .
[] a owl:Axiom ; owl:annotatedSource id:t-{number} ; owl:annotatedProperty {name} ;
    owl:annotatedTarget <<( id:plain {name} "ab"@ar--rtl )>> ; ammtc:evidence <<( id:plain id:p 3 )>> .
"""
_TERM = "<<( id:plain rdfs:label <<( id:plain id:p 'a<b>'@ar--rtl )>> )>>"


def _iri(curie: str) -> str:
    prefix, _, local = curie.partition(":")
    return f"{PREFIXES[prefix]}{local}"


def _query(text: str) -> str:
    return f"/sparql?query={quote(text)}"


@pytest.fixture(scope="module")
def reified(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of data with triple terms everywhere."""
    text = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items()) + "graph:g {\n"
    text += "".join(_STATEMENTS.format(number=number, name=name) for number, name in enumerate(_FOLLOWED))
    text += "".join(f"id:a-{name} a ammtc:{name} ; id:p <<( id:a-{name} a ammtc:{name} )>> .\n" for name in _CLASSES)
    file = tmp_path_factory.mktemp("reified") / "reified.trig"
    file.write_text(f"{text}id:shown rdfs:label 'Shown' ; id:p {_TERM} }}\n", encoding="utf-8")
    with ServerProcess({"data": [str(file)], "project": str(project.root)}) as running:
        yield running


_PAGES = (
    *("/", "/browse", "/search?q=ab", "/timeline", "/network", "/compare", "/expected", "/.well-known/void"),
    *("/page/graph/g", "/page/id/plain"),
    f"/statements?thing={quote(_iri('id:plain'))}&property={quote(_iri('rdf:type'))}",
    *(f"/page/id/t-{number}" for number in range(len(_FOLLOWED))),
    *(f"/page/id/a-{name}" for name in _CLASSES),
)


@pytest.mark.parametrize("path", _PAGES)
def test_no_page_has_a_fault(reified: ServerProcess, path: str) -> None:
    reply = reified.get(path, "text/html")
    assert reply.status == 200
    assert "<Triple" not in reply.text


@pytest.mark.parametrize("name", ["plain", "a-Act", *(f"t-{number}" for number in range(len(_FOLLOWED)))])
def test_no_data_document_has_a_fault(reified: ServerProcess, name: str) -> None:
    for extension in ("ttl", "nt", "rdf", "trig", "nq"):
        assert reified.get(f"/data/id/{name}.{extension}").status == 200
    assert reified.get(f"/data/id/{name}.jsonld").status == 406


@pytest.mark.parametrize("path", ["/page/id/shown", _query("SELECT ?x { GRAPH ?g { id:shown id:p ?x } }")])
def test_a_triple_term_is_readable_and_linked(reified: ServerProcess, path: str) -> None:
    reply = reified.get(path, "text/html")
    assert "⟨id:plain label ⟨id:plain id:p a<b> ar⟩⟩" in " ".join(Page(reply.text).main.split())
    begin = reply.text.index('<span class="triple-term">')
    shown = reply.text[begin : reply.text.index("⟩</span>⟩</span>", begin)]
    assert shown.count('<a href="/page/id/plain">id:plain</a>') == 2
    assert '<span dir="rtl" lang="ar">a&lt;b&gt;</span>' in shown
    assert ">label</a>" in shown


def test_a_direction_is_on_the_page(reified: ServerProcess) -> None:
    for path in (f"/page/id/t-{_FOLLOWED.index('rdfs:comment')}", _query('SELECT ("cd"@ar--rtl AS ?x) {}')):
        assert '<span dir="rtl" lang="ar">cd</span>' in reified.get(path, "text/html").text


def _page_of(query: str) -> Any:
    task = QueryTask(query, "http://e.example/", PAGE, PAGE, 100, 100_000)
    return json.loads(answer(Store(), task).body)


def test_what_the_page_has_of_a_triple_term() -> None:
    (row,) = _page_of('SELECT (<<( <urn:a> <urn:p> "x"@ar--rtl )>> AS ?x) {}')["rows"]
    parts = [
        {"type": "uri", "value": "urn:a"},
        {"type": "uri", "value": "urn:p"},
        {"type": "literal", "value": "x", "language": "ar", "direction": "rtl"},
    ]
    assert row == [{"type": "triple", "value": '<<( <urn:a> <urn:p> "x"@ar--rtl )>>', "parts": parts}]


def test_triple_terms_deep_in_each_other_are_cut(reified: ServerProcess) -> None:
    term = f"{'<<( <urn:a> <urn:p> ' * 30}<urn:end>{' )>>' * 30}"
    (row,) = _page_of(f"SELECT ({term} AS ?x) {{}}")["rows"]
    assert row[0]["value"] == term
    depth, cell = 0, row[0]
    while cell := cell.get("parts", [{}])[-1]:
        depth += 1
    assert depth == 4
    reply = reified.get(_query(f"SELECT ({term} AS ?x) {{}}"), "text/html")
    assert "⟨urn:a urn:p ⟨urn:a urn:p ⟨urn:a urn:p ⟨urn:a urn:p …⟩⟩⟩⟩" in " ".join(Page(reply.text).main.split())
