"""Logs: one JSON object a line on standard error; of a request its path, and nothing of what is asked or answered."""

import json
import logging
import sys
import threading
import time
from collections import deque
from functools import lru_cache
from typing import NamedTuple, TextIO

__all__ = ["AccessLog", "Entry", "configure"]

_WRITE_SECONDS = 0.2
_MOST_ENTRIES = 100_000
_LONGEST = 1000


class _Lines(logging.Formatter):
    """Writes a record as a JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": _time(int(record.created)),
            "logger": record.name,
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry)


def configure(level: int = logging.INFO) -> None:
    """Send the server's log records to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines())
    logger = logging.getLogger("server")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False


class Entry(NamedTuple):
    """One request that was answered.

    :param when: seconds since the epoch
    :param size: bytes of the body
    :param seconds: from the whole request to the reply
    """

    when: float
    client: str
    method: str
    path: str
    status: int
    size: int
    seconds: float

    def line(self) -> str:
        """Return the line of the log."""
        return (
            f'{{"time": "{_time(int(self.when))}", "logger": "server.access", "level": "info", '
            f'"client": {_quoted(self.client)}, "method": {_quoted(self.method)}, "path": {_quoted(self.path)}, '
            f'"status": {self.status:d}, "bytes": {self.size}, "seconds": {self.seconds:.6f}}}\n'
        )


class AccessLog:
    """Writes entries from a thread, many at a time: where nobody reads the log fast enough, no request waits for it.

    Then entries are dropped, and the log says how many.
    """

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._entries: deque[Entry] = deque()
        self._dropped = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def add(self, entry: Entry) -> None:
        """Write an entry soon."""
        if len(self._entries) < _MOST_ENTRIES:
            self._entries.append(entry)
        else:
            self._dropped += 1

    def close(self, seconds: float = 1.0) -> None:
        """Write what is left, unless that takes too long."""
        self._closing.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._closing.wait(_WRITE_SECONDS):
            self._write()
        self._write()

    def _write(self) -> None:
        lines = [self._entries.popleft().line() for _ in range(len(self._entries))]
        if self._dropped:
            lines.append(json.dumps({"logger": "server.access", "level": "warning", "dropped": self._dropped}) + "\n")
            self._dropped = 0
        self._stream.write("".join(lines))
        self._stream.flush()


@lru_cache(maxsize=256)
def _quoted(text: str) -> str:
    return json.dumps(text[:_LONGEST])


@lru_cache(maxsize=8)
def _time(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
