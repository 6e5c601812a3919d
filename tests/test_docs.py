"""The documentation is run: every command in it exists, every transcript and every example does what it shows.

Fenced blocks of the Markdown files are of several kinds. A ``console`` block is a transcript: each command behind
``$ `` is run, and the lines after it must be what it prints; a line ``…`` stands for any lines. A ``sh`` block holds
commands to type: programs, targets, subcommands and options must exist. A ``python`` block is a program, and is run.
So are the examples at the end of each command's help, and ``curl`` commands in the text, against a running server. A
``sparql`` block is a query, and the table behind it what it gives. The lines of a ``turtle`` block stand in the files.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from support.commands import run_kb
from support.servers import KbServe

from kb.cli.app import cli
from kb.cli.commands import ExampleCommand, ExampleGroup
from kb.config import Project
from kb.generations.generation import Generation

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<kind>console|sh|python|sparql|turtle)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
TABLE = re.compile(r"\n*((?:\|.*\n)+)")

#: What an example of a help text names for the reader to replace -> what is there in the folder where it is run.
PLACEHOLDERS = {"COMMAND": "query", "/srv/ammtc": "elsewhere"}


@dataclass(frozen=True)
class Step:
    """One command or program of a document.

    :param kind: ``console``, ``sh``, ``python``, ``curl``, ``sparql``, ``turtle`` as above, or ``example`` of a help
    :param shown: what the document says it prints
    """

    place: str
    kind: str
    text: str
    shown: str = ""

    def __str__(self) -> str:
        return self.place


def steps(path: Path) -> Iterator[Step]:
    """Yield what there is to run in a Markdown file."""
    document = path.read_text(encoding="utf-8")
    for block in BLOCK.finditer(document):
        place = f"{path.name}:{document.count(chr(10), 0, block.start()) + 2}"
        text = re.sub(f"^{block['indent']}", "", block["text"], flags=re.MULTILINE)
        match block["kind"]:
            case "console":
                yield from transcript(place, text)
            case "sh":
                yield from (Step(place, "sh", line) for line in text.splitlines() if re.match("[^#]", line))
            case "sparql":
                table = TABLE.match(document, block.end())
                yield Step(place, "sparql", text, table[1] if table else "no table behind the query")
            case kind:
                yield Step(place, kind, text)
    for inline in re.finditer(r"`(curl [^`]+)`", document):
        yield Step(f"{path.name}:{document.count(chr(10), 0, inline.start()) + 1}", "curl", inline[1])


def transcript(place: str, text: str) -> Iterator[Step]:
    before, *parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert before == "", f"{place}: output before the first command"
    for part in parts:
        command, _, shown = part.partition("\n")
        yield Step(place, "console", command, shown)


def examples() -> Iterator[Step]:
    """Yield the examples of every help text."""
    with click.Context(cli) as context:
        commands = {name: cli.get_command(context, name) for name in cli.list_commands(context)}
    for name, command in {"": cli, **commands}.items():
        assert isinstance(command, ExampleGroup | ExampleCommand), f"no examples: kb {name}"
        yield from (Step(f"kb {name} --help", "example", text) for text in command.examples)


STEPS = [step for path in DOCUMENTS for step in steps(path)] + list(examples())
#: `kb serve` goes on until it is stopped, and remote stores are not there.
RUN = [step for step in STEPS if step.kind in {"console", "example"} and not re.search("kb serve|localhost", step.text)]


@pytest.fixture(scope="module")
def checkout(generation: Generation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout's data, with its generation and the files that the examples name, to be written to."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("ontology", "graph"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(generation.folder.parent, folder / "build")
    shutil.copy(ROOT / "ontology" / "competency" / "officials.rq", folder / "my.rq")
    shutil.copy(ROOT / "graph" / "entities.ttl", folder / "mine.ttl")
    shutil.copy(generation.folder / "dump" / "ammtc.nq.gz", folder / "more.nq.gz")
    return folder


@pytest.fixture(scope="module")
def valid_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project that breaks no rule, with the text of its source, where examples that name nothing are run."""
    folder = tmp_path_factory.mktemp("valid") / "project"
    checks = ROOT / "tests" / "kb" / "checks"
    shutil.copytree(checks / "base", folder)
    shutil.copytree(checks / "passage-in-text" / "pass-lines" / "texts", folder / "texts")
    return folder


def run(folder: Path, *command: str | Path) -> str:
    """Return what a command prints; its exit code must be 0."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def agrees(printed: str, shown: str) -> bool:
    """Whether an output is the one shown; ``…`` stands for any lines, spaces at line ends do not count."""
    lines = [".*" if line.strip() == "…" else re.escape(line.rstrip()) for line in shown.strip("\n").splitlines()]
    actual = "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())
    return re.fullmatch("\n".join(lines), actual, re.DOTALL) is not None


@pytest.fixture(scope="module")
def address(checkout: Path) -> Iterator[str]:
    """Host and port of a server that `kb serve` runs."""
    with KbServe(folder=checkout) as server:
        yield f"127.0.0.1:{server.port}"


def of_kind(*kinds: str) -> list[Step]:
    return [step for step in STEPS if step.kind in kinds]


def test_the_documents_hold_something_of_each_kind() -> None:
    assert {step.place.partition(":")[0] for step in of_kind("sh")} >= {"README.md", "CONTRIBUTING.md"}
    assert len(of_kind("console")) > 0
    assert len(of_kind("python")) > 0
    assert len(of_kind("curl")) > 0
    assert len(of_kind("sparql")) > 20
    assert len(of_kind("example")) >= len(cli.list_commands(click.Context(cli)))


def test_files_and_folders_that_are_named_exist() -> None:
    named = {
        (document.name, name)
        for document in DOCUMENTS
        for name in re.findall(
            r"`((?:kb|server|tests|ontology|graph|docs)/[\w./-]*)`", document.read_text(encoding="utf-8")
        )
    }
    assert len(named) > 40
    assert [found for found in sorted(named) if not (ROOT / found[1]).exists()] == []


@pytest.fixture(scope="module")
def printed_by(checkout: Path, valid_project: Path) -> Callable[[str, str], str]:
    """`printed_by(command, kind)`: what a command prints; one that several documents have is run once.

    A transcript is run by a shell, an example of a help text in this process; one that checks all files, which takes
    seconds, checks those of the small project.
    """

    def in_process(command: str) -> str:
        _, *arguments = shlex.split(command)
        done = run_kb(*arguments, cwd=valid_project if arguments[0] in {"build", "check", "evidence"} else checkout)
        assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    known: dict[str, str] = {}

    def run_once(command: str, kind: str) -> str:
        if command not in known:
            known[command] = in_process(command) if kind == "example" else run(checkout, "sh", "-c", command)
        return known[command]

    return run_once


@pytest.mark.xdist_group("docs")
@pytest.mark.parametrize("step", RUN, ids=str)
def test_commands_print_what_is_shown(step: Step, printed_by: Callable[[str, str], str]) -> None:
    command = step.text
    for placeholder, value in PLACEHOLDERS.items():
        command = command.replace(placeholder, value)
    printed = printed_by(command, step.kind)
    assert step.kind == "example" or agrees(printed, step.shown), f"$ {command}\n{printed}"


@pytest.mark.xdist_group("docs")
@pytest.mark.parametrize("step", of_kind("sparql"), ids=str)
def test_queries_give_the_tables_behind_them(step: Step, checkout: Path) -> None:
    done = run_kb("query", "-e", step.text, "--format", "table", cwd=checkout)
    assert done.returncode == 0, done.stderr
    assert agrees(done.stdout, step.shown), done.stdout


@pytest.mark.parametrize("step", of_kind("python"), ids=str)
def test_programs_run(step: Step, checkout: Path) -> None:
    assert run(checkout, sys.executable, "-W", "error", "-c", step.text) != ""


@pytest.mark.parametrize("step", of_kind("curl"), ids=str)
def test_curl_commands_are_answered(
    step: Step, checkout: Path, address: str, requires: Callable[[str, str], Path]
) -> None:
    requires("curl", "On Debian and Ubuntu: apt-get install curl")
    command = step.text.replace("curl ", "curl --fail --silent --show-error ", 1).replace("127.0.0.1:8000", address)
    assert address in command
    assert len(run(checkout, "sh", "-c", command).splitlines()) > 1


@pytest.mark.parametrize("step", of_kind("turtle"), ids=str)
def test_turtle_stands_in_the_files(step: Step, project: Project) -> None:
    cases = project.root / "tests" / "kb" / "consistency"
    files = [*project.ontology.glob("*.ttl"), *project.graph.glob("*.ttl"), cases / "other-years.trig"]
    assert set(step.text.splitlines()) <= {line for path in files for line in path.read_text("utf-8").splitlines()}


@pytest.mark.parametrize("step", of_kind("sh", "example"), ids=str)
def test_commands_to_type_exist(step: Step) -> None:
    program, *arguments = shlex.split(step.text, comments=True)
    if program == "make":
        assert {argument for argument in arguments if "=" not in argument} <= TARGETS
    elif program.removeprefix(".venv/bin/") == "kb":
        parse(cli, arguments)
    else:
        assert shutil.which(program), program


def parse(command: click.Command, arguments: list[str]) -> None:
    """Parse arguments as the command line does, and run nothing."""
    if "--help" in arguments:
        return
    with command.make_context(command.name, list(arguments)) as context:
        if isinstance(command, click.Group):
            name, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])  # noqa: SLF001
            assert found is not None, name
            parse(found, rest)


@pytest.mark.parametrize(
    ("printed", "shown", "same"),
    [("a  \nb\n", "a\nb", True), ("a\nb\nc\n", "a\n…\nc", True), ("a\nb\n", "a", False), ("abc\n", "a.c", False)],
)
def test_agreement_of_outputs(printed: str, shown: str, same: bool) -> None:
    assert agrees(printed, shown) is same
