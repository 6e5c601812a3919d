"""Versions of the ontology over HTTP: earlier texts stay served, and terms that went say what stands in their place."""

import pytest
from pyoxigraph import NamedNode, parse
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, OWL
from support.formats import FORMATS
from support.servers import ServerProcess

from kb.config import Project
from kb.files.versions import load_versions
from kb.namespaces import AMMTC, BASE
from server.page_models.kinds import KINDS

pytestmark = pytest.mark.xdist_group("server")

FIRST = [f"{BASE}ontology/{name}0.1.0" for name in ("", "alignments/", "concepts/", "external/", "shapes/")]


def path_of(iri: str) -> str:
    return iri.removeprefix(BASE.removesuffix("/"))


def test_the_first_version_is_kept(project: Project) -> None:
    assert list(load_versions(project)) == FIRST
    kept = {path for path in project.versions.rglob("*") if path.is_file()}
    assert {path.read_bytes() for path in kept} == set(load_versions(project).values())
    assert not kept & set(project.turtle_files())


@pytest.mark.parametrize("iri", FIRST)
def test_a_version_iri_leads_to_the_text_of_that_version(server: ServerProcess, project: Project, iri: str) -> None:
    reply = server.get(path_of(iri), "text/turtle")
    assert (reply.status, reply.headers["Location"]) == (303, f"/data{path_of(iri)}.ttl")
    text = server.get(reply.headers["Location"])
    assert (text.status, text.media_type) == (200, "text/turtle")
    assert text.body == load_versions(project)[iri]


@pytest.mark.parametrize("extension", FORMATS)
def test_each_format_holds_the_same(server: ServerProcess, project: Project, extension: str) -> None:
    iri = FIRST[0]
    reply = server.get(path_of(iri), FORMATS[extension].media_type)
    assert reply.headers["Location"] == f"/data{path_of(iri)}.{extension}"
    quads = list(parse(server.get(reply.headers["Location"]).body, format=FORMATS[extension], base_iri=iri))
    expected = Graph().parse(data=load_versions(project)[iri], format="turtle")
    triples = "".join(f"{quad.triple} .\n" for quad in quads)
    assert isomorphic(Graph().parse(data=triples, format="nt"), expected)
    if extension in ("trig", "nq"):
        assert {quad.graph_name for quad in quads} == {NamedNode(iri)}


@pytest.mark.parametrize("name", ["shapes", "shapes/0.2.0"])
def test_a_shape_leads_to_the_text_of_the_shapes(server: ServerProcess, project: Project, name: str) -> None:
    reply = server.get(f"/ontology/{name}", "text/turtle")
    assert (reply.status, reply.headers["Location"]) == (303, f"/data/ontology/{name}.ttl")
    assert server.get(reply.headers["Location"]).body == project.shapes.read_bytes()
    assert server.get("/dump/shapes.ttl").body == project.shapes.read_bytes()


@pytest.mark.parametrize("part", ["core", "sparql"])
def test_the_parts_of_the_shapes_are_documents(server: ServerProcess, part: str) -> None:
    for name in (part, f"{part}/0.2.0"):
        reply = server.get(f"/ontology/shapes/{name}")
        assert (reply.status, reply.headers["Location"]) == (303, f"/data/ontology/shapes/{name}.ttl")
        text = server.get(reply.headers["Location"]).text
        assert f"<{BASE}ontology/shapes/{part}>\n    a owl:Ontology" in text
        assert ("sh:select" in text) == (part == "sparql")
        assert server.get(f"/dump/shapes-{part}.ttl").text == text
    browser = server.get(f"/ontology/{name}", "text/html,*/*;q=0.1")
    assert server.get(browser.headers["Location"], "text/html,*/*;q=0.1").status == 200


def test_a_browser_gets_a_page_or_the_text(server: ServerProcess) -> None:
    for iri in FIRST:
        reply = server.get(path_of(iri), "text/html,*/*;q=0.1")
        assert reply.status == 303
        found = server.get(reply.headers["Location"], "text/html,*/*;q=0.1")
        assert found.status == 200
        assert f"/data{path_of(iri)}.ttl" in found.text or found.media_type == "text/turtle"


@pytest.mark.parametrize("name", ["", "kinds/", "concepts/", "external/", "deprecated/", "alignments/"])
def test_the_current_version_is_whole(server: ServerProcess, name: str) -> None:
    current = server.get(f"/data/ontology/{name}0.2.0.nt")
    whole = server.get(f"/data/ontology{'/' if name else ''}{name.removesuffix('/')}.nt")
    assert current.status == whole.status == 200
    assert sorted(current.body.splitlines()) == sorted(whole.body.splitlines())
    assert len(current.body.splitlines()) > 30


def test_the_ontology_page_lists_them(server: ServerProcess) -> None:
    page = server.get("/page/ontology", "text/html").text
    for iri in FIRST:
        assert f'<a href="/data{path_of(iri)}.ttl"><code>{iri}</code></a>' in page


def test_mapping_sets_are_served_at_their_iris(server: ServerProcess, project: Project) -> None:
    page = server.get("/page/ontology", "text/html").text
    for name in ("alignments.sssom.tsv", "concepts.sssom.tsv"):
        reply = server.get(f"/ontology/{name}")
        assert (reply.status, reply.media_type) == (200, "text/tab-separated-values")
        assert reply.body == (project.ontology / name).read_bytes()
        assert f"#mapping_set_id: {BASE}ontology/{name}\n" in reply.text
        assert f'<a href="/ontology/{name}"><code>{BASE}ontology/{name}</code></a>' in page
    assert server.get("/ontology/nothing.sssom.tsv").status == 404


@pytest.fixture(scope="module")
def deprecated(project: Project) -> Graph:
    return Graph().parse(project.ontology / "deprecated.ttl", format="turtle")


def test_each_old_term_leads_to_what_stands_in_its_place(server: ServerProcess, deprecated: Graph) -> None:
    """An IRI with a fragment is asked for without it: the page has the anchor, and the data name the file."""
    page = server.get(server.get("/ontology", "text/html").headers["Location"], "text/html").text
    terms = sorted(str(term) for term in deprecated.subjects(OWL.deprecated) if str(term).startswith(AMMTC))
    assert len(terms) >= 95
    for term in terms:
        name = term.removeprefix(AMMTC)
        assert f'<section class="term" id="{name}"' in page, name
        own = server.get(f"/term/{name}", "text/html")
        assert own.status == 200
        assert "replaced by" in own.text.lower()
    assert server.get("/data/ontology.nt").text.count(f"<{BASE}ontology/deprecated>") >= 1


def test_what_replaces_a_term_is_known(server: ServerProcess, deprecated: Graph) -> None:
    """Each replacement leads somewhere, and is not deprecated itself."""
    replacements = {str(o) for o in deprecated.objects(None, DCTERMS.isReplacedBy)}
    assert not {URIRef(o) for o in replacements} & set(deprecated.subjects(OWL.deprecated))
    for iri in sorted(replacements):
        if iri.startswith(AMMTC):
            assert server.get(f"/term/{iri.removeprefix(AMMTC)}", "text/html").status == 200
        elif iri.startswith(BASE):
            assert server.get(path_of(iri), "text/turtle").status == 303


def test_kinds_of_pages_are_of_live_classes(deprecated: Graph) -> None:
    gone = {str(term) for term in deprecated.subjects(OWL.deprecated)}
    assert not gone & {class_ for kind in KINDS for class_ in kind.classes}
