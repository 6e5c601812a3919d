"""RDF files served as they are: a generation in a temporary folder, without reasoning and without dumps."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import Store

from kb.generation import Generation, open_generation
from kb.manifest import Manifest, file_digests, versions, write_manifest
from kb.query import load_files
from kb.statistics import count_triples

__all__ = ["generation_of_files"]


def generation_of_files(paths: Sequence[Path], folder: Path) -> Generation:
    """Read RDF files into an empty folder and return the generation that this makes of it.

    :raises MissingFile: when a file cannot be read
    :raises UnknownName: when a file's name promises no known format
    :raises RdfSyntaxError: when a file is no well-formed RDF
    """
    files = load_files(paths)
    store = Store(folder / "store")
    store.bulk_extend(files)
    store.flush()
    del store  # closes it
    digests = file_digests(folder)
    write_manifest(folder, _manifest(_digest(paths), files, digests))
    return open_generation(folder)


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _manifest(digest: str, files: Store, digests: dict[str, str]) -> Manifest:
    return Manifest(
        hash=digest,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        reasoner="none",
        versions=versions(),
        sizes=count_triples(files),
        sources=(),
        statements={},
        things={},
        dumps={},
        files=digests,
    )
