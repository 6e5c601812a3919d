"""The child process that reads the files of `kb serve --data`, see `server.generations.files`."""

import gzip
import hashlib
import json
import os
import resource
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from xml.parsers import expat

from pyoxigraph import Store

from kb.errors import KbError, MissingFile, RdfSyntaxError, UsageError
from kb.generations.manifest import Manifest, file_digests, versions, write_manifest
from kb.generations.statistics import count_triples
from kb.rdf.formats import format_of_file
from kb.sparql.query import load_files
from server.evaluation.confinement import die_with_parent, limit_memory

__all__ = ["main"]


def main() -> None:
    """Read the files that JSON on standard input names; print, as JSON, what is wrong with them, or an empty object."""
    task = json.load(sys.stdin)
    die_with_parent(task["parent"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    problem: dict[str, str | bool] = {}
    try:
        _build([Path(path) for path in task["paths"]], Path(task["folder"]), task["memory"])
    except KbError as error:
        problem = {"problem": error.problem, "remedy": error.remedy, "usage": isinstance(error, UsageError)}
    except MemoryError:
        os.abort()
    except OSError as error:
        detail = f"The files cannot be brought into a store ({error.strerror or error})"
        problem = {"problem": detail, "remedy": "Make room in the folder for temporary files", "usage": False}
    json.dump(problem, sys.stdout)


def _build(paths: Sequence[Path], folder: Path, memory: int) -> None:
    """Build a generation of files.

    :param memory: MiB that may be taken for them, beyond what an empty store needs
    """
    store = Store(folder / "store")
    limit_memory(memory)
    for path in paths:
        if format_of_file(path).name == "rdfxml":
            _refuse_document_type(path)
    load_files(paths, store)
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
    )
    write_manifest(folder, manifest)


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _refuse_document_type(path: Path) -> None:
    """Check that an XML file declares no document type; the reader finds other faults.

    :raises RdfSyntaxError: if it does
    """
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        detail = "declares a document type (DOCTYPE), which is refused: its entities can stand for anything"
        raise RdfSyntaxError(path, detail, parser.CurrentLineNumber)

    def stop(*_: object) -> None:
        raise _Begun

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file, suppress(_Begun):
            parser.ParseFile(file)
    except (expat.ExpatError, EOFError, gzip.BadGzipFile):
        return
    except OSError as error:
        raise MissingFile(path) from error


class _Begun(Exception):
    """The root element was reached."""


if __name__ == "__main__":
    main()
