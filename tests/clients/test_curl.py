"""curl against the server: the commands of a table, and a second request that costs nothing."""

import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.servers import HANG_SECONDS, KbServe

pytestmark = pytest.mark.xdist_group("clients")

_HERE = Path(__file__).parent
_CASES = tomllib.loads((_HERE / "curl.toml").read_text(encoding="utf-8"))["case"]
_QUERY = "query=SELECT ?s { ?s a owl:Class }"


@pytest.fixture(scope="session")
def curl(requires: Callable[[str, str], Path]) -> Callable[..., tuple[int, str]]:
    """`curl(*arguments)`: its exit status and what it prints, as it is."""
    program = requires("curl", "On Debian and Ubuntu: apt-get install curl")

    def run(*arguments: str | Path) -> tuple[int, str]:
        done = subprocess.run([program, "--silent", *arguments], capture_output=True, check=False, timeout=HANG_SECONDS)
        return done.returncode, done.stdout.decode()

    return run


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["name"])
def test_command(curl: Callable[..., tuple[int, str]], server: KbServe, case: dict[str, Any]) -> None:
    arguments = [argument.replace("{url}", server.url).replace("{here}", str(_HERE)) for argument in case["arguments"]]
    code, printed = curl(*arguments, "--write-out", "\n%{http_code} %{content_type}")
    text, _, last = printed.rpartition("\n")
    status, _, content_type = last.partition(" ")
    assert (code, int(status)) == (case.get("exit", 0), case.get("status", 200))
    assert content_type.partition(";")[0] == case["media_type"]
    assert case["text"] in text


def test_an_answer_is_not_sent_again(curl: Callable[..., tuple[int, str]], server: KbServe, tmp_path: Path) -> None:
    tag = tmp_path / "etag"
    request = ["--get", "--data-urlencode", _QUERY, f"{server.url}/sparql", "--write-out", "\n%{http_code}"]
    _, first = curl("--etag-save", tag, *request)
    _, second = curl("--etag-compare", tag, *request)
    assert first.endswith("}\n200")
    assert second == "\n304"


def test_a_dump_is_fetched_whole(curl: Callable[..., tuple[int, str]], server: KbServe, tmp_path: Path) -> None:
    target = tmp_path / "nst.ttl"
    assert curl("--fail", "--output", target, f"{server.url}/dump/nst-2025-09-12.ttl") == (0, "")
    assert target.read_text(encoding="utf-8").startswith("@prefix ")
