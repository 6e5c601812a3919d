"""The term sheet: which kinds of things there are to write about, and what is written of each, as the shapes say."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rdflib import BNode, Graph, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SH, SKOS
from rdflib.term import Node

from kb.config import Project
from kb.errors import UnknownName
from kb.files.documents import load_documents, load_shapes, merged
from kb.namespaces import shorten

__all__ = ["Kind", "Property", "TermSheet", "load_term_sheet"]

_NUMBERS = {(0, 1): "0 or 1", (1, 1): "1"}


@dataclass(frozen=True)
class Kind:
    """A kind of thing that curators describe.

    :param iri: its class
    :param label: the name of the kind
    :param comment: what a thing of this kind is
    :param example: a thing of this kind in the graph
    """

    iri: URIRef
    label: str
    comment: str
    example: Node | None


@dataclass(frozen=True)
class Property:
    """What is written of the things of a kind by one property.

    :param path: the property; with `inverse`, the one by which other things name this one
    :param name: what the property is called
    :param group: under which heading it belongs: who, what, where, when ...
    :param description: what to write
    :param value: what kind of value it has, in words
    :param classes: the classes of which a value is
    :param least: how many values a thing needs
    :param most: how many it may have, or None for any number
    :param need: ``needed``, ``one of`` (this property or another one of a set), ``usual`` (its lack is warned of, or at
        least half of the graph's things of the kind have it) or ``if said``
    :param users: how many of the graph's things of the kind have it
    :param examples: values as one writes them
    :param message: what to do about a wrong or missing value
    :param order: places of the group and, in it, of the property
    """

    path: URIRef
    inverse: bool
    name: str
    group: str
    description: str
    value: str
    classes: tuple[URIRef, ...]
    least: int
    most: int | None
    need: str
    users: int
    examples: tuple[Node, ...]
    message: str
    order: tuple[int, int]

    @property
    def number(self) -> str:
        """How many values there are, in words."""
        return _NUMBERS.get((self.least, self.most or 0), f"{self.least} or more" if self.least else "any number")


def load_term_sheet(project: Project) -> "TermSheet":
    """Read the ontology, the graph and the shapes of a project.

    :raises DataError: when a file cannot be read
    """
    documents = load_documents(project)
    ontology, graph = (merged(d for d in documents if d.is_schema is schema) for schema in (True, False))
    return TermSheet(ontology, load_shapes(project), graph)


class TermSheet:
    """What the shapes say about the kinds of things; see https://www.w3.org/TR/shacl/#nonValidation.

    A node shape with one target class and an example describes a kind, a property shape in a group what is written of
    it. Shapes of a broader class apply to a narrower one too.

    :param ontology: the classes
    :param shapes: the shapes graph
    :param graph: the things that are described, to count what is usual
    """

    def __init__(self, ontology: Graph, shapes: Graph, graph: Graph) -> None:
        self._ontology, self._shapes, self._graph = ontology, shapes, graph

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that have a shape of their own, by label."""
        found = {cls: self._kind(cls) for cls in self._targets() if self._shape_of(cls) is not None}
        return tuple(sorted(found.values(), key=lambda kind: kind.label))

    def find(self, name: str) -> Kind:
        """Return a kind by its label, its class or its shape, or a class of the ontology to which shapes apply.

        :param name: a label, a CURIE or what stands behind the prefix, in any case
        :raises UnknownName: when there is none
        """
        names = {key: kind for kind in self.kinds for key in self._names(kind)}
        others = set(self._ontology.subjects(RDF.type, OWL.Class)) - set(self._targets())
        for cls in sorted(cls for cls in others if isinstance(cls, URIRef)):
            if any(self._shape_of(broader) is not None for broader in self._broader(cls)):
                kind = self._kind(cls)
                names |= {key: kind for key in self._names(kind) if key not in names}
        if (found := names.get(name.lower())) is None:
            raise UnknownName("kind of thing", name, difflib.get_close_matches(name.lower(), names, 3, 0.7))
        return found

    def properties(self, kind: Kind) -> tuple[Property, ...]:
        """Return what is written of the things of a kind, in the order of the groups."""
        parts: dict[tuple[URIRef, bool], list[Node]] = {}
        for shape in self._applying(kind):
            for part in self._shapes.objects(shape, SH.property):
                key = self._path(part)
                if key is not None and (self._shapes.value(part, SH.group) is not None or key in parts):
                    parts.setdefault(key, []).append(part)
        choices = {path for choice in self.choices(kind) for path in choice}
        things = self.things(kind)
        found = (self._property(key, nearest_first, choices, things) for key, nearest_first in parts.items())
        return tuple(sorted(found, key=lambda p: p.order))

    def things(self, kind: Kind) -> frozenset[Node]:
        """Return the graph's things of a kind."""
        classes = {cls for cls in set(self._graph.objects(None, RDF.type)) if kind.iri in self._broader(cls)}
        return frozenset(thing for cls in classes for thing in self._graph.subjects(RDF.type, cls))

    def choices(self, kind: Kind) -> tuple[tuple[URIRef, ...], ...]:
        """Return the sets of properties of which a thing of a kind needs one."""
        lists = [members for shape in self._applying(kind) for members in self._shapes.objects(shape, SH["or"])]
        return tuple(filter(None, (tuple(self._alternatives(members)) for members in lists)))

    def demands(self, kind: Kind) -> tuple[str, ...]:
        """Return what else is asked of the things of a kind, beyond single properties."""
        found: list[str] = []
        for shape in self._applying(kind):
            texts = {self._text(constraint, SH.message) for constraint in self._shapes.objects(shape, SH.sparql)}
            found += filter(None, (self._text(shape, SH.message), *sorted(texts)))
        return tuple(dict.fromkeys(found))

    def __contains__(self, cls: Node) -> bool:
        return self._shape_of(cls) is not None

    def name_of(self, thing: Node) -> str:
        """Return the English label of a thing in the graph, or an empty text."""
        return self._text(thing, RDFS.label, self._graph)

    def kind_of(self, cls: Node) -> Kind | None:
        """Return the kind that has a class, or None where no shape describes it."""
        return self._kind(cls) if isinstance(cls, URIRef) and cls in self else None

    def _targets(self) -> Iterator[URIRef]:
        for cls in set(self._shapes.objects(None, SH.targetClass)):
            if isinstance(cls, URIRef):
                yield cls

    def _shape_of(self, cls: Node) -> Node | None:
        """Return the shape that describes a kind: it has an example."""
        shapes = self._shapes.subjects(SH.targetClass, cls)
        return next((shape for shape in shapes if (shape, SKOS.example, None) in self._shapes), None)

    def _kind(self, cls: URIRef) -> Kind:
        shape = self._shape_of(cls)
        if shape is None:
            return Kind(cls, self._label(cls), self._definition(cls), None)
        example = self._shapes.value(shape, SKOS.example)
        return Kind(cls, self._text(shape, RDFS.label), self._text(shape, RDFS.comment), example)

    def _names(self, kind: Kind) -> set[str]:
        shape, curie = self._shape_of(kind.iri), shorten(kind.iri)
        found = {kind.label, self._label(kind.iri), curie, curie.partition(":")[2], str(kind.iri)}
        if shape is not None:
            found |= {shorten(str(shape)), shorten(str(shape)).partition(":")[2]}
        return {name.lower() for name in found}

    def _applying(self, kind: Kind) -> Iterator[Node]:
        """Yield the node shapes that look at the things of a kind, those of the narrowest class first."""
        for cls in self._broader(kind.iri):
            shapes = sorted(self._shapes.subjects(SH.targetClass, cls), key=str)
            yield from sorted(shapes, key=lambda shape: shape != self._shape_of(cls))

    def _broader(self, cls: Node) -> list[Node]:
        """Return a class and those that it is within, the nearest first."""
        found, waiting = [cls], [cls]
        while waiting:
            nearest = waiting.pop(0)
            broader = list(self._ontology.objects(nearest, RDFS.subClassOf))
            for equivalent in self._ontology.objects(nearest, OWL.equivalentClass):
                for members in self._ontology.objects(equivalent, OWL.intersectionOf):
                    broader += self._ontology.items(members)
            new = [node for node in broader if isinstance(node, URIRef) and node not in found]
            found += new
            waiting += new
        return found

    def _path(self, part: Node) -> tuple[URIRef, bool] | None:
        path = self._shapes.value(part, SH.path)
        if isinstance(path, BNode):
            path, inverse = self._shapes.value(path, SH.inversePath), True
        else:
            inverse = False
        return (path, inverse) if isinstance(path, URIRef) else None

    def _alternatives(self, members: Node) -> Iterator[URIRef]:
        for member in self._shapes.items(members):
            path = self._shapes.value(member, SH.path)
            if isinstance(path, URIRef) and (member, SH.minCount, None) in self._shapes:
                yield path

    def _property(
        self, key: tuple[URIRef, bool], parts: list[Node], choices: set[URIRef], things: frozenset[Node]
    ) -> Property:
        path, inverse = key
        nearest, group = parts[0], self._shapes.value(parts[0], SH.group)
        counts = [self._counts(part) for part in parts]
        least = max(count[0] for count in counts)
        used = self._graph.objects(None, path) if inverse else self._graph.subjects(path)
        users = len(things.intersection(used))
        if least:
            demanding = [part for part, count in zip(parts, counts, strict=True) if count[0]]
            need = "usual" if {self._shapes.value(p, SH.severity) for p in demanding} == {SH.Warning} else "needed"
        else:
            need = "one of" if path in choices else "usual" if 0 < len(things) <= 2 * users else "if said"
        return Property(
            *key,
            name=self._text(nearest, SH.name),
            group=self._text(group, RDFS.label),
            description=self._text(nearest, SH.description),
            value=", ".join(dict.fromkeys(text for part in parts for text in self._values(part))) or "thing",
            classes=tuple(c for p in parts for c in self._shapes.objects(p, SH["class"]) if isinstance(c, URIRef)),
            least=least,
            most=min((count[1] for count in counts if count[1] is not None), default=None),
            need=need,
            users=users,
            examples=tuple(sorted(self._shapes.objects(nearest, SKOS.example), key=str)),
            message=self._text(nearest, SH.message),
            order=(self._number(group, SH.order), self._number(nearest, SH.order)),
        )

    def _counts(self, part: Node) -> tuple[int, int | None]:
        least = max(self._number(part, SH.minCount), self._number(part, SH.qualifiedMinCount))
        single = (part, SH.maxCount, None) in self._shapes
        return least, self._number(part, SH.maxCount) if single else None

    def _values(self, part: Node) -> Iterator[str]:
        """Yield in words what a value of a property shape is."""
        if (part, SH.uniqueLang, None) in self._shapes:
            yield "text, one in each language"
        for cls in self._shapes.objects(part, SH["class"]):
            yield f"{self._label(cls)} ({shorten(str(cls))})"
        for shape in self._shapes.objects(part, SH.node):
            schemes = (
                s for part in self._shapes.objects(shape, SH.property) for s in self._shapes.objects(part, SH.hasValue)
            )
            scheme = next(schemes, None)
            yield f"concept of {shorten(str(scheme))}" if scheme is not None else self._text(shape, RDFS.label)
        for members in self._shapes.objects(part, SH["or"]):
            yield " or ".join(shorten(str(self._shapes.value(m, SH.datatype))) for m in self._shapes.items(members))
        for datatype in self._shapes.objects(part, SH.datatype):
            if (part, SH.uniqueLang, None) not in self._shapes:
                yield _DATATYPES.get(shorten(str(datatype)), shorten(str(datatype)))

    def _label(self, term: Node) -> str:
        return self._text(term, RDFS.label, self._ontology) or shorten(str(term))

    def _definition(self, term: Node) -> str:
        return self._text(term, SKOS.definition, self._ontology)

    def _text(self, node: Node | None, predicate: URIRef, graph: Graph | None = None) -> str:
        """Return the English text of a property, or an empty one."""
        texts = (self._shapes if graph is None else graph).objects(node, predicate)  # a graph's truth is its size
        return min((str(t) for t in texts if getattr(t, "language", None) in {"en", None}), default="")

    def _number(self, node: Node | None, predicate: URIRef) -> int:
        return int(str(next(self._shapes.objects(node, predicate), 0)))


_DATATYPES = {"xsd:string": "text", "xsd:integer": "whole number", "rdf:langString": "text with its language"}
