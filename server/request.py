"""Requests: what a client sends, whichever server carries it."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.config import Limits
from server.problems import Problem

__all__ = ["Request", "too_long"]


@dataclass(slots=True)
class Request:
    """A request.

    :param path: path of the target, percent-encoded
    :param query: query string of the target, percent-encoded
    :param headers: name in lower case -> value; the values of a repeated header are joined by commas
    :param peer: address of the other end of the connection
    :param version: HTTP version, for example ``1.1``
    :param began: when it was whole, by `time.perf_counter`; until then, when its head was
    :param is_whole: whether its body has been read
    """

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    peer: str
    version: str
    began: float
    body: bytes = b""
    is_whole: bool = False


def too_long(limits: Limits) -> Problem:
    """Return the problem with a body that is longer than the limit."""
    detail = f"The request body is longer than {limits.body_bytes // 1024} KiB"
    return Problem("body-too-long", detail, "Send less in one request")
