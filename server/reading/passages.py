"""The passages of a source, each with what rests on it."""

from collections import defaultdict
from dataclasses import dataclass

from pyoxigraph import NamedNode

from server.nodes import Node, Nodes
from server.reading.evidence import Citation, Evidence
from server.reading.lookups import LookUp, Term, text_of

__all__ = ["Passage", "Passages", "Resting", "passages_of"]

#: Passages that one page of a source shows.
_ON_A_PAGE = 200


@dataclass(frozen=True)
class Resting:
    """Something that rests on a passage.

    :param parts: subject, predicate and object of a statement; a reported fact stands alone
    :param derived: it follows from the passage together with others
    """

    parts: tuple[Node, ...]
    derived: bool


@dataclass(frozen=True)
class Passage:
    """A passage.

    :param citation: the passage
    :param anchor: its fragment in the page
    :param resting: what rests on it, stated before derived
    """

    citation: Citation
    anchor: str
    resting: tuple[Resting, ...]


@dataclass(frozen=True)
class Passages:
    """Passages of one page.

    :param shown: the passages
    :param page: number of the page, from 1
    :param pages: how many pages there are
    """

    shown: tuple[Passage, ...]
    page: int
    pages: int


def passages_of(look_up: LookUp, nodes: Nodes, evidence: Evidence, source: str, page: int) -> Passages:
    """Return the passages of a source in their order, with what rests on each: one query."""
    found: dict[Term, set[Resting]] = defaultdict(set)
    for row in look_up.rows("source-statements", thing=NamedNode(source)):
        terms = [row[name] for name in ("subject", "property", "value") if name in row]
        found[row["passage"]].add(Resting(tuple(map(nodes.of, terms)), text_of(row["derived"]) == "true"))
    citations = evidence.citations(found)
    pages = max(1, -(-len(citations) // _ON_A_PAGE))
    page = min(max(1, page), pages)
    by_iri = {nodes.of(term).iri: resting for term, resting in found.items()}
    shown = citations[(page - 1) * _ON_A_PAGE : page * _ON_A_PAGE]
    return Passages(
        tuple(
            Passage(citation, (citation.node.iri or "").partition("#")[2], _in_order(by_iri[citation.node.iri]))
            for citation in shown
        ),
        page,
        pages,
    )


def _in_order(resting: set[Resting]) -> tuple[Resting, ...]:
    return tuple(sorted(resting, key=lambda item: (item.derived, [part.text.casefold() for part in item.parts])))
