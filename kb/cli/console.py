"""The terminal: messages and progress on standard error, results on standard output or in a file."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from kb.atomic import write_text
from kb.errors import UnwritablePath

__all__ = ["deliver", "is_terminal", "open_streams", "progress", "say"]

_STANDARD_OUTPUT = ("-", "/dev/stdout")
#: Control characters other than tab and line feed, and those that change the direction of text.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PIPE_CLOSED = 141  # what a shell reports for a program that SIGPIPE ended


def open_streams() -> None:
    """Give the process empty standard streams in place of those that it was started without."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115  it lives as long as the process
            setattr(sys, name, stream)


def is_terminal() -> bool:
    """Return whether standard output is a terminal."""
    return sys.stdout.isatty()


def say(message: str) -> None:
    """Write a message to standard error; what a terminal would obey, or would turn round, is written as an escape."""
    sys.stderr.write(_CONTROL.sub(lambda match: f"\\u{ord(match[0]):04X}", message) + "\n")


def deliver(content: bytes | str, output: Path | None = None) -> None:
    """Write a result to standard output, with its last line ended, or byte for byte to a file.

    :raises UnwritablePath: when it cannot be written
    """
    encoded = content.encode() if isinstance(content, str) else content
    if output is not None and str(output) not in _STANDARD_OUTPUT:
        write_text(output, encoded.decode())
    else:
        _print(encoded if encoded.endswith(b"\n") or not encoded else encoded + b"\n")


def _print(content: bytes) -> None:
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError as error:
        _abandon_output()
        raise click.exceptions.Exit(_PIPE_CLOSED) from error
    except OSError as error:
        _abandon_output()
        raise UnwritablePath(Path("standard output"), error.strerror or str(error)) from error


def _abandon_output() -> None:
    """Discard what is still buffered, so that the interpreter does not complain about it when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being done, as the yielded function is told; elsewhere show nothing."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415  a fifteenth of a second

    with Console(stderr=True).status(f"{title} …") as status:
        yield lambda stage: status.update(f"{title}: {stage} …")
