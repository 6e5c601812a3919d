"""Addresses for machines that watch the server: `/health`, `/metrics` and `/robots.txt`."""

from flask import Blueprint, Response, current_app, jsonify

from server.backend import BACKEND, Backend
from server.metrics import CONTENT_TYPE
from server.openapi.documented import TEXT, documented

__all__ = ["blueprint"]

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@documented(
    content={"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}, cacheable=False, direct=True
)
def health() -> Response:
    """Say that the server answers, which generation it serves, why not a newer one, and which remote stores it asks."""
    backend: Backend = current_app.extensions[BACKEND]
    manifest, refused = backend.site.generation.manifest, backend.reloader.refused
    stores = backend.replicas.state() if backend.replicas else []
    status = "ok" if all(store["status"] == "ok" for store in stores) else "degraded"
    members = {"stores": stores} if stores else {}
    response = jsonify(status=status, generation=manifest.hash, created=manifest.created, refused=refused, **members)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/metrics")
@documented(content={"text/plain": {}}, cacheable=False, direct=True)
def metrics() -> Response:
    """Return what the operator measures, for Prometheus."""
    backend: Backend = current_app.extensions[BACKEND]
    return Response(backend.metrics.text(), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


@blueprint.get("/robots.txt")
@documented(content={"text/plain": {"schema": TEXT}}, direct=True)
def robots() -> Response:
    """Keep robots from what costs and has no end."""
    return Response("User-agent: *\nDisallow: /sparql\nDisallow: /search\n", content_type="text/plain; charset=utf-8")
