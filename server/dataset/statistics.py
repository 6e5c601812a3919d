"""Statistics of a generation, counted in its data: classes, properties, vocabularies, links."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kb.generations.manifest import Manifest
from kb.rdf.terms import Term
from server.stored_queries.lookups import LookUp, Row, text_of

__all__ = ["Statistics", "Use", "is_built", "read_statistics"]

_NAMESPACE = re.compile(r"^[a-z][a-z0-9+.-]*:.*[/#]", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Use:
    """How much something is used: in how many triples, with how many subjects and objects."""

    triples: int
    subjects: int
    objects: int


@dataclass(frozen=True)
class Statistics:
    """The statistics of a dataset.

    :param total: the use of the dataset as a whole
    :param classes: IRI of a class -> number of its instances
    :param properties: IRI of a property -> its use
    :param links: to other sites: IRI of the property, scheme and host of the site, ``https://schema.org/``, triples
    :param graphs: IRI of a named graph -> what it says of itself, as (property, value)
    """

    total: Use
    classes: Mapping[str, int]
    properties: Mapping[str, Use]
    links: tuple[tuple[str, str, int], ...]
    graphs: Mapping[str, Sequence[tuple[NamedNode, Term]]]

    @property
    def vocabularies(self) -> list[str]:
        """Namespace IRIs of the classes and properties."""
        found = (_NAMESPACE.match(iri) for iri in (*self.classes, *self.properties))
        return sorted({match[0] for match in found if match})


def is_built(manifest: Manifest) -> bool:
    """Return whether `kb build` made a generation."""
    return manifest.reasoner != "none"


def read_statistics(look_up: LookUp) -> Statistics:
    """Count what a generation holds: this takes seconds for a million statements.

    All graphs are counted together. Where the default graph does not have what the named ones have, a statement counts
    once for each graph that has it.
    """
    rows = look_up.rows
    graphs: dict[str, list[tuple[NamedNode, Term]]] = defaultdict(list)
    for row in rows("graphs"):
        graphs[text_of(row["graph"])].append((NamedNode(text_of(row["as"])), row["value"]))
    (total,) = map(_use, rows("totals"))
    return Statistics(
        total,
        classes={text_of(row["class"]): _number(row, "entities") for row in rows("classes")},
        properties={text_of(row["property"]): _use(row) for row in rows("properties")},
        links=tuple((text_of(row["property"]), text_of(row["site"]), _number(row, "triples")) for row in rows("links")),
        graphs=graphs,
    )


def _use(row: Row) -> Use:
    return Use(_number(row, "triples"), _number(row, "subjects"), _number(row, "objects"))


def _number(row: Row, name: str) -> int:
    return int(text_of(row[name]))
