"""What ordinary facts mean to HermiT: the cases of `support.meaning`, each as a file that imports the ontology."""

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from rdflib import Literal, URIRef
from rdflib.namespace import OWL, RDF
from support.meaning import CASES, load_case

from kb.config import Project
from kb.namespaces import BASE
from kb.rdf.convert import to_graph
from kb.rdf.terms import Rdf11Statement
from kb.rdf.turtle import serialize
from protege.catalog import CATALOG, read_catalog
from protege.model import Statement
from protege.owlapi import OwlApi

pytestmark = pytest.mark.xdist_group("owlapi")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Path:
    """A folder whose catalog leads to the ontology's files."""
    found = tmp_path_factory.mktemp("meaning")
    files = read_catalog(project.ontology / CATALOG)
    lines = (f"<uri name={quoteattr(iri)} uri={quoteattr(path.as_uri())}/>" for iri, path in files.items())
    catalog = f'<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">{"".join(lines)}</catalog>'
    (found / CATALOG).write_text(catalog, encoding="utf-8")
    return found


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_hermit_concludes_what_the_rules_conclude(owl_api: OwlApi, folder: Path, path: Path) -> None:
    case = load_case(path)
    graph, ontology = to_graph(case.premises), URIRef(f"{BASE}case/{path.stem}")
    graph.add((ontology, RDF.type, OWL.Ontology))
    graph.add((ontology, OWL.imports, URIRef(f"{BASE}ontology")))
    file = folder / f"{path.stem}.ttl"
    file.write_text(serialize(graph), encoding="utf-8")
    assert owl_api.profile_violations(file) == ()
    answer = owl_api.ask(file, questions((*case.follows, *case.does_not_follow)))
    assert answer.consistent
    assert answer.entailed == (*(True for _ in case.follows), *(False for _ in case.does_not_follow))


def questions(statements: Sequence[Rdf11Statement]) -> list[Statement]:
    found = []
    for s, p, o in (next(iter(to_graph([statement]))) for statement in statements):
        assert isinstance(s, URIRef)
        assert isinstance(p, URIRef)
        assert isinstance(o, URIRef | Literal)
        found.append(Statement(s, p, o))
    return found
