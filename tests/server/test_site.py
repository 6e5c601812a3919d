"""What the requests on one generation share is gone as soon as another generation is served."""

import gc
from collections.abc import Iterator
from typing import cast
from weakref import ref

import pytest
from pyoxigraph import NamedNode

from kb.config import Project
from kb.generations.generation import Generation
from kb.namespaces import PREFIXES, RDF
from server.config import ServerConfig
from server.evaluation.service import QueryService
from server.site import Site


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Garbage stays: only what nothing refers to is freed."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
def test_a_site_that_nothing_refers_to_is_freed_at_once(generation: Generation, project: Project) -> None:
    site = Site(ServerConfig(generation.folder, project), generation, cast("QueryService", None))
    site.load()
    statement = (
        NamedNode(PREFIXES["id"] + "ammtc-19"),
        NamedNode(RDF.type),
        NamedNode(PREFIXES["ammtc"] + "MinisterialMeeting"),
    )
    assert site.provenance.support(statement)
    assert site.provenance.node(statement[0]).text
    parts = [ref(part) for part in (site, site.provenance, site.search, site.classes, site.evidence)]
    del site
    assert [part() for part in parts] == [None] * len(parts)
