"""Answers that follow from the generation alone: they carry its tag, and a client that has one gets 304.

RFC 9110, section 13.1.2 (https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2).
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict

from flask import Response, request

from server.formats import content_type
from server.messages import Task
from server.site import current_site

__all__ = ["document", "result"]

#: Functions that give something else at each call; BNODE gives labels, which are the same by meaning only.
_CHANGING = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID)\b", re.IGNORECASE)


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


def result(task: Task, media_types: Sequence[str], answer: Callable[[], Response]) -> Response:
    """Return the answer to a query, which is not evaluated where the client has its result already.

    The tag is weak: rows that the query leaves unordered, and labels of blank nodes, may come another way.

    :param media_types: under which the result may be sent
    """
    if request.method == "POST" or _CHANGING.search(task.query):
        return answer()
    parts = json.dumps([current_site().hash, asdict(task), media_types], sort_keys=True)
    tag = hashlib.sha256(parts.encode()).hexdigest()[:32]
    known = request.if_none_match
    response = Response() if known.is_weak(tag) or known.is_strong(tag) else answer()
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
