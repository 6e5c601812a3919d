"""What holds for the repository as a whole: sizes, dependencies, lock files, generated files, nothing local."""

import ast
import os
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from kb.config import Project

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for package in ("kb", "server") for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@pytest.fixture(scope="module")
def tracked(requires: Callable[[str, str], Path]) -> list[Path]:
    """The files that git tracks."""
    requires("git", "On Debian and Ubuntu: apt-get install git")
    requires(str(ROOT / ".git"), "Clone the repository with git instead of unpacking an archive")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """The nodes of the syntax tree of a file, the module first."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


# ---------------------------------------------------------------------------------------------------------------- sizes


def functions(path: Path) -> Iterator[Function]:
    for node in nodes(path):
        if isinstance(node, Function):
            yield node


def body_lines(function: Function) -> int:
    """Lines of the body without the docstring."""
    first, *rest = function.body
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and rest:
        first = rest[0]
    return (function.end_lineno or first.lineno) - first.lineno + 1


def test_functions_are_short() -> None:
    sizes = {
        f"{path.relative_to(ROOT)}:{f.lineno} {f.name}": body_lines(f) for path in SOURCES for f in functions(path)
    }
    assert {name: size for name, size in sizes.items() if size > 60} == {}
    assert statistics.median(sizes.values()) <= 5
    assert statistics.quantiles(sizes.values(), n=10)[-1] <= 25


def test_files_are_short() -> None:
    lines = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: count for path, count in lines.items() if count > 500} == {}


def test_only_the_edge_of_the_server_catches_everything() -> None:
    broad = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    }
    assert broad <= {"server/errors.py"}


def catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = [handler.type] if not isinstance(handler.type, ast.Tuple) else handler.type.elts
    return any(kind is None or getattr(kind, "id", "") in {"Exception", "BaseException"} for kind in caught)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_lives_there(path: Path) -> None:
    module = nodes(path)[0]
    assert isinstance(module, ast.Module)
    first = (ast.get_docstring(module) or "").partition("\n")[0]
    assert first.endswith((".", ":")), f"the first line of the docstring is no sentence: {first!r}"


# --------------------------------------------------------------------------------------------------------- dependencies


def top_level_imports(paths: list[Path]) -> set[str]:
    """Packages that the files import, the standard library and the project's own aside."""
    found = set()
    for path in paths:
        for node in nodes(path):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found.add(node.module.partition(".")[0])
    own = {"kb", "server", *(path.stem for path in (ROOT / "tests").rglob("*"))}
    return found - own - sys.stdlib_module_names


#: What a test runs in an environment of its own.
INSTALLED_APART = set((ROOT / "tests" / "clients" / "frames" / "requirements.in").read_text("utf-8").split())


@cache
def providers() -> dict[str, set[str]]:
    """Import name -> distributions that provide it, as installed here."""
    return {name: {normalized(d) for d in found} for name, found in packages_distributions().items()}


def normalized(name: str) -> str:
    """Return the name as the Core metadata specification compares it (https://peps.python.org/pep-0503/)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras: str) -> dict[str, Requirement]:
    lines = [
        *PYPROJECT["dependencies"],
        *(line for extra in extras for line in PYPROJECT["optional-dependencies"][extra]),
    ]
    return {normalized(requirement.name): requirement for requirement in map(Requirement, lines)}


@pytest.mark.parametrize(("paths", "extras"), [(SOURCES, ()), (TESTS, ("dev",))], ids=["kb and server", "tests"])
def test_every_imported_package_is_declared(paths: list[Path], extras: tuple[str, ...]) -> None:
    provided = providers()
    undeclared = {n for n in top_level_imports(paths) if not provided.get(n, set()) & set(declared(*extras))}
    assert undeclared - INSTALLED_APART == set()


def test_every_declared_package_is_imported_by_the_program() -> None:
    provided = providers()
    used = {name for imported in top_level_imports(SOURCES) for name in provided.get(imported, set())}
    assert set(declared()) - used == set()


# ----------------------------------------------------------------------------------------------------------- lock files


def locked(name: str) -> dict[str, tuple[str, int]]:
    """Package -> (version, number of hashes) of a lock file."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    pins = re.findall(r"^([\w.-]+)==(\S+)(.*)$", text, re.MULTILINE)
    return {normalized(package): (version, rest.count("--hash=sha256:")) for package, version, rest in pins}


@pytest.mark.parametrize(
    ("name", "extras"), [("requirements.txt", ("build",)), ("requirements-dev.txt", ("build", "dev"))]
)
def test_lock_file_is_current(name: str, extras: tuple[str, ...]) -> None:
    """Every declared package is locked, in a version that fits, with hashes. Mend: make lock."""
    pins = locked(name)
    for package, requirement in declared(*extras).items():
        version, hashes = pins[package]
        assert requirement.specifier.contains(version), f"{package} {version}"
        assert hashes > 0, package


def test_lock_files_agree() -> None:
    runtime, development = locked("requirements.txt"), locked("requirements-dev.txt")
    assert {package: development.get(package) for package in runtime} == runtime


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_file_names_no_place_to_download_from(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"\S*://\S*|--(?:extra-)?index-url|--find-links|--trusted-host", text) == []


# --------------------------------------------------------------------------------------------------------- the checkout

#: What works on one machine only: absolute paths of a home or work folder, hosts of package registries.
LOCAL = re.compile(
    r"(?<![\w./:>~-])/(?:work|root|home|Users)/[\w.-]+"
    r"|\b(?:[\w-]+\.)*(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com|net)\b"
)


def test_tracked_files_name_nothing_of_one_machine(tracked: list[Path]) -> None:
    found = []
    for path in tracked:
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in LOCAL.finditer(text)]
    assert found == []


@pytest.mark.parametrize("folder", ["work", "root", "home", "Users"])
@pytest.mark.parametrize("registry", ["pypi", "files.pythonhosted", "registry.npmjs", "deb.debian"])
def test_the_search_for_local_names_finds_them(folder: str, registry: str) -> None:
    assert LOCAL.search(f"open('/{folder}/someone/x')")
    assert LOCAL.search(f"--index-url {registry}.org")
    assert not LOCAL.search(f"https://example.org/{folder}/1 and docs/{folder}/x")


def test_the_top_level_is_as_documented(tracked: list[Path]) -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in tracked if path.parent != ROOT}
    assert folders <= {".ci", "docs", "graph", "kb", "ontology", "server", "tests"}


def test_nothing_tracked_is_ignored(tracked: list[Path]) -> None:
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert tracked
    assert done.stdout == ""


def test_scripts_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


# ------------------------------------------------------------------------------------------------------ generated files


def test_generated_files_are_current(project: Project) -> None:
    """Mend: kb index."""
    from kb.files.catalog import outdated  # noqa: PLC0415

    assert outdated(project) == []


def test_turtle_files_are_canonical(project: Project) -> None:
    """Mend: kb fmt."""
    from kb.rdf.turtle import is_canonical  # noqa: PLC0415

    files = sorted([*project.ontology.glob("*.ttl"), *project.graph.glob("*.ttl")])
    assert len(files) > 10
    assert [path for path in files if not is_canonical(path)] == []
