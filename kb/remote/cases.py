"""Questions that engines are known to answer differently, with the rows that SPARQL 1.1 gives: ``cases.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results

from kb.namespaces import GRAPH
from kb.rdf.terms import written
from kb.remote.comparison import Rows, read_rows
from kb.sparql.scan import Scanned

__all__ = ["CASES_GRAPH", "Case", "case_statements", "load_cases"]

#: The named graph that a case's statements are in while it is asked.
CASES_GRAPH = GRAPH["verification"]


@dataclass(frozen=True)
class Case:
    """A question with its answer.

    :param name: by which profiles and reports know it
    :param title: what holds, in words
    :param needs_data: it asks the graph of cases
    """

    name: str
    title: str
    query: str
    rows: Rows
    needs_data: bool


@cache
def load_cases() -> tuple[Case, ...]:
    """Read all cases."""
    cases: Mapping[str, Mapping[str, object]] = _content()["case"]
    return tuple(
        Case(name, str(case["title"]), str(case["query"]), _rows(case), bool(case.get("data")))
        for name, case in cases.items()
    )


def case_statements() -> str:
    """Return the statements of the graph of cases in N-Triples."""
    quads = parse(str(_content()["data"]), RdfFormat.TURTLE)
    return "".join(f"{written((quad.subject, quad.predicate, quad.object))} .\n" for quad in quads)


@cache
def _content() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    return tomllib.loads(files("kb.remote").joinpath("cases.toml").read_text(encoding="utf-8"))


def _rows(case: Mapping[str, object]) -> Rows:
    """Return the rows of a case under the columns of its query."""
    lines = case["rows"]
    assert isinstance(lines, list)  # noqa: S101  for the type checker
    tokens = Scanned(str(case["query"])).tokens
    columns, depth = [], 0
    for place, token in enumerate(tokens):
        if token.is_symbol("{"):
            break
        depth += token.is_symbol("(") - token.is_symbol(")")
        if token.kind == "variable" and (not depth or tokens[place - 1].is_word("as")):
            columns.append(token.text)
    table = "\n".join(["\t".join(columns), *lines, ""])
    result = parse_query_results(table.encode(), QueryResultsFormat.TSV)
    assert isinstance(result, QuerySolutions)  # noqa: S101  likewise
    return read_rows(result)
