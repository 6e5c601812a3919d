"""The generated index: current or not, and as an OASIS catalog resolver reads it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from rdflib import URIRef
from rdflib.namespace import OWL

from kb.config import Project
from kb.errors import DataError
from kb.files.catalog import CATALOG_NAME, index_files, outdated, write_index
from kb.files.documents import load_documents
from kb.namespaces import ONTOLOGY
from kb.rdf.namespaces import GRAPH
from kb.rdf.turtle import is_canonical, parse

COMPLETE = Path(__file__).parent / "load" / "project"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project without an index, with names that must be escaped in XML and in an IRI."""
    project = Project(shutil.copytree(COMPLETE, tmp_path / "a & b é %20"))
    text = f"<{GRAPH['r-and-d']}> a <{OWL.Ontology}> ."
    (project.graph / "r & d é %20.ttl").write_text(text, encoding="utf-8")
    return project


def generated(project: Project) -> list[Path]:
    return [project.graph / "all.ttl", project.graph / CATALOG_NAME, project.ontology / CATALOG_NAME]


def test_what_is_missing_or_changed_is_outdated_until_it_is_written(project: Project) -> None:
    assert outdated(project) == generated(project) == list(index_files(project))
    assert write_index(project) == generated(project)
    assert outdated(project) == write_index(project) == []
    for path in generated(project):
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        assert outdated(project) == [path]
        path.unlink()
        assert outdated(project) == write_index(project) == [path]
        assert path.read_bytes() == content


def test_a_new_file_makes_the_index_outdated(project: Project) -> None:
    write_index(project)
    new = project.graph / "xinhua-2025.ttl"
    new.write_text(f"<{GRAPH['xinhua-2025']}> a <{OWL.Ontology}> .", encoding="utf-8")
    assert outdated(project) == generated(project)
    new.unlink()
    assert outdated(project) == []


def test_all_imports_every_document_and_is_canonical(project: Project) -> None:
    write_index(project)
    path = project.graph / "all.ttl"
    imports = set(parse(path).objects(URIRef(f"{GRAPH}all"), OWL.imports))
    assert imports == {URIRef(document.iri) for document in load_documents(project)}
    assert URIRef(f"{ONTOLOGY}/shapes") not in imports
    assert is_canonical(path)


def test_nothing_is_written_for_a_broken_project(project: Project) -> None:
    (project.graph / "new.ttl").write_text("", encoding="utf-8")
    with pytest.raises(DataError):
        write_index(project)
    assert not (project.graph / CATALOG_NAME).exists()
    assert "gone" in (project.graph / "all.ttl").read_text(encoding="utf-8")


def test_the_index_does_not_depend_on_where_the_project_is(project: Project, tmp_path: Path) -> None:
    elsewhere = Project(shutil.copytree(project.root, tmp_path / "elsewhere"))
    assert list(index_files(project).values()) == list(index_files(elsewhere).values())


#: Java's own implementation of the standard, in a process of its own.
RESOLVE = """
import json, sys
import jpype
jpype.startJVM(convertStrings=True)
manager, features = (jpype.JClass(f"javax.xml.catalog.Catalog{part}") for part in ("Manager", "Features"))
uri = jpype.JClass("java.net.URI")
catalog = manager.catalog(features.defaults(), uri.create(sys.argv[1]))
print(json.dumps({iri: catalog.matchURI(iri) for iri in sys.argv[2:]}))
"""


@pytest.mark.parametrize("folder", ["graph", "ontology"])
def test_a_resolver_finds_the_file_of_every_ontology(
    folder: str, project: Project, requires: Callable[[str, str], Path]
) -> None:
    requires("java", "On Debian and Ubuntu: apt-get install default-jre-headless")
    write_index(project)
    expected = {document.iri: document.path for document in load_documents(project)}
    expected |= {
        f"{ONTOLOGY}/1.0": project.ontology / "schema.ttl",
        f"{ONTOLOGY}/shapes": project.shapes,
        str(GRAPH["all"]): project.graph / "all.ttl",
    }
    catalog = project.root / folder / CATALOG_NAME
    done = subprocess.run(
        [sys.executable, "-c", RESOLVE, catalog.as_uri(), *expected, f"{ONTOLOGY}/unknown"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found.pop(f"{ONTOLOGY}/unknown") is None
    assert {iri: Path(unquote(urlsplit(uri).path)) for iri, uri in found.items()} == expected
