"""The wheel carries ontology, graph and pages and works from any folder; a checkout wins where there is one."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.xdist_group("packaging")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout by the locked build backend, without a network."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", out],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def kb(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the `kb` of a fresh environment that has the wheel; the dependencies are those of the running environment."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", folder, "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )  # fmt: skip
    _share_dependencies(folder)

    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}

    def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        command: list[str | Path] = [folder / "bin" / "kb", *arguments]
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)

    return run


def _share_dependencies(folder: Path) -> None:
    """Put the running environment's packages behind the fresh one's own.

    A path that a .pth file names is searched, but the .pth files in it are not read: the editable install of the
    checkout, one such file, stays out.
    """
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")


@pytest.mark.parametrize("folder", ["ontology", "graph"])
def test_wheel_carries_every_file_of_the_data(wheel: Path, folder: str) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    files = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    assert files
    assert {f"kb/data/{path.relative_to(ROOT).as_posix()}" for path in files} <= set(inside)


@pytest.mark.parametrize("package", ["kb", "server"])
def test_wheel_carries_every_file_of_the_packages(wheel: Path, package: str) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    files = [path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {path.relative_to(ROOT).as_posix() for path in files} <= set(inside)


def test_wheel_carries_nothing_else(wheel: Path) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in inside} == {"kb", "server", "ammtc"}
    assert [name for name in inside if name.endswith((".pyc", "/LICENSE"))] == [
        name for name in inside if name.endswith("/licenses/LICENSE")
    ]


def test_installed_kb_answers_from_any_folder(kb: Run, tmp_path: Path) -> None:
    """The answer comes from the files inside the package."""
    query = "SELECT ?meeting WHERE { ?meeting a ammtc:Meeting } ORDER BY ?meeting"
    done = kb("query", "-e", query, "--format", "csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "https://w3id.org/ammtc/id/ammtc-19" in done.stdout.splitlines()


def test_installed_kb_checks_its_own_files(kb: Run, tmp_path: Path) -> None:
    done = kb("check", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_installed_kb_prefers_the_checkout_around_it(kb: Run, tmp_path: Path) -> None:
    """Inside a checkout the commands work on the checkout's files, from any folder of it."""
    for folder in ("ontology", "graph"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    broken = tmp_path / "graph" / "entities.ttl"
    broken.write_text("this is no Turtle\n", encoding="utf-8")
    done = kb("fmt", "--check", cwd=tmp_path / "ontology" / "competency")
    assert done.returncode == 1
    assert "entities.ttl" in done.stdout + done.stderr


def test_module_and_command_are_the_same(kb: Run, tmp_path: Path) -> None:
    module = subprocess.run(
        [sys.executable, "-m", "kb", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert kb("--version", cwd=tmp_path).stdout.split()[-1] == module.stdout.split()[-1]
