"""Dereferencing: every IRI of the graph leads by 303 to its page or to its data, as the Accept header says.

https://www.w3.org/TR/cooluris/#r303gendocument and, for what 303 says, RFC 9110, section 15.4.4. The IRI of a named
graph leads to all that the graph holds: that is how the Graph Store HTTP Protocol is answered where the address itself
names the graph (https://www.w3.org/TR/sparql11-http-rdf-update/#direct-graph-identification). A version IRI leads to
the text of that version (https://www.w3.org/TR/owl2-syntax/#Ontology_Documents), of earlier ones too; that of a shape
leads to the text of all shapes.
"""

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import quote

from flask import Blueprint, Response

from kb.namespaces import STATEMENT
from kb.rdf.formats import RDF_FORMATS
from server.addresses import iri_of, path_of
from server.linked_data.descriptions import is_known
from server.openapi.documented import TEXT, THING_NAME, documented, in_path, in_query
from server.problems import Problem
from server.representations.choose import graph_choice
from server.representations.formats import CITATION_FORMATS, FORMAT_NAMES, PAGE_FORMAT
from server.site import Site, current_site

__all__ = ["alternates", "blueprint", "require_known", "unknown"]

blueprint = Blueprint("dereference", __name__)

#: https://mapping-commons.github.io/sssom/spec-formats-tsv/
_SSSOM, _TSV = ".sssom.tsv", "text/tab-separated-values"
_NAMES = [*FORMAT_NAMES, *(found.name for found in CITATION_FORMATS)]
_FORMAT = in_query("format", {"enum": _NAMES}, "Name of a format; it comes before the Accept header.")


@blueprint.get("/<any(id, concept, source, graph, statement):kind>/<path:name>")
@blueprint.get("/<any(ontology):kind>")
@blueprint.get("/<any(ontology):kind>/<path:name>")
@documented(THING_NAME, _FORMAT, name="thing", redirect=303, problems=(400, 404, 406))
def dereference(kind: str, name: str = "") -> Response:
    """Send the client from a thing to a document about it, or to how it is cited."""
    iri = iri_of(kind, name)
    path = path_of(iri)
    site = current_site()
    known = path is not None and is_known(site.store, iri)
    if path is None or not (known or iri in site.texts):
        raise unknown(iri)
    choice = graph_choice(page=known, citations=known, has_name=True)
    if choice.format is PAGE_FORMAT:
        document = f"/page{path}"
    elif choice.format in CITATION_FORMATS:
        document = f"/cite?iri={quote(iri, safe='')}&format={choice.format.name}"
    else:
        document = f"/data{path}.{choice.format.extension}"
    response = Response(status=HTTPStatus.SEE_OTHER)
    response.headers["Location"] = site.addresses.link(document)
    response.headers["Link"] = alternates(path)
    return response


def _mapping_sets(site: Site, _word: str) -> Iterator[str]:
    return (iri.rpartition("/")[2].removesuffix(_SSSOM) for iri in site.mappings)


@blueprint.get(f"/ontology/<string:name>{_SSSOM}")
@documented(
    in_path("name", "Name of the mapping set.", _mapping_sets, closed=True),
    name="mappings",
    content={_TSV: {"schema": TEXT}},
    problems=(404,),
)
def mappings(name: str) -> Response:
    """Return mappings to other vocabularies, as SSSOM writes them."""
    iri = iri_of("ontology", f"{name}{_SSSOM}")
    if iri not in current_site().mappings:
        raise unknown(iri)
    return Response(current_site().mappings[iri], content_type=f"{_TSV}; charset=utf-8")


def require_known(iri: str) -> None:
    """Check that the graph says something about an IRI.

    :raises Problem: 404 if it does not
    """
    if not is_known(current_site().store, iri):
        raise unknown(iri)


def unknown(iri: str) -> Problem:
    """Return the problem that the graph says nothing about an IRI."""
    if iri.startswith(STATEMENT):
        detail = f"There is no justification {iri} here: the statement or its evidence may have changed since"
        remedy = "Search for what it was about from the home page, and open the footnote of the statement there"
        return Problem("not-found", detail, remedy)
    detail = f"This graph says nothing about {iri}"
    return Problem("not-found", detail, "Check the spelling, or search from the home page")


def alternates(path: str, besides: str = "") -> str:
    """Return a Link header (RFC 8288) with the documents about a thing and the description of the whole dataset.

    :param path: of the thing's IRI
    :param besides: format of the data document whose header it is, which names the thing instead of itself
    """
    link = current_site().addresses.link
    links = [
        f'<{link(f"/data{path}.{found.extension}")}>; rel="alternate"; type="{found.media_type}"'
        for found in RDF_FORMATS.values()
        if found.name != besides
    ]
    if besides:
        links.append(f'<{link(f"/page{path}")}>; rel="alternate"; type="{PAGE_FORMAT.media_type}"')
        links.append(f'<{link(path)}>; rel="describes"')  # RFC 6892
    return ", ".join((*links, f'<{link("/.well-known/void#dataset")}>; rel="http://rdfs.org/ns/void#inDataset"'))
