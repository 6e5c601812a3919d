"""The supervisor: it holds the listening sockets, and keeps a web process running that serves them.

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
from contextlib import ExitStack, contextmanager, suppress

from kb.errors import DataError, UsageError
from server.config import ServerConfig
from server.subprocesses import command, environment

__all__ = ["Supervisor", "listening"]

_BACKLOG = 1024
_STOP_SECONDS = 9.0
_EARLY_SECONDS = 5.0  # a web process that ends within this time is replaced after a pause
_PAUSE_SECONDS = 0.5
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)

_log = logging.getLogger("server.processes.supervisor")


class Supervisor:
    """Runs one server, in the main thread, which gets the signals.

    :param listeners: sockets that listen
    """

    def __init__(self, config: ServerConfig, listeners: Sequence[socket.socket]) -> None:
        self._config = config
        self._listeners = listeners

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; hand SIGHUP on. No process is left behind.

        :raises DataError: if a web process cannot serve
        """
        with _signals() as signals:
            while True:
                began = time.monotonic()
                web, report = self._start()
                try:
                    if self._watch(web, report, signals):
                        return
                finally:
                    _end(web)
                    os.close(report)
                _log.error("the web process ended with status %d and is replaced", web.returncode)
                if time.monotonic() - began < _EARLY_SECONDS:
                    time.sleep(_PAUSE_SECONDS)

    def _start(self) -> tuple[subprocess.Popen[bytes], int]:
        """Start a web process; return it and the pipe on which it reports that it is ready."""
        report, writes = os.pipe()
        listeners = [listener.fileno() for listener in self._listeners]
        start = {"config": self._config.to_json(), "listeners": listeners, "report": writes, "parent": os.getpid()}
        web = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            command("server.processes.start"),
            pass_fds=[*listeners, writes],
            stdin=subprocess.PIPE,
            env=environment(),
            process_group=0,  # Ctrl-C is for this process alone
        )
        os.close(writes)
        if web.stdin is not None:
            with web.stdin as configuration, suppress(BrokenPipeError):  # it may have ended already
                configuration.write(json.dumps(start).encode())
        return web, report

    def _watch(self, web: "subprocess.Popen[bytes]", report: int, signals: int) -> bool:
        """Return True when the server is to stop, False when only the web process has ended."""
        message, ready = b"", False
        while True:
            for descriptor in select.select([signals] if ready else [signals, report], [], [])[0]:
                if descriptor == signals:
                    for number in os.read(signals, 1024):
                        if number in (signal.SIGTERM, signal.SIGINT):
                            return True
                        if number == signal.SIGHUP and ready:  # a start reads the current generation anyway
                            web.send_signal(signal.SIGHUP)
                elif part := os.read(report, 4096):
                    message += part
                else:
                    self._require_ready(message)
                    ready = True
            if ready and web.poll() is not None:  # checked each time: SIGCHLD may come before the report
                return False

    def _require_ready(self, message: bytes) -> None:
        """Check the report of a web process, and log the addresses that it serves.

        :raises DataError: if it cannot serve
        """
        if not message:
            raise DataError("The web process ended before it could serve", "See what the log says before this")
        if problem := json.loads(message):
            raise DataError(problem["problem"], problem["remedy"])
        for listener in self._listeners:
            _log.info("serving on http://%s/", _authority(*listener.getsockname()[:2]))


@contextmanager
def listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Yield sockets that listen on all addresses of a host; for port 0 all on the same free one.

    :raises UsageError: if it cannot listen on one of them
    """
    with ExitStack() as opened:
        listeners: list[socket.socket] = []
        try:
            for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                listener = opened.enter_context(socket.socket(family, kind))
                listeners.append(listener)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind((address[0], port or listeners[0].getsockname()[1], *address[2:]))
                listener.listen(_BACKLOG)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            problem = f"The address {_authority(host, port)} cannot be listened on ({reason})"
            raise UsageError(problem, "Choose another --host or --port") from None
        yield listeners


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
    """Let a web process finish its replies, and kill it if that takes too long."""
    web.terminate()
    try:
        web.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        web.kill()
        web.wait()
