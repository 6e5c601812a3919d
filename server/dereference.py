"""Dereferencing: every IRI of the graph leads by 303 to its page or to its data, as the Accept header says.

https://www.w3.org/TR/cooluris/#r303gendocument and, for what 303 says, RFC 9110, section 15.4.4.
"""

from http import HTTPStatus

from flask import Blueprint, Response, request

from server.addresses import iri_of, path_of
from server.descriptions import is_known
from server.errors import Problem
from server.formats import EXTENSIONS, GRAPH_OFFERS, PAGE_OFFER, media_types
from server.negotiation import best
from server.site import current_site

__all__ = ["alternates", "blueprint", "unknown"]

blueprint = Blueprint("dereference", __name__)

_OFFERS = (*GRAPH_OFFERS, PAGE_OFFER)
_EXTENSION_OF = {name: extension for extension, name in EXTENSIONS.items()}


@blueprint.get("/<any(id, concept, source, graph):kind>/<path:name>")
@blueprint.get("/<any(ontology):kind>")
@blueprint.get("/<any(ontology):kind>/<path:name>")
def dereference(kind: str, name: str = "") -> Response:
    """Send the client from a thing to a document about it."""
    iri = iri_of(kind, name)
    path = path_of(iri)
    if path is None or not is_known(current_site().store, iri):
        raise unknown(iri)
    choice = best(request.headers.get("Accept"), _OFFERS)
    if choice is None:
        raise _not_acceptable()
    document = f"/page{path}" if choice.offer is PAGE_OFFER else f"/data{path}.{_EXTENSION_OF[choice.offer.name]}"
    response = Response(status=HTTPStatus.SEE_OTHER)
    response.headers["Location"] = current_site().addresses.link(document)
    response.headers["Link"] = alternates(path)
    response.vary.add("Accept")
    return response


def unknown(iri: str) -> Problem:
    """Return the answer that nothing is known about an IRI."""
    detail = f"This graph says nothing about {iri}"
    return Problem("not-found", detail, "Check the spelling, or search from the home page")


def alternates(path: str) -> str:
    """Return a Link header (RFC 8288) with the data documents of a thing."""
    link = current_site().addresses.link
    return ", ".join(
        f'<{link(f"/data{path}.{_EXTENSION_OF[offer.name]}")}>; rel="alternate"; type="{offer.media_types[0]}"'
        for offer in GRAPH_OFFERS
    )


def _not_acceptable() -> Problem:
    available = [*media_types(GRAPH_OFFERS), PAGE_OFFER.media_types[0]]
    return Problem(
        "not-acceptable",
        "The Accept header allows none of the formats of this document",
        f"Accept one of {', '.join(available)}",
        members={"available": available},
    )
