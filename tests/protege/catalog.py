"""OASIS XML catalogs as Protégé reads them: the file that an imported ontology is loaded from."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

__all__ = ["CATALOG", "read_catalog"]

CATALOG = "catalog-v001.xml"

_NAMESPACE = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"


def read_catalog(path: Path) -> dict[str, Path]:
    """Return imported IRI -> file, from the ``uri`` entries of a catalog and of its groups.

    See https://www.oasis-open.org/committees/entity/spec-2001-08-06.html, sections 6.5.3 and 6.5.5.
    """
    root = ET.parse(path).getroot()
    return {name: _file(uri) for name, uri in _entries(root, path.absolute().as_uri())}


def _entries(group: ET.Element, base: str) -> Iterator[tuple[str, str]]:
    base = urljoin(base, group.get(_BASE, ""))
    for entry in group:
        if entry.tag == f"{_NAMESPACE}uri":
            yield entry.attrib["name"], urljoin(base, entry.attrib["uri"])
        elif entry.tag == f"{_NAMESPACE}group":
            yield from _entries(entry, base)


def _file(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))
