"""`kb` on the command line: in this process, which is how most cases are run, or in one of its own."""

import io
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from kb.cli.app import main

__all__ = ["KB", "run_kb"]

#: What a process of its own is started with: for signals, terminals and the streams of a process.
KB = [sys.executable, "-m", "kb"]


def run_kb(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run `kb` in this process, as in a pipe, and return what a process would give.

    It saves starting the interpreter and loading the libraries, which takes longer than most commands do.
    """
    command = [str(argument) for argument in arguments]
    output, errors = _stream(), _stream()
    streams = patch("sys.stdin", _stream(stdin)), redirect_stdout(output), redirect_stderr(errors)
    with chdir(cwd), streams[0], streams[1], streams[2], _interrupt_restored():
        code = main(command)
    return subprocess.CompletedProcess(command, code, _text(output), _text(errors))


def _stream(content: bytes = b"") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read().replace("\r\n", "\n")


@contextmanager
def _interrupt_restored() -> Iterator[None]:
    """Restore the action of SIGINT, which a query changes for its process."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
