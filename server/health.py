"""What machines ask about the server itself: whether it lives, and what robots may read."""

from flask import Blueprint, Response, jsonify

from server.site import current_site

__all__ = ["blueprint"]

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Tell that the server answers, and which generation it serves."""
    manifest = current_site().generation.manifest
    response = jsonify(status="ok", generation=manifest.hash, created=manifest.created)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep robots from what costs and has no end."""
    return Response("User-agent: *\nDisallow: /sparql\nDisallow: /search\n", content_type="text/plain; charset=utf-8")
