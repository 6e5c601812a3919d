"""Replies: what is sent back for a request, whichever server carries it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

__all__ = ["Reply"]

_NO_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


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
    _encoded_headers: list[tuple[bytes, bytes]] | None = field(default=None, compare=False, repr=False)

    @property
    def size(self) -> int:
        """Length of the body in bytes; of a file, what the reply says."""
        return len(self.body) if isinstance(self.body, bytes) else int(self.headers.get("content-length", "0"))

    @property
    def has_body(self) -> bool:
        """Whether a body follows the headers, if the method allows one (RFC 9110, section 6.4.1)."""
        return self.status not in _NO_BODY

    @property
    def encoded_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers as they are sent, made once: a reply on its way does not change any more."""
        headers = self._encoded_headers
        if headers is None:
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
            if "content-length" not in self.headers and self.has_body:
                headers.append((b"content-length", b"%d" % self.size))
            self._encoded_headers = headers
        return headers
