"""Blank nodes of a graph: which belong together, which can be nested, and labels by content for those that cannot."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Quad, Triple

from kb.rdf.terms import Rdf11Statement, Rdf11Term, Statement, Subject, to_statement, written

__all__ = [
    "blank_nodes_of",
    "canonical_digest",
    "connected_groups",
    "label_blank_nodes",
    "parents_of_blank_nodes",
    "unnestable_blank_nodes",
]

_Statement = TypeVar("_Statement", bound=Statement)
_Node = TypeVar("_Node", bound=Rdf11Term)


def parents_of_blank_nodes(statements: Iterable[Rdf11Statement]) -> dict[BlankNode, Subject]:
    """Return the subject of each blank node that is the object of exactly one statement."""
    references = Counter(o for _, _, o in statements if isinstance(o, BlankNode))
    return {o: s for s, _, o in statements if isinstance(o, BlankNode) and references[o] == 1}


def unnestable_blank_nodes(statements: set[Rdf11Statement]) -> set[BlankNode]:
    """Return the blank nodes that Turtle can only write with a label.

    These are the objects of several statements and those on a cycle. All others are written as ``[ ... ]`` or
    ``( ... )`` at their only reference, or as a subject of their own where nothing refers to them.
    """
    parents = parents_of_blank_nodes(statements)
    shared = {o for _, _, o in statements if isinstance(o, BlankNode)} - parents.keys()
    return shared | _on_a_cycle(parents)


def label_blank_nodes(statements: set[Rdf11Statement]) -> tuple[set[Rdf11Statement], dict[BlankNode, str]]:
    """Name the blank nodes that cannot be nested.

    Each group of connected blank nodes gets labels of its own, from a digest of its canonical form (RDFC-1.0,
    https://www.w3.org/TR/rdf-canon/), so that a change elsewhere in the file does not rename it. The worst case is
    exponential in the number of blank nodes of one group; groups without a shared or cyclic node cost nothing.

    :return: the same graph with other blank nodes, and the label of each that needs one, without ``_:``
    """
    unnestable = unnestable_blank_nodes(statements)
    if not unnestable:
        return set(statements), {}
    result: set[Rdf11Statement] = set()
    texts: list[tuple[str, set[Rdf11Statement]]] = []
    for group in connected_groups(statements):
        if any(node in unnestable for s, _, o in group for node in (s, o)):
            texts.append(_canonical_group(group))
        else:
            result |= group
    labels: dict[BlankNode, str] = {}
    seen: Counter[str] = Counter()
    for text, group in texts:
        digest = hashlib.sha256(f"{seen[text]} {text}".encode()).hexdigest()[:16]
        seen[text] += 1
        fresh = _rename(group, digest)
        nodes = sorted(unnestable_blank_nodes(fresh), key=lambda node: int(node.value.rpartition("c14n")[2]))
        labels |= {node: f"b{digest}n{number}" for number, node in enumerate(nodes)}
        result |= fresh
    return result, labels


def blank_nodes_of(statement: Statement) -> list[BlankNode]:
    """Return the blank nodes of a statement, those in its triple terms too."""
    found, left = [], list(statement)
    while left:
        term = left.pop()
        if isinstance(term, BlankNode):
            found.append(term)
        elif isinstance(term, Triple):
            left += (term.subject, term.object)
    return found


def connected_groups(statements: Collection[_Statement]) -> Iterator[set[_Statement]]:
    """Split a graph: the statements of each set of connected blank nodes, and those without any."""
    leader: dict[BlankNode, BlankNode] = {}

    def find(node: BlankNode) -> BlankNode:
        while (above := leader.setdefault(node, node)) != node:
            leader[node] = node = leader[above]
        return node

    first: dict[_Statement, BlankNode] = {}
    for statement in statements:
        nodes = blank_nodes_of(statement)
        for node in nodes:
            leader[find(node)] = find(nodes[0])
        if nodes:
            first[statement] = nodes[0]
    groups: defaultdict[BlankNode | None, set[_Statement]] = defaultdict(set)
    for statement in statements:
        groups[find(first[statement]) if statement in first else None].add(statement)
    yield from groups.values()


def canonical_digest(statements: Collection[Statement]) -> str:
    """Return a SHA-256, in hexadecimal, that two graphs have in common exactly if they are isomorphic.

    Each group of connected blank nodes is brought into its canonical form by itself, see `label_blank_nodes`.
    """
    texts: list[str] = []
    for group in connected_groups(statements):
        has_blank_nodes = any(map(blank_nodes_of, group))
        texts += [_text(_canonical(group))] if has_blank_nodes else map(written, group)
    digest = hashlib.sha256()
    for text in sorted(texts):
        digest.update(f"{text}\n\n".encode())
    return digest.hexdigest()


def _on_a_cycle(parents: Mapping[BlankNode, Subject]) -> set[BlankNode]:
    sorter = TopologicalSorter[Subject]()
    for node, parent in parents.items():
        sorter.add(parent, node)
    with suppress(CycleError):  # it still sorts what is on no cycle
        sorter.prepare()
    sorted_ones: set[Subject] = set()
    while ready := sorter.get_ready():
        sorted_ones.update(ready)
        sorter.done(*ready)
    return parents.keys() - sorted_ones


def _canonical_group(group: Iterable[Rdf11Statement]) -> tuple[str, set[Rdf11Statement]]:
    statements = {to_statement(*statement) for statement in _canonical(group)}
    return _text(statements), statements


def _canonical(group: Iterable[Statement]) -> list[Statement]:
    dataset = Dataset(Quad(*statement) for statement in group)  # type: ignore[arg-type]  # it checks them itself
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return [(quad.subject, quad.predicate, quad.object) for quad in dataset]


def _text(group: Iterable[Statement]) -> str:
    return "\n".join(sorted(map(written, group)))


def _rename(group: set[Rdf11Statement], digest: str) -> set[Rdf11Statement]:
    def fresh(node: _Node) -> _Node | BlankNode:
        return BlankNode(f"{digest}{node.value}") if isinstance(node, BlankNode) else node

    return {(fresh(s), p, fresh(o)) for s, p, o in group}
