"""The store of a generation in memory, where it is several times faster than on a disk, even a cached one.

The process that loads the store forks the workers, so they share its memory. A process that forks must have one thread
only, and the store on the disk starts others; so a child process reads it and hands over what it has read.
"""

import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from typing import BinaryIO, NoReturn

from pyoxigraph import RdfFormat, Store, parse

from kb.errors import GenerationError
from kb.generations.dumps import COMPLETE
from kb.generations.generation import STATEMENTS, Generation
from server.evaluation.confinement import die_with_parent

__all__ = ["SMALL_MEBIBYTES", "fits_into_memory", "quads_in", "read_in_child", "store_in_memory"]

#: What a store takes at most of which pages have one of their own beside that on the disk, and at once.
SMALL_MEBIBYTES = 64

_QUAD_BYTES = 400  # measured, the indexes included
_MEBIBYTE = 1024 * 1024


def quads_in(mebibytes: int) -> int:
    """Return how many statements of all graphs a store in memory is expected to hold."""
    return mebibytes * _MEBIBYTE // _QUAD_BYTES


def fits_into_memory(generation: Generation, mebibytes: int) -> bool:
    """Return whether the store of a generation is expected to take at most this much memory."""
    return generation.manifest.sizes.total <= quads_in(mebibytes)


def store_in_memory(generation: Generation, *, same_labels: bool = False) -> Store:
    """Return a copy, in memory, of the store of a generation.

    :param same_labels: its blank nodes have the same labels, as those in the proofs; this takes longer
    :raises GenerationError: if the store cannot be read to its end
    """
    store = Store()
    with _quads(generation) as quads, suppress(SyntaxError):  # whoever wrote them died in the middle of a line
        if same_labels:
            store.bulk_extend(parse(quads, RdfFormat.N_QUADS, lenient=True))
        else:
            store.bulk_load(quads, RdfFormat.N_QUADS, lenient=True)
    if len(store) != generation.manifest.sizes.total:
        raise _damaged(generation)
    return store


def _quads(generation: Generation) -> AbstractContextManager[BinaryIO]:
    """Return a file of all that the store holds; if anything but a file of lines is there, a child reads it."""
    if STATEMENTS not in generation.manifest.files:
        return read_in_child(generation, partial(_dump, generation))
    try:
        return (generation.folder / STATEMENTS).open("rb")
    except OSError:
        raise _damaged(generation) from None


@contextmanager
def read_in_child(generation: Generation, write: Callable[[BinaryIO], object]) -> Iterator[BinaryIO]:
    """Yield a file of what a child process writes about a generation.

    :raises GenerationError: at the end, if the child did not come to its own
    """
    reading, writing = os.pipe()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        _write(write, reading, writing, parent)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        yield file
    if os.waitpid(child, 0)[1] != 0:
        raise _damaged(generation)


def _dump(generation: Generation, file: BinaryIO) -> None:
    """Write all that the store holds; from its dump, where that is there, which takes a quarter of the time."""
    path = generation.dumps.get(COMPLETE)
    if path and path.is_file():
        with gzip.open(path) as content:
            shutil.copyfileobj(content, file)
    else:
        generation.store().dump(file, RdfFormat.N_QUADS)


def _damaged(generation: Generation) -> GenerationError:
    return GenerationError(generation.folder, "the store cannot be read to its end")


def _write(write: Callable[[BinaryIO], object], reading: int, writing: int, parent: int) -> NoReturn:
    """Write into a pipe; the process ends here."""
    try:
        die_with_parent(parent)
        os.close(reading)
        with os.fdopen(writing, "wb") as file:
            write(file)
        os._exit(os.EX_OK)
    finally:
        os._exit(os.EX_SOFTWARE)
