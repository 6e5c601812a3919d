"""RDF files served directly: a generation in a temporary folder, without reasoning and without dumps.

A hostile file can exhaust the memory or crash its parser, so a child process reads the files, within limits. It follows
no link, and refuses document types, whose entities are the known way to make XML grow.
"""

import json
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from kb.errors import DataError, UsageError
from kb.rdf.formats import format_of_file
from server.config import Limits
from server.subprocesses import command, environment

__all__ = ["build_from_files"]


def build_from_files(paths: Sequence[Path], folder: Path, limits: Limits) -> None:
    """Make an empty folder a generation of RDF files.

    :param limits: memory and time
    :raises UsageError: if a file cannot be read, or its name promises no known format
    :raises DataError: if a file is not well-formed RDF, or reading takes more than the limits allow
    """
    for path in paths:
        format_of_file(path)
    task = {"paths": [str(path) for path in paths], "folder": str(folder), "memory": limits.load_mib}
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and module)
            command("server.generations.loading"),
            input=json.dumps({**task, "parent": os.getpid()}).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # an engine that aborts writes its own words there
            env=environment(),
            timeout=limits.load_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        problem = f"Reading the files took longer than {limits.load_seconds:g} seconds"
        raise DataError(problem, "Serve fewer files, or set --load-timeout higher") from None
    if done.returncode != 0:
        raise _crashed(done.returncode, limits)
    if problem := json.loads(done.stdout):
        error = UsageError if problem["usage"] else DataError
        raise error(problem["problem"], problem["remedy"])


def _crashed(status: int, limits: Limits) -> DataError:
    if status == -signal.SIGSEGV:
        return DataError("A file is nested too deeply to be read", "Serve files that are not made to do harm")
    if status != -signal.SIGABRT:
        problem = f"The process that reads the files ended with status {status}"
        return DataError(problem, "Try again; if that does not help, tell the maintainers of kb")
    return DataError(
        f"Reading the files took more than {limits.load_mib} MiB of memory",
        "Serve fewer files, or set --load-memory higher",
    )
