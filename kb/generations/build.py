"""Building a generation from the files: what follows from them, and the instants of their dates; whole or not at all.

It is written into a temporary folder beside its place, flushed to the disk and renamed; then ``current`` is replaced.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from pyoxigraph import Quad, Store

from kb.atomic import write_text
from kb.config import Project
from kb.errors import DataError, GenerationError, UnwritablePath
from kb.files.documents import Document, load_documents, named_graphs
from kb.generations.content import Content, compute_content
from kb.generations.discovery import discovery
from kb.generations.dumps import dump_names, write_dumps, write_shapes
from kb.generations.generation import CURRENT, Generation, current_generation, open_generation
from kb.generations.manifest import Manifest, content_hash, file_digests, input_digests, versions, write_manifest
from kb.generations.merged import write_merged
from kb.generations.read_proofs import PROOFS
from kb.generations.statistics import count_domain_statements, count_things, count_triples
from kb.generations.usage import count_partitions, count_usage, write_usage
from kb.generations.write_proofs import write_proofs
from kb.namespaces import DISCOVERY, INFERRED
from kb.reasoning.infer import Inference, infer
from kb.sparql.questions import Question, load_questions

__all__ = ["Knowledge", "Progress", "build", "ensure_generation"]

_KEPT = 2
_HASH = re.compile("[0-9a-f]{64}")
_NEW, _OLD = ".new-generation-", ".old-generation-"

#: Is told what is being done, for example "reasoning".
Progress = Callable[[str], None]


class Knowledge(NamedTuple):
    """What a generation is made of.

    :param inference: what follows from the documents' named graphs, see `kb.files.documents.named_graphs`
    """

    documents: tuple[Document, ...]
    inference: Inference


def ensure_generation(project: Project, out: Path, progress: Progress = lambda _: None) -> Generation:
    """Return the generation of the files as they are now; build it if it is missing, outdated or damaged.

    :param out: folder of generations
    :raises UnwritablePath: when it has to be built and cannot be written
    :raises DataError: when the files cannot be used
    """
    return current_generation(project, out) or build(project, out, progress)


def build(
    project: Project,
    out: Path,
    progress: Progress = lambda _: None,
    reasoner: str = "kb",
    knowledge: Knowledge | None = None,
) -> Generation:
    """Load, reason, and write the generation of the files as they are; then make it the current one.

    An undamaged one that is there already is kept; of the others only the newest stays. Processes that build into the
    same folder wait for each other.

    :param out: folder of generations, made if it is missing
    :param reasoner: its name in `kb.reasoning.infer.REASONERS`
    :param knowledge: what the files say and what follows by the reasoner, where that is known already
    :raises UnwritablePath: when anything cannot be written; the generations that are there stay as they are
    :raises DataError: when the files cannot be used
    """
    try:
        with _lock(out, progress):
            _remove([*out.glob(f"{_NEW}*"), *out.glob(f"{_OLD}*")])
            files = input_digests(project)
            home = out / content_hash(project, reasoner, files)
            if (generation := _whole(home)) is None:
                if knowledge is None:
                    progress("reading the files")
                    documents = load_documents(project)
                    progress("reasoning")
                    knowledge = Knowledge(documents, infer(named_graphs(documents), reasoner))
                if any(files.get(document.path) != document.sha256 for document in knowledge.documents):
                    raise DataError(f"{project.root}: the files changed while they were read", "Run the command again")
                generation = _write(home, reasoner, knowledge, project, progress)
            write_text(out / CURRENT, f"{home.name}\n")
            _prune(out, home.name)
            return generation
    except OSError as error:
        raise UnwritablePath(out, error.strerror or str(error)) from error


def _whole(home: Path) -> Generation | None:
    """Return a generation if it is there and undamaged."""
    try:
        generation = open_generation(home)
    except GenerationError:
        return None
    return generation if generation.manifest.hash == home.name else None


def _write(home: Path, reasoner: str, knowledge: Knowledge, project: Project, report: Progress) -> Generation:
    """Write a whole generation beside its place, flush it to the disk, and move it there."""
    documents, inference = knowledge
    with _temporary_folder(home.parent) as folder:
        report("proving what was inferred")
        content = compute_content(named_graphs(documents), inference)
        write_proofs(content.proofs, folder / PROOFS)
        report("writing the store")
        described = _write_store(content, load_questions(project), folder)
        report("writing the dumps")
        names = dump_names([*(document.iri for document in documents), INFERRED, DISCOVERY])
        contents = write_dumps([*content.quads, *described], content.reifiers, names, folder / "dump")
        files = {document.iri: document.name for document in documents}
        write_merged(content.quads, files, folder / "dump")
        write_shapes(project, folder / "dump")
        store = Store.read_only(str(folder / "store"))
        sizes = count_triples(store)
        manifest = Manifest(
            hash=home.name,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            reasoner=reasoner,
            versions=versions(),
            sizes=sizes,
            sources=tuple(document.iri for document in documents if document.is_source),
            statements=count_domain_statements(store),
            things=count_things(store),
            dumps={iri: name for iri, name in names.items() if iri in sizes.named_graphs},
            files=file_digests(folder),
            documents=files,
            reification=len(content.reifiers),
            contents=contents,
        )
        write_manifest(folder, manifest)
        _sync(folder)
        if home.exists():  # a damaged one goes first
            home.rename(home.with_name(f"{_OLD}{token_hex(4)}"))
        folder.rename(home)
    return Generation(home, manifest)


def _write_store(content: Content, questions: Sequence[Question], folder: Path) -> list[Quad]:
    """Write a new store, and beside it what it is made of; return the graph that says how to ask the others."""
    store = Store(folder / "store")
    store.bulk_extend(content.quads)
    store.bulk_extend(content.default_graph())
    usage = count_usage(store)
    write_usage(folder, usage)
    described = discovery(questions, usage, count_partitions(store))
    store.bulk_extend(described)
    store.bulk_extend(Quad(*quad.triple) for quad in described)
    store.optimize()
    store.flush()
    return described


def _sync(folder: Path) -> None:
    """Flush a folder's files and the folder itself to the disk."""
    for path in (*folder.rglob("*"), folder, folder.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _prune(out: Path, digest: str) -> None:
    others = [path for path in out.iterdir() if _HASH.fullmatch(path.name) and path.name != digest]
    others.sort(key=lambda home: home.stat().st_mtime, reverse=True)
    _remove((*others[_KEPT - 1 :], *out.glob(f"{_OLD}*")))


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _temporary_folder(out: Path) -> Iterator[Path]:
    """Make a folder and remove it afterwards unless it was moved, even if Ctrl-C comes right after it was made."""
    folder = out / f"{_NEW}{token_hex(4)}"
    try:
        folder.mkdir()
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
