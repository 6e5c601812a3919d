"""The dumps of the generation, as files with their media types."""

from flask import Blueprint, Response, render_template, send_file

from kb.generations.dumps import DUMPS
from kb.rdf.formats import format_of_file
from server.openapi.documented import documented, in_path
from server.problems import unknown_name
from server.routes import in_navigation
from server.site import current_site

__all__ = ["blueprint"]

blueprint = Blueprint("dumps", __name__, url_prefix="/dump")


@blueprint.get("/")
@in_navigation("Downloads")
@documented(name="dumps")
def index() -> Response:
    """List the dumps."""
    sizes = {name: path.stat().st_size for name, path in sorted(current_site().generation.dumps.items())}
    return Response(render_template("dumps.html", sizes=sizes, whole=DUMPS))


@blueprint.get("/<name>")
@documented(
    in_path("name", "Name of the file.", lambda site, _word: sorted(site.generation.dumps), closed=True),
    content={media_type: {"schema": {}} for media_type in ("application/gzip", "text/turtle")},
    partial=True,
    problems=(416,),
    direct=True,
)
def dump(name: str) -> Response:
    """Send one dump; only names of the manifest are known."""
    site = current_site()
    dumps = site.generation.dumps
    if name not in dumps:
        raise unknown_name("dump", name, dumps)
    compressed = name.endswith(".gz")
    media_type = "application/gzip" if compressed else format_of_file(dumps[name]).media_type
    return send_file(
        dumps[name],
        mimetype=media_type,
        as_attachment=compressed,
        download_name=name,
        etag=site.generation.manifest.files[f"dump/{name}"],
    )
