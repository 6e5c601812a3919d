"""Logs: one JSON object a line on standard error."""

import json
import logging
import time

__all__ = ["configure"]


class _Lines(logging.Formatter):
    """Writes a record as a JSON object; a message that is one already is taken in."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "logger": record.name,
            "level": record.levelname.lower(),
        }
        if isinstance(record.args, dict):
            entry |= record.args
        else:
            entry["message"] = record.getMessage()
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
