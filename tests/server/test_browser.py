"""A real browser reads the pages."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from serving import ServerProcess

pytestmark = pytest.mark.xdist_group("server")

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]


@pytest.fixture
def browse(requires: Callable[[str, str], Path], server: ServerProcess, tmp_path: Path) -> Callable[[str], str]:
    chromium = requires("chromium", "Install it: apt-get install chromium")

    def dump(path: str) -> str:
        command = [str(chromium), *_FLAGS, f"--user-data-dir={tmp_path}", "--dump-dom", f"{server.url}{path}"]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    return dump


def test_chromium_reads_the_home_page(browse: Callable[[str], str]) -> None:
    page = browse("/")
    assert "Who proposed it, who adopted it" in page
    assert 'name="q"' in page


def test_chromium_reads_a_question(browse: Callable[[str], str]) -> None:
    page = browse("/question/who-proposed-drug-free-border-communes")
    assert "Viet Nam</a>" in page
    assert "/page/source/cong-tuan-2025-09-11#p22" in page


def test_chromium_is_led_from_an_iri_to_the_page(browse: Callable[[str], str]) -> None:
    assert "<h1>19th ASEAN Ministerial Meeting on Transnational Crime</h1>" in browse("/id/ammtc-19")
