"""Whether a system passes a test of the suites."""

from w3c.results import Result, Rows, differences, literals, read
from w3c.suite import Case
from w3c.systems import MEDIA_TYPES, Refused, System

__all__ = ["failure"]

_GRAPH_COLUMNS = ("subject", "predicate", "object")


def failure(case: Case, system: System) -> str:
    """Return in what a system fails a test, or nothing where it passes.

    A result is asked for in each format that can hold it, since what a query answers does not depend on that; a test of
    one result format is about that format only.
    """
    try:
        if case.is_positive or case.is_negative:
            system.ask(case)
            return "a query that is not well-formed was answered" if case.is_negative else ""
        return _wrong_result(case, system)
    except Refused as refused:
        return "" if case.is_negative and refused.syntax else f"refused: {refused}"


def _wrong_result(case: Case, system: System) -> str:
    assert case.result
    form = case.result.suffix[1:]
    expected = read(case.result.read_bytes(), form, case.result.as_uri())
    given = literals(case.data)
    for format_name in _formats(form, expected):
        found = read(system.ask(case, format_name), format_name, "urn:base:")
        if wrong := differences(expected, found, given=given, lax=case.lax):
            return f"as {MEDIA_TYPES[format_name]}:\n{wrong}"
    return ""


def _formats(form: str, expected: Result) -> tuple[str, ...]:
    if form in ("csv", "tsv"):
        return (form,)
    if isinstance(expected, Rows):
        if expected.variables != _GRAPH_COLUMNS:
            return ("srx", "srj", "tsv")
        return ("ttl", "nt", "rdf") if expected.is_in_xml else ("ttl", "nt")
    return ("srx", "srj")
