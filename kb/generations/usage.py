"""What a dataset is made of: the classes, properties and links to other sites in it, counted in its store."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pyoxigraph import Literal, Store

from kb.errors import GenerationError
from kb.rdf.terms import Term
from kb.sparql.query import evaluate_stored

__all__ = ["USAGE", "Partition", "Usage", "Use", "count_partitions", "count_usage", "read_usage", "write_usage"]

#: Name of the file in a generation's folder that holds its usage.
USAGE = "usage.json"

_NAMESPACE = re.compile(r"^[a-z][a-z0-9+.-]*:.*[/#]", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Use:
    """How much something is used: in how many triples, with how many subjects and objects."""

    triples: int
    subjects: int
    objects: int


@dataclass(frozen=True)
class Usage:
    """The statistics of a dataset.

    :param total: the use of the dataset as a whole
    :param classes: IRI of a class -> number of its instances
    :param properties: IRI of a property -> its use
    :param links: to other sites: IRI of the property, scheme and host of the site, ``https://schema.org/``, triples
    """

    total: Use
    classes: Mapping[str, int]
    properties: Mapping[str, Use]
    links: tuple[tuple[str, str, int], ...]

    @property
    def vocabularies(self) -> list[str]:
        """Namespace IRIs of the classes and properties."""
        found = (_NAMESPACE.match(iri) for iri in (*self.classes, *self.properties))
        return sorted({match[0] for match in found if match})


@dataclass(frozen=True)
class Partition:
    """The statements with one property about the instances of one class.

    :param triples: number of them
    :param classes: IRIs of the classes of their objects
    :param datatypes: IRIs of the datatypes of their objects
    """

    triples: int
    classes: Sequence[str]
    datatypes: Sequence[str]


def count_usage(store: Store, *, union: bool = False) -> Usage:
    """Count what the default graph of a store is made of: this takes seconds for a million statements.

    :param union: all graphs are counted together
    """

    def rows(query: str) -> Iterator[Mapping[str, Term | None]]:
        return evaluate_stored(store, query, union=union)

    (total,) = map(_use, rows("totals"))
    return Usage(
        total,
        classes={_text(row["class"]): _number(row["entities"]) for row in rows("classes")},
        properties={_text(row["property"]): _use(row) for row in rows("properties")},
        links=tuple((_text(row["property"]), _text(row["site"]), _number(row["triples"])) for row in rows("links")),
    )


def count_partitions(store: Store) -> dict[tuple[str, str], Partition]:
    """Return, for the IRI of each class and of each property of its instances, what the statements have as objects.

    The classes of OWL are left out: owl:NamedIndividual says nothing, and the others are of terms and annotations.
    """
    found: dict[str, dict[tuple[str, str], list[str]]] = {"object-classes": {}, "object-datatypes": {}}
    for query, of in found.items():
        for row in evaluate_stored(store, query):
            of.setdefault((_text(row["class"]), _text(row["property"])), []).append(_text(row["of"]))
    classes, datatypes = found.values()
    partitions = {}
    for row in evaluate_stored(store, "class-properties"):
        key = _text(row["class"]), _text(row["property"])
        partitions[key] = Partition(_number(row["triples"]), classes.get(key, ()), datatypes.get(key, ()))
    return partitions


def write_usage(folder: Path, usage: Usage) -> None:
    """Write what a dataset is made of into a generation's folder.

    :raises OSError: when it cannot be written
    """
    (folder / USAGE).write_text(json.dumps(asdict(usage)) + "\n", encoding="utf-8")


def read_usage(folder: Path) -> Usage | None:
    """Read what a dataset is made of; None where the generation's folder does not have it.

    :raises GenerationError: when it is damaged
    """
    try:
        content = json.loads((folder / USAGE).read_bytes())
        properties = {iri: Use(**use) for iri, use in content["properties"].items()}
        links = tuple((prop, site, triples) for prop, site, triples in content["links"])
        return Usage(Use(**content["total"]), content["classes"], properties, links)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise GenerationError(folder, f"has a {USAGE} that cannot be read") from error


def _use(row: Mapping[str, Term | None]) -> Use:
    return Use(_number(row["triples"]), _number(row["subjects"]), _number(row["objects"]))


def _text(term: Term | None) -> str:
    return getattr(term, "value", "")


def _number(term: Term | None) -> int:
    return int(term.value) if isinstance(term, Literal) else 0
