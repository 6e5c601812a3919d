"""Memory: how much is free, and a limit for this process, beyond which an allocation fails.

Linux only: ``setrlimit`` (https://man7.org/linux/man-pages/man2/setrlimit.2.html) and /proc; elsewhere nothing limits.
"""

import resource
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from kb.errors import NotEnoughMemory

__all__ = ["free_mebibytes", "limited_memory", "watched"]

_MEBIBYTE = 1024 * 1024
_KIBIBYTES = 1024  # a mebibyte
#: Objects between two looks at how much memory the process has.
_STEP = 10_000
#: The part of the room that must be left when one looks: the parser, which is not Python's, takes memory before the
#: next look, and ends the process where it gets none.
_RESERVE = 16

T = TypeVar("T")


def free_mebibytes() -> int | None:
    """Return how much memory the machine has free, or its control group; None where it does not say."""
    found: list[int] = []
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        found.append(next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")) // _KIBIBYTES)
    with suppress(OSError, ValueError, StopIteration):
        group = Path("/sys/fs/cgroup")
        most = int((group / "memory.max").read_text(encoding="ascii"))
        lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
        found.append((most - next(int(line.split()[1]) for line in lines if line.startswith("anon "))) // _MEBIBYTE)
    return max(1, min(found)) if found else None


@contextmanager
def limited_memory(mebibytes: int | None) -> Iterator[Callable[[], None]]:
    """Allow this much more address space than is in use now, while the context lasts; None allows any.

    What is yielded looks whether there is room left, and raises where there is hardly any.

    :raises NotEnoughMemory: when an allocation fails
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = _used()
    own = None if mebibytes is None else used + mebibytes * _MEBIBYTE
    limits = [limit for limit in (soft, hard, own) if limit not in {resource.RLIM_INFINITY, None}]
    ceiling = min(limits, default=resource.RLIM_INFINITY)

    def look() -> None:
        if limits and ceiling - _used() < (ceiling - used) // _RESERVE:
            raise MemoryError

    resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))
    try:
        yield look
    except MemoryError as error:
        raise NotEnoughMemory(mebibytes if ceiling == own else None) from error
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def watched(objects: Iterable[T], look: Callable[[], None]) -> Iterator[T]:
    """Yield objects, and look every now and then how much memory is left, as `limited_memory` says."""
    for number, one in enumerate(objects, 1):
        yield one
        if number % _STEP == 0:
            look()


def _used() -> int:
    """Return the address space of this process in bytes."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()
