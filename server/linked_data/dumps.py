"""The dumps of the generation, as files with their media types."""

import gzip
from typing import IO, cast

from flask import Blueprint, Response, render_template, request, send_file

from kb.generations.dumps import DUMPS, SHAPES
from kb.generations.generation import Generation
from kb.generations.merged import MERGED
from kb.rdf.formats import format_of_file
from server.openapi.documented import documented, in_path
from server.problems import unknown_name
from server.representations.compression import content_coding
from server.routes import in_navigation
from server.site import Site, current_site

__all__ = ["blueprint"]

_MERGED = {name: dump for name, (dump, _) in MERGED.items()}
_MEDIA_TYPES = ("application/gzip", "text/turtle", "application/n-quads", "application/trig", "application/rdf+xml")

blueprint = Blueprint("dumps", __name__, url_prefix="/dump")


@blueprint.get("/")
@in_navigation("Downloads")
@documented(name="dumps")
def index() -> Response:
    """List the dumps."""
    generation = current_site().generation
    sizes = {name: path.stat().st_size for name, path in sorted(generation.dumps.items())}
    lists = {"whole": DUMPS, "merged": _MERGED, "shapes": SHAPES}
    return Response(render_template("dumps.html", sizes=sizes, contents=generation.contents, **lists))


@blueprint.get("/<name>")
@documented(
    in_path("name", "Name of the file.", lambda site, _word: _names(site), closed=True),
    content={media_type: {"schema": {}} for media_type in _MEDIA_TYPES},
    direct=True,
)
def dump(name: str) -> Response:
    """Send one dump, or what is in it under its name without ``.gz``; only names of the manifest are known."""
    site = current_site()
    dumps = site.generation.dumps
    if name not in _names(site):
        raise unknown_name("dump", name, _names(site))
    if name in site.generation.contents:
        return _content(site.generation, name)
    compressed = name.endswith(".gz")
    media_type = "application/gzip" if compressed else format_of_file(dumps[name]).media_type
    return send_file(
        dumps[name],
        mimetype=media_type,
        as_attachment=compressed,
        download_name=name,
        etag=site.generation.manifest.files[f"dump/{name}"],
    )


def _names(site: Site) -> list[str]:
    return sorted((*site.generation.dumps, *site.generation.contents))


def _content(generation: Generation, name: str) -> Response:
    """Return what is in a compressed dump: its bytes as they are where the client decompresses them (RFC 9110, 8.4).

    For others it is decompressed while it is sent, and only whole: a part near its end would cost as much.
    """
    file = generation.dumps[f"{name}.gz"]
    coding = content_coding(request.headers.get("Accept-Encoding"), ("gzip",))
    digest = generation.manifest.files[f"dump/{file.name}"]
    media_type = format_of_file(file).media_type
    modified = file.stat().st_mtime
    if coding:
        reply = send_file(file, mimetype=media_type, etag=f"{digest}-{coding}", last_modified=modified)
        reply.headers["Content-Encoding"] = coding
    else:
        text = cast("IO[bytes]", gzip.open(file))  # noqa: SIM115  the reply closes it
        reply = send_file(text, mimetype=media_type, etag=f"{digest}-content", last_modified=modified)
        reply.headers["Content-Length"] = str(generation.contents[name])
        reply.headers["Accept-Ranges"] = "none"
    reply.headers["Vary"] = "Accept-Encoding"
    return reply
