"""Replies: what is sent back for a request, whichever server carries it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["Reply"]


@dataclass(slots=True)
class Reply:
    """A reply.

    :param headers: name in lower case -> value; without those of the connection
    :param body: the whole body, or its parts, where it is read from a file while it is sent
    :param varies: the reply depends on the Accept header
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    varies: bool = False

    @property
    def size(self) -> int:
        """Length of the body in bytes; of a file, what the reply says."""
        return len(self.body) if isinstance(self.body, bytes) else int(self.headers.get("content-length", "0"))
