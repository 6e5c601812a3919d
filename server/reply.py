"""Replies: what is sent back for a request, whichever server carries it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO, Self

__all__ = ["FilePart", "Reply"]

_CHUNK_BYTES = 256 * 1024
_NO_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class FilePart(Iterator[bytes]):
    """A file, or a part of it, that is read while it is sent.

    :param close: ends its use; it may be called twice
    """

    def __init__(self, file: IO[bytes], close: Callable[[], object]) -> None:
        file.seek(0)
        self._file = file
        self._left: int | None = None
        self.close = close

    def narrow(self, positions: range) -> None:
        """Send only the bytes at these positions, which the file has."""
        self._file.seek(positions.start)
        self._left = len(positions)

    def __next__(self) -> bytes:
        """Return the next bytes."""
        most = _CHUNK_BYTES if self._left is None else min(_CHUNK_BYTES, self._left)
        chunk = self._file.read(most)
        if not chunk:
            raise StopIteration
        if self._left is not None:
            self._left -= len(chunk)
        return chunk


@dataclass(slots=True)
class Reply:
    """A reply.

    :param headers: name in lower case -> value; without those of the connection
    :param body: the whole body, or a file
    :param varies: the reply depends on the Accept header
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | FilePart = b""
    varies: bool = False
    _encoded_headers: list[tuple[bytes, bytes]] | None = field(default=None, compare=False, repr=False)

    @property
    def size(self) -> int:
        """Length of the body in bytes; of a file, what the reply says."""
        return len(self.body) if isinstance(self.body, bytes) else int(self.headers.get("content-length", "0"))

    def narrow(self, positions: range) -> None:
        """Send only the bytes at these positions, which the body has."""
        self.headers["content-length"] = str(len(positions))
        if isinstance(self.body, bytes):
            self.body = self.body[positions.start : positions.stop]
        else:
            self.body.narrow(positions)

    def without_file(self) -> Self:
        """Return this reply without the file that is its body, if it is one; its length stays in the headers."""
        if isinstance(self.body, FilePart):
            self.body.close()
            self.body = b""
        return self

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
