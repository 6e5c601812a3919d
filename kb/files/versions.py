"""Texts that are no part of the graph: earlier versions of the ontology, as they were, the shapes, the mappings."""

from collections.abc import Iterator, Mapping

from pyoxigraph import NamedNode, RdfFormat, parse

from kb.atomic import read_bytes
from kb.config import Project
from kb.files.shapes import shapes_documents
from kb.namespaces import ONTOLOGY, OWL

__all__ = ["load_mappings", "load_shapes_text", "load_versions"]

_VERSION_IRI = NamedNode(OWL.versionIRI)


def load_versions(project: Project) -> Mapping[str, bytes]:
    """Return the texts of all earlier versions: version IRI -> Turtle in UTF-8, the IRIs sorted.

    Each is a file in a folder ``ontology/versions/<version>``, which no other command reads.

    :raises MissingFile: when a file cannot be read
    """
    found: dict[str, bytes] = {}
    for path in project.versions.glob("*/*.ttl"):
        text = read_bytes(path)
        found |= dict.fromkeys(_version_iris(text), text)
    return dict(sorted(found.items()))


def load_shapes_text(project: Project) -> Mapping[str, bytes]:
    """Return the texts of the shapes and their parts, if there are any, under their IRIs and those of their versions.

    :raises MissingFile: when the file cannot be read
    :raises RdfSyntaxError: when it is no Turtle
    """
    found: dict[str, bytes] = {}
    for name, text in shapes_documents(project).items():
        found |= dict.fromkeys((f"{ONTOLOGY}/{name}", *_version_iris(text)), text)
    return found


def load_mappings(project: Project) -> Mapping[str, bytes]:
    """Return the mapping sets in SSSOM: IRI -> tab-separated values in UTF-8, the IRIs sorted.

    :raises MissingFile: when a file cannot be read
    """
    return {f"{ONTOLOGY}/{path.name}": read_bytes(path) for path in sorted(project.ontology.glob("*.sssom.tsv"))}


def _version_iris(text: bytes) -> Iterator[str]:
    for quad in parse(text, format=RdfFormat.TURTLE):
        if quad.predicate == _VERSION_IRI and isinstance(quad.object, NamedNode):
            yield quad.object.value
