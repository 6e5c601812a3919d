"""A crowd of clients that ask for pages as fast as they get them, in a process of its own.

Run as ``python -m hostile.crowd`` from the folder of the tests, with JSON: ``port``; ``connections`` and ``addresses``
that they come from; ``paths``, each asked with another number each time, so that no answer is kept; ``drop``, whether
they leave at once. It goes on until standard input is closed.
"""

import asyncio
import itertools
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["crowd"]

_HOME = Path(__file__).parents[1]
_PAUSE = 0.05
#: Closing resets the connection.
_RESET = struct.pack("ii", 1, 0)


@contextmanager
def crowd(
    port: int, paths: Sequence[str], *, connections: int, addresses: int = 1, drop: bool = False
) -> Iterator[None]:
    """Let a crowd ask a server inside the context, from the moment on when the first of them has an answer."""
    settings = {"port": port, "paths": paths, "connections": connections, "addresses": addresses, "drop": drop}
    command = [sys.executable, "-m", "hostile.crowd", json.dumps(settings)]
    with subprocess.Popen(command, cwd=_HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"asking\n"
        try:
            yield
        finally:
            process.stdin.close()


async def _main(settings: dict[str, int], paths: Sequence[str]) -> None:
    asking, numbers = asyncio.Event(), itertools.count()
    clients = [
        asyncio.create_task(_client(settings, f"127.0.7.{1 + place % settings['addresses']}", paths, numbers, asking))
        for place in range(settings["connections"])
    ]
    await asking.wait()
    sys.stdout.write("asking\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for client in clients:
        client.cancel()


async def _client(
    settings: dict[str, int], source: str, paths: Sequence[str], numbers: Iterator[int], asking: asyncio.Event
) -> None:
    while True:
        number = next(numbers)
        path = paths[number % len(paths)]
        request = f"GET {path}{'&' if '?' in path else '?'}n={number} HTTP/1.1\r\n".encode()
        request += b"Host: a\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", settings["port"], local_addr=(source, 0), limit=2**20
            )
            writer.write(request)
            await writer.drain()
            if settings["drop"]:
                asking.set()
                connection = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                writer.close()
                await asyncio.sleep(_PAUSE)
                continue
            while await reader.read(2**20):
                asking.set()
            writer.close()


if __name__ == "__main__":
    os.nice(5)  # elsewhere it would take nothing of this machine
    given = json.loads(sys.argv[1])
    asyncio.run(_main(given, given["paths"]))
