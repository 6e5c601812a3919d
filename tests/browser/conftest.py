"""The server that the browser reads, and the browser: Debian's Chromium."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from support.npm_packages import install
from support.servers import HANG_SECONDS, KbServe

from browser.visits import Visit, Visits
from kb.config import Project
from kb.generations.generation import Generation

#: What Chromium is started with; its graphics and its network in processes of their own take 3 % more.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--in-process-gpu",
    "--enable-features=NetworkServiceInProcess2",
)
#: After this what a test expects has not come: less than what loading may take, or each failure looks like a hang.
EXPECT_SECONDS = HANG_SECONDS / 4
_FILES = Path(__file__).parent / "axe"
_ORDINARY: Mapping[str, Any] = {}
_HOW = "On Debian and Ubuntu: apt-get install nodejs npm"


def browser_program() -> str:
    """Return the name of Chromium as a program without a window, which takes half the processor time, or else with."""
    return next(filter(shutil.which, ("chromium-headless-shell", "chromium")), "chromium")


@pytest.fixture(scope="session")
def server(project: Project, generation: Generation) -> Iterator[KbServe]:
    """`kb serve` of the shipped graph."""
    with KbServe(general=["--project", project.root, "--build-dir", generation.folder.parent]) as running:
        yield running


@pytest.fixture(scope="package")
def traps() -> Iterator[KbServe]:
    """`kb serve` of a file whose literals and IRIs try to be script, or to be too wide."""
    with KbServe(["--data", Path(__file__).parent.parent / "server" / "traps.trig"]) as running:
        yield running


@pytest.fixture(scope="package")
def browser(requires: Callable[[str, str], Path]) -> Iterator[Browser]:
    """Chromium, started once; ended with the tests of this folder, as Playwright's event loop runs until then."""
    program = requires(browser_program(), "Install it: apt-get install chromium-headless-shell, or chromium")
    expect.set_options(timeout=EXPECT_SECONDS * 1000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def axe(project: Project, requires: Callable[[str, str], Path]) -> str:
    """The text of axe-core, installed on first use into a folder that git ignores."""
    folder = install(requires("npm", _HOW), _FILES, project.root / "build" / "axe")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="package")
def visits(browser: Browser) -> Visits:
    return Visits(browser)


@pytest.fixture
def open_visit(visits: Visits) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens a visit of a server: ``open_visit(server, {"java_script_enabled": False})``.

    Its second argument holds settings of the context, those of Playwright's ``Browser.new_context``; then come those
    of ``Visit.begin``: viewport, colour scheme and so on. After the test no visit may have asked another origin for
    anything, or complained.
    """
    opened: list[tuple[Mapping[str, Any], Visit]] = []

    def open_one(server: KbServe, context: Mapping[str, Any] = _ORDINARY, **wishes: object) -> Visit:
        visit = visits.open(context)
        opened.append((context, visit))
        visit.begin(server.url, **wishes)
        return visit

    yield open_one
    for context, visit in opened:
        visits.end(context, visit)
    for _, visit in opened:
        assert visit.strangers == []
        assert visit.complaints == []


@pytest.fixture
def visit(open_visit: Callable[..., Visit], server: KbServe) -> Visit:
    """A visit of the shipped graph's server in a wide window."""
    return open_visit(server)
