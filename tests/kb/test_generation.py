"""Generations: what they hold, that damage is found, and that they appear whole or not at all."""

import gzip
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyoxigraph
import pytest
import rdflib
from rdflib.compare import isomorphic

import kb.generations.build
from kb.config import Project
from kb.errors import DataError, GenerationError, RdfSyntaxError, UnwritablePath
from kb.files.documents import load_documents, merged
from kb.files.evidence import domain_statements
from kb.generations.build import build, ensure_generation
from kb.generations.dumps import DUMPS
from kb.generations.generation import Generation, open_generation
from kb.generations.manifest import content_hash, file_digests
from kb.generations.merged import MERGED
from kb.generations.reifiers import without_reification
from kb.generations.statistics import count_triples
from kb.namespaces import DISCOVERY, INFERRED
from kb.rdf.namespaces import GRAPH
from kb.sparql.query import evaluate

SMALL = Path(__file__).parent / "small"

_STAGES = ["reading the files", "reasoning", "proving what was inferred", "writing the store", "writing the dumps"]


def rows(store: pyoxigraph.Store, text: str) -> list[tuple[str, ...]]:
    result = evaluate(store, text)
    assert isinstance(result, pyoxigraph.QuerySolutions)
    return [tuple(term.value for term in row) for row in result]


def ask(store: pyoxigraph.Store, text: str) -> bool:
    return bool(evaluate(store, text))


# What it holds


def test_each_document_is_a_named_graph_and_the_inferred_statements_are_one(small_generation: Generation) -> None:
    documents = load_documents(Project(SMALL))
    sizes = small_generation.manifest.sizes
    sizes_of_documents = {doc.iri: len(doc.graph) for doc in documents}
    discovery = sizes.named_graphs[DISCOVERY]
    assert sizes.named_graphs == sizes_of_documents | {INFERRED: 5, DISCOVERY: discovery}
    assert sizes.default_graph == len(merged(documents)) + 5 + discovery + small_generation.manifest.reification
    assert sizes == count_triples(small_generation.store())


def test_a_plain_query_sees_what_is_asserted_and_what_is_inferred(small_store: pyoxigraph.Store) -> None:
    assert ask(small_store, "ASK { id:ammtc-19 ammtc:ordinal 19 ; a ammtc:MinisterialMeeting, ammtc:Meeting }")
    assert rows(small_store, "SELECT ?g { GRAPH ?g { id:ammtc-19 a ammtc:Meeting } }") == [(str(INFERRED),)]
    assert rows(small_store, "SELECT ?g { GRAPH ?g { id:ammtc-19 ammtc:ordinal 19 } }") == [(str(GRAPH["paper-1"]),)]


def test_the_default_graph_is_the_union_of_the_named_graphs_and_who_says_so(small_generation: Generation) -> None:
    store = small_generation.store()
    quads = list(store.quads_for_pattern(None, None, None, pyoxigraph.DefaultGraph()))
    named = {quad.triple for quad in store if quad.graph_name != pyoxigraph.DefaultGraph()}
    assert sorted(map(str, {quad.triple for quad in without_reification(quads)} ^ named)) == []
    assert len({quad.triple for quad in quads} - named) == small_generation.manifest.reification > 0


def test_an_axiom_is_the_same_node_in_its_graph_and_in_the_default_graph(small_store: pyoxigraph.Store) -> None:
    text = """SELECT ?evidence { ?axiom owl:annotatedTarget id:da-nang
                                 GRAPH graph:paper-2 { ?axiom ammtc:evidence ?evidence } }"""
    assert rows(small_store, text) == [("https://w3id.org/ammtc/id/derivation-1",)]


def test_the_manifest_says_what_it_holds(small_generation: Generation) -> None:
    manifest = small_generation.manifest
    assert manifest.hash == small_generation.folder.name == content_hash(Project(SMALL))
    assert manifest.sources == (str(GRAPH["paper-1"]), str(GRAPH["paper-2"]))
    assert {iri: manifest.statements[iri] for iri in manifest.sources} == {
        str(GRAPH["paper-1"]): 5,  # place, ordinal, date, what was adopted, and which act that is
        str(GRAPH["paper-2"]): 2,  # two places
    }
    assert manifest.things == {
        "acts": 1, "act_reports": 1, "meetings": 2, "officials": 2, "instruments": 1, "passages": 3, "derivations": 1,
        "derived": 1, "identifications": 0, "justifications": 13,
    }  # fmt: skip
    assert manifest.versions["pyoxigraph"] == pyoxigraph.__version__
    assert manifest.versions["rdflib"] == rdflib.__version__
    assert manifest.versions["numpy"] == np.__version__


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib.*")  # it uses its own old names
def test_the_dumps_hold_the_named_graphs(small_generation: Generation) -> None:
    """Read by rdflib, which did not write them."""
    assert {*small_generation.manifest.dumps.values(), *DUMPS, *MERGED} == set(small_generation.dumps)
    for name, form in (("ammtc.trig.gz", "trig"), ("ammtc.nq.gz", "nquads")):
        dataset = rdflib.Dataset()
        dataset.parse(data=gzip.decompress(small_generation.dumps[name].read_bytes()), format=form)
        for iri, file in small_generation.manifest.dumps.items():
            alone = rdflib.Graph().parse(small_generation.dumps[file], format="turtle")
            assert isomorphic(dataset.graph(rdflib.URIRef(iri)), alone)
            assert len(alone) == small_generation.manifest.sizes.named_graphs[iri]


def test_a_document_that_is_canonical_is_its_own_dump(small_generation: Generation) -> None:
    assert small_generation.dumps["paper-1.ttl"].read_bytes() == (SMALL / "graph" / "paper-1.ttl").read_bytes()


def test_the_same_files_make_the_same_dumps(
    small_generation: Generation, small_project: Project, tmp_path: Path
) -> None:
    again = build(small_project, tmp_path / "out")
    assert again.manifest.hash == small_generation.manifest.hash
    for name, path in again.dumps.items():
        assert path.read_bytes() == small_generation.dumps[name].read_bytes(), name


def test_the_store_cannot_be_written(small_store: pyoxigraph.Store) -> None:
    with pytest.raises(RuntimeError, match="read-write"):
        small_store.update("INSERT DATA { <a:a> <a:a> <a:a> }")


def test_the_checkout_holds_something_of_everything(generation: Generation) -> None:
    manifest = generation.manifest
    assert len(manifest.sources) >= 5
    assert all(manifest.statements[iri] > 100 for iri in manifest.sources)
    assert all(manifest.things.values())
    assert manifest.sizes.named_graphs[str(INFERRED)] > 1000


def test_build_and_check_count_the_same_statements(generation: Generation, project: Project) -> None:
    for document in load_documents(project):
        assert generation.manifest.statements.get(document.iri, 0) == len(list(domain_statements(document)))


# The hash


def test_one_changed_byte_makes_another_generation(small_project: Project, tmp_path: Path) -> None:
    before = ensure_generation(small_project, tmp_path / "out")
    edit(small_project)
    after = ensure_generation(small_project, tmp_path / "out")
    assert after.manifest.hash != before.manifest.hash
    assert after.manifest.statements[str(GRAPH["paper-2"])] == before.manifest.statements[str(GRAPH["paper-2"])] + 1


def test_a_generation_of_the_files_as_they_are_is_not_built_again(small_project: Project, tmp_path: Path) -> None:
    stages: list[str] = []
    first = ensure_generation(small_project, tmp_path, stages.append)
    assert stages == _STAGES
    stages.clear()
    assert ensure_generation(small_project, tmp_path, stages.append) == first
    assert build(small_project, tmp_path, stages.append) == first
    assert stages == []


def test_files_that_change_while_they_are_read_are_not_built(small_project: Project, tmp_path: Path) -> None:
    def change(stage: str) -> None:
        if stage == "reading the files":
            edit(small_project)

    with pytest.raises(DataError, match="changed while they were read"):
        build(small_project, tmp_path / "out", change)
    assert visible(tmp_path / "out") == set()


def edit(project: Project) -> None:
    path = project.graph / "paper-2.ttl"
    path.write_text(path.read_text("utf-8") + "\nid:ammtc-20 ammtc:place id:melaka .\n", encoding="utf-8")


# Damage


def damage(change: Callable[[Path], object]) -> Callable[[Path], None]:
    """Return a damage to the generation in a folder of generations."""

    def apply(out: Path) -> None:
        change(out / (out / "current").read_text("ascii").strip())

    return apply


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def largest_table(home: Path) -> Path:
    return max((home / "store").glob("*.sst"), key=lambda path: path.stat().st_size)


def rewrite_manifest(home: Path, **changes: object) -> None:
    content = json.loads((home / "manifest.json").read_text("utf-8"))
    (home / "manifest.json").write_text(json.dumps(content | changes), encoding="utf-8")


def lose_a_quad(home: Path) -> None:
    """Let the store lack a quad although every file is the one that the manifest names."""
    store = pyoxigraph.Store(home / "store")
    store.remove(next(store.quads_for_pattern(None, None, None, pyoxigraph.NamedNode(INFERRED))))
    store.flush()
    del store
    rewrite_manifest(home, files=file_digests(home))


def lose_a_count(home: Path) -> None:
    rewrite_manifest(home, sizes={"default_graph": 1, "named_graphs": {}})


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = {
    "no current": lambda out: (out / "current").unlink(),
    "current names nothing": lambda out: (out / "current").write_text("0" * 64),
    "current is no text": lambda out: (out / "current").write_bytes(b"\xff\xfe"),
    "no manifest": damage(lambda home: (home / "manifest.json").unlink()),
    "half a manifest": damage(lambda home: truncate(home / "manifest.json")),
    "a manifest of something else": damage(lambda home: (home / "manifest.json").write_text("[]")),
    "a manifest of another version": damage(lambda home: rewrite_manifest(home, colour="red")),
    "a manifest with wrong sizes": damage(lambda home: rewrite_manifest(home, sizes={"default_graph": 1})),
    "a manifest with other sizes": damage(lose_a_count),
    "the store's list of files cut short": damage(lambda home: truncate(next((home / "store").glob("MANIFEST-*")))),
    "the store's list of files empty": damage(lambda home: os.truncate(next((home / "store").glob("MANIFEST-*")), 0)),
    "the store's pointer lost": damage(lambda home: (home / "store" / "CURRENT").unlink()),
    "a table lost": damage(lambda home: largest_table(home).unlink()),
    "a table cut short": damage(lambda home: truncate(largest_table(home))),
    "a bit of a table flipped": damage(lambda home: flip(largest_table(home))),
    "the store lost": damage(lambda home: shutil.rmtree(home / "store")),
    "a quad lost": damage(lose_a_quad),
    "a dump lost": damage(lambda home: (home / "dump" / "ammtc.nq.gz").unlink()),
    "a dump changed": damage(lambda home: flip(home / "dump" / "inferred.ttl")),
    "a dump that is a folder": damage(lambda home: replace_by_folder(home / "dump" / "ontology.ttl")),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_mended(name: str, copied: Callable[[], Path]) -> None:
    out = copied()
    whole = open_generation(out)
    DAMAGES[name](out)
    with pytest.raises(GenerationError, match="Run `kb build`"):
        open_generation(out)
    mended = ensure_generation(Project(SMALL), out)
    assert mended.manifest.hash == whole.manifest.hash
    assert mended == open_generation(out)
    assert visible(out) == {"current", mended.manifest.hash}


def test_the_engine_itself_does_not_find_all_damage(copied: Callable[[], Path]) -> None:
    """Why a generation is checked at all: a store with a shortened list of files opens, and holds less."""
    home = open_generation(copied()).folder
    whole = size_of_store(home / "store")
    path = next((home / "store").glob("MANIFEST-*"))
    for length in range(path.stat().st_size, 0, -16):
        os.truncate(path, length)
        if size_of_store(home / "store") not in {whole, None}:
            return
    pytest.fail("the engine finds each shortening now")


def size_of_store(folder: Path) -> int | None:
    """The number of quads, or None where the engine refuses the store."""
    try:
        return len(pyoxigraph.Store.read_only(str(folder)))
    except (OSError, RuntimeError):
        return None


# Whole or not at all


def visible(out: Path) -> set[str]:
    """The entries of a folder of generations except the lock."""
    return {path.name for path in out.iterdir()} - {".lock"}


BUILD = """
import os, signal, sys
from pathlib import Path
from kb.config import Project
from kb.generations.build import build
from kb.generations.reifiers import without_reification
def progress(stage):
    if stage == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
print(build(Project(Path(sys.argv[1])), Path(sys.argv[2]), progress).folder.name)
"""


def start_build(project: Project, out: Path, die_at: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUILD, str(project.root), str(out), die_at]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("stage", _STAGES)
def test_a_killed_build_leaves_the_old_generation(
    stage: str, small_project: Project, copied: Callable[[], Path]
) -> None:
    out = copied()
    old = open_generation(out)
    edit(small_project)
    with start_build(small_project, out, stage) as process:
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    assert open_generation(out) == old
    new = build(small_project, out)
    assert new.manifest.hash != old.manifest.hash
    assert visible(out) == {"current", old.manifest.hash, new.manifest.hash}


def test_an_interrupted_build_cleans_up(small_project: Project, copied: Callable[[], Path]) -> None:
    out = copied()
    before = visible(out)
    edit(small_project)

    def interrupt(stage: str) -> None:
        if stage == "writing the dumps":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(small_project, out, interrupt)
    assert visible(out) == before


def test_a_build_that_is_interrupted_as_soon_as_its_folder_is_there_cleans_up(
    small_project: Project, copied: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, mkdir = copied(), Path.mkdir
    before = visible(out)
    edit(small_project)

    def interrupt(path: Path, *arguments: Any, **options: Any) -> None:
        mkdir(path, *arguments, **options)
        if path.parent == out and path.name.startswith(".new-"):
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "mkdir", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build(small_project, out)
    assert visible(out) == before


@pytest.mark.parametrize("limit", [0, 1000, 30_000, 60_000])
def test_a_full_disk_leaves_the_old_generation(limit: int, small_project: Project, copied: Callable[[], Path]) -> None:
    """A limit on the size of files stands for the full disk."""
    out = copied()
    old = open_generation(out)
    edit(small_project)
    with size_of_files_limited(limit), pytest.raises(UnwritablePath):
        build(small_project, out)
    assert open_generation(out) == old
    assert visible(out) == {"current", old.manifest.hash}


@contextmanager
def size_of_files_limited(limit: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_builds_into_one_folder_wait_for_each_other(small_project: Project, tmp_path: Path) -> None:
    processes = [start_build(small_project, tmp_path / "out") for _ in range(3)]
    answers = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], answers
    (digest,) = {answer[0].strip() for answer in answers}
    assert visible(tmp_path / "out") == {"current", digest}


def test_builds_of_different_files_into_one_folder_leave_one_of_them(small_project: Project, tmp_path: Path) -> None:
    other = Project(tmp_path / "other")
    shutil.copytree(small_project.root, other.root)
    edit(other)
    processes = [start_build(project, tmp_path / "out") for project in (small_project, other, small_project)]
    answers = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], answers
    assert open_generation(tmp_path / "out").manifest.hash in {answer[0].strip() for answer in answers}


def test_a_build_returns_its_own_generation(
    small_project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = build(small_project, tmp_path / "out").manifest.hash
    edit(small_project)
    lock = kb.generations.build._lock  # noqa: SLF001  what another builder does as soon as this one lets go

    @contextmanager
    def contended(out: Path, report: Callable[[str], None]) -> Iterator[None]:
        with lock(out, report):
            yield
        (out / "current").write_text(f"{other}\n")

    monkeypatch.setattr("kb.generations.build._lock", contended)
    assert build(small_project, tmp_path / "out").manifest.hash == content_hash(small_project) != other


def test_the_current_generation_and_the_one_before_are_kept(small_project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out"
    hashes = []
    for _ in range(3):
        hashes.append(build(small_project, out).manifest.hash)
        edit_again(small_project, len(hashes))
    (out / ".hidden-folder").mkdir()
    (out / "notes").mkdir()
    hashes.append(build(small_project, out).manifest.hash)
    assert visible(out) == {"current", *hashes[-2:], ".hidden-folder", "notes"}


def edit_again(project: Project, number: int) -> None:
    path = project.graph / "paper-2.ttl"
    path.write_text(path.read_text("utf-8") + f"\nid:ammtc-20 ammtc:ordinal {number} .\n", encoding="utf-8")


def test_a_reader_keeps_its_generation_while_others_are_built(small_project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out"
    store = build(small_project, out).store()
    for number in range(3):
        edit_again(small_project, number)
        build(small_project, out)
    assert ask(store, "ASK { id:ammtc-19 ammtc:ordinal 19 }")


# What cannot be built


@pytest.mark.parametrize("out", ["file", "file/below", "/proc/generations"])
def test_a_folder_that_cannot_be_written(out: str, small_project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnwritablePath):
        build(small_project, tmp_path / out)
    assert (tmp_path / "file").read_text() == ""


def test_a_file_that_is_no_turtle(small_project: Project, copied: Callable[[], Path]) -> None:
    out = copied()
    old = open_generation(out)
    (small_project.graph / "paper-1.ttl").write_text("no Turtle", encoding="utf-8")
    with pytest.raises(RdfSyntaxError):
        ensure_generation(small_project, out)
    assert open_generation(out) == old


def test_two_graphs_whose_dumps_would_have_one_name(small_project: Project, tmp_path: Path) -> None:
    text = "<https://w3id.org/ammtc/graph/ontology> a <http://www.w3.org/2002/07/owl#Ontology> .\n"
    (small_project.graph / "ontology.ttl").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="Give one of them another name"):
        build(small_project, tmp_path / "out")
