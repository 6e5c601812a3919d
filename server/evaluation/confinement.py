"""What a query worker must not do: outlive its parent, dump core, open files or sockets, take unlimited memory.

Linux only: ``prctl`` (https://man7.org/linux/man-pages/man2/prctl.2.html) and ``setrlimit``.
"""

import ctypes
import os
import resource
import signal
from itertools import count
from pathlib import Path

__all__ = ["close_descriptors", "die_with_parent", "limit_descriptors", "limit_memory"]

_PR_SET_PDEATHSIG = 1
_MEBIBYTE = 1024 * 1024


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent ends.

    :param parent: process id of the parent; if it is gone already, this process ends now
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(os.EX_UNAVAILABLE)


def close_descriptors(keep: int) -> None:
    """Close every inherited file descriptor but one; input and output go to the null device.

    An engine that aborts writes its own words to standard error, with addresses and parts of the query.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))


def limit_memory(mebibytes: int) -> None:
    """Allow this much more address space than is in use now; beyond it an allocation fails.

    A lower limit that the whole server has already stays.
    """
    pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    ceiling = pages * resource.getpagesize() + mebibytes * _MEBIBYTE
    _, given = resource.getrlimit(resource.RLIMIT_AS)
    if given != resource.RLIM_INFINITY:
        ceiling = min(ceiling, given)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


def limit_descriptors(more: int = 0) -> None:
    """Allow no file and no socket to be opened from now on; write no core file.

    :param more: how many may be opened nevertheless, at the same time
    """
    limit = 0
    if more:
        taken = {int(entry.name) for entry in Path("/proc/self/fd").iterdir()}
        limit = next(number for number in count(more) if number - sum(each < number for each in taken) == more)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
