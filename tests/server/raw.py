"""Bytes over a socket, and the replies that come back, for what no HTTP client would send or wait for."""

import socket
from http.client import parse_headers
from types import TracebackType
from typing import Self

from support.servers import HANG_SECONDS, Reply

__all__ = ["Connection"]

_BODILESS = (204, 304)


class Connection:
    """A connection to a server, closed by leaving its context.

    :param port: of the server, on this machine
    :param source: address of this end
    :param receive: bytes that the system may receive before they are read; 0 for its own choice
    """

    def __init__(self, port: int, source: str = "127.0.0.1", receive: int = 0) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(HANG_SECONDS)
        if receive:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self, method: str = "GET") -> Reply:
        """Read one reply, to a request with that method."""
        line = self._file.readline()
        if not line:
            raise ConnectionResetError("the server has closed the connection")
        protocol, status, *_ = line.decode("latin-1").split()
        assert protocol == "HTTP/1.1"
        headers = parse_headers(self._file)
        bodiless = method == "HEAD" or int(status) in _BODILESS or int(status) < 200
        size = 0 if bodiless else int(headers["Content-Length"])
        body = self._file.read(size)
        assert len(body) == size, "the body was cut short"
        return Reply(int(status), headers, body)

    def rest(self) -> bytes:
        """Read until the server closes the connection."""
        try:
            return self._file.read()
        except ConnectionError:
            return b""

    def close(self) -> None:
        self._file.close()
        self.socket.close()
