"""What every reply gets before it is sent: the common headers, a validator, a content coding, 206, 304.

RFC 9110, sections 8.4, 8.8.3 and 13.1.2 (https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3). The tags are strong:
they are digests of the bytes, and name the coding in which these are sent. A document that a new generation does not
change keeps its tag.
"""

import hashlib
from collections.abc import MutableMapping
from functools import lru_cache
from http import HTTPStatus

from flask import Flask, Response, g, request

from server.problems import Problem
from server.reply import FilePart, Reply
from server.representations.compression import LEAST_BYTES, compress, content_coding, is_compressible
from server.representations.headers import PREFLIGHT_HEADERS
from server.representations.preconditions import Headers, Validators, has_it, part, require_match

__all__ = ["accept_header", "coding_of", "entity_tag", "finish", "register"]

_DIGEST_BYTES = 16
_SAFE = ("GET", "HEAD")
#: Headers that describe the body, which a 304 does not have (RFC 9110, section 15.4.5).
_OF_THE_BODY = ("content-type", "content-encoding", "content-disposition", "content-range", "content-length")
#: Whether a reply varies by Accept, whether its body can be compressed -> its Vary.
_VARY = {(True, True): "Accept, Accept-Encoding", (True, False): "Accept", (False, True): "Accept-Encoding"}


def entity_tag(digest: str, content_type: str) -> str:
    """Return the tag, in its quotes, of a body of that digest under a media type."""
    return f'"{digest}-{_short_digest(content_type)}"'


def coding_of(sent: Headers, reply: Reply) -> str | None:
    """Return the coding in which the body of a reply is to be sent, or None for none.

    :param sent: headers of the request
    """
    return content_coding(sent.get("accept-encoding")) if _is_compressible(reply) else None


def finish(method: str, sent: Headers, reply: Reply, encoded: MutableMapping[str, bytes]) -> Reply:
    """Return a reply ready to be sent.

    :param sent: headers of the request
    :param encoded: content coding -> the body in it; a body that is encoded here is added
    :raises Problem: 412 or 416, see `server.representations.preconditions`
    """
    headers = reply.headers = {"cache-control": "no-cache", **reply.headers}
    if method not in _SAFE:
        headers.pop("etag", None)  # it would be that of what is at the address, not of this reply
    compressible = _is_compressible(reply)
    if reply.varies or compressible:
        headers["vary"] = _VARY[reply.varies, compressible]
    tag = _tag(method, reply)
    coding = content_coding(sent.get("accept-encoding")) if compressible else None
    if coding is not None and isinstance(reply.body, bytes):
        tag = tag and f'{tag[:-1]}-{coding}"'
        headers["content-encoding"] = coding
        if coding not in encoded:
            encoded[coding] = compress(reply.body, coding)
        reply.body = encoded[coding]
    if tag is not None:
        headers["etag"] = tag
    if reply.status != HTTPStatus.OK or method not in _SAFE:
        return reply
    try:
        return _wanted(method, sent, reply, Validators(tag, headers.get("last-modified")))
    except Problem:
        reply.without_file()
        raise


def _wanted(method: str, sent: Headers, reply: Reply, current: Validators) -> Reply:
    """Return a reply, or what its client wants instead of it: the news that it has it already, or a part."""
    require_match(sent, current)
    if has_it(sent, current):
        reply.without_file()
        headers = {name: value for name, value in reply.headers.items() if name not in _OF_THE_BODY}
        return Reply(HTTPStatus.NOT_MODIFIED, headers)
    if isinstance(reply.body, FilePart) or current.tag is not None:
        in_parts = reply.headers.setdefault("accept-ranges", "bytes") == "bytes"
        positions = part(sent, current, reply.size) if in_parts and method == "GET" else None
        if positions is not None:
            reply.headers["content-range"] = f"bytes {positions.start}-{positions.stop - 1}/{reply.size}"
            reply.narrow(positions)
            reply.status = HTTPStatus.PARTIAL_CONTENT
    return reply


def register(app: Flask) -> None:
    """Make an application's replies say what `finish` needs to know."""
    app.after_request(_describe)


def accept_header() -> str | None:
    """Return the Accept header of the current request, whose reply then varies by it."""
    g.varies = True
    return request.headers.get("Accept")


def _describe(response: Response) -> Response:
    """Say in the application's reply to the current request what it varies by, and what other sites may send."""
    if request.method == "OPTIONS":
        methods = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers.update({**PREFLIGHT_HEADERS, "Access-Control-Allow-Methods": methods})
    if g.get("varies", False):
        response.headers["Vary"] = "Accept"
    return response


def _is_compressible(reply: Reply) -> bool:
    headers, body = reply.headers, reply.body
    return (
        isinstance(body, bytes)
        and len(body) >= LEAST_BYTES
        and "content-encoding" not in headers
        and is_compressible(headers.get("content-type", ""))
    )


def _tag(method: str, reply: Reply) -> str | None:
    """Return the tag of a reply that a client may keep, in its quotes."""
    if reply.status != HTTPStatus.OK or method not in _SAFE:
        return None
    if (given := reply.headers.get("etag")) is not None:
        return None if given.startswith("W/") else given
    if not isinstance(reply.body, bytes) or "no-store" in reply.headers["cache-control"]:
        return None
    digest = hashlib.blake2b(reply.body, digest_size=_DIGEST_BYTES).hexdigest()
    return entity_tag(digest, reply.headers.get("content-type", ""))


@lru_cache(maxsize=64)
def _short_digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=3).hexdigest()
