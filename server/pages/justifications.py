"""Statements one by one, each with one justification: who says so and how it is cited; and citations of anything."""

from collections.abc import Iterator
from datetime import date

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from kb.namespaces import AMMTC, RDF, STATEMENT
from server.citables import citable_result, citable_statement, cited
from server.linked_data.dereference import require_known
from server.openapi.documented import IRI, TEXT, documented, in_path, in_query
from server.page_models.justifications import Justified, read_justification
from server.page_models.metadata import Metadata, linked_data
from server.pages.rendering import public_address, query_describing, render
from server.pages.things import show_thing
from server.presentation.citations import bibtex, csl_json
from server.problems import Problem
from server.representations.choose import citation_choice
from server.representations.formats import CITATION_FORMATS, content_type
from server.site import Site, current_site

__all__ = ["blueprint"]

blueprint = Blueprint("justifications", __name__)

_WRITERS = {"bibtex": bibtex, "csl": csl_json}
_ABOUT = {"iri", "query"}


def _examples(site: Site, _word: str) -> Iterator[str]:
    """Yield the names of justifications."""
    for quad in site.store.quads_for_pattern(None, NamedNode(RDF.type), NamedNode(AMMTC.Justification)):
        if isinstance(quad.subject, NamedNode):
            yield quad.subject.value.removeprefix(STATEMENT)


@blueprint.get("/page/statement/<path:name>")
@documented(
    in_path("name", "Name of the justification: the part of its IRI behind its kind.", _examples), name="statement"
)
def justification(name: str) -> Response:
    """Show a statement with one of its justifications: who says so, and how it is cited."""
    iri = STATEMENT[name]
    require_known(iri)
    site = current_site()
    found = read_justification(site.store, site.provenance, iri)
    if found is None:  # files can have anything there
        return show_thing(iri)
    title = f"{found.statement}: {found.said_by}"
    return render(
        "statement.html",
        iri=iri,
        justified=found,
        citable=citable_statement(site, iri, title),
        describing=query_describing(site, iri),
        page_metadata=_metadata(found, iri, title),
    )


@blueprint.get("/cite")
@documented(
    in_query("iri", IRI, "IRI of what is cited: a thing, a term, or a justification for its statement."),
    in_query("query", TEXT, "A query whose result is cited, instead."),
    in_query("accessed", {"type": "string", "format": "date"}, "The day on which the reader saw it, in ISO 8601."),
    in_query(
        "format",
        {"enum": [found.name for found in CITATION_FORMATS]},
        "Name of a format; it comes before the Accept header.",
    ),
    content={found.media_type: {"schema": {}} for found in CITATION_FORMATS},
    problems=(400, 404, 406),
)
def cite() -> Response:
    """Return a citation of a thing, of a statement, or of the result of a query, in BibTeX or as CSL JSON."""
    site = current_site()
    given = {name: value for name in _ABOUT if (value := request.args.get(name))}
    if len(given) != 1:
        raise Problem("bad-request", "The request names not one thing", "Send either `iri` or `query`")
    choice, accessed = citation_choice(), _day(request.args.get("accessed", ""))
    if "iri" in given:
        require_known(given["iri"])
        citable = cited(site, given["iri"])
    else:
        citable = citable_result(site, given["query"], site.addresses.endpoint(request.host_url))
    text = _WRITERS[choice.format.name](citable).on(accessed)
    headers = {"Content-Disposition": f'inline; filename="{citable.key}.{choice.format.extension}"'}
    return Response(text, content_type=content_type(choice.media_type), headers=headers)


def _day(text: str) -> date | None:
    """Return the day of a date in ISO 8601, or None for no text.

    :raises Problem: 400 for any other text
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem("bad-request", f"{text!r} is no date", "Write `accessed` like 2025-09-12") from None


def _metadata(found: Justified, iri: str, title: str) -> Metadata:
    """Return what the page says of itself: a claim (https://schema.org/Claim), with the texts in which it appears."""
    subject, address = found.parts[0], public_address(f"/page/statement/{iri.removeprefix(STATEMENT)}")
    described = f"{title}. The evidence, paragraph by paragraph, and how to cite it."
    content: dict[str, object] = {"name": title, "description": described, "url": address}
    if subject.iri:
        content["about"] = {"@id": subject.iri, "name": subject.text}
    sources = dict.fromkeys(passage.source for passage in found.passages if passage.source)
    if sources:
        content["appearance"] = [{"@type": "NewsArticle", "@id": each.iri, "name": each.text} for each in sources]
    return Metadata(title, described, address, linked_data(iri, "Claim", content))
