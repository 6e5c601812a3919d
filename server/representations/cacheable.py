"""Replies that follow from the generation alone: clients may keep them and ask later whether they still hold."""

from flask import Response

from server.representations.formats import content_type

__all__ = ["cacheable_response"]


def cacheable_response(media_type: str, body: bytes) -> Response:
    """Return the reply to the current request; `server.representations.validators` gives it its tag."""
    return Response(body, content_type=content_type(media_type), headers={"Cache-Control": "no-cache"})
