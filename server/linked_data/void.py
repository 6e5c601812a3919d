"""The description of the dataset for machines and for people, in VoID and DCAT, written from the data.

VoID (https://www.w3.org/TR/void/), which also reserves the address ``/.well-known/void``; DCAT 3
(https://www.w3.org/TR/vocab-dcat-3/).
"""

from collections.abc import Mapping
from heapq import nsmallest
from http import HTTPStatus
from itertools import islice

from flask import Blueprint, Response, render_template, request

from kb.rdf.formats import RDF_FORMATS
from server.dataset.description import describe_dataset
from server.dataset.schema_org import as_dataset
from server.openapi.documented import FORMAT, documented, representations
from server.page_models.metadata import Metadata, linked_data
from server.representations.choose import graph_choice
from server.representations.formats import GRAPH_FORMATS, PAGE_FORMAT, content_type
from server.site import Site, current_site

__all__ = ["blueprint"]

blueprint = Blueprint("void", __name__)

_MOST_ROWS = 500
_UNTOLD = "RDF data with their classes, properties and graphs."


@blueprint.get("/.well-known/void")
@documented(FORMAT, name="dataset", content=representations((*GRAPH_FORMATS, PAGE_FORMAT)), problems=(400, 406))
def void() -> Response:
    """Return the description of the dataset."""
    choice = graph_choice(page=True)
    site = current_site()
    if choice.format is PAGE_FORMAT:
        return Response(_page(site))
    base = site.addresses.public(request.host_url)
    body = describe_dataset(base, site.generation, site.about, site.statistics, choice.format.name)
    return Response(body, content_type=content_type(choice.media_type))


@blueprint.get("/void")
@documented(name="datasetShort", redirect=308)
def short_address() -> Response:
    """Lead to the description of the dataset."""
    location = current_site().addresses.link("/.well-known/void")
    return Response(status=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": location})


def _page(site: Site) -> str:
    found = site.statistics.usage
    base, about = site.addresses.public(request.host_url), site.about
    description = "" if about.description is None else about.description.value
    content = {"name": about.name.value, "description": description or _UNTOLD, "url": f"{base}/"}
    content |= as_dataset(base, site.generation, about, site.labels)
    address = f"{base}/.well-known/void"
    uses = {iri: use.triples for iri, use in found.properties.items()}
    graphs = site.generation.manifest.sizes.named_graphs
    return render_template(
        "void.html",
        page_metadata=Metadata(
            about.name.value, content["description"], address, linked_data(f"{address}#dataset", "Dataset", content)
        ),
        formats=[found.name for found in RDF_FORMATS.values() if not found.keeps_graphs],
        usage=found,
        most=_MOST_ROWS,
        totals={
            "graphs": len(graphs),
            "classes": len(found.classes),
            "properties": len(uses),
            "vocabularies": len(found.vocabularies),
            "links": len(found.links),
        },
        classes=[(site.nodes.of_iri(iri), found.classes[iri]) for iri in _most_used(found.classes)],
        properties=[(site.nodes.of_iri(iri), found.properties[iri]) for iri in _most_used(uses)],
        graphs=[(site.nodes.of_iri(iri), size) for iri, size in islice(graphs.items(), _MOST_ROWS)],
        vocabularies=[site.nodes.of_iri(iri) for iri in found.vocabularies[:_MOST_ROWS]],
        links=[(site.nodes.of_iri(iri), address, triples) for iri, address, triples in found.links[:_MOST_ROWS]],
    )


def _most_used(counts: Mapping[str, int]) -> list[str]:
    return nsmallest(_MOST_ROWS, counts, key=lambda iri: (-counts[iri], iri))
