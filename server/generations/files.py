"""RDF files served directly: a generation in a temporary folder, without reasoning and without dumps.

A hostile file can exhaust the memory or crash its parser, so a child process reads the files, within limits. It follows
no link; what XML entities may stand for is bounded by the reader.
"""

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import DefaultGraph, Store

from kb.errors import DataError, KbError, UsageError
from kb.generations.manifest import MORE, OWN, UNION, Manifest, file_digests, versions, write_manifest
from kb.generations.statistics import count_triples
from kb.rdf.formats import format_of_file
from kb.rdf.reading import load_files, unite
from server.config import Limits
from server.evaluation.confinement import die_with_parent, limit_memory
from server.subprocesses import command, environment

__all__ = ["build_from_files"]


def build_from_files(paths: Sequence[Path], folder: Path, limits: Limits, *, union: bool = False) -> None:
    """Build a generation of RDF files in an empty folder.

    :param limits: memory and time
    :param union: add what the named graphs hold to the default graph
    :raises UsageError: if a file cannot be read, or its name promises no known format
    :raises DataError: if a file is not well-formed RDF, or reading takes more than the limits allow
    """
    for path in paths:
        format_of_file(path)
    named = [str(path) for path in paths]
    task = {"paths": named, "folder": str(folder), "memory": limits.load_mib, "union": union}
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and module)
            command("server.generations.files"),
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
        return DataError("A file is nested too deeply to be read", "Write the file with fewer levels of brackets")
    if status != -signal.SIGABRT:
        problem = f"The process that reads the files ended with status {status}"
        return DataError(problem, "Try again; if that does not help, tell the maintainers of kb")
    return DataError(
        f"Reading the files took more than {limits.load_mib} MiB of memory",
        "Serve fewer files, or set --load-memory higher",
    )


def main() -> None:
    """Read, in the child process, the files that standard input names; print what is wrong with them; both in JSON."""
    task = json.load(sys.stdin)
    die_with_parent(task["parent"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    problem: dict[str, str | bool] = {}
    try:
        _build([Path(path) for path in task["paths"]], Path(task["folder"]), task["memory"], union=task["union"])
    except KbError as error:
        problem = {"problem": error.problem, "remedy": error.remedy, "usage": isinstance(error, UsageError)}
    except MemoryError:
        os.abort()
    except OSError as error:
        detail = f"The files cannot be brought into a store ({error.strerror or error})"
        problem = {"problem": detail, "remedy": "Make room in the folder for temporary files", "usage": False}
    json.dump(problem, sys.stdout)


def _build(paths: Sequence[Path], folder: Path, memory: int, *, union: bool) -> None:
    """Build a generation of files.

    :param memory: MiB that may be taken for them, beyond what an empty store needs
    """
    store = Store(folder / "store")
    limit_memory(memory)
    load_files(paths, store)
    default_graph = OWN
    if union and any(store.named_graphs()):
        own = next(store.quads_for_pattern(None, None, None, DefaultGraph()), None)
        default_graph = UNION if own is None else MORE
        unite(store, on_disk=True)
    store.flush()
    store.optimize()
    sizes = count_triples(store)
    del store  # closes it
    manifest = Manifest(
        hash=_digest(paths),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        reasoner="none",
        versions=versions(),
        sizes=sizes,
        sources=(),
        statements={},
        things={},
        dumps={},
        files=file_digests(folder),
        default_graph=default_graph,
    )
    write_manifest(folder, manifest)


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
