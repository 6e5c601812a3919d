"""The store of a generation in memory, where it is several times faster than on a disk, even a cached one.

The process that loads the store forks the query workers, so they share its memory. A process that forks must have one
thread only, and the store on the disk starts others; so a child process reads it and hands it over as N-Quads.
"""

import os
from contextlib import suppress
from typing import NoReturn

from pyoxigraph import RdfFormat, Store

from kb.errors import GenerationError
from kb.generations.generation import Generation
from server.evaluation.confinement import die_with_parent

__all__ = ["fits_into_memory", "store_in_memory"]

_QUAD_BYTES = 400  # measured, the indexes included
_MEBIBYTE = 1024 * 1024


def fits_into_memory(generation: Generation, mebibytes: int) -> bool:
    """Return whether the store of a generation is expected to take at most this much memory."""
    return _quads(generation) * _QUAD_BYTES <= mebibytes * _MEBIBYTE


def store_in_memory(generation: Generation) -> Store:
    """Return a copy, in memory, of the store of a generation.

    :raises GenerationError: if the store cannot be read to its end
    """
    reading, writing = os.pipe()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        _dump(generation, reading, writing, parent)
    os.close(writing)
    store = Store()
    with os.fdopen(reading, "rb") as quads, suppress(SyntaxError):  # the child died in the middle of a line
        store.bulk_load(quads, RdfFormat.N_QUADS, lenient=True)
    _, status = os.waitpid(child, 0)
    if status != 0 or len(store) != _quads(generation):
        raise GenerationError(generation.folder, "the store cannot be read to its end")
    return store


def _quads(generation: Generation) -> int:
    sizes = generation.manifest.sizes
    return sizes.default_graph + sum(sizes.named_graphs.values())


def _dump(generation: Generation, reading: int, writing: int, parent: int) -> NoReturn:
    """Write the store on the disk into a pipe; the process ends here."""
    try:
        die_with_parent(parent)
        os.close(reading)
        with os.fdopen(writing, "wb") as quads:
            generation.store().dump(quads, RdfFormat.N_QUADS)
        os._exit(os.EX_OK)
    finally:
        os._exit(os.EX_SOFTWARE)
