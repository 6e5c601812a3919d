"""The folders of `kb publish --files`, loaded as their README says, hold the generation."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.engines import Engine, Virtuoso

from kb.generations.generation import Generation
from kb.namespaces import DEFAULT_GRAPH
from kb.remote.bulk import write_bulk_files
from kb.remote.client import Client, Credentials
from kb.remote.contents import read_contents
from kb.remote.profiles import find_profile
from kb.remote.publish import Action, Publisher

Start = Callable[..., Engine]

pytestmark = pytest.mark.xdist_group("engines")


def assert_published(engine: Engine, generation: Generation) -> None:
    """See that each graph has its number of statements, and that `kb publish` has nothing to do."""
    profile = find_profile(engine.name)
    credentials = Credentials(engine.login.user, engine.login.password) if engine.login else None
    addresses = profile.addresses(engine.query_url, engine.update_url, engine.graph_store_url)
    with Client(addresses, profile, credentials) as client:
        publisher = Publisher(client, generation)
        changes = publisher.plan()
        assert publisher.is_current(changes)
    held = {change.iri: change.held for change in changes if change.action is Action.KEEP}
    contents = read_contents(generation, profile.default_graph, triple_terms=profile.triple_terms)
    assert held == {content.iri: len(content.statements) for content in contents}


@pytest.mark.parametrize("name", ["oxigraph", "jena"])
def test_an_engine_loads_its_folder(start_engine: Start, generation: Generation, tmp_path: Path, name: str) -> None:
    write_bulk_files(generation, tmp_path / "load", name)
    engine = start_engine(name, union=False)
    engine.stop()
    engine.load(tmp_path / "load" / "ammtc.nq")
    engine.start()
    assert_published(engine, generation)


def test_virtuoso_loads_them(start_engine: Start, generation: Generation, tmp_path: Path) -> None:
    folder = tmp_path / "load"
    write_bulk_files(generation, folder, "virtuoso")
    engine = start_engine("virtuoso", data=folder)
    assert isinstance(engine, Virtuoso)
    statements = (folder / "load.sql").read_text(encoding="utf-8").replace("@FOLDER@", str(folder))
    assert "load.sql" not in engine.sql(statements.replace("\n", " "))
    assert_published(engine, generation)
    assert (folder / "default-graph.nt.graph").read_text(encoding="ascii") == DEFAULT_GRAPH
