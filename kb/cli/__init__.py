"""The command line: thin commands over the library. Only here is anything printed or read from the environment."""

from kb.cli.app import main

__all__ = ["main"]
