"""The OpenAPI description: it has every address, and no request that it allows gets an answer that it does not have."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from requests import Session
from schemathesis.checks import not_a_server_error
from schemathesis.generation.meta import CoveragePhaseData
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from support.examples import examples, is_thorough
from support.servers import ServerProcess
from werkzeug.routing import Rule

from server.app import add_addresses

pytestmark = pytest.mark.xdist_group("server")


@pytest.fixture(scope="module")
def api(server: ServerProcess) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{server.url}/openapi.json")


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """Connections that the requests share, and no look into the environment at each of them."""
    with Session() as shared:
        shared.trust_env = False
        yield shared


@pytest.fixture(scope="module")
def tried() -> set[tuple[object, ...]]:
    """What has been tried: kinds of requests with their operation, and with their parameter."""
    return set()


@pytest.fixture(scope="module")
def rules() -> list[Rule]:
    app = Flask("server")
    add_addresses(app)
    return list(app.url_map.iter_rules())


def addresses(rule: Rule) -> Iterator[str]:
    """Yield the addresses of a rule as OpenAPI writes them: one for each word that ``<any(…)>`` stands for."""
    pieces = re.split(r"<any\(([^)]*)\):\w+>", rule.rule)
    words = [part.split(", ") if place % 2 else [re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", part)]
             for place, part in enumerate(pieces)]  # fmt: skip
    yield from ("".join(chosen) for chosen in product(*words))


def test_it_has_every_address_and_method(server: ServerProcess, rules: list[Rule]) -> None:
    routed = {
        (address, method.lower())
        for rule in rules
        for address in addresses(rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    paths = server.get("/openapi.json").json["paths"]
    described = {(address, method) for address, operations in paths.items() for method in operations}
    assert described == routed
    assert ("/sparql", "post") in described


def test_it_is_well_formed(api: schemathesis.BaseSchema) -> None:
    """Against the meta-schema of OpenAPI 3.1."""
    api.validate()
    names = [result.ok().definition.raw["operationId"] for result in api.get_all_operations()]
    assert len(names) == len(set(names)) > 30


def test_its_examples_are_there(server: ServerProcess) -> None:
    described = server.get("/openapi.json").json
    tried = 0
    for address, operations in described["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            for example in parameter.get("examples", {}).values():
                tried += 1
                target = address.replace(f"{{{parameter['name']}}}", example["value"])
                assert server.get(target).status in (200, 303), target
    assert tried > 20


@schemathesis.serializer("application/sparql-query")
def as_query(_: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


schema = schemathesis.pytest.from_fixture("api")


@pytest.mark.thorough
@schema.parametrize()
@settings(
    max_examples=examples(12),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_gets_an_answer_that_is_not_described(
    case: schemathesis.Case, session: Session, tried: set[tuple[object, ...]]
) -> None:
    """Of the systematic requests a quick run sends one of each kind to each operation, and one with each parameter."""
    if not is_thorough() and isinstance(kind := case.meta.phase.data, CoveragePhaseData):
        keys = {(kind.scenario, case.operation.label), (kind.scenario, kind.parameter or kind.description)}
        if keys <= tried:
            return
        tried |= keys
    case.call_and_validate(
        session=session,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
            unsupported_method,
        ],
    )


def test_the_navigation_leads_to_what_is_there(server: ServerProcess) -> None:
    (shown,) = re.findall(r'<nav aria-label="Site">(.*?)</nav>', server.get("/", "text/html").text, re.DOTALL)
    links = re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', shown)
    assert [name for _, name in links] == [
        "Browse", "Timeline", "Network", "Who says so", "Expected", "Ontology", "Patterns", "SPARQL", "Downloads",
    ]  # fmt: skip
    for address, name in links:
        page = server.get(address, "text/html")
        assert page.status == 200
        assert re.search(rf'<a href="{re.escape(address)}" aria-current="page">{name}</a>', page.text), name
