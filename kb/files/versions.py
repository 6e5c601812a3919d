"""Earlier versions of the ontology: their files stay as they were, and are no part of the graph."""

from collections.abc import Mapping

from pyoxigraph import NamedNode, RdfFormat, parse

from kb.atomic import read_bytes
from kb.config import Project
from kb.namespaces import OWL

__all__ = ["load_versions"]

_VERSION_IRI = NamedNode(OWL.versionIRI)


def load_versions(project: Project) -> Mapping[str, bytes]:
    """Return the texts of all earlier versions: version IRI -> Turtle in UTF-8, the IRIs sorted.

    Each is a file in a folder ``ontology/versions/<version>``, which no other command reads.

    :raises MissingFile: when a file cannot be read
    """
    found: dict[str, bytes] = {}
    for path in project.versions.glob("*/*.ttl"):
        text = read_bytes(path)
        headers = (quad.object for quad in parse(text, format=RdfFormat.TURTLE) if quad.predicate == _VERSION_IRI)
        found |= {version.value: text for version in headers if isinstance(version, NamedNode)}
    return dict(sorted(found.items()))
