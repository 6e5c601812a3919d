"""RDF files served directly: a generation in a temporary folder, without reasoning and without dumps.

A hostile file can exhaust the memory or crash its parser, so a child process reads the files, within limits. It follows
no link; what XML entities may stand for is bounded by the reader.

What fits into memory twice, for the workers of queries and of pages, is kept as lines of N-Quads that these read: a
store on the disk takes four times as long to write, and as long again to read. More is kept in such a store, beside the
lines where the workers of queries still hold it in memory.
"""

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, RdfFormat, Store

from kb.errors import DataError, KbError, UsageError
from kb.generations.generation import STATEMENTS
from kb.generations.manifest import MORE, OWN, UNION, Manifest, file_digests, versions, write_manifest
from kb.generations.statistics import Sizes, count_triples
from kb.rdf.formats import format_of_file
from kb.rdf.reading import load_files, unite
from server.config import Limits
from server.evaluation.confinement import die_with_parent, limit_memory
from server.evaluation.memory import quads_in
from server.subprocesses import command, environment

__all__ = ["build_from_files"]

#: What a child does.
_MEMORY, _DISK = "memory", "disk"
#: Bytes of a file a statement, more than most have; and how much shorter gzip makes them, less than it mostly does.
_BYTES, _PACKED = 250, 8


def build_from_files(paths: Sequence[Path], folder: Path, limits: Limits, *, union: bool = False) -> None:
    """Build a generation of RDF files in an empty folder.

    :param limits: memory and time
    :param union: add what the named graphs hold to the default graph
    :raises UsageError: if a file cannot be read, or its name promises no known format
    :raises DataError: if a file is not well-formed RDF, or reading takes more than the limits allow
    """
    for path in paths:
        format_of_file(path)
    named, end = [str(path) for path in paths], time.monotonic() + limits.load_seconds
    task = {"paths": named, "folder": str(folder), "union": union, "memory": limits.load_mib, "store": limits.store_mib}
    done = _run({**task, "step": _MEMORY}, limits, end) if _may_fit(paths, limits) else {"left": True}
    if done["left"]:
        if "default_graph" not in done:
            (folder / STATEMENTS).unlink(missing_ok=True)
        _run({**task, **done, "step": _DISK}, limits, end)


def _may_fit(paths: Sequence[Path], limits: Limits) -> bool:
    """Return whether files may have so few statements that it is worth trying to hold them in memory.

    What cannot be read twice, as a pipe, is not tried.
    """
    bytes_ = 0
    for path in paths:
        if not path.exists():
            continue  # the child says so
        if not path.is_file():
            return False
        bytes_ += path.stat().st_size * (_PACKED if path.suffix.lower() == ".gz" else 1)
    return bytes_ <= quads_in(limits.store_mib) * _BYTES


def _run(task: dict[str, Any], limits: Limits, end: float) -> dict[str, Any]:
    """Let a child do one step, and return what it says of it: whether anything is left to do.

    :param end: when the time is over
    """
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and module)
            command("server.generations.files"),
            input=json.dumps({**task, "parent": os.getpid()}).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # an engine that aborts writes its own words there
            env=environment(),
            timeout=end - time.monotonic(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        problem = f"Reading the files took longer than {limits.load_seconds:g} seconds"
        raise DataError(problem, "Serve fewer files, or set --load-timeout higher") from None
    if done.returncode == -signal.SIGABRT and task["step"] == _MEMORY:
        return {"left": True}
    if done.returncode != 0:
        raise _crashed(done.returncode, limits)
    found: dict[str, Any] = json.loads(done.stdout)
    if "problem" in found:
        error = UsageError if found["usage"] else DataError
        raise error(found["problem"], found["remedy"])
    return found


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
    """Do, in the child process, the step that standard input names; print how it went; both in JSON."""
    task = json.load(sys.stdin)
    die_with_parent(task["parent"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    step = _in_memory if task["step"] == _MEMORY else _on_disk
    try:
        found = step(task, [Path(path) for path in task["paths"]], Path(task["folder"]))
    except KbError as error:
        found = {"problem": error.problem, "remedy": error.remedy, "usage": isinstance(error, UsageError)}
    except MemoryError:
        os.abort()
    except OSError as error:
        detail = f"The files cannot be brought into a store ({error.strerror or error})"
        found = {"problem": detail, "remedy": "Make room in the folder for temporary files", "usage": False}
    with os.fdopen(1, "w", encoding="utf-8") as standard_output:
        json.dump(found, standard_output)
    os._exit(os.EX_OK)  # to take a large store apart would take half a second


def _in_memory(task: dict[str, Any], paths: Sequence[Path], folder: Path) -> dict[str, Any]:
    """Read files into memory, and write their statements as lines, unless these are too many for the workers."""
    store = Store()
    limit_memory(task["memory"])
    load_files(paths, store)
    default_graph, most = _fill(store, union=task["union"]), quads_in(task["store"])
    if len(store) > most:
        return {"left": True}
    store.dump(str(folder / STATEMENTS), RdfFormat.N_QUADS)
    if 2 * len(store) > most:
        return {"left": True, "default_graph": default_graph}
    _describe(folder, paths, count_triples(store), default_graph)
    return {"left": False}


def _on_disk(task: dict[str, Any], paths: Sequence[Path], folder: Path) -> dict[str, Any]:
    """Read files, or the lines that there are already, into a store on the disk.

    :param task: with the ``default_graph`` of the lines
    """
    store = Store(folder / "store")
    limit_memory(task["memory"])
    if default_graph := task.get("default_graph"):
        store.bulk_load(path=str(folder / STATEMENTS), format=RdfFormat.N_QUADS, lenient=True)
    else:
        load_files(paths, store)
        default_graph = _fill(store, union=task["union"], on_disk=True)
    store.flush()
    store.optimize()
    sizes = count_triples(store)
    del store  # closes it
    _describe(folder, paths, sizes, default_graph)
    return {"left": False}


def _fill(store: Store, *, union: bool, on_disk: bool = False) -> str:
    """Fill the default graph, where it is to be the union, and return what it holds then."""
    if not union or not any(store.named_graphs()):
        return OWN
    own = next(store.quads_for_pattern(None, None, None, DefaultGraph()), None)
    unite(store, on_disk=on_disk)
    return UNION if own is None else MORE


def _describe(folder: Path, paths: Sequence[Path], sizes: Sizes, default_graph: str) -> None:
    """Write the manifest."""
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
