"""Known differences of the engine: each is there, has a way around it that works, and stands in docs/engine.md."""

import csv
import re
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
)

from kb.errors import QueryError
from kb.namespaces import PREFIXES
from kb.sparql.query import engine_errors, evaluate

ROOT = Path(__file__).resolve().parents[2]
CASES, SLOW = (
    tomllib.loads((Path(__file__).parent / "engine" / f"{name}.toml").read_text(encoding="utf-8"))["case"]
    for name in ("differences", "slow")
)
PAGE = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8").replace(r"\|", "|")
EXAMPLE = "http://example.org/"
DATA = "@prefix ex: <http://example.org/> . ex:g { ex:a ex:p ex:b ; ex:q ex:b } ex:h { ex:b ex:p ex:a }"

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case["query"])


def rows(query: str) -> list[list[str]] | str:
    """What the engine gives, as the cases have it."""
    store = Store()
    store.load(DATA.encode(), RdfFormat.TRIG)
    try:
        result = evaluate(store, f"PREFIX ex: <http://example.org/> {query}")
        if isinstance(result, QueryBoolean):
            return [[str(bool(result)).lower()]]
        assert isinstance(result, QuerySolutions)
        with engine_errors():
            return sorted([short(str(term)) if term is not None else "" for term in row] for row in result)
    except QueryError:
        return "refused"


def short(term: str) -> str:
    return re.sub(f"<{PREFIXES['xsd']}(\\w+)>", r"xsd:\1", term)


def shown(query: str) -> str:
    """A query as the page shows it: an expression alone where there is nothing else."""
    match = re.fullmatch(r"SELECT \((.*) AS \?x\) \{\}", query)
    return f"`{match[1] if match else query}`"


@each_case
def test_the_difference_is_still_there(case: dict[str, Any]) -> None:
    assert rows(case["query"]) == case["engine"] != case["right"]


@each_case
def test_what_to_write_instead_gives_it(case: dict[str, Any]) -> None:
    if "instead" in case:
        assert rows(case["instead"]) == case.get("gives", case["right"])


@each_case
def test_the_page_has_it(case: dict[str, Any]) -> None:
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {shown(case['query'])} |")]
    assert "instead" not in case or shown(case["instead"]) in line
    reported = case["upstream"].partition("#")[2] or ("no need" if case["upstream"] else "[no](#to-report)")
    assert reported in line.rpartition(" | ")[2]
    assert f"## {case['topic']}" in PAGE


def test_the_page_has_all_that_a_test_of_the_w3c_shows() -> None:
    with (ROOT / "tests" / "w3c" / "expected-failures.csv").open(encoding="utf-8", newline="") as file:
        reasons = {row["reason"] for row in csv.DictReader(file) if row["cause"] == "engine"}
    assert {case["w3c"] for case in CASES if "w3c" in case} == reasons


def test_the_page_has_nothing_else() -> None:
    assert len(CASES) + len(SLOW) == len(re.findall(r"^\| `", PAGE, re.MULTILINE)) == 62


def test_the_page_names_the_version_that_it_is_true_of() -> None:
    (locked,) = re.findall(r"^pyoxigraph==([\d.]+)", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"pyoxigraph (\d[\d.]*\d)", PAGE)) == {locked}


@pytest.fixture(scope="module")
def reified() -> Store:
    """Fifty statements with one predicate, many more with another one, each with a reifier."""
    store, quads = Store(), []
    for number in range(4000):
        statement = [
            NamedNode(f"{EXAMPLE}{name}") for name in (f"s{number}", "p" if number < 50 else "q", f"o{number}")
        ]
        reifier, passage = (NamedNode(f"{EXAMPLE}{name}{number}") for name in "re")
        quads += [
            Quad(*statement),
            Quad(reifier, NamedNode(f"{PREFIXES['rdf']}reifies"), Triple(*statement)),
            Quad(reifier, NamedNode(f"{EXAMPLE}basis"), NamedNode(f"{EXAMPLE}{('stated', 'derived')[number % 2]}")),
            Quad(reifier, NamedNode(f"{EXAMPLE}level"), NamedNode(f"{EXAMPLE}high")),
            Quad(reifier, NamedNode(f"{EXAMPLE}passage"), passage),
            Quad(passage, NamedNode(f"{EXAMPLE}source"), NamedNode(f"{EXAMPLE}d")),
            Quad(passage, NamedNode(f"{EXAMPLE}paragraph"), Literal(number)),
        ]
    store.bulk_extend(quads)
    return store


@pytest.mark.parametrize("case", SLOW, ids=lambda case: case["query"])
def test_what_to_write_instead_is_faster(case: dict[str, Any], reified: Store) -> None:
    rows, seconds = [], []
    for query in (case["query"], case["instead"]):
        taken = []
        for _ in range(3):
            begin = time.thread_time()
            result = evaluate(reified, f"PREFIX ex: <{EXAMPLE}> {query}")
            assert isinstance(result, QuerySolutions)
            rows.append(sorted(map(str, result)))
            taken.append(time.thread_time() - begin)
        seconds.append(min(taken))
    assert all(rows)
    assert rows[1:] == rows[:-1]
    assert seconds[1] < seconds[0] / 2
    assert f"| {shown(case['query'])} | {shown(case['instead'])} | {case['why']} |" in PAGE
