"""The import contract: imports go one way, and only the edges print or read the environment."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from kb.config import Project

ROOT = Path(__file__).resolve().parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("kb", "server")
    for path in sorted((ROOT / package).rglob("*.py"))
}

#: Finds expressions and statements among the nodes of a module.
Rule = Callable[[Iterable[ast.AST]], Iterator[ast.expr | ast.stmt]]


@cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    """The nodes of a module's syntax tree."""
    return tuple(ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))))


def test_imports_go_one_way(project: Project) -> None:
    """The layers stand in pyproject.toml; a module that no layer names breaks the contract too."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=project.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "too_heavy"),
    [
        ("kb.cli.app", {"pyoxigraph", "rdflib", "numpy", "rich"}),
        ("kb.cli.query", {"rdflib", "numpy", "pyshacl"}),
        ("server.command", {"rdflib", "numpy", "rich"}),
        ("server.processes.web", {"rdflib", "numpy", "rich"}),
        ("server.processes.start", {"rdflib", "numpy", "rich", "flask", "uvicorn"}),
        ("server.evaluation.worker", {"rdflib", "numpy", "rich", "flask"}),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(module: str, too_heavy: set[str]) -> None:
    """A command answers, and a server starts, several times sooner for it."""
    program = f"import {module}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not too_heavy & set(done.stdout.split())


def prints(tree: Iterable[ast.AST]) -> Iterator[ast.expr | ast.stmt]:
    """Uses of `print` and of methods of the standard streams; handing a stream on, as WSGI asks, is none."""
    for node in tree:
        match node:
            case ast.Name(id="print"):
                yield node
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "stderr" | "stdin")):
                yield node


def reads_the_environment(tree: Iterable[ast.AST]) -> Iterator[ast.expr | ast.stmt]:
    """Uses of the environment, under any of the names that `os` gives it."""
    names = {"environ", "environb", "getenv", "getenvb", "putenv"}
    for node in tree:
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr=attr) if attr in names:
                yield node
            case ast.ImportFrom(module="os", names=aliases) if names & {alias.name for alias in aliases}:
                yield node


def imports_terminal_packages(tree: Iterable[ast.AST]) -> Iterator[ast.expr | ast.stmt]:
    """Imports of the packages that draw on a terminal or parse its arguments."""
    for node in tree:
        if isinstance(node, ast.stmt) and {name.partition(".")[0] for name in imported(node)} & {"rich", "click"}:
            yield node


def imported(node: ast.AST) -> list[str]:
    """Modules that one import statement names; nothing for other nodes."""
    match node:
        case ast.Import(names=aliases):
            return [alias.name for alias in aliases]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
        case _:
            return []


def is_command_line(module: str) -> bool:
    return module.startswith("kb.cli") or module in {"kb.__main__", "server.command", "server.verification"}


def is_command_line_or_server(module: str) -> bool:
    return is_command_line(module) or module.partition(".")[0] == "server" or module == "kb.remote.access"


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        (prints, is_command_line),
        (imports_terminal_packages, is_command_line),
        (reads_the_environment, is_command_line_or_server),
    ],
)
def test_only_the_edges_touch_the_outside(rule: Rule, allowed: Callable[[str], bool]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for module, path in MODULES.items()
        if not allowed(module)
        for node in rule(nodes(module))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (prints, "print('x')"),
        (prints, "import sys\nsys.stdout.write('x')"),
        (imports_terminal_packages, "import rich.table"),
        (imports_terminal_packages, "def f():\n    from click import echo"),
        (reads_the_environment, "import os\nos.environ['X']"),
        (reads_the_environment, "from os import path, getenv"),
    ],
)
def test_the_rules_find_what_they_look_for(rule: Rule, code: str) -> None:
    assert len(list(rule(ast.walk(ast.parse(code))))) == 1
    assert list(rule(ast.walk(ast.parse("import os, sys\nos.path.join('a')\nsys.exit(0)")))) == []


@pytest.mark.parametrize("module", MODULES)
def test_modules_export_what_others_import(module: str) -> None:
    """Every name that a module offers exists; every name that it takes from another one is offered there."""
    assert all(hasattr(import_module(module), name) for name in exported(module))
    for node in nodes(module):
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            names = {alias.name for alias in node.names if f"{node.module}.{alias.name}" not in MODULES}
            assert names <= set(exported(node.module)), f"line {node.lineno}: not in __all__ of {node.module}"


def exported(module: str) -> list[str]:
    return list(getattr(import_module(module), "__all__", []))


def test_importing_does_no_work() -> None:
    """Importing every module reads no data file, starts no process and opens no connection."""
    program = """
import importlib, json, sys
events = []
def watch(event, args):
    if event in {"subprocess.Popen", "os.fork", "os.posix_spawn", "socket.connect", "socket.bind"}:
        events.append(event)
    elif event == "open" and str(args[0]).startswith(sys.argv[1]) and not str(args[0]).endswith((".py", ".pyc")):
        if "/__pycache__/" not in str(args[0]) and "site-packages" not in str(args[0]):
            events.append(f"open {args[0]}")
sys.addaudithook(watch)
for module in sys.argv[2:]:
    importlib.import_module(module)
open(sys.argv[1] + "/LICENSE").close()
print(json.dumps(events))
"""
    modules = [module for module in MODULES if not module.endswith("__main__")]
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT), *modules], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [f"open {ROOT}/LICENSE"], "the last one shows that the watching works"
