"""Building: the files become a generation, which appears whole or not at all.

It is written into a temporary folder beside, brought to the disk, renamed, and then ``current`` is replaced.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from pyoxigraph import Store

from kb.atomic import write_text
from kb.config import Project
from kb.errors import DataError, GenerationError, UnwritablePath
from kb.files.documents import Document, load_documents, merged
from kb.generations.dataset import assemble, dump_names, named_graphs, write_dumps, write_store
from kb.generations.generation import CURRENT, Generation, current_generation, open_generation
from kb.generations.manifest import Manifest, content_hash, file_digests, versions, write_manifest
from kb.generations.read_proofs import PROOFS
from kb.generations.statistics import count_domain_statements, count_things, count_triples
from kb.generations.write_proofs import write_proofs
from kb.reasoning.infer import infer

__all__ = ["Progress", "build", "ensure_generation"]

_KEPT = 2
_HASH = re.compile("[0-9a-f]{64}")
_NEW, _OLD = ".new-generation-", ".old-generation-"

#: Is told what is being done, for example "reasoning".
Progress = Callable[[str], None]


def ensure_generation(project: Project, out: Path, progress: Progress | None = None) -> Generation:
    """Return the generation of the files as they are now; build it where it is missing, outdated or damaged.

    :param out: folder of generations
    :raises UnwritablePath: when it has to be built and cannot be written
    :raises DataError: when the files cannot be used
    """
    return current_generation(project, out) or build(project, out, progress)


def build(project: Project, out: Path, progress: Progress | None = None, reasoner: str = "kb") -> Generation:
    """Load, reason, and write the generation of the files as they are; then make it the current one.

    One that is there and whole is taken as it is. Of the others only the newest is kept. Processes that build into the
    same folder wait for each other.

    :param out: folder of generations, made if it is missing
    :param reasoner: its name in `kb.reasoning.infer.REASONERS`
    :raises UnwritablePath: when anything cannot be written; the generations that are there stay as they are
    :raises DataError: when the files cannot be used
    """
    report = progress or _silent
    try:
        with _lock(out, report):
            _remove((*out.glob(f"{_NEW}*"), *out.glob(f"{_OLD}*")))
            digest = content_hash(project, reasoner)
            if not _is_whole(out / digest):
                with _temporary(out) as folder:
                    _write(project, folder, reasoner, digest, report)
                    _replace(out / digest, folder)
            write_text(out / CURRENT, f"{digest}\n")
            _prune(out, digest)
            return open_generation(out / digest)
    except OSError as error:
        raise UnwritablePath(out, error.strerror or str(error)) from error


def _is_whole(home: Path) -> bool:
    try:
        return open_generation(home).manifest.hash == home.name
    except GenerationError:
        return False


def _write(project: Project, folder: Path, reasoner: str, digest: str, report: Progress) -> None:
    """Write a whole generation into an empty folder and bring it to the disk."""
    report("reading the files")
    documents = load_documents(project)
    if content_hash(project, reasoner) != digest:
        raise DataError(f"{project.root}: the files changed while they were read", "Run the command again")
    report("reasoning")
    graphs = named_graphs(documents, infer(merged(documents), reasoner).inferred)
    report("writing the store")
    quads = assemble(graphs)
    write_store(quads, folder / "store")
    report("proving what was inferred")
    write_proofs(quads, folder / PROOFS)
    report("writing the dumps")
    write_dumps(graphs, quads, folder / "dump")
    write_manifest(folder, _manifest(folder, reasoner, digest, documents))
    _sync(folder)


def _manifest(folder: Path, reasoner: str, digest: str, documents: tuple[Document, ...]) -> Manifest:
    store = Store.read_only(str(folder / "store"))
    sizes = count_triples(store)
    return Manifest(
        hash=digest,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        reasoner=reasoner,
        versions=versions(),
        sizes=sizes,
        sources=tuple(document.iri for document in documents if document.is_source),
        statements=count_domain_statements(store),
        things=count_things(store),
        dumps=dump_names(list(sizes.named_graphs)),
        files=file_digests(folder),
    )


def _sync(folder: Path) -> None:
    """Have the operating system write a folder's files and the folder itself to the disk."""
    for path in (*folder.rglob("*"), folder, folder.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _replace(home: Path, written: Path) -> None:
    """Move a written generation to its place; a damaged one there goes first."""
    if home.exists():
        home.rename(home.with_name(f"{_OLD}{token_hex(4)}"))
    written.rename(home)


def _prune(out: Path, digest: str) -> None:
    others = [path for path in out.iterdir() if _HASH.fullmatch(path.name) and path.name != digest]
    others.sort(key=lambda home: home.stat().st_mtime, reverse=True)
    _remove((*others[_KEPT - 1 :], *out.glob(f"{_OLD}*")))


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _temporary(out: Path) -> Iterator[Path]:
    """Make a folder that is gone afterwards, unless it was moved."""
    folder = out / f"{_NEW}{token_hex(4)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        _remove([folder])


@contextmanager
def _lock(out: Path, report: Progress) -> Iterator[None]:
    """Hold the folder for one builder; the system takes the lock back when its process ends, however it ends."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another build into the same folder")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _silent(_: str) -> None:
    """Take no notice of progress."""
