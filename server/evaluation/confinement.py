"""What a query worker must not do: outlive its parent, dump core, open files or sockets, take unlimited memory.

Linux only: ``prctl`` (https://man7.org/linux/man-pages/man2/prctl.2.html), ``seccomp``
(https://man7.org/linux/man-pages/man2/seccomp.2.html) and ``setrlimit``.
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
from pathlib import Path

__all__ = ["close_descriptors", "deny_files", "die_with_parent", "limit_descriptors", "limit_memory"]

_PR_SET_PDEATHSIG = 1
_MEBIBYTE = 1024 * 1024

_PR_SET_NO_NEW_PRIVS, _SET_MODE_FILTER, _FLAG_TSYNC = 38, 1, 1
#: Machine -> what the kernel calls it, the number of seccomp, those of the calls that open a file or run a program:
#: open, creat, openat, openat2, execve, execveat, open_by_handle_at, io_uring_setup.
_CALLS = {
    "x86_64": (0xC000003E, 317, (2, 85, 257, 437, 59, 322, 304, 425)),
    "aarch64": (0xC00000B7, 277, (56, 437, 221, 281, 265, 425)),
}
_X32 = 0x40000000  # with this bit a call on x86_64 has another number
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_RET|K
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES


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
    limit = free = 0
    while free < more:
        try:
            os.fstat(limit)
        except OSError:
            free += 1
        limit += 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def deny_files() -> bool:
    """Let this process open no file and run no program from now on, while it may open sockets.

    :return: whether the kernel does so; it may be built without that, or an unknown machine's
    """
    if platform.machine() not in _CALLS:
        return False
    architecture, seccomp, refused = _CALLS[platform.machine()]
    checks = [(_EQUAL, number) for number in refused]
    if platform.machine() == "x86_64":
        checks.append((_AT_LEAST, _X32))
    # From the last instruction, which refuses: what follows the checks allows.
    rows = [(_LOAD, 0, 0, 4), (_EQUAL, 0, len(checks) + 2, architecture), (_LOAD, 0, 0, 0)]
    rows += [(code, len(checks) - place, 0, number) for place, (code, number) in enumerate(checks)]
    rows += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
    head = ctypes.create_string_buffer(struct.pack("HP", len(rows), ctypes.addressof(program)))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return bool(library.syscall(seccomp, _SET_MODE_FILTER, _FLAG_TSYNC, head) == 0)
