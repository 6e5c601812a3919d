"""Earlier versions of the ontology: their files stay as they were, and are no part of the graph."""

from collections.abc import Mapping
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, parse

from kb.config import Project
from kb.namespaces import OWL

__all__ = ["load_versions"]

_VERSION_IRI = NamedNode(OWL.versionIRI)


def load_versions(project: Project) -> Mapping[str, Path]:
    """Return the files of all earlier versions: version IRI -> file, the IRIs sorted.

    Each is a Turtle file in a folder ``ontology/versions/<version>``, which no other command reads.
    """
    found: dict[str, Path] = {}
    for path in project.versions.glob("*/*.ttl"):
        headers = (quad.object for quad in parse(path=path, format=RdfFormat.TURTLE) if quad.predicate == _VERSION_IRI)
        found |= {version.value: path for version in headers if isinstance(version, NamedNode)}
    return dict(sorted(found.items()))
