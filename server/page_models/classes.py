"""The classes of all things of a generation, read once for lists, search and the kinds of pages."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import DefaultGraph, NamedNode, Store

from kb.namespaces import AMMTC, INFERRED, OWL, RDF
from server.page_models.kinds import KINDS, OTHER, Kind, kind_of

__all__ = ["Classes", "read_classes"]

_TYPE = NamedNode(RDF.type)
_HIDDEN = frozenset((NamedNode(OWL.NamedIndividual), NamedNode(AMMTC.Passage)))
_DEFAULT, _INFERRED = DefaultGraph(), NamedNode(INFERRED)


@dataclass(frozen=True)
class Classes:
    """The classes of all things that have an IRI.

    :param stated: IRI of a thing -> IRIs of the classes that the files give it; where they give none, the inferred ones
    """

    stated: Mapping[str, tuple[str, ...]]
    _all: Mapping[str, frozenset[str]] = field(repr=False)

    def kind(self, iri: str) -> Kind:
        """Return the kind of page that a thing has."""
        return kind_of(self._all.get(iri, frozenset()))

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """Name of a kind -> IRIs of its things."""
        found: dict[str, list[str]] = defaultdict(list)
        for iri in self._all:
            kind = self.kind(iri)
            if kind is not OTHER:
                found[kind.name].append(iri)
        return {name: tuple(members) for name, members in found.items()}

    @cached_property
    def kinds(self) -> list[tuple[Kind, int]]:
        """The kinds that have a list, with their numbers of things; a kind without any is left out."""
        counted = ((kind, len(self.members.get(kind.name, ()))) for kind in KINDS if kind.listed)
        return [(kind, number) for kind, number in counted if number]

    @cached_property
    def sizes(self) -> list[tuple[str, int]]:
        """The classes with their numbers of things, the largest first."""
        counts = Counter(class_ for classes in self._all.values() for class_ in classes)
        return sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))


def read_classes(store: Store) -> Classes:
    """Read the classes of all things: one way through all statements of a class."""
    known: dict[str, str] = {}
    stated: dict[str, dict[str, None]] = defaultdict(dict)
    everything: dict[str, set[str]] = defaultdict(set)
    unnamed: list[tuple[str, str]] = []
    for quad in store.quads_for_pattern(None, _TYPE, None):
        if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, NamedNode) or quad.object in _HIDDEN:
            continue
        thing, type_ = quad.subject.value, known.setdefault(quad.object.value, quad.object.value)
        if quad.graph_name == _DEFAULT:  # which may repeat what named graphs say, the inferred one among them
            unnamed.append((thing, type_))
            continue
        everything[thing].add(type_)
        if quad.graph_name != _INFERRED:
            stated[thing][type_] = None
    for thing, type_ in unnamed:
        if type_ not in everything[thing]:
            everything[thing].add(type_)
            stated[thing][type_] = None
    sets: dict[frozenset[str], frozenset[str]] = {}
    shared = {thing: sets.setdefault(found := frozenset(types), found) for thing, types in everything.items()}
    return Classes({thing: tuple(stated.get(thing) or sorted(types)) for thing, types in shared.items()}, shared)
