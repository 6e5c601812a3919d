"""The network of who met whom and chaired with whom: nodes on an ellipse, links as curves through its middle."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.rdf.terms import Term
from server.presentation.nodes import Node, Nodes
from server.stored_queries.lookups import Row

__all__ = ["HEIGHT", "WIDTH", "Link", "Point", "network"]

#: Size of the picture in its own units.
WIDTH, HEIGHT = 1000, 640
_RADII = (330.0, 235.0)
_LABEL_GAP = 14.0
_MOST_POINTS = 48
#: How far a link bends towards the middle: 0 not at all, 1 all the way.
_BEND = 0.55


@dataclass(frozen=True)
class Point:
    """A node of the network.

    :param node: the state or body
    :param x: its position, with ``y``
    :param radius: grows with the number of links
    :param label_x: the position of its name, with ``label_y``
    :param anchor: ``start``, ``middle`` or ``end``
    """

    node: Node
    x: float
    y: float
    radius: float
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True)
class Link:
    """A link of the network.

    :param one: one end
    :param other: the other end
    :param relation: how they are linked
    :param events: at which meetings
    :param path: the curve, as SVG writes it
    """

    one: Node
    other: Node
    relation: Node
    events: list[Node]
    path: str


def network(rows: Iterable[Row], nodes: Nodes) -> tuple[list[Point], list[Link], int]:
    """Return the picture of the result of the query ``network``; the same rows give the same picture.

    It has the points, the links between them, and the number of nodes that do not fit, those with the fewest links.
    """
    events: dict[tuple[Term, Term, Term], dict[Term, None]] = defaultdict(dict)
    for row in rows:
        one, other = sorted((row["side"], row["with"]), key=str)
        events[one, other, row["relation"]][row["event"]] = None
    degrees = Counter(end for one, other, _ in events for end in (one, other))
    ranked = sorted(degrees, key=lambda term: (-degrees[term], str(term)))
    shown = _around(ranked[:_MOST_POINTS], list(events))
    points = {term: _point(nodes.of(term), place, len(shown), degrees[term]) for place, term in enumerate(shown)}
    links = [
        Link(
            points[one].node,
            points[other].node,
            nodes.of(relation),
            list(map(nodes.of, at)),
            _curve(points[one], points[other], relation),
        )
        for (one, other, relation), at in events.items()
        if one in points and other in points
    ]
    return list(points.values()), links, len(ranked) - len(shown)


def _around(ranked: Sequence[Term], links: Sequence[tuple[Term, Term, Term]]) -> list[Term]:
    """Order nodes around the ellipse by their links; a node with one neighbour stands beside it."""
    neighbours: dict[Term, set[Term]] = defaultdict(set)
    for one, other, _ in links:
        neighbours[one].add(other)
        neighbours[other].add(one)
    placed: dict[Term, None] = {}
    for term in ranked:
        placed[term] = None
        for neighbour in sorted(neighbours[term] & set(ranked), key=lambda other: (len(neighbours[other]), str(other))):
            if len(neighbours[neighbour]) == 1:
                placed[neighbour] = None
    return list(placed)


def _point(node: Node, place: int, total: int, links: int) -> Point:
    angle = 2 * math.pi * place / total - math.pi / 2
    x, y = WIDTH / 2 + _RADII[0] * math.cos(angle), HEIGHT / 2 + _RADII[1] * math.sin(angle)
    radius = 4 + 2 * math.sqrt(links)
    gap = radius + _LABEL_GAP
    side = math.cos(angle)
    anchor = "middle" if abs(side) < 0.15 else "start" if side > 0 else "end"  # noqa: PLR2004  nearly above or below
    label = (x + gap * math.cos(angle), y + gap * math.sin(angle) + 5)
    return Point(node, round(x, 1), round(y, 1), round(radius, 1), round(label[0], 1), round(label[1], 1), anchor)


def _curve(one: Point, other: Point, relation: Term) -> str:
    """Return a quadratic curve; the two kinds of links between the same two nodes bend differently."""
    bend = _BEND if str(relation).endswith("#side>") else _BEND * 0.7
    middle = ((one.x + other.x) / 2, (one.y + other.y) / 2)
    control = (middle[0] + (WIDTH / 2 - middle[0]) * bend, middle[1] + (HEIGHT / 2 - middle[1]) * bend)
    return f"M{one.x} {one.y}Q{control[0]:.1f} {control[1]:.1f} {other.x} {other.y}"
