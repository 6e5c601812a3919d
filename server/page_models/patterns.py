"""The patterns of the ontology, drawn: boxes and arrows from a data file, each statement with what it rests on."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from textwrap import wrap
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from kb.namespaces import INFERRED, OWL, PREFIXES, RDF, XSD, expand, shorten
from kb.rdf.terms import Term, parse_term
from server.presentation.nodes import Node
from server.provenance.provenance import Provenance
from server.provenance.support import Support

__all__ = ["Arrow", "Box", "Drawing", "drawings", "load_patterns"]

#: Size of a box, and from one to the next, in pixels.
_WIDTH, _HEIGHT = 230, 106
_ACROSS, _DOWN = 385, 160
_MARGIN = 8
_HEAD = 9.0
_LINE, _MOST_LINES, _LETTERS = 18, 4, 26
_INFERRED, _TYPE = NamedNode(INFERRED), NamedNode(RDF.type)


@dataclass(frozen=True)
class Box:
    """A term in a drawing.

    :param term: the term; a blank node is an annotation of a statement
    :param node: how pages show it
    :param kind: its class, or None for a literal
    :param kind_follows: that it is in the class is inferred
    :param lines: its name, broken into lines: the text and how far down it stands
    :param x: the left edge, with the upper edge ``y``
    """

    term: Term
    node: Node
    kind: Node | None
    kind_follows: bool
    lines: tuple[tuple[str, int], ...]
    x: int
    y: int
    width: int = _WIDTH
    height: int = _HEIGHT

    @property
    def centre(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + _WIDTH / 2, self.y + _HEIGHT / 2


@dataclass(frozen=True)
class Arrow:
    """A statement in a drawing.

    :param start: the box of the subject
    :param prop: the property, and how pages show it, ``relation``
    :param end: the box of the value
    :param follows: it is inferred
    :param support: what it rests on; nothing where an end is an annotation
    """

    start: Box
    prop: NamedNode
    relation: Node
    end: Box
    follows: bool
    support: Support

    @property
    def line(self) -> tuple[float, float, float, float]:
        """Where it begins and ends: at the edges of its boxes."""
        (x1, y1), (x2, y2) = self.start.centre, self.end.centre
        across, down = x2 - x1, y2 - y1
        part = min(size / 2 / abs(way) for size, way in ((_WIDTH, across), (_HEIGHT, down)) if way)
        return x1 + part * across, y1 + part * down, x2 - part * across, y2 - part * down

    @property
    def head(self) -> str:
        """The three corners of its head, as SVG writes points."""
        x1, y1, x2, y2 = self.line
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        across, down = _HEAD * (x2 - x1) / length, _HEAD * (y2 - y1) / length
        corners = ((x2, y2), *((x2 - across - side * down, y2 - down + side * across) for side in (0.5, -0.5)))
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)

    @property
    def middle(self) -> tuple[float, float]:
        """Where its name stands."""
        x1, y1, x2, y2 = self.line
        return (x1 + x2) / 2, (y1 + y2) / 2

    @property
    def cited(self) -> bool:
        """Whether it is a statement that may be cited: no part of an annotation."""
        return not isinstance(self.start.term, BlankNode)

    @property
    def words(self) -> str:
        """What it says."""
        return f"“{self.start.node.words}” {self.relation.text} “{self.end.node.words}”"


@dataclass(frozen=True)
class Drawing:
    """A pattern.

    :param name: its anchor
    :param text: what it shows
    :param query: a query that finds more of the kind
    """

    name: str
    title: str
    text: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    query: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        right, bottom = max(box.x for box in self.boxes), max(box.y for box in self.boxes)
        return right + _WIDTH + _MARGIN, bottom + _HEIGHT + _MARGIN

    @property
    def turtle(self) -> str:
        """The drawn statements in Turtle, without prefixes: first what is stated, then what follows."""
        stated = [self._statements(box, follows=False) for box in self.boxes]
        following = [self._statements(box, follows=True) for box in self.boxes]
        parts = [*filter(None, stated)]
        if any(following):
            parts += ["# What follows:", *filter(None, following)]
        return "\n\n".join(parts)

    def _statements(self, box: Box, *, follows: bool) -> str:
        said = [f"a {shorten(box.kind.iri or '')}"] if box.kind and box.kind_follows is follows else []
        leaving = [arrow for arrow in self.arrows if arrow.start is box]
        said += [
            f"{shorten(arrow.prop.value)} {_in_turtle(arrow.end.term)}" for arrow in leaving if arrow.follows is follows
        ]
        said += [] if follows else [f"owl:annotatedProperty {shorten(prop.value)}" for prop in self._annotated(leaving)]
        return f"{_in_turtle(box.term)}\n    " + " ;\n    ".join([*said, "."]) if said else ""

    def _annotated(self, leaving: list[Arrow]) -> list[NamedNode]:
        """Return the property of the statement that an annotation is about: the arrow between what it leads to."""
        ends = {arrow.prop.value: arrow.end for arrow in leaving}
        source, target = ends.get(OWL.annotatedSource), ends.get(OWL.annotatedTarget)
        return [arrow.prop for arrow in self.arrows if source and arrow.start is source and arrow.end is target]


@cache
def load_patterns() -> list[dict[str, Any]]:
    """Return what the data file says; a process that will be able to open no file calls this before."""
    text = files("server.page_models").joinpath("patterns.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["pattern"]
    return found


def drawings(provenance: Provenance) -> tuple[Drawing, ...]:
    """Return the patterns, with their examples as a graph has them."""
    return tuple(_drawing(provenance, pattern) for pattern in load_patterns())


def _drawing(provenance: Provenance, pattern: Mapping[str, Any]) -> Drawing:
    boxes = {given["key"]: _box(provenance, given) for given in pattern["boxes"]}
    arrows = tuple(_arrow(provenance, boxes, *written.split()) for written in pattern["arrows"])
    query = pattern["query"].strip()
    return Drawing(pattern["name"], pattern["title"], pattern["text"], tuple(boxes.values()), arrows, query)


def _box(provenance: Provenance, given: Mapping[str, Any]) -> Box:
    term = _term(given["term"])
    kind = provenance.nodes.of_iri(expand(given["class"])) if "class" in given else None
    node = Node(f"annotation “{given['key']}”") if isinstance(term, BlankNode) else provenance.node(term)
    shown = wrap(node.words, _LETTERS, max_lines=_MOST_LINES, placeholder=" …")
    column, row = given["at"]
    above = (_HEIGHT - _LINE * (len(shown) + (kind is not None))) // 2 + _LINE - 4
    lines = tuple((text, above + _LINE * (place + (kind is not None))) for place, text in enumerate(shown))
    of_kind = (term, _TYPE, NamedNode(expand(given["class"]))) if kind else None
    follows = of_kind is not None and provenance.graphs(of_kind) == {_INFERRED}
    return Box(term, node, kind, follows, lines, _MARGIN + column * _ACROSS, _MARGIN + row * _DOWN)


def _arrow(provenance: Provenance, boxes: Mapping[str, Box], subject: str, prop: str, value: str) -> Arrow:
    start, end, predicate = boxes[subject], boxes[value], NamedNode(expand(prop))
    statement = (start.term, predicate, end.term)
    follows = provenance.graphs(statement) == {_INFERRED}
    relation = provenance.nodes.of(predicate)
    return Arrow(start, predicate, relation, end, follows, provenance.support(statement))


def _term(written: str) -> Term:
    if written == "[]":
        return BlankNode()
    literal = parse_term(written, PREFIXES) if written.startswith('"') else None
    return literal or NamedNode(expand(written))


def _in_turtle(term: Term) -> str:
    """Return a term in Turtle: a blank node as ``[]``, a passage by its whole IRI."""
    match term:
        case BlankNode():
            return "[]"
        case NamedNode(value=iri):
            return str(term) if "#p" in iri else shorten(iri)
        case Literal(value=text, datatype=datatype) if datatype.value != XSD.string:
            return f'"{text}"^^{shorten(datatype.value)}'
        case _:
            return str(term)
