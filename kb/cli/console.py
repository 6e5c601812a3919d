"""The terminal: messages and progress on standard error, results on standard output or in a file."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from kb.turtle import write_text

__all__ = ["deliver", "is_terminal", "progress", "say", "say_lines"]


def is_terminal() -> bool:
    """Tell whether the result is read by a person."""
    return sys.stdout.isatty()


def say(message: str) -> None:
    """Write a message to standard error."""
    sys.stderr.write(f"{message}\n")


def say_lines(text: str) -> None:
    """Write text to standard output, ending its last line."""
    sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")


def deliver(content: bytes, output: Path | None) -> None:
    """Write a result to standard output, ending its last line, or exactly as it is to a file.

    :raises UnwritablePath: when the file cannot be written
    """
    if output is not None:
        write_text(output, content.decode())
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content if content.endswith(b"\n") or not content else content + b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being done; yields the function that is told it. Elsewhere nothing is shown."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(f"{title} …") as status:
        yield lambda stage: status.update(f"{title}: {stage} …")
