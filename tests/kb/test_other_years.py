"""An article on another year, made up for this test, entered in the patterns for other years: no check finds anything.

The facts are the case consistency/other-years.trig, which `test_consistency` and `protege.test_meaning` put to the
rules and to HermiT. Here they are a file of the graph; beside each plain fact stands its evidence.
"""

import shutil
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode
from rdflib import Literal
from rdflib.namespace import OWL, RDF
from support.meaning import load_case

from kb.checks import Context, run_checks
from kb.config import Project
from kb.files.catalog import write_index
from kb.files.documents import Document
from kb.files.evidence import unevidenced
from kb.namespaces import BASE, GRAPH, SOURCE
from kb.rdf.canonical import write_statements
from kb.rdf.convert import to_term
from kb.rdf.namespaces import AMMTC
from kb.rdf.terms import Rdf11Statement
from kb.rdf.turtle import parse_statements

NAME = "press-2031"
CASE = Path(__file__).parent / "consistency" / "other-years.trig"
HEADER = f"""
<{GRAPH}{NAME}>
    a <{OWL.Ontology}> ;
    <http://purl.org/dc/terms/description> "What an article that was made up for a test states."@en ;
    <http://purl.org/dc/terms/license> <https://creativecommons.org/licenses/by/4.0/> ;
    <http://www.w3.org/2000/01/rdf-schema#label> "Press, 13 September 2031"@en ;
    <{OWL.imports}> <{GRAPH}entities> , <{BASE}ontology> , <{BASE}ontology/concepts> , <{BASE}ontology/external> ;
    <{OWL.versionIRI}> <{GRAPH}{NAME}/0.2.0> ;
    <{OWL.versionInfo}> "0.2.0" .
"""


def test_no_check_finds_anything_in_an_article_on_another_year(tmp_path: Path, project: Project) -> None:
    for folder in (project.ontology, project.graph):
        shutil.copytree(folder, tmp_path / folder.name)
    article = Project(tmp_path)
    (article.graph / f"{NAME}.ttl").write_text(written(set(load_case(CASE).premises)), encoding="utf-8")
    write_index(article)
    assert run_checks(Context(article)) == ()


def written(facts: set[Rdf11Statement]) -> str:
    """Return the file of an article: header, declarations, facts, and the evidence of the plain ones."""
    facts |= set(parse_statements(HEADER.encode(), Path("header.ttl")))
    individuals = {s for s, p, o in facts if p == term(RDF.type) and o != term(OWL.Ontology)}
    facts |= {(s, term(RDF.type), term(OWL.NamedIndividual)) for s in individuals}
    document = Document(Path(), f"{GRAPH}{NAME}", (), frozenset(facts), "")
    for triple in unevidenced(document):
        axiom = BlankNode()
        facts |= {(axiom, term(RDF.type), term(OWL.Axiom))}
        facts |= {(axiom, term(AMMTC.evidence), NamedNode(f"{SOURCE}{NAME}#p1"))}
        parts = (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget)
        facts |= {(axiom, term(part), to_term(node)) for part, node in zip(parts, triple, strict=True)}
    return write_statements(facts)


def term(node: Literal | str) -> NamedNode:
    return NamedNode(str(node))
