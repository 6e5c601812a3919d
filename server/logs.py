"""Logs: one JSON object a line on standard error; of a request its path, and nothing of what is asked or answered."""

import json
import logging
import sys
import time
from functools import lru_cache
from logging.handlers import QueueListener
from queue import SimpleQueue
from typing import NamedTuple, TextIO

__all__ = ["AccessLog", "Entry", "configure"]

_WRITE_SECONDS = 0.2
_MOST_ENTRIES = 100_000
_MOST_LINES = 1000
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


class AccessLog(QueueListener):
    """Writes entries in batches from a thread, so that no request waits for a slow log.

    When too many entries are queued, new ones are dropped, and the log says how many.
    """

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._entries: SimpleQueue[Entry] = SimpleQueue()
        super().__init__(self._entries)
        self._stream = stream
        self._lines: list[str] = []
        self._dropped = 0
        self.start()

    def add(self, entry: Entry) -> None:
        """Write an entry soon."""
        if self._entries.qsize() < _MOST_ENTRIES:
            self._entries.put(entry)
        else:
            self._dropped += 1

    def handle(self, entry: Entry) -> None:  # type: ignore[override]  # a whole LogRecord costs four times as much
        """Write an entry and all that came before it, unless more wait; called by the thread."""
        self._lines.append(entry.line())
        if self._entries.empty():
            self._write()
            time.sleep(_WRITE_SECONDS)
        elif len(self._lines) >= _MOST_LINES:
            self._write()

    def close(self, seconds: float = 1.0) -> None:
        """Write what is left, unless that takes too long."""
        if (thread := self._thread) is not None:
            self.enqueue_sentinel()
            thread.join(seconds)
            if not thread.is_alive():
                self._write()

    def _write(self) -> None:
        if self._dropped:
            line = {"logger": "server.access", "level": "warning", "dropped": self._dropped}
            self._lines.append(json.dumps(line) + "\n")
            self._dropped = 0
        self._stream.write("".join(self._lines))
        self._stream.flush()
        self._lines.clear()


@lru_cache(maxsize=256)
def _quoted(text: str) -> str:
    return json.dumps(text[:_LONGEST])


@lru_cache(maxsize=8)
def _time(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
