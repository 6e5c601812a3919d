"""Packages of npm that tests use, installed on first use into a folder that git ignores, as a lock file names them."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

__all__ = ["HOW", "install"]

#: How to get Node.js and npm.
HOW = "On Debian and Ubuntu: apt-get install nodejs npm"


def install(npm: Path, files: Path, folder: Path) -> Path:
    """Install a package with what its lock file names into a folder of its own, unless it is there; return that folder.

    :param files: folder of the package
    :param folder: holds an installation for each state of the files
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in files.rglob("*") if path.is_file()):
        digest.update(path.relative_to(files).as_posix().encode() + b"\0" + path.read_bytes())
    installed = folder / digest.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.is_dir():
            _install(npm, files, folder / f"new-{installed.name}", installed)
    return installed


def _install(npm: Path, files: Path, new: Path, installed: Path) -> None:
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(files, new)
    command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    done = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"npm ci: {done.stdout}{done.stderr}"
    new.rename(installed)
