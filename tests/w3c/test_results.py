"""The comparison of results tells right from wrong ones: what the suites' verdicts rest on."""

import pytest
from rdflib import XSD, BNode, Literal, URIRef
from rdflib.term import Node

from w3c.results import Boolean, Rows, differences, read

XML = """<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head><results>
<result><binding name="x"><literal datatype="%s">1</literal></binding></result><result/></results></sparql>"""
ONE, TWO = URIRef("urn:one"), URIRef("urn:two")


def rows(*values: Node, ordered: bool = False) -> Rows:
    return Rows(("x",), tuple({"x": value} for value in values), ordered)


def number(text: str, datatype: URIRef = XSD.integer) -> Literal:
    return Literal(text, None, datatype, normalize=False)


def pairs(*values: tuple[str, str]) -> Rows:
    return Rows(("x", "y"), tuple({"x": BNode(x), "y": BNode(y)} for x, y in values))


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (rows(ONE, TWO), rows(TWO, ONE)),
        (rows(ONE, TWO, ordered=True), rows(ONE, TWO)),
        (rows(Literal("a", "en-GB")), rows(Literal("a", "en-gb"))),
        (rows(Literal("a")), rows(Literal("a", datatype=XSD.string))),
        (rows(number("2.50", XSD.decimal)), rows(number("2.5", XSD.decimal))),
        (pairs(("a", "b"), ("b", "a")), pairs(("p", "q"), ("q", "p"))),
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
