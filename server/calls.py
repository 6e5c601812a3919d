"""Calls of the Flask application (PEP 3333, https://peps.python.org/pep-3333/), in a page worker or the web process."""

import io
import sys
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.test import run_wsgi_app
from werkzeug.wsgi import FileWrapper

from server.evaluation.messages import PageTask
from server.reply import FilePart, Reply

__all__ = ["call", "environ_of"]

_NOT_HANDED_ON = ("content-length", "transfer-encoding", "proxy", "upgrade")


def call(app: Flask, task: PageTask) -> Reply:
    """Return the application's reply to a request; a file is left unread."""
    files: list[IO[bytes]] = []

    def wrap(file: IO[bytes], size: int) -> FileWrapper:
        files.append(file)
        return FileWrapper(file, size)

    environ = {**environ_of(task), "wsgi.file_wrapper": wrap}
    output, status, sent = run_wsgi_app(app, environ, buffered=False)
    headers = {name.lower(): value for name, value in sent.items()}
    varies = headers.get("vary") == "Accept"
    if varies:
        del headers["vary"]  # it becomes another one where the body is compressed
    reply = Reply(int(status[:3]), headers, varies=varies)
    if files and task.method == "GET":
        reply.body = FilePart(files[0], output.close)  # type: ignore[attr-defined]  # it closes the file too
        return reply
    headers.pop("content-length", None)
    try:
        reply.body = b"".join(output)
    finally:
        if hasattr(output, "close"):
            output.close()
    return reply


def environ_of(task: PageTask) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    return {
        **dict(_header_variables(task)),
        "REQUEST_METHOD": task.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(task.path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": task.query.decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(task.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(task.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _header_variables(task: PageTask) -> Iterator[tuple[str, str]]:
    """Yield the headers as WSGI names them, but for names with an underscore, which could pass for other headers."""
    for name, value in task.headers:
        if "_" not in name and name not in _NOT_HANDED_ON:
            key = name.upper().replace("-", "_")
            yield (key if key == "CONTENT_TYPE" else f"HTTP_{key}"), value
