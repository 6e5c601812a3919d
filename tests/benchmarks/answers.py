"""Answers of different systems to one query, compared: the same rows, each as often, in any order."""

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

__all__ = ["Answer", "read_answer"]

#: The rows, each with the number of times it comes; or the boolean.
Answer = Counter[tuple[tuple[str, ...] | None, ...]] | bool

_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = {f"{_XSD}{name}" for name in ("integer", "decimal", "int", "long", "nonNegativeInteger")}
_FLOATS = {f"{_XSD}double", f"{_XSD}float"}


def read_answer(body: bytes) -> Answer:
    """Return an answer from SPARQL 1.1 Query Results JSON (https://www.w3.org/TR/sparql11-results-json/).

    Numbers count by their value, language tags in any case; blank nodes are all alike; a plain string is an
    ``xsd:string``.
    """
    document = json.loads(body)
    if "boolean" in document:
        return bool(document["boolean"])
    names = sorted(document["head"]["vars"])
    return Counter(tuple(_term(row.get(name)) for name in names) for row in document["results"]["bindings"])


def _term(term: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    if term is None:
        return None
    kind, value = term["type"], term["value"]
    if kind == "bnode":
        return (kind,)
    if kind == "uri":
        return kind, value
    language, datatype = term.get("xml:lang", "").lower(), term.get("datatype", f"{_XSD}string")
    return ("literal", _value(value, datatype), language, f"{_XSD}decimal" if datatype in _NUMBERS else datatype)


def _value(text: str, datatype: str) -> str:
    try:
        if datatype in _NUMBERS:
            return str(Decimal(text).normalize() + 0)
        return f"{float(text):.9e}" if datatype in _FLOATS else text
    except (InvalidOperation, ValueError):
        return text
