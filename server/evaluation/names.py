"""Names of hosts, looked up before a worker is confined: then it can read no file that says where to look."""

import socket
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import httpx

from kb.remote.client import Client

__all__ = ["look_up_names"]


def look_up_names(clients: Iterable[Client]) -> None:
    """Look up where the stores of some clients are; from now on this process knows no other host.

    A store whose name nobody knows stays unknown. Workers are replaced from time to time, and look again.
    """
    found: dict[tuple[str, int], list[Any]] = {}
    for url in (httpx.URL(client.addresses.query) for client in clients):
        place = url.host, url.port or (443 if url.scheme == "https" else 80)
        with suppress(OSError):
            found[place] = socket.getaddrinfo(*place, type=socket.SOCK_STREAM)

    def known(host: str, port: int, *_: object, **__: object) -> list[Any]:
        """Return what `socket.getaddrinfo` returned, in its place."""
        try:
            return found[host, port]
        except KeyError:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None

    socket.getaddrinfo = known  # type: ignore[assignment]
