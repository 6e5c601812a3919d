"""HTTP/1.1 on the wire: one table of http.toml a case, and what takes time or more than one connection."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from raw import Connection
from serving import ServerProcess

pytestmark = pytest.mark.xdist_group("core")

_CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("http.toml").read_text(encoding="utf-8"))["case"]
_HEALTH = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"


def sent(case: dict[str, Any]) -> bytes:
    text: str = case["sent"]
    lines = text if case.get("raw") else text.replace("\n", "\r\n")
    return lines.replace("{repeat}", case.get("repeat", "") * case.get("times", 0)).encode("latin-1")


def test_no_case_is_lost() -> None:
    assert len(_CASES) == 90
    assert len({case["name"] for case in _CASES}) == len(_CASES)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["name"])
def test_what_is_sent_gets_its_answers(core: ServerProcess, case: dict[str, Any]) -> None:
    with Connection(core.port) as connection:
        connection.send(sent(case))
        replies = [connection.reply() for _ in case["statuses"]]
        assert [reply.status for reply in replies] == case["statuses"], replies
        for reply, part in zip(replies, case.get("bodies", ()), strict=False):
            assert part in reply.text
        if case.get("open"):
            connection.send(_HEALTH)
            assert connection.reply().json["status"] == "ok"
        else:
            assert replies[-1].headers["Connection"] == "close"
            assert connection.rest() == b""
    for reply in replies:
        assert reply.status < 400 or reply.media_type == "application/problem+json"
