"""The shapes against the cases in shapes/<shape>/: what is valid has no result, what is invalid has exactly its own.

A case is a Turtle file of data, in the manner of the W3C's data-shapes suite: an invalid one holds the expected
`sh:ValidationReport`. It is validated together with the ontology, the things of shapes/things.ttl, which are as they
should be, and with what follows. A result is expected by its focus node, the shape (the nearest that has a name), the
path and the severity (`sh:Violation` where none is given).

All cases are validated at once, in a twentieth of the time: each names its things with a number of its own.
"""

import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
from rdflib import BNode, Graph, URIRef
from rdflib.namespace import RDF, RDFS, SH, SKOS
from rdflib.term import Node

from kb.checks.shacl import PreparedGraph, path_text, validate
from kb.config import Project
from kb.files.documents import load_documents, load_shapes, merged
from kb.namespaces import shorten
from kb.rdf.turtle import parse
from kb.reasoning.infer import infer

FOLDER = Path(__file__).parent / "shapes"
CASES = sorted(FOLDER.glob("*/*.ttl"))
PROJECT = Project(Path(__file__).resolve().parent.parent.parent)

#: Where the things of the cases are, and with which number of a case.
NAMESPACES = [f"https://w3id.org/ammtc/{folder}/" for folder in ("concept", "id", "source")]
NUMBERED = re.compile(rf"({'|'.join(map(re.escape, NAMESPACES))})case-(\d+)-(.+)", re.DOTALL)

Result = tuple[str, str, str | None, str]

pytestmark = pytest.mark.xdist_group("shapes")


@cache
def ontology() -> Graph:
    """The ontology, and things that cases may refer to."""
    return merged(document for document in load_documents(PROJECT) if document.is_schema) + parse(FOLDER / "things.ttl")


@cache
def shapes() -> Graph:
    return load_shapes(PROJECT)


def targeted_shapes() -> dict[str, URIRef]:
    """The node shapes that have targets, by their names; the others describe values."""
    targets = (SH.targetClass, SH.targetObjectsOf, SH.targetSubjectsOf)
    found = {s for target in targets for s in shapes().subjects(target, None) if isinstance(s, URIRef)}
    return {name_of(shape): shape for shape in found}


def name_of(shape: Node | str) -> str:
    return str(shape).rpartition("#")[2].rpartition(":")[2]


@pytest.fixture(scope="module")
def results() -> dict[Path | None, Counter[Result]]:
    """The results of each case; what belongs to none is found under None."""
    found: defaultdict[Path | None, Counter[Result]] = defaultdict(Counter)
    for focus, *rest in validated(all_cases()).elements():
        named = NUMBERED.fullmatch(focus)
        case = CASES[int(named[2])] if named else None
        found[case][(shorten(named[1] + named[3]) if named else focus, *rest)] += 1
    return found


def all_cases() -> Graph:
    """Return what all cases state, without their reports."""
    data = Graph()
    for number, case in enumerate(CASES):
        alone = parse(case)
        take_report(alone)
        for s, p, o in alone:
            data.add((numbered(s, number), p, numbered(o, number)))
    return data


def numbered(term: Node, number: int) -> Node:
    """Return a term of a case with its number, or a term of the ontology."""
    namespace = next((found for found in NAMESPACES if str(term).startswith(found)), None)
    if not isinstance(term, URIRef) or namespace is None or term in terms_of_ontology():
        return term
    return URIRef(f"{namespace}case-{number}-{term.removeprefix(namespace)}")


@cache
def terms_of_ontology() -> frozenset[Node]:
    return frozenset(ontology().all_nodes())


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case_has_the_results_that_it_expects(case: Path, results: dict[Path | None, Counter[Result]]) -> None:
    expected = take_report(parse(case))
    assert bool(expected) == case.stem.startswith("invalid-")
    assert results.get(case, Counter()) == expected


def test_a_case_says_nothing_of_the_ontology_that_others_would_see(
    results: dict[Path | None, Counter[Result]],
) -> None:
    assert None not in results
    for case in CASES:
        assert {s for s in parse(case).subjects() if s in terms_of_ontology()} == set(), case


def test_each_shape_has_a_valid_and_an_invalid_case() -> None:
    kinds = {(path.parent.name, path.stem.partition("-")[0]) for path in CASES}
    assert kinds == {(shape, kind) for shape in targeted_shapes() for kind in ("valid", "invalid")}


def test_each_property_shape_has_a_valid_and_an_invalid_case() -> None:
    invalid = {shape for case in CASES for shape in expected_shapes(case)}
    for name, shape in targeted_shapes().items():
        known = Graph()
        for case in (FOLDER / name).glob("valid-*.ttl"):
            known += parse(case)
        for part in shapes().objects(shape, SH.property):
            path = shapes().value(part, SH.path)
            assert isinstance(part, URIRef), f"{name} has a property shape without a name"
            assert name_of(part) in invalid, part
            if isinstance(path, URIRef) and shapes().value(part, SH.group) is not None:
                assert (None, path, None) in known, (name, part)


def test_each_shape_with_constraints_of_its_own_is_violated() -> None:
    described = {RDF.type, RDFS.label, RDFS.comment, RDFS.isDefinedBy, SKOS.example, SH.property, SH.message}
    described |= {SH.targetClass, SH.targetObjectsOf, SH.targetSubjectsOf}
    own = {name for name, shape in targeted_shapes().items() if set(shapes().predicates(shape)) - described}
    assert own <= {shape for case in CASES for shape in expected_shapes(case)}


def test_an_invalid_case_expects_a_result_of_its_shape() -> None:
    for case in CASES:
        found, shape = expected_shapes(case), targeted_shapes()[case.parent.name]
        assert not found or found & {name_of(part) for part in (shape, *shapes().objects(shape, SH.property))}, case


def test_the_ontology_alone_conforms() -> None:
    assert validated(Graph()) == Counter()


def validated(data: Graph) -> Counter[Result]:
    found = validate(with_inferred(data), shapes())
    return Counter((str(v.focus), shorten(v.shape), v.path, shorten(v.severity)) for v in found)


def with_inferred(data: Graph) -> PreparedGraph:
    """Return data with the ontology, the things of shapes/things.ttl, and what follows."""
    union = PreparedGraph(ontology(), data)
    union += infer(union).inferred
    return union


def take_report(data: Graph) -> Counter[Result]:
    """Return the results of the report in a case, and remove the report from it."""
    found: Counter[Result] = Counter()
    for report in list(data.subjects(RDF.type, SH.ValidationReport)):
        for result in data.objects(report, SH.result):
            found[expected_result(data, result)] += 1
        remove(data, report)
    return found


def expected_result(data: Graph, result: Node) -> Result:
    focus, shape = data.value(result, SH.focusNode), data.value(result, SH.sourceShape)
    path, severity = data.value(result, SH.resultPath), data.value(result, SH.resultSeverity)
    return (
        shorten(str(focus)),
        shorten(str(shape)),
        None if path is None else path_text(data, path),
        shorten(str(severity or SH.Violation)),
    )


def expected_shapes(case: Path) -> set[str]:
    return {name_of(shape) for _, shape, _, _ in take_report(parse(case))}


def remove(data: Graph, node: Node) -> None:
    """Remove a node's statements, and those of the blank nodes that it leads to."""
    for statement in list(data.triples((node, None, None))):
        data.remove(statement)
        if isinstance(statement[2], BNode):
            remove(data, statement[2])
