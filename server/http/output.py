"""The sending side of a connection, as uvicorn is given it in place of the transport."""

import asyncio

from server.http.connections import Connections

__all__ = ["Output"]


class Output:
    """Sends the head of a reply with the start of its body: uvloop would make two system calls.

    The headers of every reply are added here, since uvicorn would check each of them each time.
    """

    def __init__(self, transport: asyncio.Transport, connections: Connections) -> None:
        self._transport = transport
        self._connections = connections
        self._head = b""
        self._in_body = False
        self.is_closing, self.abort = transport.is_closing, transport.abort

    def write(self, data: bytes) -> None:
        """Send a part of a reply: its head, whole, or of its body; or an interim reply."""
        if self._in_body or data.startswith(b"HTTP/1.1 100"):
            self._transport.write(self._head + data)
            self._head = b""
        else:
            self._head = data[:-2] + self._connections.common_headers + b"\r\n"
            self._in_body = True

    def end(self) -> None:
        """End a reply; only its head is left if it has no body."""
        if self._head:
            self.write(b"")
        self._in_body = False

    def close(self) -> None:
        """Close the connection when everything is sent."""
        self.end()
        self._transport.close()
