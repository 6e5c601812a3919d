"""What every reply gets before it is sent: a validator, the coding that the client likes best, 304 if it has it.

RFC 9110, sections 8.4, 8.8.3 and 13.1.2 (https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3). The tags are strong:
they are digests of the bytes, and name the coding in which these are sent. A new generation that leaves an answer as it
was leaves its tag as it was.
"""

import hashlib
from collections.abc import MutableMapping
from functools import lru_cache
from http import HTTPStatus

from server.exchange import Reply, Request
from server.representations.compression import LEAST_BYTES, compress, content_coding, is_compressible

__all__ = ["coding_of", "entity_tag", "finish"]

_DIGEST_BYTES = 16
_SAFE = ("GET", "HEAD")
#: What would describe a body that a 304 has not (RFC 9110, section 15.4.5).
_OF_THE_BODY = ("content-type", "content-encoding", "content-disposition", "content-range")


def entity_tag(digest: str, content_type: str) -> str:
    """Return the tag, in its quotes, of a body of that digest under a media type."""
    return f'"{digest}-{_short_digest(content_type)}"'


def coding_of(request: Request, reply: Reply) -> str | None:
    """Return the coding that the body of a reply is to be sent in, or None for the body as it is."""
    if len(reply.body) < LEAST_BYTES if isinstance(reply.body, bytes) else True:
        return None
    if "content-encoding" in reply.headers or not is_compressible(reply.headers.get("content-type", "")):
        return None
    return content_coding(request.headers.get("accept-encoding"))


def finish(request: Request, reply: Reply, coding: str | None, encoded: MutableMapping[str, bytes]) -> Reply:
    """Return a reply as it is to be sent.

    :param coding: from `coding_of`
    :param encoded: content coding -> the body in it, as far as that is known already; what is made here is added
    """
    headers = reply.headers
    headers.setdefault("cache-control", "no-cache")
    if request.method not in _SAFE:
        headers.pop("etag", None)  # it would be that of what is at the address, not of this answer
    if reply.status == HTTPStatus.NOT_MODIFIED or _is_part_of_known(request, reply):
        return _not_modified(reply)
    tag = _tag(request, reply)
    if isinstance(reply.body, bytes) and reply.size >= LEAST_BYTES and is_compressible(headers.get("content-type", "")):
        vary = headers.get("vary")
        if vary is None or "Accept-Encoding" not in vary:
            headers["vary"] = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
    if coding is not None:
        tag = tag and f'{tag[:-1]}-{coding}"'
        headers["content-encoding"] = coding
        reply.body = _encoded(reply, coding, encoded)
    if tag is None:
        return reply
    headers["etag"] = tag
    return _not_modified(reply) if _has_it(request, tag) else reply


def _tag(request: Request, reply: Reply) -> str | None:
    """Return the tag of a reply that a client may keep, in its quotes."""
    if reply.status != HTTPStatus.OK or request.method not in _SAFE:
        return None
    if (given := reply.headers.get("etag")) is not None:
        return None if given.startswith("W/") else given
    if not isinstance(reply.body, bytes) or "no-store" in reply.headers["cache-control"]:
        return None
    digest = hashlib.blake2b(reply.body, digest_size=_DIGEST_BYTES).hexdigest()
    return entity_tag(digest, reply.headers.get("content-type", ""))


def _has_it(request: Request, tag: str) -> bool:
    """Tell whether If-None-Match names a tag; the comparison is the weak one (RFC 9110, section 13.1.2)."""
    header = request.headers.get("if-none-match")
    return header is not None and (tag in header or header == "*")


def _is_part_of_known(request: Request, reply: Reply) -> bool:
    """Tell whether a reply is a part of what the client has whole: its tag comes first (RFC 9110, section 13.2.2)."""
    tag = reply.headers.get("etag")
    return reply.status == HTTPStatus.PARTIAL_CONTENT and tag is not None and _has_it(request, tag)


def _not_modified(reply: Reply) -> Reply:
    headers = {name: value for name, value in reply.headers.items() if name not in _OF_THE_BODY}
    return Reply(HTTPStatus.NOT_MODIFIED, headers)


def _encoded(reply: Reply, coding: str, encoded: MutableMapping[str, bytes]) -> bytes:
    if coding not in encoded and isinstance(reply.body, bytes):
        encoded[coding] = compress(reply.body, coding)
    return encoded[coding]


@lru_cache(maxsize=64)
def _short_digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=3).hexdigest()
