"""What pages say of themselves in JSON-LD: types and properties that schema.org has, each property of its type."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.npm_packages import install
from support.servers import ServerProcess

from kb.config import Project
from kb.generations.generation import Generation
from server.page_models.metadata import types_in_use

pytestmark = pytest.mark.xdist_group("server")

_FILES = Path(__file__).parent / "schema-org"
_HOW = "On Debian and Ubuntu: apt-get install nodejs npm"
_JSON_LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
_INTERFACE = re.compile(r"^(?:export )?interface (\w+)(?: extends ([^{]+))? \{(.*?)^\}", re.DOTALL | re.MULTILINE)
_MEMBER = re.compile(r'^    "(\w+)"\??:', re.MULTILINE)
#: What each page says it is about.
_PAGES = {
    "/": "Dataset",
    "/.well-known/void": "Dataset",
    "/page/ontology": "Dataset",
    "/page/id/ammtc-19": "Event",
    "/page/id/ammtc": "Organization",
    "/page/id/adoption-border-management-roadmap": "Action",
    "/page/id/viet-nam": "Country",
    "/page/id/saifuddin-nasution-ismail": "Person",
    "/page/id/acct": "Legislation",
    "/page/id/melaka-declaration": "CreativeWork",
    "/page/id/mps-viet-nam": "GovernmentOrganization",
    "/page/id/vna": "NewsMediaOrganization",
    "/page/id/meta": "Corporation",
    "/page/id/lse": "EducationalOrganization",
    "/page/id/melaka": "Place",
    "/page/source/nst-2025-09-12": "NewsArticle",
    "/page/concept/cybercrime": "DefinedTerm",
    "/page/concept/crime-areas": "DefinedTermSet",
    "/term/chair": "DefinedTerm",
    "/search": "WebPage",
}


class SchemaOrg:
    """The vocabulary as schema-dts has it: an interface ``<Type>Base`` a type, which extends that of the wider ones."""

    def __init__(self, text: str) -> None:
        found = {name: (wider, members) for name, wider, members in _INTERFACE.findall(text)}
        self.types = {name.removesuffix("Leaf") for name in found if name.endswith("Leaf")}
        self._interfaces: Mapping[str, tuple[str, str]] = found

    def properties(self, type_: str) -> set[str]:
        return self._of(f"{type_}Leaf") - {"@type"}

    def _of(self, name: str) -> set[str]:
        wider, members = self._interfaces.get(name, ("", ""))
        return set(_MEMBER.findall(members)).union(*(self._of(one.strip()) for one in wider.split(",") if one))


@pytest.fixture(scope="module")
def schema_org(project: Project, requires: Callable[[str, str], Path]) -> SchemaOrg:
    folder = install(requires("npm", _HOW), _FILES, project.root / "build" / "schema-org")
    return SchemaOrg((folder / "node_modules" / "schema-dts" / "dist" / "schema.d.ts").read_text(encoding="utf-8"))


def described(server: ServerProcess, address: str) -> dict[str, Any]:
    found = _JSON_LD.search(server.get(address, "text/html").text)
    assert found is not None, address
    content: dict[str, Any] = json.loads(found[1])
    return content


def nodes(value: object) -> Iterator[dict[str, Any]]:
    """Yield all objects in a JSON-LD document that have a type."""
    if isinstance(value, list):
        for one in value:
            yield from nodes(one)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for one in value.values():
            yield from nodes(one)


def test_the_vocabulary_is_read_whole(schema_org: SchemaOrg) -> None:
    assert len(schema_org.types) > 700
    assert {"name", "url", "startDate"} <= schema_org.properties("Event")
    assert "distribution" in schema_org.properties("Dataset") - schema_org.properties("Event")


def test_each_type_and_each_of_its_properties_is_one_of_schema_org(schema_org: SchemaOrg) -> None:
    for type_, properties in types_in_use().items():
        assert type_ == "Thing" or type_ in schema_org.types
        assert properties <= schema_org.properties(type_), type_


@pytest.mark.parametrize("address", _PAGES)
def test_a_page_says_what_it_is_about(server: ServerProcess, schema_org: SchemaOrg, address: str) -> None:
    content = described(server, address)
    assert content.pop("@context") == "https://schema.org"
    assert content["@type"] == _PAGES[address]
    for node in nodes(content):
        type_ = node["@type"]
        assert type_ in schema_org.types
        assert set(node) - {"@type", "@id"} <= schema_org.properties(type_), type_


@pytest.mark.parametrize("address", ["/", "/.well-known/void"])
def test_the_dataset_has_all_that_a_search_engine_asks_for(
    server: ServerProcess, generation: Generation, address: str
) -> None:
    """https://developers.google.com/search/docs/appearance/structured-data/dataset names these."""
    content = described(server, address)
    assert 50 <= len(content["description"]) <= 5000
    assert content["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert content["creator"] == [{"@type": "Organization", "name": "AMMTC knowledge graph contributors"}]
    assert content["dateModified"] == generation.manifest.created
    downloads = content["distribution"]
    assert len(downloads) > 5
    for download in downloads:
        reply = server.get(download["contentUrl"].removeprefix(server.url))
        assert reply.status == 200
        assert f"{len(reply.body)} B" == download["contentSize"]
        assert reply.media_type in download["encodingFormat"]


def test_nothing_is_invented_of_other_data(files: ServerProcess) -> None:
    content = described(files, "/")
    assert content["@type"] == "Dataset"
    assert not {"creator", "publisher", "keywords", "distribution", "license"} & set(content)
