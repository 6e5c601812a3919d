"""What the server needs of the machine it runs on: the file system ``/proc``, and enough open files."""

import resource
from pathlib import Path

from kb.errors import UsageError

__all__ = ["allow_open_files", "require_machine"]

#: Of all processes but the connections: listeners, channels to workers, dumps that are being sent, the store's files.
_OTHER_FILES = 200
_FEWEST_CONNECTIONS = 20
_STATM = Path("/proc/self/statm")


def require_machine() -> None:
    """Check that a server can run here.

    :raises UsageError: where ``/proc`` is missing, or too few files may be open at a time
    """
    if not _STATM.is_file():
        problem = "The server limits the memory of its workers with the help of /proc, which is missing"
        raise UsageError(problem, "Mount it: `mount -t proc proc /proc`, or start the container with it")
    if (allowed := allow_open_files(_FEWEST_CONNECTIONS)) < _FEWEST_CONNECTIONS:
        problem = f"Only {allowed + _OTHER_FILES} files may be open at a time"
        raise UsageError(problem, "Allow 1300 or more: `ulimit -n 1300`, or LimitNOFILE=1300 in a unit of systemd")


def allow_open_files(connections: int) -> int:
    """Raise the limit of open files for a number of connections, and return how many it allows, at most as many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections if soft == resource.RLIM_INFINITY else min(connections, soft - _OTHER_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted - _OTHER_FILES
