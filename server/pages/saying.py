"""Who says so: what a value in the result of a query rests on, or that there is no source for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from kb.rdf.terms import Statement
from server.openapi.documented import TEXT, documented, in_query
from server.pages.proofs import term_of
from server.pages.rendering import render, simple_metadata
from server.presentation.nodes import Node
from server.problems import Problem
from server.provenance.support import Support
from server.site import Site, current_site

__all__ = ["blueprint"]

blueprint = Blueprint("saying", __name__)

#: Patterns that a variable may be the object of, and links to justifications.
_MOST = 20
_MOST_JUSTIFICATIONS = 100
_IRIS = {"type": "array", "items": {"type": "string", "format": "iri"}, "minItems": 1, "maxItems": _MOST}


@dataclass(frozen=True)
class Said:
    """A statement and who says so.

    :param parts: subject, predicate and object
    :param justifications: those of them that have a page, each enough by itself
    """

    parts: tuple[Node, Node, Node]
    support: Support
    justifications: tuple[Node, ...]

    @property
    def words(self) -> str:
        """The statement in words."""
        return " ".join(part.words for part in self.parts)


@blueprint.get("/who-says-so")
@documented(
    in_query("subject", _IRIS, "IRI of the subject; of several possible statements those of all."),
    in_query("property", _IRIS, "IRI of the property, or as many of them."),
    in_query("value", TEXT, "IRI of the value, or a literal as N-Triples writes it."),
    problems=(404,),
)
def who_says_so() -> Response:
    """Tell who says so: what a statement rests on, or those of several possible ones that the graph holds."""
    site = current_site()
    value = term_of(request.args.get("value", ""))
    subjects, properties = (list(map(term_of, request.args.getlist(name)[:_MOST])) for name in ("subject", "property"))
    asked: list[Statement] = [
        (subject, prop, value)
        for subject, prop in zip(subjects, properties, strict=False)
        if isinstance(subject, NamedNode) and isinstance(prop, NamedNode) and value is not None
    ]
    if not asked:
        remedy = "Follow the question mark behind a value in the result of a query"
        raise Problem("not-found", "This names no statement", remedy)
    held = list(_said(site, dict.fromkeys(asked)))
    words = held[0].words if held else " ".join(part.words for part in site.provenance.parts(asked[0]))
    page = simple_metadata(f"Who says so: {words}", f"Who says that {words}, and where.", "/who-says-so")
    unheld = () if held else tuple(site.provenance.parts(statement) for statement in dict.fromkeys(asked))
    return render("said.html", held=held, unheld=unheld, page_metadata=page)


def _said(site: Site, statements: dict[Statement, None]) -> Iterator[Said]:
    """Yield those that the graph holds."""
    for statement in statements:
        if site.provenance.graphs(statement):
            yield Said(
                site.provenance.parts(statement),
                site.provenance.support(statement),
                tuple(map(site.nodes.of_iri, site.provenance.justifications(statement)[:_MOST_JUSTIFICATIONS])),
            )
