"""Answers that follow from the generation alone: they carry its tag, and a client that has one gets 304.

RFC 9110, section 13.1.2 (https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2).
"""

from collections.abc import Callable

from flask import Response, request

from server.formats import content_type
from server.site import current_site

__all__ = ["document"]


def document(media_type: str, name: str, body: Callable[[], bytes]) -> Response:
    """Return the answer to the current request, which has no body where the client has it already.

    :param name: what tells this representation from the others at the same address, for example its format
    :param body: makes the bytes; called only where they are needed
    """
    response = Response(content_type=content_type(media_type))
    tag = f"{current_site().hash[:32]}-{name}"
    if not request.if_none_match.contains_weak(tag):
        response.set_data(body())
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
