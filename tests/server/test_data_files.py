"""`kb serve --data` with files made to do harm, too little room, or too little time: a message, and nothing is left."""

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.servers import HANG_SECONDS, KbServe, eventually

from kb.config import Project
from kb.errors import KbError
from kb.generations.generation import STATEMENTS, open_generation
from server.config import Limits
from server.generations.files import build_from_files

pytestmark = pytest.mark.xdist_group("reload")

_KB = Path(sys.executable).with_name("kb")
_LIMITS = Limits(load_mib=256, load_seconds=30.0)


def write(folder: Path, name: str, text: str) -> Path:
    content = text.encode("utf-8", "surrogateescape")
    (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return folder / name


def test_a_lower_limit_of_the_whole_server_stays(tmp_path: Path) -> None:
    path = write(tmp_path, "small.nt", "<http://a/> <http://b/> <http://c/> .\n")
    program = (
        "import resource, sys; from pathlib import Path; from server.config import Limits;"
        "from server.generations.files import build_from_files;"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30));"
        f"build_from_files([Path({str(path)!r})], Path({str(tmp_path / 'store')!r}), Limits(load_mib=100_000))"
    )
    (tmp_path / "store").mkdir()
    subprocess.run([sys.executable, "-c", program], check=True)
    assert open_generation(tmp_path / "store").manifest.sizes.default_graph == 1


def test_the_least_memory_is_enough_for_a_small_file(tmp_path: Path) -> None:
    path = write(tmp_path, "small.nt", "<http://a/> <http://b/> <http://c/> .\n")
    (tmp_path / "store").mkdir()
    build_from_files([path], tmp_path / "store", _LIMITS)
    assert open_generation(tmp_path / "store").manifest.sizes.default_graph == 1


def test_a_literal_beyond_the_memory_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "huge.nt", '<http://a/> <http://b/> "')
    os.truncate(path, 500_000_000)  # null bytes may stand in a literal, and take no room on the disk
    (tmp_path / "store").mkdir()
    with pytest.raises(KbError, match="took more than 256 MiB of memory"):
        build_from_files([path], tmp_path / "store", _LIMITS)


@pytest.mark.parametrize(
    ("statements", "default_graph", "kept"),
    [
        (1000, "default", {STATEMENTS}),  # the store may take 1 MiB, in which 2621 statements are expected to fit
        (1400, "default", {STATEMENTS, "store"}),
        (1000, "union", {STATEMENTS, "store"}),
        (3000, "default", {"store"}),
        (1400, "union", {"store"}),
    ],
)
def test_what_is_served_is_the_same_wherever_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statements: int, default_graph: str, kept: set[str]
) -> None:
    """In memory twice, once in memory and once on the disk, or on the disk alone."""
    names = [f"<http://example.org/{number}>" for number in range(statements)]
    lines = (f'{name} <http://example.org/p> "{name[1:-1]}" <http://example.org/g> .\n' for name in names)
    path = write(tmp_path, "some.nq", "".join(lines))
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    options = ["--store-memory", "1", "--workers", "1", "--page-workers", "1", "--default-graph", default_graph]
    with KbServe(["--data", path, *options]) as server:
        (home,) = folder.iterdir()
        assert {found.name for found in home.iterdir()} == kept | {"manifest.json"}
        found = server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv").text
        assert found.split() == ["n", str(statements if default_graph == "union" else 0)]
        found = server.query("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", "text/csv").text
        assert found.split() == ["n", str(statements)]
        assert "http://example.org/7" in server.get("/resource?iri=http://example.org/7", "text/html").text
        described = server.get("/.well-known/void", "application/n-triples").text
        assert f'#dataset> <http://rdfs.org/ns/void#triples> "{statements}"' in described
    assert list(folder.iterdir()) == []


def test_what_has_no_room_in_memory_is_read_onto_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "small.nt", "<http://a/> <http://b/> <http://c/> .\n")
    (tmp_path / "store").mkdir()
    run = subprocess.run

    def abort_first(command: list[str], *, check: bool, **options: Any) -> "subprocess.CompletedProcess[bytes]":
        if json.loads(options["input"])["step"] != "memory":
            return run(command, check=check, **options)
        (tmp_path / "store" / STATEMENTS).write_text("half a line", encoding="utf-8")
        return subprocess.CompletedProcess(command, -signal.SIGABRT, b"")

    monkeypatch.setattr(subprocess, "run", abort_first)
    build_from_files([path], tmp_path / "store", _LIMITS)
    generation = open_generation(tmp_path / "store")
    assert (generation.is_on_disk, len(generation.store())) == (True, 1)
    assert not (tmp_path / "store" / STATEMENTS).exists()


def kb(tmp_path: Path, *arguments: object, before: Callable[[], None] = lambda: None) -> "subprocess.Popen[str]":
    """Start `kb` with an empty folder for temporary files."""
    (tmp_path / "temporary").mkdir(exist_ok=True)
    return subprocess.Popen(
        [_KB, *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A process that may write no large file would leave half a bytecode file, which no later one could load.
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary"), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=before,  # noqa: PLW1509  (sets a limit, nothing else)
    )


def require_message(process: "subprocess.Popen[str]", tmp_path: Path, part: str) -> None:
    """Wait for the end of a process: one clear message, and no temporary folder."""
    _, errors = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode in (1, 2)
    assert errors.startswith("kb: ")
    assert part in errors
    assert errors.count("\n") == 1
    assert "Traceback" not in errors
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_command_says_what_is_wrong_and_leaves_nothing(tmp_path: Path) -> None:
    whole = write(tmp_path, "whole.nt", "<http://a/> <http://b/> <http://c/> .\n")
    broken = write(tmp_path, "broken.rdf", '<!DOCTYPE a [<!ENTITY b "c">]><a>&d;</a>')
    started = kb(tmp_path, "serve", "--port", 0, "--data", whole, "--data", broken)
    require_message(started, tmp_path, "broken.rdf:1: is XML, but no RDF/XML")


def test_reading_has_a_time_limit(tmp_path: Path) -> None:
    whole = write(tmp_path, "whole.nt", "<http://a/> <http://b/> <http://c/> .\n")
    started = kb(tmp_path, "serve", "--port", 0, "--load-timeout", 0.01, "--data", whole)
    require_message(started, tmp_path, "took longer than 0.01 seconds")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_end_while_it_reads_leaves_nothing(tmp_path: Path, sign: signal.Signals) -> None:
    os.mkfifo(tmp_path / "endless.nt")  # it is read when somebody writes
    with kb(tmp_path, "serve", "--port", 0, "--data", tmp_path / "endless.nt") as started:
        eventually(lambda: any((tmp_path / "temporary").iterdir()))
        started.send_signal(sign)
        _, errors = started.communicate(timeout=HANG_SECONDS)
    assert started.returncode != 0
    assert errors.strip() == ""
    assert list((tmp_path / "temporary").iterdir()) == []


def limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def test_too_little_room_for_files_is_said_so(tmp_path: Path) -> None:
    lines = "".join(f'<http://a/{n}> <http://b/> "{n * 7919}" .\n' for n in range(20_000))
    large = write(tmp_path, "large.nt", lines)
    require_message(kb(tmp_path, "serve", "--port", 0, "--data", large, before=limit_files), tmp_path, "(")


def test_too_little_room_for_a_build_is_said_so_and_changes_nothing(
    small_project: Project, copied: Callable[[], Path], tmp_path: Path
) -> None:
    out = copied()
    before = times_of_files(out)
    with (small_project.graph / "entities.ttl").open("a", encoding="utf-8") as entities:
        entities.write('id:melaka rdfs:comment "new"@en .\n')
    build = ("--project", small_project.root, "build", "--no-check", "--out")
    require_message(kb(tmp_path, *build, out, before=limit_files), tmp_path, "cannot be written")
    require_message(kb(tmp_path, *build, "/dev/full/out"), tmp_path, "")
    assert times_of_files(out) == before


def times_of_files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.name != ".lock"}
