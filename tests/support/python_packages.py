"""Packages for Python that tests use and the project does not: what a lock file names, installed on first use."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["install"]


def install(lock: Path, folder: Path) -> Path:
    """Install what a lock file names into an environment of its own, unless it is there, and return its interpreter.

    :param lock: requirements with hashes
    :param folder: holds an environment for each state of the file
    """
    digest = hashlib.sha256(sys.version.encode() + lock.read_bytes()).hexdigest()[:16]
    installed = folder / digest
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (installed / "complete").is_file():
            shutil.rmtree(installed, ignore_errors=True)
            _run(sys.executable, "-m", "venv", installed)
            pip = (installed / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--no-input")
            _run(*pip, "install", "--quiet", "--require-hashes", "--requirement", lock)
            (installed / "complete").touch()
    return installed / "bin" / "python"


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
