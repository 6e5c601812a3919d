"""How this server starts modules of its own as processes: with the same interpreter, from wherever it was started."""

import os
import sys
from pathlib import Path

__all__ = ["command", "environment"]


def command(module: str) -> list[str]:
    """Return the command that runs a module; nothing is imported from the working directory."""
    return [sys.executable, "-P", "-m", module]


def environment() -> dict[str, str]:
    """Return the environment in which such a process finds this package."""
    given = os.environ.get("PYTHONPATH")
    paths = [str(Path(__file__).resolve().parent.parent), *([given] if given else [])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
