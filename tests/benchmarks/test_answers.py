import json

import pytest

from benchmarks.answers import read_answer

_XSD = "http://www.w3.org/2001/XMLSchema#"


def answer(*values: dict[str, str] | None) -> bytes:
    """Return a result with one column, a row for each value."""
    rows = [{} if value is None else {"x": value} for value in values]
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": rows}}).encode()


def literal(value: str, **more: str) -> dict[str, str]:
    return {"type": "literal", "value": value, **more}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (answer(literal("a"), literal("b")), answer(literal("b"), literal("a"))),
        (answer(literal("a")), answer(literal("a", datatype=f"{_XSD}string"))),
        (answer(literal("2.50", datatype=f"{_XSD}decimal")), answer(literal("2.5", datatype=f"{_XSD}decimal"))),
        (answer(literal("1.0E1", datatype=f"{_XSD}double")), answer(literal("10", datatype=f"{_XSD}double"))),
        (answer(literal("a", **{"xml:lang": "EN"})), answer(literal("a", **{"xml:lang": "en"}))),
        (answer({"type": "bnode", "value": "b0"}), answer({"type": "bnode", "value": "c7"})),
        (b'{"head": {}, "boolean": true}', b'{"head": {"link": []}, "boolean": true}'),
    ],
)
def test_answers_that_say_the_same_are_equal(one: bytes, other: bytes) -> None:
    assert read_answer(one) == read_answer(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (answer(literal("a")), answer(literal("a"), literal("a"))),
        (answer(literal("a"), literal("a"), literal("b")), answer(literal("a"), literal("b"), literal("b"))),
        (answer(literal("a")), answer(None)),
        (answer(literal("urn:a")), answer({"type": "uri", "value": "urn:a"})),
        (answer(literal("1")), answer(literal("1", datatype=f"{_XSD}integer"))),
        (answer(literal("a", **{"xml:lang": "en"})), answer(literal("a"))),
        (b'{"head": {}, "boolean": true}', b'{"head": {}, "boolean": false}'),
    ],
)
def test_answers_that_differ_are_not(one: bytes, other: bytes) -> None:
    assert read_answer(one) != read_answer(other)
