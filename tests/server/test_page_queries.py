"""Pages of very large things: as many queries as a small one needs, in pages that one can go through to the end."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from page import Page
from support.examples import is_thorough
from support.large_graph import large_graph
from support.servers import ServerProcess

from kb.config import Project

pytestmark = pytest.mark.xdist_group("server")

_MOST_QUERIES = 16
_MANY = 4200  # more than a page reads


@pytest.fixture(scope="module")
def large(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of a meeting with thousands of values, participants and acts."""
    path = tmp_path_factory.mktemp("large") / "large.ttl"
    path.write_text(large_graph(_MANY), encoding="utf-8")
    with ServerProcess({"data": [str(path)], "project": str(project.root)}) as running:
        yield running


def queries(server: ServerProcess, path: str) -> int:
    """Return how many queries a page took, as it says itself."""
    reply = server.get(path, "text/html")
    assert reply.status == 200
    found = re.search(r'desc="(\d+) queries"', reply.headers["Server-Timing"])
    assert found
    return int(found[1])


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/page/id/ammtc-19", "/page/id/malaysia", "/page/id/luong-tam-quang", "/page/id/moha-malaysia"),
        *("/page/id/plan-of-action-2026-2035", "/page/concept/transnational-crime", "/page/source/nst-2025-09-12"),
        *("/page/ontology", "/term/Act", "/compare/id/ammtc-19", "/compare", "/timeline", "/network", "/expected"),
    ],
)
def test_a_page_takes_few_queries(server: ServerProcess, path: str) -> None:
    assert 1 <= queries(server, path) <= _MOST_QUERIES


def test_a_large_thing_takes_two_queries_more_than_a_small_one(large: ServerProcess) -> None:
    small = queries(large, "/page/id/small")
    assert small + 1 <= queries(large, "/page/id/large") <= small + 2


def test_the_page_of_a_large_thing_stays_small(large: ServerProcess) -> None:
    body = large.get("/page/id/large", "text/html").body
    assert len(body) < 500_000
    assert f"All values, {_MANY - 40:,} more" in body.decode()


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("prop", "direction", "name"),
    [("value", "subject", "value {:05}"), ("about", "object", "https://w3id.org/ammtc/id/p{:05}")],
)
def test_long_lists_can_be_gone_through_to_the_end(large: ServerProcess, prop: str, direction: str, name: str) -> None:
    """From the beginning in a thorough run."""
    before = 0 if is_thorough() else _MANY - 500
    link = f"/statements?thing=https%3A%2F%2Fw3id.org%2Fammtc%2Fid%2Flarge&property=http%3A%2F%2Fexample.org%2F{prop}"
    link += f"&with={direction}&after={quote(name.format(before - 1)) if before else ''}"
    numbers: set[int] = set()
    pages = 0
    while link:
        page = Page(large.get(link, "text/html").text)
        numbers |= {int(number) for number in re.findall(r"(?:value|participant) (\d{5})", page.main)}
        link = next(
            (attributes["href"] or "" for _, attributes in page.elements if attributes.get("rel") == "next"), ""
        )
        pages += 1
    assert pages == (_MANY - before) // 100
    assert numbers >= set(range(before, _MANY))


def test_sections_are_paged(large: ServerProcess) -> None:
    page = Page(large.get("/page/id/large?meeting-acts=2", "text/html").text)
    assert "Page 2 of " in page.text
    assert "id:a00050" in page.text
    assert "id:a00049" not in page.text
    links = [attributes["href"] for _, attributes in page.elements if attributes.get("rel") in ("prev", "next")]
    assert links == ["/page/id/large?meeting-acts=1#meeting-acts", "/page/id/large?meeting-acts=3#meeting-acts"]
