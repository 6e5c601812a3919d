"""Turtle: read as it is, written in one form, and both as other tools understand them."""

import difflib
import random
import resource
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

from kb.atomic import write_text
from kb.errors import DataError, MissingFile, RdfSyntaxError, UnwritablePath, UsageError
from kb.namespaces import PREFIXES
from kb.rdf.convert import empty_graph, to_graph
from kb.rdf.namespaces import AMMTC, ID, SOURCE
from kb.rdf.turtle import format_files, is_canonical, parse, parse_statements, serialize

CASES = Path(__file__).parent / "turtle"
GIVEN = sorted((CASES / "given").glob("*.ttl"))
BROKEN = sorted((CASES / "broken").glob("*.ttl"))
#: rdflib's comparison writes terms as N3 and warns at ill-typed numbers.
pytestmark = pytest.mark.filterwarnings("ignore:Serializing weird numerical", "ignore:Parsing weird boolean")
PROPERTY = settings(deadline=None)
NOWHERE = Path("generated.ttl")

Statement = tuple[Node, Node, Node]


def read(text: str) -> Graph:
    return to_graph(parse_statements(text.encode(), NOWHERE))


def graph_of(statements: list[Statement]) -> Graph:
    graph = Graph()
    for statement in statements:
        graph.add(statement)
    return graph


def test_no_case_is_lost() -> None:
    assert len(GIVEN) == len(list((CASES / "canonical").glob("*.ttl"))) == 5
    assert len(BROKEN) == 15


# The form


@pytest.mark.parametrize("case", GIVEN, ids=lambda path: path.stem)
def test_each_case_has_its_canonical_text(case: Path) -> None:
    assert serialize(parse(case)) == (CASES / "canonical" / case.name).read_text(encoding="utf-8")


@pytest.mark.parametrize("case", GIVEN, ids=lambda path: path.stem)
def test_only_the_canonical_text_is_canonical(case: Path, tmp_path: Path) -> None:
    canonical = CASES / "canonical" / case.name
    assert is_canonical(canonical)
    assert is_canonical(case) == (case.stem == "empty")
    for name, content in {
        "comment": b"# a comment\n" + canonical.read_bytes(),
        "byte order mark": b"\xef\xbb\xbf" + canonical.read_bytes(),
        "blank line": canonical.read_bytes() + b"\n",
        "line ends": canonical.read_bytes().replace(b"\n", b"\r\n") + b"\r\n",
    }.items():
        copy = tmp_path / f"{name}.ttl"
        copy.write_bytes(content)
        assert not is_canonical(copy), name
        assert isomorphic(parse(copy), parse(canonical)), name


# Reading


@pytest.mark.parametrize("case", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_with_its_place(case: Path) -> None:
    expected = case.read_bytes().split(b"\n")[0].decode().removeprefix("# ")
    for read_it in (parse, is_canonical):
        with pytest.raises(RdfSyntaxError) as caught:
            read_it(case)
        assert f"line {caught.value.line}: {caught.value.detail}".startswith(expected)
        assert str(caught.value).startswith(f"{case}:{caught.value.line}:" if caught.value.line else f"{case}: ")


@pytest.mark.parametrize("name", ["missing.ttl", "."])
def test_what_cannot_be_read_is_missing(name: str, tmp_path: Path) -> None:
    for read_it in (parse, is_canonical):
        with pytest.raises(MissingFile):
            read_it(tmp_path / name)


def test_literals_keep_their_lexical_form() -> None:
    graph = read('<a:s> <a:p> 01, "1"^^<http://www.w3.org/2001/XMLSchema#boolean>, "x"@EN-GB, "y", 1.50 .')
    assert {(str(o), o.language, o.datatype) for o in graph.objects() if isinstance(o, Literal)} == {
        ("01", None, XSD.integer),
        ("1", None, XSD.boolean),
        ("x", "en-gb", None),
        ("y", None, None),
        ("1.50", None, XSD.decimal),
    }
    assert rdflib.NORMALIZE_LITERALS, "no switch of the process was turned"


def test_ill_typed_literals_are_read_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    read('<a:s> <a:p> "2025-02-31"^^<http://www.w3.org/2001/XMLSchema#date> .')
    assert caplog.text == ""
    Literal("2025-02-31", datatype=XSD.date)
    assert "Failed to convert" in caplog.text, "rdflib's own warnings are back"


def test_blank_nodes_of_two_files_stay_apart() -> None:
    text = "_:x <a:p> <a:o> ."
    assert len(read(text) + read(text)) == 2


def test_a_graph_knows_the_projects_prefixes_only() -> None:
    assert {prefix: str(namespace) for prefix, namespace in empty_graph().namespaces()} == PREFIXES
    assert {prefix for prefix, _ in read("@prefix other: <http://example.org/> .").namespaces()} == PREFIXES.keys()


# Writing a graph


@pytest.mark.parametrize(
    "statement",
    [
        (URIRef("http://example.org/a b"), RDF.type, OWL.Thing),
        (URIRef("relative"), RDF.type, OWL.Thing),
        (ID.a, URIRef("http://example.org/<p>"), OWL.Thing),
        (ID.a, RDFS.label, Literal("\ud800")),
        (ID.a, RDFS.label, Literal("x", datatype=RDF.langString)),
        (ID.a, RDFS.label, Literal("x", datatype=URIRef("no IRI"))),
        (Literal("subject"), RDF.type, OWL.Thing),
        (ID.a, BNode("b"), OWL.Thing),
        (ID.a, Literal("predicate"), OWL.Thing),
        (ID.a, RDF.type, rdflib.Variable("v")),
    ],
    ids=str,
)
def test_what_turtle_cannot_say_is_refused(statement: Statement) -> None:
    with pytest.raises(DataError, match="is no term or statement of RDF"):
        serialize(graph_of([statement]))


def test_a_plain_string_is_an_xsd_string() -> None:
    both = graph_of([(ID.a, RDFS.label, Literal("x")), (ID.a, RDFS.label, Literal("x", datatype=XSD.string))])
    assert serialize(both).count('"x"') == 1


def test_depth_and_length_have_no_limit() -> None:
    many = sys.getrecursionlimit() + 100
    deep = "<a:s> <a:p> " + "[ <a:p> " * many + "1" + " ]" * many + " ."
    ring = " ".join(f"_:n{n} <a:p> _:n{n + 1} ; <a:label> {n} ." for n in range(many)) + f" _:n{many} <a:p> _:n0 ."
    numbers = graph_of([])
    Collection(numbers, head := BNode(), [Literal(n) for n in range(many)])
    numbers.add((ID.a, AMMTC.list, head))
    for graph in (read(deep), read(ring), numbers):
        again = read(serialize(graph))
        assert len(again) == len(graph)
        assert serialize(again) == serialize(graph)


# Random graphs. Local names and texts are such as break writers: escapes, dots, controls, other scripts.

CHARACTERS = st.characters(exclude_categories=["Cs"])
LOCAL_NAMES = st.text(st.sampled_from("abcXYZ019_-.:é·/#%()~'\u0300\u200c東\U0001f30f"), max_size=5)
NAMESPACES = st.sampled_from([*PREFIXES.values(), f"{SOURCE}nst#", f"{SOURCE}0#", "http://example.org/", "urn:x:"])


def is_iri(text: str) -> bool:
    try:
        pyoxigraph.NamedNode(text)
    except ValueError:
        return False
    return True


IRIS = st.builds(str.__add__, NAMESPACES, LOCAL_NAMES).filter(is_iri).map(URIRef)
TEXTS = st.text(CHARACTERS, max_size=8) | st.text(st.sampled_from("ab \"'\\\n\r\t@^.\x00\x85\u2028\ufeff"), max_size=8)
NUMBERS = st.text(st.sampled_from("0123.eE+-"), max_size=6)
TYPED = st.sampled_from(
    [XSD.integer, XSD.decimal, XSD.double, XSD.boolean, XSD.date, XSD.int, URIRef("http://x.org/t")]
)
LITERALS = (
    TEXTS.map(Literal)
    | st.builds(Literal, TEXTS, lang=st.sampled_from(["en", "en-gb", "ms", "x-private"]))
    | st.builds(
        Literal,
        NUMBERS | st.sampled_from(["true", "false", "1", "2025-09-12", "NaN", "-0"]) | TEXTS,
        datatype=TYPED,
        normalize=st.just(value=False),
    )
)
BLANK_NODES = st.sampled_from([BNode(f"n{number}") for number in range(5)])
#: Few terms, so that the same subject, predicate or object comes again, and few of them tell blank nodes apart.
FEW = [ID.a, ID["a.b"], AMMTC.p, RDF.nil]
PREDICATES = st.sampled_from([RDF.type, RDF.first, RDF.rest, AMMTC.p, OWL.annotatedSource, OWL.annotatedTarget])
GROUND = st.tuples(st.sampled_from(FEW) | IRIS, PREDICATES | IRIS, st.sampled_from([*FEW, OWL.Axiom]) | IRIS | LITERALS)
TANGLED = st.tuples(
    BLANK_NODES | st.sampled_from(FEW),
    PREDICATES,
    BLANK_NODES | st.sampled_from([*FEW, OWL.Axiom, OWL.Ontology, Literal(1), Literal("x")]),
)


@st.composite
def trees(draw: st.DrawFn) -> list[Statement]:
    """Return blank nodes that hang below an IRI or nothing, as restrictions and lists do."""
    statements: list[Statement] = []
    above: list[Node] = [ID.a]
    for number in range(draw(st.integers(1, 6))):
        node = BNode(f"tree{number}")
        if draw(st.booleans()):
            Collection(
                graph := Graph(), node, [draw(LITERALS | st.sampled_from(FEW)) for _ in range(draw(st.integers(1, 3)))]
            )
            statements += graph
        else:
            statements.append((node, AMMTC.p, draw(LITERALS | st.sampled_from(FEW))))
        if draw(st.booleans()):
            statements.append((draw(st.sampled_from(above)), draw(PREDICATES), node))
        above.append(node)
    return statements


GRAPHS = st.builds(
    list.__add__, st.lists(GROUND, max_size=6), trees() | st.lists(TANGLED, max_size=8) | st.just([])
).map(lambda statements: list(dict.fromkeys(statements)))


@contextmanager
def literals_as_written() -> Iterator[None]:
    """Let rdflib's own parser keep lexical forms, for a comparison."""
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = True


def read_by_rdflib(text: str) -> Graph:
    with literals_as_written():
        return Graph().parse(data=text, format="turtle")


def relabelled(statements: list[Statement]) -> list[Statement]:
    names = {node: BNode() for statement in statements for node in statement if isinstance(node, BNode)}
    return [(names.get(s, s), p, names.get(o, o)) for s, p, o in statements]  # type: ignore[call-overload]


@PROPERTY
@given(GRAPHS)
def test_what_is_written_is_read_again(statements: list[Statement]) -> None:
    graph = graph_of(statements)
    text = serialize(graph)
    again = read(text)
    assert isomorphic(again, graph)
    assert serialize(again) == text


@PROPERTY
@given(GRAPHS)
def test_rdflib_reads_the_same_graph(statements: list[Statement]) -> None:
    graph = graph_of(statements)
    assert isomorphic(read_by_rdflib(serialize(graph)), graph)


@PROPERTY
@given(GRAPHS, st.randoms(use_true_random=False))
def test_order_and_labels_do_not_matter(statements: list[Statement], shuffle: random.Random) -> None:
    other = relabelled(statements)
    shuffle.shuffle(other)
    assert serialize(graph_of(other)) == serialize(graph_of(statements))


@PROPERTY
@given(GRAPHS, IRIS | LITERALS)
def test_one_statement_more_is_one_line_more(statements: list[Statement], value: Node) -> None:
    subjects = sorted({s for s, _, _ in statements if isinstance(s, URIRef)}, key=str)
    assume(subjects)
    known = graph_of([*statements, (subjects[0], AMMTC.known, value), (subjects[0], AMMTC.known, ID.known)])
    before = serialize(known).splitlines()
    known.add((subjects[0], AMMTC.new, value))
    changes = changed_lines(before, serialize(known).splitlines())
    assert len(changes) == 1
    assert changes[0].startswith("+     ammtc:new ")


@PROPERTY
@given(st.lists(GROUND, max_size=8), GROUND)
def test_a_new_statement_takes_no_line_away(statements: list[Statement], new: Statement) -> None:
    assume(new[1:] != (RDF.type, OWL.Ontology))
    before = serialize(graph_of(statements)).splitlines()
    after = serialize(graph_of([*statements, new])).splitlines()
    assert all(line.startswith("+ ") for line in changed_lines(before, after))


def changed_lines(before: list[str], after: list[str]) -> list[str]:
    return [line for line in difflib.ndiff(before, after) if line.startswith(("+ ", "- "))]


def test_an_annotated_statement_is_a_line_and_a_block_more() -> None:
    graph = parse(CASES / "canonical" / "blocks.ttl")
    before = serialize(graph).splitlines()
    axiom = BNode()
    graph.add((ID["ammtc-19"], AMMTC.chair, ID.malaysia))
    graph.add((axiom, RDF.type, OWL.Axiom))
    graph.add((axiom, OWL.annotatedSource, ID["ammtc-19"]))
    graph.add((axiom, OWL.annotatedProperty, AMMTC.chair))
    graph.add((axiom, OWL.annotatedTarget, ID.malaysia))
    after = serialize(graph).splitlines()
    block = ["[]", "a owl:Axiom ;", "owl:annotatedProperty ammtc:chair ;", "owl:annotatedSource id:ammtc-19 ;",
             "owl:annotatedTarget id:malaysia ;", "."]  # fmt: skip
    added = [line[2:].strip() for line in changed_lines(before, after) if line.startswith("+ ")]
    assert len(after) - len(before) == len(added) == 1 + len(block) + 1
    assert sorted(filter(None, added)) == sorted(["ammtc:chair id:malaysia ;", *block])


# Writing files


def fmt(paths: list[Path], *, check: bool = False) -> list[Path]:
    """The files that change, as files of the project."""
    ours = [path for folder in paths for path in folder.rglob("*.ttl")]
    return [change.path for change in format_files(paths, check=check, comments="drop", ours=ours)]


def test_fmt_writes_what_differs_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for case in GIVEN:
        (tmp_path / "inner" / case.name).write_bytes(case.read_bytes())
    different = [tmp_path / "inner" / case.name for case in GIVEN if case.stem != "empty"]
    assert fmt([tmp_path, different[0]], check=True) == different
    assert [path.read_bytes() for path in different] == [
        (CASES / "given" / path.name).read_bytes() for path in different
    ]
    assert fmt([tmp_path]) == different
    assert [path.read_bytes() for path in different] == [
        (CASES / "canonical" / path.name).read_bytes() for path in different
    ]
    assert fmt([tmp_path]) == []
    assert sorted(path.name for path in (tmp_path / "inner").iterdir()) == [case.name for case in GIVEN]


def test_fmt_writes_nothing_when_one_file_is_broken(tmp_path: Path) -> None:
    good, broken = tmp_path / "a.ttl", tmp_path / "b.ttl"
    good.write_bytes(GIVEN[0].read_bytes())
    broken.write_bytes(BROKEN[0].read_bytes())
    with pytest.raises(RdfSyntaxError):
        format_files([good, broken])
    assert good.read_bytes() == GIVEN[0].read_bytes()


def test_fmt_takes_turtle_files_only(tmp_path: Path) -> None:
    query = tmp_path / "question.rq"
    query.write_text("ASK {}", encoding="utf-8")
    with pytest.raises(UsageError, match=r"\.ttl"):
        format_files([query])
    with pytest.raises(MissingFile):
        format_files([tmp_path / "missing.ttl"])


def test_a_file_is_written_byte_for_byte_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file.ttl"
    write_text(path, "é\nb\r\n")
    assert path.read_bytes() == "é\nb\r\n".encode()
    path.chmod(0o640)
    write_text(path, "")
    assert path.read_bytes() == b""
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(path.parent.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.ttl", tmp_path / "link.ttl"
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new"


def test_a_write_that_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "file.ttl"
    file.write_text("old", encoding="utf-8")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(UnwritablePath, match="too large"):
            write_text(file, "new" * 4096)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old", encoding="utf-8")
    for path in (file / "below", tmp_path):
        with pytest.raises(UnwritablePath):
            write_text(path, "new")
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]
