"""The process that was started: it holds the listening sockets, and keeps a web process that serves them.

While a web process is replaced, clients wait in the queues of the sockets and lose nothing.
"""

import json
import logging
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from kb.errors import DataError, UsageError
from server.config import ServerConfig
from server.subprocesses import command, environment

__all__ = ["Supervisor", "listen"]

_BACKLOG = 1024
_STOP_SECONDS = 9.0
_HASTE_SECONDS = 5.0
_PAUSE_SECONDS = 0.5
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)

_log = logging.getLogger("server.processes.supervisor")


class Supervisor:
    """Runs one server; to be used in the main thread, which gets the signals.

    :param listeners: sockets that listen
    """

    def __init__(self, config: ServerConfig, listeners: Sequence[socket.socket]) -> None:
        self._config = config
        self._listeners = listeners

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; hand SIGHUP on. No process is left behind.

        :raises DataError: when a web process cannot serve
        """
        with _signals() as signals:
            while True:
                began = time.monotonic()
                web, told = self._start()
                try:
                    if self._watch(web, told, signals):
                        return
                finally:
                    _end(web)
                    os.close(told)
                _log.error("the web process ended with status %d and is replaced", web.returncode)
                if time.monotonic() - began < _HASTE_SECONDS:
                    time.sleep(_PAUSE_SECONDS)

    def _start(self) -> tuple[subprocess.Popen[bytes], int]:
        """Start a web process, and return it and the pipe that tells when it is ready."""
        told, tells = os.pipe()
        listeners = [listener.fileno() for listener in self._listeners]
        start = {"config": self._config.to_json(), "listeners": listeners, "told": tells, "parent": os.getpid()}
        web = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            command("server.processes.start"),
            pass_fds=[*listeners, tells],
            stdin=subprocess.PIPE,
            env=environment(),
            process_group=0,  # Ctrl-C is for this process alone
        )
        os.close(tells)
        if web.stdin is not None:
            with web.stdin as configuration, suppress(BrokenPipeError):  # it may have ended already
                configuration.write(json.dumps(start).encode())
        return web, told

    def _watch(self, web: "subprocess.Popen[bytes]", told: int, signals: int) -> bool:
        """Wait for an end, and return whether it is that of the server, not only of the web process."""
        message, ready = b"", False
        while True:
            for descriptor in select.select([signals] if ready else [signals, told], [], [])[0]:
                if descriptor == signals:
                    for number in os.read(signals, 1024):
                        if number in (signal.SIGTERM, signal.SIGINT):
                            return True
                        if number == signal.SIGHUP and ready:  # before, it looks at the current generation anyway
                            web.send_signal(signal.SIGHUP)
                elif part := os.read(told, 4096):
                    message += part
                else:
                    self._require_ready(message)
                    ready = True
            if ready and web.poll() is not None:  # looked at after each message: it may have died before it was ready
                return False

    def _require_ready(self, message: bytes) -> None:
        """Check what a web process told about its start, and log the addresses that it serves.

        :raises DataError: when it cannot serve
        """
        if not message:
            raise DataError("The web process ended before it could serve", "See what the log says before this")
        if problem := json.loads(message):
            raise DataError(problem["problem"], problem["remedy"])
        for listener in self._listeners:
            _log.info("serving on http://%s/", _authority(*listener.getsockname()[:2]))


def listen(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on all addresses of a host; for port 0 all on the same free one.

    :raises UsageError: when one of them cannot be listened on
    """
    listeners: list[socket.socket] = []
    try:
        for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            listener = socket.socket(family, kind)
            listeners.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address[0], port or listeners[0].getsockname()[1], *address[2:]))
            listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        for listener in listeners:
            listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"The address {_authority(host, port)} cannot be listened on ({reason})", "Choose another --host or --port"
        ) from None
    return listeners


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@contextmanager
def _signals() -> Iterator[int]:
    """Write the numbers of signals to a pipe, and yield its reading end."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    handlers = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    wakes = signal.set_wakeup_fd(writes)
    try:
        yield reads
    finally:
        signal.set_wakeup_fd(wakes)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        os.close(reads)
        os.close(writes)


def _end(web: "subprocess.Popen[bytes]") -> None:
    """Let a web process end what it has begun, and kill it if that takes too long."""
    web.terminate()
    try:
        web.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        web.kill()
        web.wait()
