"""Folders for bulk loaders: well-formed, whole or not there, and the same each time."""

import gzip
import json
import re
from pathlib import Path
from unittest.mock import patch

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from kb.errors import UnwritablePath, UsageError
from kb.generations.generation import Generation
from kb.namespaces import PUBLICATION
from kb.remote.bulk import bulk_engines, write_bulk_files
from kb.remote.contents import read_contents
from kb.remote.profiles import DefaultGraph, find_profile, load_profiles


@pytest.mark.parametrize("engine", ["neptune", "graphdb", "qlever"])
def test_the_files_of_engines_that_are_not_here_are_well_formed(
    small_generation: Generation, tmp_path: Path, engine: str
) -> None:
    folder = tmp_path / engine
    write_bulk_files(small_generation, folder, engine)
    (file,) = folder.glob("ammtc.nq*")
    quads = set(read(file))
    contents = read_contents(small_generation, find_profile(engine).default_graph, triple_terms=False)
    assert {quad.graph_name for quad in quads} == {
        NamedNode(iri) for iri in (PUBLICATION, *(content.iri for content in contents if content.iri))
    }
    for path in folder.glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))


def read(file: Path) -> list[Quad]:
    content = file.read_bytes()
    return list(parse(gzip.decompress(content) if file.suffix == ".gz" else content, RdfFormat.N_QUADS))


@pytest.mark.parametrize("engine", bulk_engines())
def test_a_folder_is_the_same_each_time_and_says_what_to_run(
    small_generation: Generation, tmp_path: Path, engine: str
) -> None:
    assert engine in load_profiles()
    for name in ("one", "two"):
        write_bulk_files(small_generation, tmp_path / name, engine)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    readme = one["README.md"].decode()
    assert small_generation.manifest.hash in readme
    assert "kb verify" in readme
    assert re.search(r"\$[a-z]", readme) is None


def test_a_folder_with_something_in_it_stays_as_it_is(small_generation: Generation, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    with pytest.raises(UsageError, match="is there already"):
        write_bulk_files(small_generation, tmp_path / "full", "jena")
    assert [path.name for path in tmp_path.rglob("*")] == ["full", "mine"]


def test_a_folder_that_cannot_be_finished_is_not_there(small_generation: Generation, tmp_path: Path) -> None:
    full = OSError(28, "No space left on device")
    with patch.object(Path, "write_text", side_effect=full), pytest.raises(UnwritablePath, match="Make room"):
        write_bulk_files(small_generation, tmp_path / "new", "virtuoso")
    assert list(tmp_path.iterdir()) == []


def test_a_loader_of_named_graphs_has_no_default_graph(small_generation: Generation, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="named graphs only"):
        write_bulk_files(small_generation, tmp_path / "new", "virtuoso", DefaultGraph.FILLED)
    assert list(tmp_path.iterdir()) == []
