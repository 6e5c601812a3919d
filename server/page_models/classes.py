"""The classes of all things of a generation, read once for lists, search and the kinds of pages."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import DefaultGraph, NamedNode, Store

from kb.generations.reifiers import is_justification
from kb.namespaces import AMMTC, INFERRED, OWL, RDF, expand, is_discovery
from server.page_models.kinds import KINDS, Kind, kinds_of, page_kind

__all__ = ["Classes", "read_classes"]

_TYPE = NamedNode(RDF.type)
_HIDDEN = frozenset((NamedNode(OWL.NamedIndividual), NamedNode(AMMTC.Passage)))
_DEFAULT, _INFERRED = DefaultGraph(), NamedNode(INFERRED)
#: Classes whose things readers tell apart by the concepts that these properties give them.
_GENERIC = frozenset(
    (AMMTC.Act, AMMTC.Event, AMMTC.Meeting, AMMTC.Session, AMMTC.Instrument, expand("org:Organization"))
)
_BY = (AMMTC.kind, AMMTC["format"], AMMTC.level)
_IN_SCHEME = expand("skos:inScheme")


@dataclass(frozen=True)
class Classes:
    """The classes of all things that have an IRI, and the concepts that say of which kind they are.

    :param stated: IRI of a thing -> IRIs of the classes that the files give it; where they give none, the inferred ones
    :param concepts: IRI of a thing -> property and concept, ``ammtc:kind`` and ``concept:adoption``
    """

    stated: Mapping[str, tuple[str, ...]]
    concepts: Mapping[str, tuple[tuple[str, str], ...]]
    _all: Mapping[str, frozenset[str]] = field(repr=False)

    def kind(self, iri: str) -> Kind:
        """Return the kind of page that a thing has."""
        return page_kind(kinds_of(self._all.get(iri, ())))

    def told_by(self, iri: str) -> list[tuple[str, str]]:
        """Return what tells a reader in a word what a thing is: property and value, ``rdf:type`` and its class.

        Concepts stand for a class that says no more than that it is an act, a meeting, an instrument or the like.
        """
        stated = self.stated.get(iri, ())
        concepts = [found for found in self._concepts_of(iri) if found[0] != _IN_SCHEME]
        narrow = [(RDF.type, class_) for class_ in stated if not (concepts and class_ in _GENERIC)]
        is_told = any(class_ not in _GENERIC and class_ != AMMTC.ActReport for class_ in stated)
        return narrow if is_told else [*narrow, *concepts]

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """Name of a kind -> IRIs of its things; a thing of several kinds is in the list of each."""
        found: dict[str, list[str]] = defaultdict(list)
        for iri, classes in self._all.items():
            for kind in kinds_of(classes):
                found[kind.name].append(iri)
        return {name: tuple(members) for name, members in found.items()}

    @cached_property
    def kinds(self) -> list[tuple[Kind, int]]:
        """The kinds that have a list, with their numbers of things; a kind without any is left out."""
        counted = ((kind, len(self.members.get(kind.name, ()))) for kind in KINDS if kind.listed)
        return [(kind, number) for kind, number in counted if number]

    @cached_property
    def by_concept(self) -> Mapping[str, list[tuple[str, int]]]:
        """Name of a kind -> the concepts that tell its things apart, with their numbers, the largest first."""
        return {
            name: _sizes([concept for _, concept in self._concepts_of(iri)] for iri in members)
            for name, members in self.members.items()
        }

    def is_of(self, iri: str, concept: str) -> bool:
        """Return whether a concept tells of which kind a thing is."""
        return any(found == concept for _, found in self._concepts_of(iri))

    @cached_property
    def sizes(self) -> list[tuple[str, int]]:
        """The classes with their numbers of things, the largest first."""
        return _sizes(self._all.values())

    def _concepts_of(self, iri: str) -> list[tuple[str, str]]:
        """Return what is said of a thing; the level of an instrument says less than its kind."""
        found = self.concepts.get(iri, ())
        has_kind = any(prop == AMMTC.kind for prop, _ in found)
        return [(prop, concept) for prop, concept in found if not (has_kind and prop == AMMTC.level)]


def read_classes(store: Store) -> Classes:
    """Read the classes of all things, and the concepts: one way through these statements.

    Justifications, and what says how to ask, are no things.
    """
    known: dict[str, str] = {}
    stated: dict[str, dict[str, None]] = defaultdict(dict)
    everything: dict[str, set[str]] = defaultdict(set)
    unnamed: list[tuple[str, str]] = []
    for quad in store.quads_for_pattern(None, _TYPE, None):
        if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, NamedNode) or quad.object in _HIDDEN:
            continue
        if is_justification(quad.subject) or is_discovery(quad.subject.value):
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
    named = {thing: tuple(stated.get(thing) or sorted(types)) for thing, types in shared.items()}
    return Classes(named, _read_concepts(store), shared)


def _read_concepts(store: Store) -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for prop in (*_BY, _IN_SCHEME):
        for quad in store.quads_for_pattern(None, NamedNode(prop), None):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                found[quad.subject.value][prop, quad.object.value] = None
    return {thing: tuple(concepts) for thing, concepts in found.items()}


def _sizes(groups: Iterable[Iterable[str]]) -> list[tuple[str, int]]:
    counts = Counter(name for group in groups for name in group)
    return sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
