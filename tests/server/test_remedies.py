"""Every remedy can be followed where it is given: remedies.toml does so, remedies.csv says why not for the rest."""

import ast
import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.servers import Reply, ServerProcess

import server as package

pytestmark = pytest.mark.xdist_group("remedies")

_HERE = Path(__file__).parent
_CASES: list[dict[str, Any]] = tomllib.loads((_HERE / "remedies.toml").read_text(encoding="utf-8"))["case"]
#: What makes a problem -> the place of the remedy among its arguments.
_MAKERS = {
    "Problem": 2,
    "DataError": 1,
    "UsageError": 1,
    "_bad_request": 1,
    "_unsupported": 1,
    "_unsound": 2,
    "_busy": 1,
    "Kind": 4,
}
_LIMITS = {"rows": 20, "query_seconds": 3.0, "workers": 1, "page_workers": 2}


@pytest.fixture(scope="module")
def servers(small: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ServerProcess]]:
    folder = tmp_path_factory.mktemp("remedies")
    triples = "".join(f"<http://example.org/a{n}> <http://example.org/p> <http://example.org/b> .\n" for n in range(60))
    (folder / "plain.nt").write_text(triples, encoding="utf-8")
    (folder / "named.trig").write_text(f"<http://example.org/g> {{ {triples} }}", encoding="utf-8")
    with (
        ServerProcess({**small, "limits": _LIMITS}) as built,
        ServerProcess({"data": [str(folder / "plain.nt")], "limits": _LIMITS}) as plain,
        ServerProcess({"data": [str(folder / "named.trig")], "limits": _LIMITS}) as named,
    ):
        yield {"built": built, "plain": plain, "named": named}


def asked(server: ServerProcess, case: dict[str, Any]) -> Reply:
    headers = {"Accept": case.get("accept", "*/*")}
    headers |= {"Content-Type": case["type"]} if "type" in case else {}
    headers |= {"If-Match": case["if_match"]} if "if_match" in case else {}
    body = case["body"].encode() if "body" in case else None
    return server.request(case.get("method", "GET"), case["target"], headers, body)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["name"])
def test_a_remedy_can_be_followed(servers: dict[str, ServerProcess], case: dict[str, Any]) -> None:
    server = servers[case["server"]]
    reply = asked(server, case)
    assert reply.status == case["status"], reply.text
    remedy: str = reply.json["remedy"]
    start, _, end = case["remedy"].partition("*")
    assert remedy.startswith(start)
    assert remedy.endswith(end)
    assert remedy == case["remedy"] or "*" in case["remedy"]
    for target, status in zip(case.get("follow", ()), case.get("gives", [200] * 9), strict=False):
        assert server.get(target).status == status, target
    listed = remedy.rstrip(".?").removeprefix("Did you mean: ").removeprefix(start).split(", ")
    for value in listed if {"each", "each_accept"} & case.keys() else ():
        targets = [case[key].format(value) for key in ("each", "either") if key in case]
        replies = [server.get(target) for target in targets]
        replies += [server.get(case["each_accept"], value)] if "each_accept" in case else []
        assert 200 in [found.status for found in replies], value
    for method in reply.headers["Allow"].split(", ") if case.get("methods") else ():
        assert server.request(method, case["target"]).status == 200


def test_no_remedy_is_left_out() -> None:
    followed = [case["remedy"].rstrip(".?").partition("*")[0] for case in _CASES]
    with (_HERE / "remedies.csv").open(encoding="utf-8", newline="") as file:
        excused = {row["remedy"] for row in csv.DictReader(file)}
    remedies = set(_remedies())
    assert [text for text in sorted(remedies - excused) if not any(_begins(text, done) for done in followed)] == []
    assert excused - remedies == set()


def _begins(text: str, done: str) -> bool:
    """Return whether a remedy in the code, with {} for what is filled in, is one that a case has."""
    start = text.partition("{}")[0].rstrip(".?")
    return bool(start) and (done.startswith(start) or start in done)


def _remedies() -> Iterator[str]:
    for path in sorted(Path(package.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=args) if name in _MAKERS and len(args) > _MAKERS[name]:
                    yield from _texts(args[_MAKERS[name]])
                case ast.Assign(targets=[ast.Name(id="remedy" | "marked" | "_ENDING")], value=value):
                    yield from _texts(value)
                case ast.Assign(targets=[ast.Tuple(elts=[_, ast.Name(id="remedy")])], value=ast.Tuple(elts=[_, value])):
                    yield from _texts(value)
                case ast.Assign(targets=[ast.Name(id="_REMEDIES")], value=ast.Dict(values=values)):
                    for value in values:
                        yield from _texts(value)
                case ast.Dict(keys=[_, ast.Constant(value="remedy"), *_], values=[_, value, *_]):
                    yield from _texts(value)
                case ast.FunctionDef(name="_remedy", body=[*_, ast.Return(value=ast.expr() as value)]):
                    yield from _texts(value)


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield the texts that an expression may have, with {} for what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(value.value if isinstance(value, ast.Constant) else "{}" for value in values)
        case ast.IfExp(body=body, orelse=other):
            yield from (*_texts(body), *_texts(other))
        case ast.Call(args=[*_, last]) | ast.Tuple(elts=[*_, last]):
            yield from _texts(last)
