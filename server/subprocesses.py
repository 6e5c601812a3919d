"""The command line and environment with which this server starts its own modules as processes."""

import os
import sys
from pathlib import Path

__all__ = ["command", "environment"]


def command(module: str) -> list[str]:
    """Return the command that runs a module in this interpreter, and imports nothing from the working directory."""
    return [sys.executable, "-P", "-m", module]


def environment() -> dict[str, str]:
    """Return the environment in which such a process finds this package, wherever the server was started."""
    given = os.environ.get("PYTHONPATH")
    paths = [str(Path(__file__).resolve().parent.parent), *([given] if given else [])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
