"""Files, read whole, and written whole or not at all."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from kb.errors import MissingFile, UnwritablePath

__all__ = ["atomic_file", "read_bytes", "write_text"]


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    :raises MissingFile: when it cannot be read
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise MissingFile(path) from error


@contextmanager
def atomic_file(path: Path, *, compressed: bool = False) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes its place when it is complete; missing folders are made.

    A link stays a link, and a file keeps its mode. What is there and is no regular file, such as /dev/null, is written
    in place.

    :param compressed: whether to write it with gzip, without a name or a time in it: the same bytes each time
    :raises UnwritablePath: when the file cannot be written; what was there is untouched
    """
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") if target.exists() and not target.is_file() else _replacing(target) as file:
            if compressed:
                with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
                    yield cast("IO[bytes]", packed)
            else:
                yield file
    except OSError as error:
        raise UnwritablePath(path, error.strerror or str(error)) from error


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8 with the given line ends; see `atomic_file`.

    :raises UnwritablePath: when the file cannot be written; what was there is untouched
    """
    with atomic_file(path) as file:
        file.write(text.encode())


@contextmanager
def _replacing(target: Path) -> Iterator[IO[bytes]]:
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
