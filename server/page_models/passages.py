"""The passages of a source, each with what rests on it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kb.rdf.terms import Term
from server.page_models.sections import page_of
from server.presentation.nodes import Node
from server.provenance.evidence import Citation
from server.provenance.provenance import Provenance
from server.provenance.support import Quotable, Support
from server.stored_queries.lookups import LookUp, text_of

__all__ = ["Resting", "passages_of"]

#: Passages that one page of a source shows.
_ON_A_PAGE = 200


@dataclass(frozen=True)
class Resting:
    """Something that rests on a passage.

    :param parts: subject, predicate and object of a statement; a report stands alone
    :param support: everything that it rests on
    :param quotable: the statement, if it can be cited
    """

    parts: tuple[Node, ...]
    support: Support
    quotable: tuple[Quotable, ...] = ()

    @property
    def said(self) -> tuple[Node, Support] | None:
        """The value of a statement, with its support; None for a report."""
        return (self.parts[2], self.support) if len(self.parts) > 1 else None


def passages_of(
    look_up: LookUp, provenance: Provenance, source: str, page: int
) -> tuple[list[tuple[Citation, list[Resting]]], int, int]:
    """Return the passages of a source on one page, each with what rests on it; the page's number; the number of pages.

    This takes one query. What is stated comes before what is derived.
    """
    found: dict[Term, dict[tuple[Term, ...], bool]] = defaultdict(dict)
    for row in look_up.rows("source-statements", thing=NamedNode(source)):
        terms = tuple(row[name] for name in ("subject", "property", "value") if name in row)
        resting = found[row["passage"]]
        resting[terms] = resting.get(terms, True) and text_of(row["derived"]) == "true"
    shown, page, pages = page_of(provenance.evidence.citations(found), page, _ON_A_PAGE)
    by_iri = {text_of(term): resting for term, resting in found.items()}
    return [(citation, _resting(by_iri[citation.node.iri or ""], provenance)) for citation in shown], page, pages


def _resting(found: Mapping[tuple[Term, ...], bool], provenance: Provenance) -> list[Resting]:
    resting = []
    for terms, derived in found.items():
        match terms:  # a report stands alone: all that it says carries its evidence
            case (subject, predicate, value):
                statement = subject, predicate, value
                support, quotable = provenance.support(statement), provenance.quotable(statement)
            case _:
                support, quotable = provenance.support_of_record(terms[0]), ()
        parts = tuple(map(provenance.node, terms))
        resting.append((derived, [part.text.casefold() for part in parts], Resting(parts, support, quotable)))
    return [item for _, _, item in sorted(resting, key=lambda item: item[:2])]
