"""The workbench's script is what its sources and its lock file make, and its parts do what they say."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.npm_packages import install

from kb.config import Project

pytestmark = pytest.mark.xdist_group("workbench")

_HOW = "On Debian and Ubuntu: apt-get install nodejs npm"
_UNITS = Path(__file__).parent / "units"


@pytest.fixture(scope="module")
def sources(project: Project) -> Path:
    return project.root / "server" / "workbench"


@pytest.fixture(scope="module")
def built(project: Project) -> Path:
    return project.root / "server" / "static" / "workbench"


@pytest.fixture(scope="module")
def node(requires: Callable[[str, str], Path]) -> Path:
    return requires("node", _HOW)


@pytest.fixture(scope="module")
def installed(
    project: Project, sources: Path, requires: Callable[[str, str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A copy of the sources with the packages that they need."""
    packages = install(requires("npm", _HOW), sources, project.root / "build" / "workbench-packages")
    copy = tmp_path_factory.mktemp("workbench") / "server" / "workbench"
    shutil.copytree(sources, copy)
    shutil.copytree(_UNITS, copy.parents[1] / "tests" / "workbench" / "units")
    (copy / "node_modules").symlink_to(packages / "node_modules")
    return copy


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_new_build_has_the_same_bytes(installed: Path, built: Path, node: Path, tmp_path: Path) -> None:
    """Mend: make workbench."""
    run(node, "build.mjs", tmp_path, cwd=installed)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in built.iterdir()}


def test_its_types_hold(installed: Path, node: Path) -> None:
    run(node, "node_modules/typescript/bin/tsc", "--project", ".", cwd=installed)


def test_checksums_and_licences_stand_beside_it(built: Path, sources: Path) -> None:
    lines = (built / "SHA256SUMS.txt").read_text(encoding="ascii").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {path.name: path for path in built.iterdir() if path.name != "SHA256SUMS.txt"}
    assert sums == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    licences = (built / "LICENSES.txt").read_text(encoding="utf-8")
    packages = json.loads((sources / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    inside = [name for name in packages if name.startswith(("@codemirror/", "@lezer/", "d3-"))]
    assert len(inside) > 6
    assert [name for name in inside if f"{name} {packages[name]} (" not in licences] == []


def test_the_lock_file_names_no_place_to_download_from(sources: Path) -> None:
    locked = json.loads((sources / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    packages = {name: package for name, package in locked.items() if name}
    assert packages
    assert {name for name, package in packages.items() if "resolved" in package or "integrity" not in package} == set()


def test_sources_are_small_and_parse_no_markup(sources: Path) -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in (sources / "src").glob("*.js")}
    assert len(files) > 20
    assert [name for name, text in files.items() if text.count("\n") > 300] == []
    forbidden = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function")
    assert [(name, word) for name, text in files.items() for word in forbidden if word in text] == []


@pytest.mark.parametrize("name", sorted(path.name for path in _UNITS.glob("*.test.mjs")))
def test_units(name: str, installed: Path, node: Path) -> None:
    """Node's own test runner runs the cases of a file, in the copy that has the packages and in one process."""
    folder = installed.parents[1] / "tests" / "workbench" / "units"
    printed = run(node, "--test-reporter=tap", folder / name, cwd=folder)
    assert "# fail 0" in printed
    assert "# pass 0" not in printed


def test_there_are_unit_tests() -> None:
    assert len(list(_UNITS.glob("*.test.mjs"))) >= 8
