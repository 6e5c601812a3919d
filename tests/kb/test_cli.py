"""The command line: its output, its exit code, and what it does as a process with streams, signals and terminals."""

import csv
import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import time
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.commands import KB, run_kb

import kb
from kb.cli.app import cli
from kb.config import Project
from kb.generations.generation import Generation, open_generation
from kb.rdf.formats import RDF_FORMATS
from kb.rdf.turtle import format_files

ROOT = Path(__file__).resolve().parents[2]
SMALL = Path(__file__).parent / "small"
CASES = Path(__file__).parent / "cli"
WRONG: list[dict[str, Any]] = tomllib.loads((CASES / "wrong.toml").read_text("utf-8"))["case"]
QUERY = "SELECT ?meeting ?ordinal ?date { ?meeting ammtc:ordinal ?ordinal ; ammtc:date ?date }"

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with some files."""
    return shutil.copytree(CASES / "files", tmp_path / "work")


@pytest.fixture
def options(small_generation: Generation) -> list[str]:
    """The options that name the small project and its generation."""
    return ["--project", str(SMALL), "--build-dir", str(small_generation.folder.parent)]


@pytest.fixture
def run(folder: Path, options: list[str]) -> Run:
    """`run(*arguments)`: `kb` in the folder, on the small project, as in a pipe."""
    return partial(run_kb, *options, cwd=folder)


@pytest.fixture
def start(folder: Path, options: list[str]) -> Start:
    """`start(*arguments)`: the same in a process of its own; what it writes is bytes."""

    def start_kb(*arguments: str, **streams: Any) -> subprocess.CompletedProcess[bytes]:
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        return subprocess.run([*KB, *options, *arguments], cwd=folder, timeout=120, check=False, **how)

    return start_kb


# Results


def test_rows_are_csv_in_a_pipe(run: Run) -> None:
    done = run("query", "-e", QUERY)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(csv.reader(io.StringIO(done.stdout))) == [
        ["meeting", "ordinal", "date"], ["https://w3id.org/ammtc/id/ammtc-19", "19", "2025-09"],
    ]  # fmt: skip


def test_a_table_in_a_pipe_is_markdown_with_labels(run: Run) -> None:
    text = """SELECT ?meeting ?ordinal ?evidence ?text {
                ?axiom owl:annotatedSource ?meeting ; owl:annotatedTarget ?ordinal ;
                       owl:annotatedProperty ammtc:ordinal ; ammtc:evidence ?evidence BIND("a|b\\nc" AS ?text) }"""
    done = run("query", "-e", text, "--format", "table")
    assert done.stdout == (
        "| meeting                  | ordinal | evidence   | text   |\n"
        "|--------------------------|---------|------------|--------|\n"
        "| 19th Ministerial Meeting |      19 | paper-1 ¶2 | a\\|b c |\n"
    )


def test_a_stored_question_a_file_and_a_text_give_the_same(run: Run, folder: Path) -> None:
    text = (SMALL / "ontology" / "competency" / "ordinals.rq").read_text("utf-8")
    (folder / "mine.rq").write_text(text, encoding="utf-8")
    answers = [
        run("query", "ordinals"), run("query", "mine.rq"), run("query", str(folder / "mine.rq")),
        run("query", "-e", text), run("query", "-", stdin=text.encode()),
    ]  # fmt: skip
    assert {answer.stdout for answer in answers} == {"meeting,ordinal\nhttps://w3id.org/ammtc/id/ammtc-19,19\n"}


def test_standard_input_that_is_no_query(run: Run) -> None:
    done = run("query", "-", stdin=b"ASK {} # caf\xe9")
    assert (done.returncode, done.stderr) == (
        1,
        "kb: standard input: is no text in UTF-8 (byte 12). Save it in UTF-8.\n",
    )
    assert run("query", "-").returncode == 2


def test_a_process_takes_its_query_from_standard_input_and_ends_its_lines_as_csv_does(start: Start) -> None:
    done = start("query", "-", stdin=None, input=QUERY.encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"meeting,ordinal,date\r\nhttps://w3id.org/ammtc/id/ammtc-19,19,2025-09\r\n"


def test_the_questions_are_listed(run: Run) -> None:
    assert run("query", "--list").stdout == "ordinals\tWhich ordinal has each meeting?\n"


def test_the_kinds_of_things_are_listed() -> None:
    done = run_kb("--project", str(ROOT), "terms", cwd=ROOT)
    header, _, *rows = done.stdout.splitlines()
    assert [cell.strip() for cell in header.strip("|").split("|")] == ["kind", "class", "what it is"]
    assert any(row.startswith("| meeting ") and "| ammtc:Meeting " in row for row in rows)


def test_the_term_sheet_of_a_kind_has_its_properties_and_a_template(tmp_path: Path) -> None:
    done = run_kb("--project", str(ROOT), "terms", "report", "of", "an", "act", cwd=ROOT)
    assert done.stdout.startswith("report of an act (ammtc:ActReport): ")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines() if "|" in line]
    assert rows[0] == ["", "property", "name", "value", "how many", "need", "example"]
    assert ["what", "ammtc:kind", "kind", "concept of concept:act-kinds", "1", "needed", "concept:adoption"] in rows
    (tmp_path / "new.ttl").write_text(done.stdout.partition("```turtle\n")[2].removesuffix("```\n"), "utf-8")
    assert format_files([tmp_path / "new.ttl"], check=True) == []


def test_the_term_sheet_is_json() -> None:
    done = run_kb("--project", str(ROOT), "terms", "ammtc:Finding", "--format", "json", cwd=ROOT)
    sheet = json.loads(done.stdout)
    assert (sheet["kind"], sheet["class"]) == ("finding", "ammtc:Finding")
    source = next(part for part in sheet["properties"] if part["property"] == "ammtc:source")
    assert (source["least"], source["most"], source["need"]) == (1, 1, "needed")
    assert "a ammtc:Finding ;" in sheet["template"]
    kinds = json.loads(run_kb("--project", str(ROOT), "terms", "--format", "json", cwd=ROOT).stdout)
    assert {"kind": "finding", "class": "ammtc:Finding"}.items() <= kinds[
        [k["kind"] for k in kinds].index("finding")
    ].items()


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    done = run_kb("--project", str(ROOT), "terms", "meetin", cwd=ROOT)
    assert done.returncode == 2
    assert "No kind of thing is called 'meetin'. Did you mean: meeting" in done.stderr


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "xml"])
def test_rows_in_each_format(name: str, run: Run) -> None:
    done = run("query", "-e", QUERY, "--format", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert "https://w3id.org/ammtc/id/ammtc-19" in done.stdout
    assert done.stdout.endswith("\n")


@pytest.mark.parametrize("name", RDF_FORMATS)
def test_a_graph_in_each_format(name: str, run: Run) -> None:
    done = run("query", "-e", "CONSTRUCT WHERE { ?s ammtc:ordinal ?o }", "--format", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ammtc-19" in done.stdout
    exported = run("export", name, "--entity", "AMMTC 19")
    assert (exported.returncode, exported.stderr) == (0, "")
    assert "ammtc-19" in exported.stdout


def test_a_graph_is_turtle_and_a_boolean_a_word(run: Run) -> None:
    assert run("query", "-e", "CONSTRUCT { id:a id:b 1 } WHERE {}").stdout.endswith("id:a id:b 1 .\n")
    assert run("query", "-e", "ASK {}").stdout == "true\n"
    assert run("query", "-e", "ASK {}", "--format", "table").stdout == "true\n"
    assert json.loads(run("query", "-e", "ASK { ?s ?p 99 }", "--format", "json").stdout)["boolean"] is False


def test_other_data_can_be_queried(run: Run) -> None:
    done = run("query", "-e", "SELECT ?s { ?s id:b id:c }", "--data", "right.ttl", "--data", "untidy.ttl")
    assert done.stdout.splitlines() == ["s", "https://w3id.org/ammtc/id/a"]


def test_a_result_goes_to_a_file(run: Run, folder: Path) -> None:
    done = run("query", "-e", QUERY, "-o", "result.csv")
    assert (done.returncode, done.stdout) == (0, "")
    assert (folder / "result.csv").read_bytes().count(b"\r\n") == 2
    assert run("export", "turtle", "-o", "graph.ttl").returncode == 0
    assert run("fmt", "--check", "graph.ttl").returncode == 0
    assert run("query", "-e", QUERY, "-o", "-").stdout == run("query", "-e", QUERY).stdout


def test_a_deeply_nested_query_does_not_end_the_process(start: Start) -> None:
    done = start("query", "-e", "ASK" + "{" * 20_000 + "}" * 20_000)
    assert (done.returncode, done.stdout) == (0, b"true\n")


# Files


def test_fmt_writes_the_canonical_form(run: Run, folder: Path) -> None:
    assert run("fmt", "untidy.ttl").stdout == "untidy.ttl\n"
    assert (folder / "untidy.ttl").read_bytes() == (folder / "right.ttl").read_bytes()
    done = run("fmt", "untidy.ttl", "right.ttl")
    assert (done.returncode, done.stdout) == (0, "")


def test_fmt_and_index_work_on_the_project(small_project: Project, folder: Path) -> None:
    run_here = partial(run_kb, cwd=small_project.graph)
    assert [run_here(name, "--check").returncode for name in ("fmt", "index")] == [0, 0]
    shutil.copy(folder / "untidy.ttl", small_project.graph / "paper-3.ttl")
    (small_project.graph / "all.ttl").unlink()
    assert [run_here(name, "--check").returncode for name in ("fmt", "index")] == [1, 1]
    assert not (small_project.graph / "all.ttl").exists()
    (small_project.graph / "paper-3.ttl").unlink()
    assert [run_here(name).returncode for name in ("fmt", "index")] == [0, 0]
    assert (small_project.graph / "all.ttl").read_bytes() == (SMALL / "graph" / "all.ttl").read_bytes()


def test_check_finds_nothing_in_the_checkout(texts: Path) -> None:
    done = run_kb("check", "--texts", texts, cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "0 errors, 0 warnings\n")
    done = run_kb("evidence", "--texts", texts, cwd=ROOT)
    assert done.returncode == 0
    assert re.fullmatch(r"\d+ passages of 5 sources, [\d,]+ statements\n0 errors, 0 warnings\n", done.stdout)


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    """A project in which all is well but for a statement that rests on nothing."""
    shutil.copytree(CASES.parent / "checks" / "base", tmp_path / "flawed")
    path = tmp_path / "flawed" / "graph" / "entities.ttl"
    path.write_text(path.read_text("utf-8") + "id:ammtc-19 ammtc:host id:malaysia .\n", encoding="utf-8")
    format_files([path])
    return tmp_path / "flawed"


def test_a_flaw_is_found_and_not_built(flawed: Path) -> None:
    run_here = partial(run_kb, cwd=flawed)
    done = run_here("check", "--format", "json")
    assert done.returncode == 1
    (finding,) = json.loads(done.stdout)
    assert (finding["focus"], finding["severity"]) == ("id:ammtc-19", "error")
    assert finding["file"] == "graph/entities.ttl"
    done = run_here("build")
    assert done.returncode == 1
    assert "1 error" in done.stdout
    assert not (flawed / "build").exists()
    assert run_here("build", "--no-check").returncode == 0
    assert open_generation(flawed / "build").manifest.sizes.default_graph > 300


def test_build_prints_what_the_generation_holds(run: Run, tmp_path: Path) -> None:
    done = run("build", "--no-check", "--out", str(tmp_path / "out"))
    assert done.returncode == 0
    cells = dict(re.findall(r"^\| (.+?) +\| +([\d,]+) \|$", done.stdout, re.MULTILINE))
    assert cells == {
        "statements of paper-1": "5", "statements of paper-2": "2", "acts": "1", "reports of acts": "1",
        "meetings": "2", "officials": "2", "instruments": "1", "passages cited": "3", "derivations": "1",
        "derived statements": "1", "identifications": "0", "justifications": "13", "asserted triples": "127",
        "inferred triples": "5", "triples for discovery": "527",
    }  # fmt: skip
    assert done.stderr == f"Built in {open_generation(tmp_path / 'out').folder}\n"


# Where things are


def test_a_checkout_keeps_its_generations_in_build(small_project: Project) -> None:
    assert run_kb("query", "-e", QUERY, cwd=small_project.graph).returncode == 0
    assert open_generation(small_project.root / "build").manifest.sizes.default_graph == 758


def test_installed_files_keep_their_generations_in_the_users_cache(tmp_path: Path) -> None:
    """A copy of the package with the small project inside stands for an installed one."""
    for name in ("kb", "server"):
        shutil.copytree(ROOT / name, tmp_path / "library" / name)
    shutil.copytree(SMALL, tmp_path / "library" / "kb" / "data")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "library"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [*KB, "query", "ordinals"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("meeting,ordinal\nhttps://w3id.org/ammtc/id/ammtc-19,19\n", "")
    assert open_generation(tmp_path / "cache" / "ammtc").manifest.sizes.default_graph == 758


def test_a_damaged_generation_is_built_again(run: Run, copied: Callable[[], Path]) -> None:
    out = copied()
    (open_generation(out).folder / "store" / "CURRENT").unlink()
    done = run("--build-dir", str(out), "query", "-e", QUERY)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ammtc-19" in done.stdout


# The terminal


def on_terminal(command: list[str], folder: Path) -> tuple[int, str]:
    """Run a command on a terminal of 80 columns; return its exit code and what the terminal receives."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    with subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        received = b""
        while chunk := read_terminal(ours):
            received += chunk
        os.close(ours)
    return process.returncode, received.decode()


def read_terminal(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how Linux reports that the other end is closed
        return b""


def test_a_terminal_gets_a_table_with_links_and_progress(small_project: Project) -> None:
    text = f"{QUERY[:-1]} BIND('\\u001B[31mred\\u0007' AS ?control) }}".replace("?date {", "?date ?control {")
    code, received = on_terminal([*KB, "query", "-e", text], small_project.root)
    assert code == 0
    assert re.search(r"Building: [a-z ]+ …", received)
    assert "\x1b]8;" in received
    assert "https://w3id.org/ammtc/id/ammtc-19\x1b\\19th Ministerial Meeting" in received
    assert "2025-09 " in received
    assert "1 row" in received
    assert "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}" in received


def test_a_terminal_can_ask_for_csv(small_generation: Generation) -> None:
    built = ["--build-dir", str(small_generation.folder.parent)]
    _, received = on_terminal([*KB, *built, "query", "-e", QUERY, "--format", "csv"], SMALL)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", received)
    assert shown.split()[-2:] == ["meeting,ordinal,date", "https://w3id.org/ammtc/id/ammtc-19,19,2025-09"]


# Wrong input


def test_no_case_is_lost() -> None:
    assert len(WRONG) == 78
    commands = {argument for case in WRONG for argument in case["arguments"]}
    assert set(cli.list_commands(None)) - commands == {"index"}


@pytest.mark.parametrize("case", WRONG, ids=[" ".join(case["arguments"])[:60] for case in WRONG])
def test_wrong_input_gets_one_clear_message(case: dict[str, Any], run: Run, folder: Path) -> None:
    (folder / "file").write_text("", encoding="utf-8")
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    done = run(*(argument.replace("{nowhere}", "file/below") for argument in case["arguments"]))
    assert case["message"] in done.stderr
    assert done.returncode == case["code"]
    assert "Traceback" not in done.stderr
    assert len(re.findall("^(?:kb|Error): ", done.stderr, re.MULTILINE)) == 1
    assert "Usage:" in done.stderr or len(done.stderr.splitlines()) == 1
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_project_without_ontology_is_none(run: Run, folder: Path) -> None:
    assert run("--project", str(folder), "index").returncode == 2


# Help


@pytest.mark.parametrize("command", ["", *cli.list_commands(None)])
def test_each_command_explains_itself(command: str) -> None:
    done = run_kb(*command.split(), "--help", cwd=ROOT)
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: kb")
    assert f"\nExamples:\n  kb {command}".rstrip() in done.stdout


def test_the_version() -> None:
    done = subprocess.run([*KB, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"kb, version {kb.__version__}\n"


# Streams and signals


def test_a_reader_that_stops_is_no_error(start: Start) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = start("export", "ntriples", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_full_disk_behind_standard_output(start: Start) -> None:
    with Path("/dev/full").open("wb") as full:
        done = start("query", "-e", QUERY, stdout=full)
    assert done.returncode == 2
    assert done.stderr.startswith(b"kb: standard output: cannot be written")


def test_closed_streams(start: Start) -> None:
    shell = f"exec {' '.join(KB)} query -e 'ASK {{}}' --data right.ttl >&- 2>&-"
    assert start("unused", "arguments", stdout=None, stderr=None).returncode == 2
    done = subprocess.run(["sh", "-c", shell], cwd=CASES / "files", check=False)
    assert done.returncode == 0


ENDLESS = "SELECT (COUNT(*) AS ?number) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"


def interruptible(arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """Start `kb` so that it hears Ctrl-C although the tests may run where it is ignored.

    It gives way to the tests: what they wait for on a busy machine is not over before they see it.
    """

    def prepare() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.nice(10)

    return subprocess.Popen(
        [*KB, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=prepare,  # noqa: PLW1509  there are no threads
    )


def wait_for(happened: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Wait until something has happened or the process has ended."""
    while process.poll() is None and not happened():
        time.sleep(0.005)


def catches_interrupts(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process has a handler for SIGINT; see `SigCgt` in proc_pid_status(5)."""
    status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    return bool(int(re.search(r"SigCgt:\s*([0-9a-f]+)", status)[1], 16) >> (signal.SIGINT - 1) & 1)  # type: ignore[index]


def test_ctrl_c_ends_a_query(folder: Path) -> None:
    os.mkfifo(folder / "data.nt")
    lines = "".join(f"<a:{n}> <a:p> <a:{n + 1}> .\n" for n in range(300))
    with interruptible(["query", "-e", ENDLESS, "--data", "data.nt"], folder) as process:
        (folder / "data.nt").write_text(lines, encoding="utf-8")  # waits until the query's data is read
        wait_for(lambda: not catches_interrupts(process), process)  # from then on the system ends it
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)
    assert (output, errors.strip()) == (b"", b"")


def test_ctrl_c_ends_a_build_and_leaves_nothing(small_project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with interruptible(["--build-dir", str(out), "build", "--no-check"], small_project.root) as process:
        wait_for(lambda: list(out.glob(".new-*")), process)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.strip()) == (130, b"")
    assert [path.name for path in out.iterdir()] == [".lock"]
