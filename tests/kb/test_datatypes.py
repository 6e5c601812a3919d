"""Datatypes: lexical forms, canonical forms and values, as XML Schema has them."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Literal, URIRef
from rdflib.namespace import RDF, XSD

from kb.namespaces import PREFIXES, expand
from kb.rdf.convert import to_node, to_term
from kb.rdf.datatypes import belongs, canonical, differ, is_contained, is_well_formed, supertypes, value_key
from kb.rdf.terms import parse_term

#: datatype, lexical form, its canonical form; empty where the lexical form is none.
TABLE = (Path(__file__).parent / "datatypes" / "forms.csv").read_text().splitlines()
FORMS = list(csv.reader(TABLE, skipinitialspace=True))[1:]
#: Two literals, and whether they have the same value, different ones, or cannot be compared.
VALUES = list(csv.reader((Path(__file__).parent / "datatypes" / "values.csv").read_text().splitlines()))[1:]
#: A literal, a datatype, and whether its values include that of the literal.
CONTAINED = list(csv.reader((Path(__file__).parent / "datatypes" / "contained.csv").read_text().splitlines()))[1:]


def test_all_forms_were_read() -> None:
    assert (len(FORMS), len(VALUES), len(CONTAINED)) == (168, 46, 42)


@pytest.mark.parametrize(("datatype", "lexical", "expected"), FORMS)
def test_lexical_and_canonical_form(datatype: str, lexical: str, expected: str) -> None:
    assert is_well_formed(lexical, XSD[datatype]) == bool(expected)
    assert canonical(lexical, XSD[datatype]) == (expected or lexical)


@pytest.mark.parametrize(("datatype", "lexical", "expected"), [row for row in FORMS if row[2]])
def test_a_canonical_form_stays_as_it_is(datatype: str, lexical: str, expected: str) -> None:
    assert canonical(expected, XSD[datatype]) == expected
    assert not differ(Literal(lexical, datatype=XSD[datatype]), Literal(expected, datatype=XSD[datatype]))


@given(st.integers())
def test_the_canonical_integer_is_the_one_without_sign_and_zeros(number: int) -> None:
    form = f"{'-' if number < 0 else '+'}000{abs(number)}"
    assert canonical(form, XSD.integer) == str(number)
    assert belongs(Literal(form, datatype=XSD.integer), XSD.long) == (-(2**63) <= number < 2**63)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_canonical_decimal_or_double_has_the_same_value(number: object) -> None:
    plain = f"{number:f}"
    assert float(canonical(plain, XSD.decimal)) == float(plain)
    assert float(canonical(plain, XSD.double)) == float(plain)


@given(st.dates())
def test_the_days_that_exist_are_the_dates(day: object) -> None:
    assert is_well_formed(str(day), XSD.date)


@pytest.mark.parametrize(
    ("lexical", "own", "other", "expected"),
    [
        ("5", XSD.integer, XSD.byte, True),
        ("5.0", XSD.decimal, XSD.integer, True),
        ("5.5", XSD.decimal, XSD.integer, False),
        ("500", XSD.integer, XSD.byte, False),
        ("0", XSD.integer, XSD.positiveInteger, False),
        ("5", XSD.byte, XSD.decimal, True),
        ("five", XSD.string, XSD.integer, False),
        ("five", XSD.integer, XSD.integer, False),
        ("v1.0", XSD.string, XSD.NCName, True),
        ("a b", XSD.string, XSD.NCName, False),
        ("a b", XSD.string, RDF.PlainLiteral, True),
        ("5", XSD.integer, RDF.PlainLiteral, False),
        ("2025-06-24", XSD.date, XSD.dateTime, False),
        ("2025-06-24T10:00:00", XSD.dateTime, XSD.dateTimeStamp, False),
        ("XIX", RDF.HTML, XSD.integer, True),  # cannot be told
    ],
)
def test_values_and_datatypes(lexical: str, own: object, other: object, expected: bool) -> None:
    literal = Literal(lexical, datatype=str(own), normalize=False)
    assert belongs(literal, other) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("first", "second", "expected"), VALUES)
def test_literals_have_the_same_value_or_different_ones(first: str, second: str, expected: str) -> None:
    one, other = literal(first), literal(second)
    keys = {value_key(one), value_key(other)}
    found = "unknown" if None in keys else "same" if len(keys) == 1 else "different"
    assert found == expected
    assert differ(one, other) == differ(other, one) == (expected == "different")


@pytest.mark.parametrize(("text", "datatype", "expected"), CONTAINED)
def test_a_datatype_has_the_value_of_a_literal_or_not(text: str, datatype: str, expected: str) -> None:
    iri = URIRef(expand(datatype))
    assert belongs(literal(text), iri) == is_contained(literal(text), iri) == (expected == "yes")


def literal(text: str) -> Literal:
    term = parse_term(text, PREFIXES)
    assert term is not None
    node = to_node(term)
    assert isinstance(node, Literal)
    assert to_term(node) == term
    return node


def test_text_with_a_language_is_no_string() -> None:
    assert not belongs(Literal("adoption", lang="en"), XSD.string)
    assert belongs(Literal("adoption", lang="en"), RDF.PlainLiteral)
    assert differ(Literal("adoption", lang="en"), Literal("adoption"))


def test_supertypes_are_nearest_first() -> None:
    assert supertypes(XSD.short) == (XSD.int, XSD.long, XSD.integer, XSD.decimal)
    assert supertypes(XSD.gYear) == ()
