"""The harness itself: ontologies with every kind of axiom pass through unchanged, and each kind of fault is found."""

from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from rdflib import Literal
from rdflib.namespace import OWL, RDF, RDFS, XSD

from kb.rdf.convert import to_graph
from kb.rdf.namespaces import AMMTC, ID, SOURCE
from kb.rdf.turtle import parse, parse_statements
from protege.model import JavaError, Statement
from protege.owlapi import OwlApi
from protege.saving import added_lines, saved

pytestmark = pytest.mark.xdist_group("owlapi")

CASES = Path(__file__).parent / "cases"
VOCABULARY = CASES / "valid" / "vocabulary.ttl"
FACTS = CASES / "valid" / "facts.ttl"

#: Case of cases/faulty -> what the OWL API says about it.
OUTSIDE_DL = {
    "property-of-two-kinds": "Cannot pun between properties",
    "irregular-chain": "Use of property in chain causes cycle",
    "number-of-transitive-values": "Use of non-simple property in a restriction",
    "undeclared-class": "Use of undeclared class",
    "undeclared-property": "Use of undeclared annotation property",
    "reserved-vocabulary": "Use of reserved vocabulary for data property IRI",
    "date-as-data-value": "Use of undeclared datatype: xsd:date",
}
NOT_CLOSED = {
    "import-without-entry": "Could not load imported ontology: <https://example.org/unknown>",
    "import-without-file": "no-such-file.ttl",
}
REFUSED_BY_HERMIT = {
    "date-as-data-value": "is not part of the OWL 2 datatype map",
    "irregular-chain": "is not regular",
    "number-of-transitive-values": "Non-simple property",
}
OTHERS = {"inconsistent", "unsatisfiable", "evidence-without-statement"}


def faulty(name: str) -> Path:
    return CASES / "faulty" / f"{name}.ttl"


def test_every_case_is_used() -> None:
    files = {path.stem for path in (CASES / "faulty").glob("*.ttl")}
    assert files == OUTSIDE_DL.keys() | NOT_CLOSED.keys() | REFUSED_BY_HERMIT.keys() | OTHERS
    assert {path.name for path in (CASES / "valid").glob("*.ttl")} == {VOCABULARY.name, FACTS.name}


def test_imports_are_loaded_through_the_catalog(owl_api: OwlApi) -> None:
    facts, vocabulary = owl_api.load_closure(FACTS)
    assert (facts.path, vocabulary.path) == (FACTS, VOCABULARY)
    assert (facts.imports, vocabulary.imports) == (("https://example.org/vocabulary",), ())
    assert vocabulary.iri == "https://example.org/vocabulary"
    assert facts.axioms > 0 < vocabulary.axioms


@pytest.mark.parametrize(("name", "message"), NOT_CLOSED.items())
def test_an_import_that_cannot_be_resolved_is_an_error(owl_api: OwlApi, name: str, message: str) -> None:
    with pytest.raises(JavaError, match=message):
        owl_api.load_closure(faulty(name))


def test_nothing_is_fetched(owl_api: OwlApi, tmp_path: Path, ontology_server: tuple[str, list[str]]) -> None:
    """An import that a server on this very machine could answer is not asked for."""
    address, requests = ontology_server
    root = tmp_path / "root.ttl"
    root.write_text(f"<https://example.org/root> a <{OWL.Ontology}> ; <{OWL.imports}> <{address}> .")
    (tmp_path / "catalog-v001.xml").write_text('<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog"/>')
    with pytest.raises(JavaError, match="Connection refused"):
        owl_api.load_closure(root)
    assert requests == []


def test_valid_ontologies_are_in_owl_2_dl(owl_api: OwlApi) -> None:
    assert owl_api.profile_violations(FACTS) == ()


@pytest.mark.parametrize(("name", "message"), OUTSIDE_DL.items())
def test_what_is_outside_owl_2_dl_is_reported(owl_api: OwlApi, name: str, message: str) -> None:
    assert any(violation.startswith(message) for violation in owl_api.profile_violations(faulty(name)))


def test_what_is_outside_owl_2_rl_is_reported(owl_api: OwlApi) -> None:
    """The valid cases are in OWL 2 DL and use what OWL 2 RL leaves out."""
    found = owl_api.profile_violations(FACTS, "RL")
    assert any(violation.startswith("Use of non-superclass expression") for violation in found)


def test_hermit_classifies(owl_api: OwlApi) -> None:
    result = owl_api.classify(FACTS)
    assert (result.consistent, result.unsatisfiable) == (True, ())
    assert result.superclasses[str(AMMTC.Person)] == {str(AMMTC.Agent)}, "a union lies above its parts"
    assert result.superclasses[str(AMMTC.Session)] == {str(AMMTC.Meeting)}
    assert result.types[str(ID["act"])] == {str(AMMTC.Done)}, "by the value of a property"
    assert result.types[str(ID["m19"])] == {str(AMMTC.Chaired)}, "by the inferred chair"


def test_hermit_answers_what_follows(owl_api: OwlApi) -> None:
    follows = [
        Statement(ID["m19"], AMMTC.chair, ID["malaysia"]),  # a chain
        Statement(ID["someone"], AMMTC.chairs, ID["m19"]),  # an inverse
        Statement(ID["session"], AMMTC.partOf, ID["m19"]),  # a subproperty
        Statement(ID["session"], RDF.type, AMMTC.Meeting),
        Statement(ID["m19"], AMMTC.ordinal, Literal(19)),
        Statement(ID["m19"], AMMTC.code, Literal("007")),
        Statement(AMMTC.Done, RDFS.subClassOf, AMMTC.Act),
    ]
    does_not = [
        Statement(ID["m19"], AMMTC.chair, ID["someone"]),
        Statement(ID["m19"], RDF.type, AMMTC.Session),
        Statement(ID["m19"], AMMTC.ordinal, Literal(18)),
        Statement(ID["m19"], AMMTC.code, Literal("7")),
        Statement(AMMTC.Act, RDFS.subClassOf, AMMTC.Done),
    ]
    entailed = owl_api.classify(FACTS, [*follows, *does_not]).entailed
    assert entailed == (True,) * len(follows) + (False,) * len(does_not)


def test_hermit_lists_the_facts_that_follow(owl_api: OwlApi) -> None:
    facts = owl_api.classify(FACTS, known=()).unknown_facts
    inferred = {(ID["m19"], AMMTC.chair, ID["malaysia"]), (ID["session"], AMMTC.partOf, ID["m19"])}
    assert {tuple(map(str, fact)) for fact in inferred} < facts
    assert (str(ID["m19"]), str(AMMTC.chair), str(ID["someone"])) not in facts
    assert owl_api.classify(FACTS).unknown_facts == set()


def test_each_fact_that_is_not_known_is_found(owl_api: OwlApi) -> None:
    facts = owl_api.classify(FACTS, known=()).unknown_facts
    assert owl_api.classify(FACTS, known=facts).unknown_facts == set()
    for fact in facts:
        assert owl_api.classify(FACTS, known=facts - {fact}).unknown_facts == {fact}


def test_an_inconsistency_is_found(owl_api: OwlApi) -> None:
    assert not owl_api.classify(faulty("inconsistent")).consistent


def test_an_unsatisfiable_class_is_found(owl_api: OwlApi) -> None:
    result = owl_api.classify(faulty("unsatisfiable"))
    assert (result.consistent, result.unsatisfiable) == (True, (str(AMMTC.MeetingState),))


@pytest.mark.parametrize(("name", "message"), REFUSED_BY_HERMIT.items())
def test_what_hermit_refuses_is_an_error(owl_api: OwlApi, name: str, message: str) -> None:
    """A date as a data value stops HermiT; as the value of an annotation property, as in facts.ttl, it does not."""
    with pytest.raises(JavaError, match=message):
        owl_api.classify(faulty(name))


@pytest.mark.parametrize("path", [VOCABULARY, FACTS], ids=lambda path: path.stem)
def test_a_save_without_an_edit_changes_nothing(owl_api: OwlApi, path: Path) -> None:
    assert saved(owl_api, path) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("value", "datatype"), [("2024", "gYear"), ("2024-01", "gYearMonth"), ("2024-01-31", "date")])
def test_an_added_date_adds_its_line(owl_api: OwlApi, value: str, datatype: str) -> None:
    text = saved(owl_api, FACTS, Statement(ID["m19"], AMMTC.date, Literal(value, datatype=XSD[datatype])))
    assert added_lines(FACTS, text) == Counter([f'    ammtc:date "{value}"^^xsd:{datatype} ;'])


def test_second_evidence_adds_an_axiom(owl_api: OwlApi) -> None:
    """The same statement with other evidence is another axiom: both are kept."""
    evidence = ((AMMTC.evidence, SOURCE["n-1#p2"]),)
    text = saved(owl_api, FACTS, Statement(ID["m19"], AMMTC.ordinal, Literal(19), evidence))
    assert added_lines(FACTS, text) == Counter(
        [
            "[]",
            "    a owl:Axiom ;",
            "    owl:annotatedProperty ammtc:ordinal ;",
            "    owl:annotatedSource id:m19 ;",
            "    owl:annotatedTarget 19 ;",
            "    ammtc:evidence n-1:p2 ;",
            "    .",
            "",
        ]
    )


def test_a_save_makes_a_fact_of_what_only_evidence_names(owl_api: OwlApi) -> None:
    """Why evidence without its statement must not be in a file."""
    path = faulty("evidence-without-statement")
    statement = (ID["m19"], AMMTC.host, ID["malaysia"])
    assert statement not in parse(path)
    assert statement in to_graph(parse_statements(owl_api.resave(path).encode(), path))


@pytest.fixture
def ontology_server() -> Iterator[tuple[str, list[str]]]:
    """The address of an ontology on this machine, and the requests made for it so far."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/turtle")
            self.end_headers()
            self.wfile.write(f"<{address}> a <{OWL.Ontology}> .".encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        address = f"http://127.0.0.1:{server.server_port}/ontology"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield address, requests
        server.shutdown()
        thread.join()
