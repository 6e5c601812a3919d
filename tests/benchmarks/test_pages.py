"""The benchmark of the pages runs, and asks each kind that the engine works for."""

from support.servers import KbServe

from benchmarks.pages import measure, table
from kb.config import Project
from kb.generations.generation import Generation


def test_it_measures_each_kind_of_page(project: Project, generation: Generation) -> None:
    with KbServe(general=["--project", project.root, "--build-dir", generation.folder.parent]) as server:
        found = {page.name: page for page in measure(server.port, 1)}
    assert {"home", "meeting", "state", "instrument", "ontology", "timeline", "network", "compare"} <= found.keys()
    assert all(page.queries >= 1 and page.engine > 0 for page in found.values())
    assert "| meeting |" in table(list(found.values()))
