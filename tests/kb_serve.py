"""`kb serve` as a user starts it: a process of its own on a free port, for tests that need nothing of its insides."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Self

__all__ = ["KbServe"]

_KB = Path(sys.executable).with_name("kb")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")
_START_SECONDS = 60
_STOP_SECONDS = 30


class KbServe:
    """A running `kb serve`, ended by leaving its context.

    :param options: further options of the command, for example ``--data`` and a file
    :param general: options of `kb` itself, for example ``--project`` and a folder
    """

    def __init__(self, options: Sequence[str | Path] = (), *, general: Sequence[str | Path] = ()) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (closed on exit)
        self._process = subprocess.Popen([_KB, *general, "serve", "--port", "0", *options], stderr=self._log)
        self.port = 0

    def __enter__(self) -> Self:
        limit = time.monotonic() + _START_SECONDS
        while time.monotonic() < limit and self._process.poll() is None:
            found = _ADDRESS.search(self.log())
            if found and _answers(int(found[1])):
                self.port = int(found[1])
                return self
            time.sleep(0.02)
        log = self.log()
        self.__exit__()
        raise AssertionError(f"kb serve did not start:\n{log}")

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(_STOP_SECONDS)
        self._log.close()

    @property
    def url(self) -> str:
        """Address of the home page, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def log(self) -> str:
        """Return what the server has written so far."""
        descriptor = self._log.fileno()  # the server's own too: to seek here would move where it writes
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode()


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
