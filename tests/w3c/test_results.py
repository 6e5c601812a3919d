"""The comparison of results tells right from wrong ones: what the suites' verdicts rest on."""

import pytest
from rdflib import XSD, BNode, Literal, URIRef
from rdflib.term import Node

from w3c.results import Boolean, Rows, differences, read
from w3c.terms import TripleTerm, literal

XML = """<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head><results>
<result><binding name="x"><literal datatype="%s">1</literal></binding></result><result/></results></sparql>"""
ONE, TWO = URIRef("urn:one"), URIRef("urn:two")


def rows(*values: Node, ordered: bool = False) -> Rows:
    return Rows(("x",), tuple({"x": value} for value in values), ordered)


def number(text: str, datatype: URIRef = XSD.integer) -> Literal:
    return Literal(text, None, datatype, normalize=False)


def pairs(*values: tuple[str, str]) -> Rows:
    return Rows(("x", "y"), tuple({"x": BNode(x), "y": BNode(y)} for x, y in values))


def triple(subject: Node, object_: Node) -> Rows:
    """A triple term in another one."""
    return rows(TripleTerm(ONE, ONE, TripleTerm(subject, ONE, object_)))


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (rows(ONE, TWO), rows(TWO, ONE)),
        (rows(ONE, TWO, ordered=True), rows(ONE, TWO)),
        (rows(Literal("a", "en-GB")), rows(Literal("a", "en-gb"))),
        (rows(Literal("a")), rows(Literal("a", datatype=XSD.string))),
        (rows(number("2.50", XSD.decimal)), rows(number("2.5", XSD.decimal))),
        (pairs(("a", "b"), ("b", "a")), pairs(("p", "q"), ("q", "p"))),
        (triple(BNode("a"), number("1", XSD.decimal)), triple(BNode("b"), number("1.0", XSD.decimal))),
        (rows(literal("a", "AR--rtl", None)), rows(literal("a", "ar--rtl", None))),
        (Boolean(True), Boolean(True)),
    ],
)
def test_same(expected: Rows | Boolean, found: Rows | Boolean) -> None:
    assert differences(expected, found) == ""


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (rows(ONE), rows(ONE, ONE)),
        (rows(ONE), rows()),
        (rows(), rows(ONE)),
        (rows(ONE, TWO, ordered=True), rows(TWO, ONE)),
        (rows(Literal("a", "en")), rows(Literal("a"))),
        (rows(Literal("a")), rows(URIRef("a"))),
        (rows(number("1")), rows(number("1", XSD.decimal))),
        (rows(number("1")), rows(number("2"))),
        (pairs(("a", "b"), ("b", "a")), pairs(("p", "q"), ("p", "q"))),
        (triple(ONE, TWO), triple(TWO, TWO)),
        (triple(BNode("a"), BNode("a")), triple(BNode("a"), BNode("b"))),
        (rows(literal("a", "ar--rtl", None)), rows(Literal("a", "ar"))),
        (Rows(("x", "y"), ()), rows()),
        (Boolean(True), Boolean(False)),
        (Boolean(True), rows(ONE)),
    ],
)
def test_different(expected: Rows | Boolean, found: Rows | Boolean) -> None:
    assert differences(expected, found) != ""


def test_a_number_that_was_given_comes_back_as_it_was_written() -> None:
    assert differences(rows(number("01")), rows(number("1")), given={number("01")}) != ""
    assert differences(rows(number("01")), rows(number("01")), given={number("01")}) == ""


def test_reduced_may_leave_out_duplicates_only() -> None:
    expected = rows(ONE, ONE, TWO)
    assert differences(expected, rows(ONE, TWO), lax=True) == ""
    assert differences(expected, rows(ONE, ONE), lax=True) != ""
    assert differences(expected, rows(ONE, TWO, TWO), lax=True) != ""


@pytest.mark.parametrize(
    ("format_name", "content"),
    [
        (
            "srj",
            '{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1","datatype":"%s"}},{}]}}',
        ),
        ("srx", XML),
        ("tsv", '?x\n"1"^^<%s>\n\n'),
    ],
)
def test_formats_are_read_alike(format_name: str, content: str) -> None:
    found = read((content % XSD.integer).encode(), format_name, "urn:base:")
    assert found == Rows(("x",), ({"x": number("1")}, {}))


@pytest.mark.parametrize(
    ("format_name", "content"),
    [
        (
            "srj",
            (
                '{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"triple","value":{"subject":{"type":"bnode",'
                '"value":"b"},"predicate":{"type":"uri","value":"urn:one"},"object":{"type":"literal","value":"a\\"",'
                '"xml:lang":"ar","its:dir":"rtl"}}}}]}}'
            ),
        ),
        (
            "srx",
            (
                '<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head><results>'
                '<result><binding name="x"><triple><subject><bnode>b</bnode></subject>'
                "<predicate><uri>urn:one</uri></predicate>"
                '<object><literal xml:lang="ar" xmlns:its="http://www.w3.org/2005/11/its" its:dir="rtl">a"</literal>'
                "</object></triple></binding></result></results></sparql>"
            ),
        ),
        ("tsv", '?x\n<<(_:b <urn:one> "a\\""@ar--rtl)>>\n'),
    ],
)
def test_triple_terms_are_read_alike(format_name: str, content: str) -> None:
    term = TripleTerm(BNode("b"), ONE, literal('a"', "ar--rtl", None))
    assert read(content.encode(), format_name, "urn:base:") == rows(term)
