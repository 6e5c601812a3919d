"""The scan of a query: SERVICE is found in every reading that the engine has of a text, and nowhere else."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import QueryBoolean, Store
from support.examples import examples

from kb.errors import QueryError, QuerySyntaxError
from kb.sparql.scan import Scanned, position, tokenize

CASES = Path(__file__).parent / "scan"
FOLLOWED, REFUSED, ACCEPTED = (
    sorted((CASES / folder).glob("*.rq")) for folder in ("followed", "refused", "accepted")
)  # fmt: skip
STORE = Store()
STORE.update(
    """INSERT DATA { GRAPH <http://example.org/g> { <http://example.org/a> <http://example.org/p> 1 }
    <http://example.org/a> <http://example.org/p> 1, 1e0, true, "x", <http://example.org/a.b>, <http://example.org/e>,
                                                  <http://example.org:80>, <http://example.org/#> }"""
)


def test_no_case_is_lost() -> None:
    assert (len(FOLLOWED), len(REFUSED), len(ACCEPTED)) == (34, 10, 22)


def connects(text: str) -> bool:
    """Whether the engine would send a request; it refuses to send one to port 1, before any connection."""
    try:
        result = STORE.query(text)
        if not isinstance(result, QueryBoolean):
            list(result)
    except (OSError, SyntaxError, RuntimeError, ValueError) as error:
        return "The port 1 is not allowed" in str(error)
    return False


def is_refused(text: str) -> bool:
    try:
        Scanned(text).refuse_service()
    except QueryError:
        return True
    return False


@pytest.mark.parametrize("case", FOLLOWED, ids=lambda path: path.stem)
def test_a_clause_that_the_engine_follows_is_refused(case: Path) -> None:
    text = case.read_bytes().decode()
    assert connects(text)
    with pytest.raises(QueryError, match="SERVICE is not available"):
        Scanned(text).refuse_service()


@pytest.mark.parametrize("case", REFUSED, ids=lambda path: path.stem)
def test_what_could_be_a_clause_is_refused(case: Path) -> None:
    assert is_refused(case.read_bytes().decode())


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda path: path.stem)
def test_the_word_elsewhere_is_accepted(case: Path) -> None:
    text = case.read_bytes().decode()
    Scanned(text).refuse_service()
    STORE.query(text)  # so it is a query


FRAGMENTS = (
    "SERVICE", "service ", "SERVICE:x{}", "SERVICE<http://127.0.0.1:1/>{?s ?p ?o}", "SILENT", "<http://127.0.0.1:1/>",
    "FILTER(", "?o<2)", "?o<?o", ")", "(", "<", ">", "#", "#>", "\n", "\r", " ", ".", ";", "'", "''", "'''", '"""',
    "1", "1.", "1e5", "true", "@en", "_:a.b.", "e:a.b.", "e:", ":x", "h:\\#", "p:", "?s ?p ?o", "{?s ?p ?o}", "{",
    "}", "\\", "\\uD800", "%41", "/", "|", "!", "=", "<http://example.org/#'>", "<#>", "<'>", "[]", "()", "<<", "{|",
    "UNION ", "OPTIONAL ", "GRAPH ", "VALUES ?v {'''a'", "BIND(1 AS ?z)", "EXISTS ", "IN (", "\xb7", "\xe9", "-",
    "\x00",
)  # fmt: skip
FRAMES = (
    "SELECT * {?s ?p ?o %s}", "SELECT * {?s ?p %s}", "SELECT * {?s ?p ?o FILTER(%s)}",
    "SELECT * {?s ?p ?o FILTER(?o%s}", "SELECT * {VALUES ?v {%s} ?s ?p ?o}", "SELECT * {?s ?p e:%s}",
    "SELECT (%s AS ?x) {?s ?p ?o}", "ASK {%s}",
)  # fmt: skip
PROLOGUE = """PREFIX : <http://127.0.0.1:1/> PREFIX e: <http://example.org/> PREFIX h: <http://example.org/#>
PREFIX p: <http://example.org:80> PREFIX SERVICE: <http://example.org/> """


@settings(max_examples=examples(1000))
@given(st.sampled_from(FRAMES), st.lists(st.sampled_from(FRAGMENTS), max_size=8))
def test_nothing_that_the_engine_follows_is_accepted(frame: str, fragments: list[str]) -> None:
    text = PROLOGUE + frame.replace("%s", "".join(fragments))
    assert is_refused(text) or not connects(text)


LONG = 1 << 16
HOSTILE = {
    "spaces": " " * LONG + "SERVICE",
    "comments": "#\n" * LONG + "SERVICE",
    "less-than": "<" * LONG + "SERVICE",
    "an open iri": "<" + "a" * LONG + " SERVICE",
    "an open string": "SERVICE '" + "a" * LONG,
    "quotes": "SERVICE" + "'" * LONG,
    "open long strings": "SERVICE" + "'''a" * (LONG // 4),
    "backslashes": "SERVICE '" + "\\" * LONG,
    "dotted words": "a." * LONG + "SERVICE",
    "dotted local names": "a:" + "a." * LONG + " SERVICE",
    "dots": "." * LONG + "SERVICE",
    "labels": "_:" + "a." * LONG + " SERVICE",
    "names that hold the word": "service:" * (LONG // 8) + " x",
    "words that hold the word": "service" * (LONG // 7),
    "brackets": "(" * LONG + "SERVICE",
    "digits": "1" * LONG + "SERVICE",
    "language tags": "@" + "a-" * LONG + " SERVICE",
    "percent signs": "a:" + "%4" * LONG + "SERVICE",
    "colons": ":" * LONG + " SERVICE",
    "minus signs": "-" * LONG + "SERVICE",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_read_in_one_pass(name: str) -> None:
    """A scan that goes back over the text would take hours for these, or for longer ones."""
    assert is_refused(HOSTILE[name]) or name == "names that hold the word"


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("SELECT * {}", "select"),
        ("select?x{}", "select"),
        ("# SELECT\nBASE <http://x/> PREFIX select: <http://ask/> ask{}", "ask"),
        ("PREFIX describe: <#> CONSTRUCT WHERE {}", "construct"),
        ("DESCRIBE<http://x/>", "describe"),
        ("INSERT DATA {}", "insert"),
        ("prefix : <#> delete where {}", "delete"),
        ("LOAD <http://x/>", "load"),
        ("WITH <http://x/> DELETE {} WHERE {}", "with"),
        ("", None),
        ("{ SELECT", None),
        ("nonsense", None),
    ],
)
def test_the_operation_of_a_text(text: str, operation: str | None) -> None:
    assert Scanned(text).operation == operation
    assert Scanned(text).is_update is (operation in ("insert", "delete", "load", "with"))


@pytest.mark.parametrize(
    ("text", "default", "named"),
    [
        ("SELECT * FROM <g> FROM NAMED <http://x/#n> {}", ["http://b/g"], ["http://x/#n"]),
        ("BASE <http://x/> PREFIX p: <p#> ASK FROM p:a\\-b FROM <\\u0067> {}", ["http://x/p#a-b", "http://x/g"], []),
        ("ASK FROM NAMED graph:all {}", [], ["https://w3id.org/ammtc/graph/all"]),
    ],
)
def test_the_graphs_of_the_dataset_clauses(text: str, default: list[str], named: list[str]) -> None:
    assert Scanned(text).dataset("http://b/") == (tuple(default), tuple(named))


@pytest.mark.parametrize("text", ["SELECT * {}", "SELECT * { ?from ?p 'from' } # FROM <x>"])
def test_no_dataset_clause(text: str) -> None:
    assert Scanned(text).dataset("http://b/") is None


def test_the_tokens_of_a_query() -> None:
    text = 'SELECT?a{?a a.b:c.d.e\\-f.<i#j>\'s\\\'\'@en-GB,_:l.m. ;""""q"""^^x: -1.5e3.}#c'
    assert [(token.kind, token.text) for token in tokenize(text)] == [
        ("word", "SELECT"), ("variable", "?a"), ("symbol", "{"), ("variable", "?a"), ("name", "a.b:c.d.e\\-f"),
        ("symbol", "."), ("iri", "<i#j>"), ("string", "'s\\''"), ("language", "@en-GB"), ("symbol", ","),
        ("label", "_:l.m"), ("symbol", "."), ("symbol", ";"), ("string", '""""q"""'), ("symbol", "^"), ("symbol", "^"),
        ("name", "x:"), ("symbol", "-"), ("number", "1.5e3"), ("symbol", "."), ("symbol", "}"),
    ]  # fmt: skip
    assert all(text[token.start :].startswith(token.text) for token in tokenize(text))


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("\x00", 1, 1), ("a\n 'b\n'", 2, 2), ("?a \\u0041", 1, 4), ("→", 1, 1), ('"""a""', 1, 1), ("'\\q'", 1, 1)],
)
def test_what_no_token_starts_with(text: str, line: int, column: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        list(tokenize(text))
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(("offset", "expected"), [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (4, (3, 1)), (5, (3, 2))])
def test_the_position_of_an_offset(offset: int, expected: tuple[int, int]) -> None:
    assert position("ab\n\nc", offset) == expected
