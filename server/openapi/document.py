"""The description of all addresses of this server for programs: OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0.html).

It names what is really there: the formats, the questions, the dumps, the graphs, and things as examples.
"""

import json

from flask import Blueprint, Response, request

import kb
from server.openapi.paths import paths
from server.openapi.schemas import COMPONENTS
from server.representations.cacheable import document
from server.site import current_site

__all__ = ["blueprint"]

blueprint = Blueprint("openapi", __name__)

_DESCRIPTION = """\
A read-only SPARQL endpoint, linked data and pages over one generation of a graph.

Every address that answers GET answers HEAD and OPTIONS too, and any site may read the answers (CORS). An answer is
whole or an error; an error is a problem (RFC 9457) that says what to do, or a page for a client that names text/html.
What depends on the data alone carries an ETag, and If-None-Match gets 304.
"""


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Return the description."""
    return document("application/json", _written())


def _written() -> bytes:
    site = current_site()
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "AMMTC knowledge graph",
            "version": kb.__version__,
            "description": _DESCRIPTION,
            "license": {"name": "Data: CC BY 4.0", "identifier": "CC-BY-4.0"},
        },
        "servers": [{"url": site.addresses.public(request.host_url)}],
        "paths": paths(site),
        "components": COMPONENTS,
    }
    return json.dumps(described, ensure_ascii=False, indent=1).encode() + b"\n"
