"""Literals come out of each command as they were written, whatever they are, and no library complains about them."""

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, Triple, parse
from support.commands import KB, run_kb
from support.examples import sample

from kb.rdf.formats import RDF_FORMATS, format_of_file
from kb.rdf.turtle import format_files

CORPUS = Path(__file__).parent / "literals"
PROJECT = Path(__file__).parent / "checks" / "base"
DOCUMENT = Path("graph", "press-2025.ttl")
EXTENSIONS = [format_.extension for format_ in RDF_FORMATS.values()]
#: What a library would say: Python's tracebacks and warnings, rdflib's log.
COMPLAINTS = ("Traceback", "Warning", "Failed to convert", "rdflib", "site-packages")
COMMANDS = {
    "check": ["check"],
    "check-owlrl": ["check", "--reasoner", "owlrl"],
    "build": ["build"],
    "export-turtle": ["export", "turtle"],
    "export-jsonld": ["export", "jsonld", "--entity", "http://example.org/valid"],
    "query": ["query", "-e", "SELECT * { ?s ?p ?o }"],
    "query-data": ["query", "--data", str(DOCUMENT), "-e", "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"],
    "reason": ["reason", str(DOCUMENT), "-o", "all.ttl"],
    "reason-nt": ["reason", str(DOCUMENT), "-o", "all.nt", "--inferred-only"],
    "explain": ["explain", "http://example.org/valid", "http://example.org/integer", "http://example.org/value"],
    "fmt": ["fmt", "--comments", "drop", str(DOCUMENT)],
    "fmt-check": ["fmt", "--check"],
}


@pytest.fixture(scope="module")
def nasty_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with all literals of the corpus, and with shapes that compare them."""
    folder = tmp_path_factory.mktemp("nasty") / "project"
    shutil.copytree(PROJECT, folder)
    for path, added in ((DOCUMENT, "nasty.ttl"), (Path("ontology", "shapes.ttl"), "shapes.ttl")):
        with (folder / path).open("ab") as file:
            file.write((CORPUS / added).read_bytes())
    return folder


@pytest.mark.thorough
@pytest.mark.parametrize("command", sample(tuple(COMMANDS)))
def test_no_command_says_what_a_library_says_of_a_literal(command: str, nasty_project: Path, tmp_path: Path) -> None:
    project = shutil.copytree(nasty_project, tmp_path / "project")
    done = subprocess.run(
        [*KB, "--project", ".", "--build-dir", "build", *COMMANDS[command]],
        cwd=project,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in ((2,) if command == "explain" else (0, 1))
    assert not [complaint for complaint in COMPLAINTS if complaint.encode() in done.stderr], done.stderr.decode()


@pytest.mark.parametrize("extension", [*EXTENSIONS, "ttl.gz"])
@pytest.mark.parametrize("name", ["nasty.ttl", "directed.ttl", "not-in-xml.ttl"])
def test_what_is_asserted_comes_out_of_kb_reason_as_it_went_in(name: str, extension: str, tmp_path: Path) -> None:
    output = tmp_path / f"out.{extension}"
    done = run_kb("reason", CORPUS / name, "-o", output, cwd=tmp_path)
    if (name, extension) == ("not-in-xml.ttl", "rdf"):
        assert (done.returncode, output.exists()) == (2, False)
        return
    assert done.returncode == (0 if name == "directed.ttl" else 1)
    asserted, found = triples(CORPUS / name), triples(output)
    assert asserted <= found
    # What follows says the same with an equal literal.
    assert {(t.subject, t.predicate) for t in found} == {(t.subject, t.predicate) for t in asserted}


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("options", [[], ["--entity", "http://example.org/valid"], ["--graph", "press-2025"]])
def test_kb_export_writes_what_the_store_could_not_keep(
    options: list[str], extension: str, nasty_project: Path, tmp_path: Path
) -> None:
    output = tmp_path / f"out.{extension}"
    places = ["--project", nasty_project, "--build-dir", nasty_project.parent / "build"]
    done = run_kb(*places, "export", format_of_file(output).name, *options, "-o", output, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    wanted = {t for t in triples(CORPUS / "nasty.ttl") if "--entity" not in options or "/valid>" in str(t.subject)}
    found = {t for t in triples(output) if str(t.subject).startswith("<http://example.org/")}
    assert wanted <= found
    if "--graph" in options:
        assert wanted == found


def test_a_message_gives_a_terminal_no_orders(tmp_path: Path) -> None:
    text = r'<a:s> <a:p> "\u001B[2J\u0007\u009B\u202E\u0661"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    (tmp_path / "data.ttl").write_text(text)
    done = run_kb("reason", "data.ttl", "-o", "out.nt", cwd=tmp_path)
    assert done.stderr.startswith('"\\u001B[2J\\u0007\\u009B\\u202E\u0661"^^xsd:integer is no value of xsd:integer')
    assert triples(tmp_path / "data.ttl") == triples(tmp_path / "out.nt")


def test_kb_fmt_changes_no_literal(tmp_path: Path) -> None:
    path = tmp_path / "nasty.ttl"
    shutil.copy(CORPUS / "nasty.ttl", path)
    before = triples(path)
    assert [change.path for change in format_files([path], comments="drop")] == [path]
    assert triples(path) == before
    assert format_files([path]) == []


def test_kb_fmt_refuses_what_its_turtle_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "directed.ttl"
    shutil.copy(CORPUS / "directed.ttl", path)
    done = run_kb("fmt", path, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("is not RDF 1.1")) == (1, 1)
    assert path.read_bytes() == (CORPUS / "directed.ttl").read_bytes()


def triples(path: Path) -> set[Triple]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    format_: RdfFormat = format_of_file(path).engine
    quads: list[Quad] = list(parse(content, format_))
    return {quad.triple for quad in quads}
