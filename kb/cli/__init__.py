"""The command line: thin commands over the library. Only here is anything printed or read from the environment."""

import atexit
import gc
from collections.abc import Sequence
from importlib import import_module

__all__ = ["main"]

_INTERRUPTED = 130  # what a shell reports for a program that SIGINT ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `kb` and return its exit code; see `kb.cli.app.main`.

    It loads the libraries itself, so that Ctrl-C is quiet while they load, too.
    """
    # Graphs are many objects in no cycles. Looking for cycles takes a fifth of the time of `kb check`.
    gc.set_threshold(100_000, 50, 100)
    atexit.register(gc.freeze)
    try:
        code: int = import_module("kb.cli.app").main(arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code
