"""What blank nodes say is shown where they are mentioned, see blank-nodes.toml."""

import json
import re
import tomllib
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from page import Page
from support.servers import ServerProcess

pytestmark = pytest.mark.xdist_group("blank nodes")

_TABLE = Path(__file__).with_name("blank-nodes.toml")
_CASES: list[dict[str, Any]] = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["case"]
_PREFIXES = """\
PREFIX ex: <http://example.org/{}/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
_LISTS = "1"
for _ in range(4):
    _LISTS = f"( {' '.join([_LISTS] * 9)} )"
_WORDS = {"{many}": ", ".join(f'"{number}"' for number in range(100)), "{long}": "x" * 6000, "{lists}": _LISTS}


def filled(value: Any) -> Any:
    text = json.dumps(value)
    for word, meant in _WORDS.items():
        text = text.replace(word, json.dumps(meant)[1:-1])
    return json.loads(text)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server of all cases: each has names and blank nodes of its own."""
    folder = tmp_path_factory.mktemp("blank-nodes")
    for number, case in enumerate(_CASES):
        text = _PREFIXES.format(number) + filled(case["data"])
        (folder / f"{number}.trig").write_text(text, encoding="utf-8")
    with ServerProcess({"data": [str(folder / f"{number}.trig") for number in range(len(_CASES))]}) as running:
        yield running


@pytest.mark.parametrize("number", range(len(_CASES)), ids=lambda number: _CASES[number]["name"])
def test_it_is_shown(served: ServerProcess, number: int) -> None:
    case = filled(_CASES[number])
    reply = served.get(f"/resource?iri=http://example.org/{number}/a", "text/html")
    page = Page(reply.text)
    text = re.sub(r"\s+", " ", page.main)
    for shown in case["shown"]:
        assert shown in text
    for hidden in case.get("hidden", ()):
        assert hidden not in text.partition("About this page")[0]
    assert ("<script>alert" in reply.text, 'href="javascript:' in reply.text) == (False, False)
    assert ("says more: its query" in text) == case["rest"]
    if case["rest"]:
        found = re.search(r'<a class="run" href="([^"]*)">says more', reply.text)
        assert found is not None
        assert case["more"] in served.get(unescape(found[1]), "application/n-triples").text


def test_it_is_a_list_to_programs_that_read_aloud(served: ServerProcess) -> None:
    page = Page(served.get("/resource?iri=http://example.org/0/a", "text/html").text)
    roles = [attributes["role"] for _, attributes in page.elements if attributes.get("role") in ("list", "listitem")]
    assert roles == ["list", "listitem"] * 2


def test_it_is_shown_in_the_list_of_all_values(served: ServerProcess) -> None:
    address = "/statements?thing=http://example.org/0/a&property=http://example.org/0/x"
    assert "z on example.org: deep" in Page(served.get(address, "text/html").text).main
