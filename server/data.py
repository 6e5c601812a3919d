"""Data documents: what the graph says about one thing, or all that one of its graphs holds, in each RDF format."""

import io

from flask import Blueprint, Response, request

from kb.formats import RDF_FORMATS, serialize_rdf
from server.addresses import iri_of
from server.dereference import unknown
from server.descriptions import describe, is_known
from server.formats import by_extension, content_type
from server.site import current_site

__all__ = ["blueprint"]

blueprint = Blueprint("data", __name__, url_prefix="/data")


@blueprint.get("/<any(id, concept, source, graph, ontology):kind>/<path:document>")
@blueprint.get("/<string:document>")
def data(document: str, kind: str = "") -> Response:
    """Return a data document: ``/data/id/ammtc-19.ttl``, ``/data/ontology.jsonld`` and so on."""
    site = current_site()
    name, _, extension = document.rpartition(".")
    iri = iri_of(kind, name) if kind else iri_of(name)
    offer = by_extension(extension)
    if offer is None or (not kind and name != "ontology") or not is_known(site.store, iri):
        raise unknown(iri)
    response = Response(content_type=content_type(offer.media_types[0]))
    tag = f"{site.hash[:32]}-{offer.name}"
    if not request.if_none_match.contains(tag):
        output = io.BytesIO()
        serialize_rdf(describe(site.store, iri), RDF_FORMATS[offer.name], output)
        response.set_data(output.getvalue())
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
