"""Packages of the npm registry that tests use: what a lock file names, installed on first use beside the build."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

__all__ = ["install"]


def install(npm: Path, source: Path, folder: Path) -> Path:
    """Install what a lock file names into a folder of its own, unless it is there, and return that folder.

    :param source: folder with ``package.json``, ``package-lock.json`` and what else belongs to them
    :param folder: holds an installation for each state of these files
    """
    files = sorted(path for path in source.iterdir() if path.is_file())
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    installed = folder / digest
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.is_dir():
            _install(npm, files, folder / f"new-{digest}", installed)
    return installed


def _install(npm: Path, files: Sequence[Path], new: Path, installed: Path) -> None:
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    for path in files:
        shutil.copy(path, new)
    command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    done = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"npm ci: {done.stdout}{done.stderr}"
    new.rename(installed)
