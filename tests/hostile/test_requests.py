"""Each request of the corpus is answered or refused, and the server is as it was before."""

import socket

import pytest
from support.servers import HANG_SECONDS, ServerProcess

from hostile.corpus import REQUESTS, HostileRequest

pytestmark = pytest.mark.xdist_group("hostile")

_FILLING = {
    "{long}": "a" * 100_000,
    "{many}": "text/a;q=0.1," * 5000,
    "{parameters}": "&a=b" * 20_000,
}


def filled(text: str) -> str:
    for name, filling in _FILLING.items():
        text = text.replace(name, filling)
    return text


def encoded(request: HostileRequest) -> bytes:
    """Return the bytes of a request, sent as it is: client libraries would mend it or refuse to."""
    if request.raw:
        return filled(request.raw).encode("latin-1")
    body = filled(request.body).encode()
    headers = {"Host": "127.0.0.1", "Connection": "close", **request.headers}
    if request.method == "POST":
        headers["Content-Length"] = str(len(body))
    lines = [
        f"{request.method} {filled(request.target)} HTTP/1.1",
        *(f"{name}: {filled(headers[name])}" for name in headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def exchanged(port: int, sent: bytes) -> bytes:
    """Send bytes and return all that comes back until the server ends the connection."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=HANG_SECONDS) as connection:
        try:
            connection.sendall(sent)
            while part := connection.recv(65536):
                received += part
        except ConnectionError:  # the server has closed it while we were sending
            pass
    return received


def test_no_request_is_lost() -> None:
    assert len(REQUESTS) == 41
    assert len({request.name for request in REQUESTS}) == len(REQUESTS)


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
@pytest.mark.usefixtures("unharmed")
def test_hostile_request(tight: ServerProcess, request_: HostileRequest) -> None:
    received = exchanged(tight.port, encoded(request_))
    status = int(received[9:12] or b"0") if received.startswith(b"HTTP/1.1 ") or not received else -1
    assert status in request_.statuses, received[:500]
    text = received.decode("latin-1").lower()
    for lacking in (*request_.lacks, "Traceback", "/site-packages/"):
        assert lacking.lower() not in text


def test_no_request_writes_a_line_of_the_log(tight: ServerProcess) -> None:
    exchanged(
        tight.port, b"GET /forged%0a%7b%22level%22:%22error%22%7d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    exchanged(tight.port, b'GET /forged\n{"level":"error"} HTTP/1.1\r\nHost: x\r\n\r\n')
    assert tight.get("/health").status == 200
    assert not [line for line in tight.log_text().splitlines() if not line.startswith('{"time": ')]
