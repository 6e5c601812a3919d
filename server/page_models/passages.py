"""The passages of a source, each with what rests on it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kb.rdf.terms import Term
from server.page_models.paging import page_of
from server.presentation.nodes import Node
from server.provenance.evidence import Citation
from server.provenance.provenance import Provenance
from server.provenance.support import Support
from server.stored_queries.lookups import LookUp, text_of

__all__ = ["CitedPassage", "Passages", "Resting", "passages_of"]

#: Passages that one page of a source shows.
_ON_A_PAGE = 200


@dataclass(frozen=True)
class Resting:
    """Something that rests on a passage.

    :param parts: subject, predicate and object of a statement; a reported fact stands alone
    :param derived: it follows from this passage and others
    :param support: all that it rests on
    """

    parts: tuple[Node, ...]
    derived: bool
    support: Support


@dataclass(frozen=True)
class CitedPassage:
    """A passage of the source.

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

    shown: tuple[CitedPassage, ...]
    page: int
    pages: int


def passages_of(look_up: LookUp, provenance: Provenance, source: str, page: int) -> Passages:
    """Return the passages of a source in their order, with what rests on each: one query."""
    found: dict[Term, dict[tuple[Term, ...], bool]] = defaultdict(dict)
    for row in look_up.rows("source-statements", thing=NamedNode(source)):
        terms = tuple(row[name] for name in ("subject", "property", "value") if name in row)
        found[row["passage"]][terms] = text_of(row["derived"]) == "true"
    citations = provenance.evidence.citations(found)
    shown, page, pages = page_of(citations, page, _ON_A_PAGE)
    by_iri = {text_of(term): resting for term, resting in found.items()}
    passages = tuple(_passage(citation, by_iri[citation.node.iri or ""], provenance) for citation in shown)
    return Passages(passages, page, pages)


def _passage(citation: Citation, found: Mapping[tuple[Term, ...], bool], provenance: Provenance) -> CitedPassage:
    resting = []
    for terms, derived in found.items():
        # A reported fact stands alone: all that it says carries its evidence.
        support = provenance.support(terms) if len(terms) == 3 else provenance.support_of_fact(terms[0])  # noqa: PLR2004
        resting.append(Resting(tuple(map(provenance.node, terms)), derived, support))
    resting.sort(key=lambda item: (item.derived, [part.text.casefold() for part in item.parts]))
    return CitedPassage(citation, (citation.node.iri or "").partition("#")[2], tuple(resting))
