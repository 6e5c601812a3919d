"""Answers that follow from the generation alone: a client may keep them, and asks whether they are as they were."""

from flask import Response

from server.representations.formats import content_type

__all__ = ["document"]


def document(media_type: str, body: bytes) -> Response:
    """Return the answer to the current request; `server.representations.validators` gives it its tag."""
    return Response(body, content_type=content_type(media_type), headers={"Cache-Control": "no-cache"})
